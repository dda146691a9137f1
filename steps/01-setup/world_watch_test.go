package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// TestAlways: what holds whatever is asked, in all the checks before this one.
func TestAlways(t *testing.T) {
	check.Always(t, map[string]check.Place{"/health": check.File("main.go"), "the signing secret": check.File("jwt.go"), "": check.File("database.go")})
}
