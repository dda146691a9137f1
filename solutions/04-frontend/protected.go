package main

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"
)

// identityKey is where jwtRequired leaves the user for the handler behind it.
const identityKey = "user"

// jwtRequired lets a request through if it brings a good token of a user who
// still exists. It stands in front of a private handler, as in routes.
func (s *server) jwtRequired() gin.HandlerFunc {
	return func(c *gin.Context) {
		header := c.GetHeader("Authorization")
		if header == "" {
			refuse(c, "Missing Authorization Header", "")
			return
		}
		token := bearerToken(header)
		if token == "" {
			refuse(c, "Want: Bearer and a token", "") // there is none that is bad
			return
		}
		id, err := s.jwt.verify(token)
		if errors.Is(err, jwt.ErrTokenExpired) {
			refuse(c, "Token has expired", "invalid_token")
			return
		}
		if err != nil {
			refuse(c, "Invalid token", "invalid_token")
			return
		}
		var user User
		err = s.db.Take(&user, id).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			refuse(c, "Invalid token", "invalid_token")
			return
		}
		if err != nil {
			internalError(c, err)
			return
		}
		c.Set(identityKey, user)
	}
}

// jwtIdentity returns the user whose token jwtRequired let through.
func jwtIdentity(c *gin.Context) User {
	return c.MustGet(identityKey).(User)
}

// getProtected answers GET /protected with the user whose token it was.
func (s *server) getProtected(c *gin.Context) {
	user := jwtIdentity(c)
	c.Header("Cache-Control", "no-store") // it is this user's alone
	c.JSON(http.StatusOK, gin.H{"id": user.ID, "username": user.Username})
}

// refuse ends a request with 401 and a challenge, which tells the client's
// program what is needed here: a bearer token, or, if code says so, a better
// one (RFC 6750 §3).
func refuse(c *gin.Context, msg, code string) {
	challenge := `Bearer realm="jwtworkshop"`
	if code != "" {
		challenge += `, error="` + code + `"`
	}
	c.Header("WWW-Authenticate", challenge)
	c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"msg": msg})
}

// bearerToken returns the token in an Authorization header such as "Bearer
// eyJh…", or "" if there is none. The scheme may be written in any case and
// followed by several spaces (RFC 9110 §11.1 and §11.4).
func bearerToken(header string) string {
	words := strings.Fields(header)
	if len(words) != 2 || !strings.EqualFold(words[0], "Bearer") {
		return ""
	}
	return words[1]
}

// verify returns the id of the user that a token was made for, if this program
// signed it and its time is not over.
func (m *jwtManager) verify(token string) (userID uint64, err error) {
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(token, claims, m.verificationKey,
		jwt.WithValidMethods([]string{"HS256"}), // never what the token asks for
		jwt.WithExpirationRequired(),            // or a token without exp lives for ever
		jwt.WithIssuedAt(),                      // not from the future
		jwt.WithStrictDecoding(),                // one way to write a token, not several
	)
	if err != nil {
		return 0, err
	}
	if _, ok := claims["aud"]; ok {
		return 0, errors.New("the token was made for another program") // RFC 7519 §4.1.3
	}
	subject, err := claims.GetSubject()
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(subject, 10, 63) // SQLite's ids have 63 bits
}

// verificationKey returns the key that a token must be signed with, unless the
// token demands an extension, none of which this program knows (RFC 7515 §4.1.11).
func (m *jwtManager) verificationKey(token *jwt.Token) (any, error) {
	if _, ok := token.Header["crit"]; ok {
		return nil, errors.New("the token demands an extension")
	}
	return m.key, nil
}
