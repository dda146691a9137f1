package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// fromTheStart is why the lifetime does not become less.
const fromTheStart = "the lifetime is that of each token, from its own beginning on, and not what is left since the start of the program"

// TestTimePasses: the lifetime is the same later on.
func TestTimePasses(t *testing.T) {
	check.Judges(t, 2)
	advice := check.Advice{Why: fromTheStart, Look: check.Todo("jwt.go", 2)}
	p := check.Running(t)
	wantLifetime(t, p.Get(t, "/health"), 900, advice)
	p.WaitOneSecond()
	wantLifetime(t, p.Get(t, "/health"), 900, advice)
}
