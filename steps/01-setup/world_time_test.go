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
	other := check.New(t)
	other.Setenv("JWT_ACCESS_TOKEN_EXPIRES", "60s")
	startWithEnvFile(t, other, "")
	fromFile := check.Advice{Why: "the secret stands in .env here, and JWT_ACCESS_TOKEN_EXPIRES in the environment: is the key read before loadEnv has run, such as into a variable of the package? Is it written over when the other setting is read?", Look: check.Todo("jwt.go", 1)}
	wantKey(t, other, "", fromFile)
	wantKey(t, other, "", fromFile) // the second signature, too
	secret := other.Secret
	writeEnvFile(t, other, "JWT_ACCESS_TOKEN_EXPIRES=61s\n")
	other.Secret = secret
	p.WaitUntilOld(check.OneSecond)
	wantLifetime(t, p.Get(t, "/health"), 900, advice)
	other.WaitUntilOld(check.OneSecond)
	advice.Why = ".env has changed while the program runs (another secret, and JWT_ACCESS_TOKEN_EXPIRES=61s), and it still has the environment that it was started with: settings are read once, at the start"
	wantLifetime(t, other.Get(t, "/health"), 60, advice)
	advice.Look = check.Todo("jwt.go", 1)
	wantKey(t, other, "", advice)
}
