package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// identityKey is where jwtRequired leaves the user for the handler behind it.
const identityKey = "user"

// jwtRequired lets a request through if it brings a good token of a user who
// still exists. It stands in front of a private handler, as in routes.
func (s *server) jwtRequired() gin.HandlerFunc {
	return func(c *gin.Context) {
		// TODO 1: take the token out of c.GetHeader("Authorization") with strings.Fields; if there is none, refuse.
		// TODO 2: verify it with jwt.Parse and s.jwt.key, HS256 only and with an exp; if that fails, refuse.
		// TODO 3: find the user in the subject (strconv.ParseUint, s.db.Take) and c.Set it; or refuse, or internalError.
		// Delete this line when you are done.
		c.AbortWithStatusJSON(http.StatusNotImplemented, gin.H{"msg": "jwtRequired is not finished"})
	}
}

// jwtIdentity returns the user whose token jwtRequired let through.
func jwtIdentity(c *gin.Context) User {
	return c.MustGet(identityKey).(User)
}

// getProtected answers GET /protected with the user whose token it was.
func (s *server) getProtected(c *gin.Context) {
	// TODO 4: answer 200 with the "id" and "username" of jwtIdentity(c).
	// Delete this line when you are done.
	c.JSON(http.StatusNotImplemented, gin.H{"msg": "getProtected is not finished"})
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
