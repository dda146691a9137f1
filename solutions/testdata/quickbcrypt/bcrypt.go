// Package quickbcrypt replaces golang.org/x/crypto/bcrypt in the programs and checks of
// TestSound, which would otherwise spend most of their time on hashes. A hash names the
// cost that was asked for, but for a cost of 10 or more it is computed with cost 6: a
// sixteenth of the work, or less.
package quickbcrypt

import (
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	MinCost     = bcrypt.MinCost
	MaxCost     = bcrypt.MaxCost
	DefaultCost = bcrypt.DefaultCost

	computed = 6
)

var (
	ErrMismatchedHashAndPassword = bcrypt.ErrMismatchedHashAndPassword
	ErrPasswordTooLong           = bcrypt.ErrPasswordTooLong
	ErrHashTooShort              = bcrypt.ErrHashTooShort
)

// GenerateFromPassword returns a hash that only this package understands.
func GenerateFromPassword(password []byte, cost int) ([]byte, error) {
	if cost < DefaultCost || cost > MaxCost {
		return bcrypt.GenerateFromPassword(password, cost)
	}
	hash, err := bcrypt.GenerateFromPassword(password, computed)
	return withCost(hash, cost), err
}

// CompareHashAndPassword does as that of bcrypt does.
func CompareHashAndPassword(hash, password []byte) error {
	if cost, err := bcrypt.Cost(hash); err == nil && cost >= DefaultCost {
		hash = withCost(hash, computed)
	}
	return bcrypt.CompareHashAndPassword(hash, password)
}

// Cost does as that of bcrypt does.
func Cost(hash []byte) (int, error) { return bcrypt.Cost(hash) }

// withCost returns a hash with another cost in its text, $2a$10$…
func withCost(hash []byte, cost int) []byte {
	parts := strings.SplitN(string(hash), "$", 4)
	if len(parts) < 4 {
		return hash
	}
	parts[2] = fmt.Sprintf("%02d", cost)
	return []byte(strings.Join(parts, "$"))
}
