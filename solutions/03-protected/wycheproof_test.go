package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWycheproof: signatures that others have made to find the mistakes of
// libraries are accepted and refused as they say.
func TestWycheproof(t *testing.T) {
	text, err := os.ReadFile("testdata/wycheproof.json")
	require.NoError(t, err)
	var vectors struct {
		Groups []struct {
			K     string // the key, in base64url
			Tests []struct{ Comment, Jws, Result string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &vectors))
	results := map[string]int{}
	for _, group := range vectors.Groups {
		key, err := base64.RawURLEncoding.DecodeString(group.K)
		require.NoError(t, err)
		manager := &jwtManager{key: key}
		for _, v := range group.Tests {
			results[v.Result]++
			err := verifySignature(manager, v.Jws)
			if v.Result == "valid" {
				assert.NoError(t, err, "%s: %s", v.Comment, v.Jws)
				continue
			}
			assert.Error(t, err, "%s: %s", v.Comment, v.Jws)
			_, err = manager.verify(v.Jws)
			assert.Error(t, err, "%s: %s", v.Comment, v.Jws)
		}
		// What verify refuses, it does not refuse because of the key.
		claims := jwt.MapClaims{"sub": "1", "exp": time.Now().Add(time.Minute).Unix()}
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
		require.NoError(t, err)
		_, err = manager.verify(token)
		assert.NoError(t, err)
	}
	assert.Greater(t, results["valid"], 5)
	assert.Greater(t, results["invalid"], 10)
}

// verifySignature verifies a text with the library and the key that verify uses.
// Verify itself would refuse these texts even if the signature is right: they are no
// claims, but words such as "foo".
func verifySignature(m *jwtManager, jws string) error {
	parser := jwt.NewParser(jwt.WithStrictDecoding())
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return jwt.ErrTokenMalformed
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = parser.DecodeSegment(part); err != nil {
			return err
		}
	}
	token := &jwt.Token{}
	if err := json.Unmarshal(decoded[0], &token.Header); err != nil {
		return err
	}
	key, err := m.verificationKey(token)
	if err != nil {
		return err
	}
	if token.Header["alg"] != "HS256" {
		return errors.New("another algorithm")
	}
	return jwt.SigningMethodHS256.Verify(parts[0]+"."+parts[1], decoded[2], key)
}
