package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// badLogin is all that a client learns of a failed login. To say which of the
// two was wrong would tell a stranger which names exist.
const badLogin = "Bad username or password"

// maxPasswordBytes is how much of a password bcrypt looks at.
const maxPasswordBytes = 72

// credentials is the body of POST /token.
type credentials struct {
	Username string `json:"username" binding:"required"`
	Password string `json:"password" binding:"required"`
}

// postToken answers POST /token with a token, or with 401 for a wrong password.
func (s *server) postToken(c *gin.Context) {
	// TODO 1: read the body: var in credentials, c.ShouldBindJSON(&in); if that fails, answer 400 with a msg and return.
	// TODO 2: find the user (s.db.Where, Take), bcrypt.CompareHashAndPassword; or answer 401 badLogin, or internalError.
	// TODO 3: answer 200 with "token", from s.jwt.createAccessToken, and "user_id"; c.Header("Cache-Control", "no-store").
	// Delete this line when you are done.
	c.JSON(http.StatusNotImplemented, gin.H{"msg": "postToken is not finished"})
}

// createAccessToken returns a signed token that says: this is the user with
// this id, from now until the configured lifetime is over.
func (m *jwtManager) createAccessToken(userID uint) (string, error) {
	// TODO 4: sign jwt.RegisteredClaims (Subject, IssuedAt, ExpiresAt) with jwt.NewWithClaims and SignedString.
	return "", nil
}
