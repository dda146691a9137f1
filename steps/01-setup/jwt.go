package main

import "time"

// minSecretBytes is the length of the shortest key that HS256 may have: as many
// bits as its hash (RFC 7518 §3.2).
const minSecretBytes = 32

// placeholder stands in .env.example where the secret belongs. Everyone can
// read it there.
const placeholder = "put-the-output-of-openssl-rand-hex-32-here"

// howToMakeASecret ends every message about a secret that will not do.
const howToMakeASecret = "make one with: openssl rand -hex 32 (on Windows, see .env.example)"

// A jwtManager knows how this program's tokens are made.
type jwtManager struct {
	key      []byte        // signs the tokens
	lifetime time.Duration // how long a token is good for
}

// newJWTManager configures this program's tokens from the values of
// JWT_SECRET_KEY and JWT_ACCESS_TOKEN_EXPIRES, or says which of them is unfit.
func newJWTManager(secret, expires string) (*jwtManager, error) {
	key, err := signingKey(secret)
	if err != nil {
		return nil, err
	}
	lifetime, err := tokenLifetime(expires)
	if err != nil {
		return nil, err
	}
	return &jwtManager{key: key, lifetime: lifetime}, nil
}

// signingKey returns the bytes of secret, or an error if it is too easy to guess.
func signingKey(secret string) ([]byte, error) {
	// TODO 1: refuse an empty secret, the placeholder, and under minSecretBytes, with fmt.Errorf; return others as bytes.
	return []byte("super-secret"), nil
}

// tokenLifetime returns how long a token is good for: 15 minutes, unless
// expires says otherwise.
func tokenLifetime(expires string) (time.Duration, error) {
	// TODO 2: read expires with time.ParseDuration; refuse what it cannot read, and less than time.Second.
	return 0, nil
}
