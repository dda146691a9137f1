package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"
)

// badLogin is all that a client learns of a failed login. To say which of the
// two was wrong would tell a stranger which names exist.
const badLogin = "Bad username or password"

// maxPasswordBytes is how much of a password bcrypt looks at.
const maxPasswordBytes = 72

// nobodysHash is compared with the password when there is no such user, so that
// refusing takes as long as it does for a wrong password. It has the cost of
// every other hash here, bcrypt.DefaultCost, and its password was thrown away.
const nobodysHash = "$2a$10$dJTCTtHvk.Dvj3jLLyDlt.h6Z9W91A2vxn3d9lZbBCIF9oiu2kQge"

// credentials is the body of POST /token.
type credentials struct {
	Username string `json:"username" binding:"required"`
	Password string `json:"password" binding:"required"`
}

// postToken answers POST /token with a token, or with 401 for a wrong password.
func (s *server) postToken(c *gin.Context) {
	var in credentials
	if err := bindOneJSON(c, &in); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"msg": "Want a JSON object with username and password"})
		return
	}
	user, err := s.authenticate(in)
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		c.JSON(http.StatusUnauthorized, gin.H{"msg": badLogin})
		return
	}
	if err != nil {
		internalError(c, err)
		return
	}
	token, err := s.jwt.createAccessToken(user.ID)
	if err != nil {
		internalError(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"token": token, "user_id": user.ID})
}

// bindOneJSON reads the request's body into v. Unlike c.ShouldBindJSON, which
// stops after the first JSON value, it refuses a body with anything behind it.
func bindOneJSON(c *gin.Context, v any) error {
	body, err := c.GetRawData()
	if err != nil {
		return err
	}
	if !json.Valid(body) {
		return errors.New("the body is not one JSON value")
	}
	return binding.JSON.BindBody(body, v)
}

// authenticate returns the user whose name and password these are, or
// bcrypt.ErrMismatchedHashAndPassword if there is none.
func (s *server) authenticate(in credentials) (User, error) {
	user := User{PasswordHash: nobodysHash}
	err := s.db.Where("username = ?", in.Username).Take(&user).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return User{}, err
	}
	if err := bcrypt.CompareHashAndPassword([]byte(user.PasswordHash), []byte(in.Password)); err != nil {
		return User{}, err
	}
	if user.ID == 0 || len(in.Password) > maxPasswordBytes {
		return User{}, bcrypt.ErrMismatchedHashAndPassword
	}
	return user, nil
}

// createAccessToken returns a signed token that says: this is the user with
// this id, from now until the configured lifetime is over.
func (m *jwtManager) createAccessToken(userID uint) (string, error) {
	now := time.Now()
	claims := jwt.RegisteredClaims{
		Subject:   strconv.FormatUint(uint64(userID), 10),
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(m.lifetime)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(m.key)
}
