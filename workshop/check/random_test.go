package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRandomSeed: the same seed makes the same values, and another one others.
func TestRandomSeed(t *testing.T) {
	values := func(seed uint64) string {
		setFor(t, &random, newGenerator(seed))
		return RandomText(8) + RandomPassword() + RareText(9)
	}
	assert.Equal(t, values(7), values(7))
	assert.NotEqual(t, values(7), values(8))
	assert.NotEqual(t, randomSeed(), randomSeed())
}

// TestRandomPassword: a password is long enough to be known when it is printed, and is another
// one in capitals.
func TestRandomPassword(t *testing.T) {
	for range 100 {
		password := RandomPassword()
		assert.GreaterOrEqual(t, len(password), 10)
		assert.Regexp(t, "^[a-z]", password)
	}
}
