package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// TestTimePasses: the lifetime is the same later on.
func TestTimePasses(t *testing.T) {
	check.Judges(t, 2)
	advice := check.Advice{Why: "the lifetime is that of each token, from its own beginning on, and not what is left since the start of the program", Look: check.Todo("jwt.go", 2)}
	p := check.Running(t)
	wantLifetime(t, p.Get(t, "/health"), 900, advice)
	p.WaitOneSecond()
	wantLifetime(t, p.Get(t, "/health"), 900, advice)
}
