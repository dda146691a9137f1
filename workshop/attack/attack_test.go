package attack

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// strong is a secret that is in no list.
const strong = "c0b21ea6a1a6f5f6a4a1d1c0e0b5a9d2"

// A lock says whether a token is good.
type lock func(token string) error

// verify is a lock that takes the key from a function.
func verify(key jwt.Keyfunc) lock {
	return func(token string) error {
		_, err := jwt.Parse(token, key, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding())
		return err
	}
}

// attacked returns which attacks that anybody can make get into a program with this secret and lock.
func attacked(t *testing.T, secret string, good lock) (into []string) {
	t.Helper()
	web := http.NewServeMux()
	web.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		claims := jwt.MapClaims{"sub": "1", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
		assert.NoError(t, err)
		fmt.Fprintf(w, `{"token":"%s"}`, token)
	})
	web.HandleFunc("GET /protected", func(w http.ResponseWriter, r *http.Request) {
		words := strings.Fields(r.Header.Get("Authorization"))
		if len(words) != 2 || words[0] != "Bearer" || good(words[1]) != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	server := httptest.NewServer(web)
	defer server.Close()
	require.NoError(t, Run(t.Context(), server.URL, secret, func(try Try) {
		if try.LetIn() && !try.Inside {
			into = append(into, string(try.What))
		}
	}))
	return into
}

// TestAttacks: each hole lets its attack in, and no other that anybody can make.
func TestAttacks(t *testing.T) {
	is := func(secret string) jwt.Keyfunc {
		return func(*jwt.Token) (any, error) { return []byte(secret), nil }
	}
	assert.Empty(t, attacked(t, strong, verify(is(strong))), "a good lock")

	weak := "a-string-secret-at-least-256-bits-long"
	assert.Equal(t, []string{"signed with your secret, found in a list of known ones"}, attacked(t, weak, verify(is(weak))))

	asJSON := func(token string) error {
		var parts struct{ Protected, Payload, Signature string }
		if json.Unmarshal([]byte(token), &parts) == nil {
			token = parts.Protected + "." + parts.Payload + "." + parts.Signature
		}
		return verify(is(strong))(token)
	}
	assert.Equal(t, []string{"the token as JSON, which the standard for signatures allows"}, attacked(t, strong, asJSON))

	atItsAddress := verify(func(token *jwt.Token) (any, error) {
		address, ok := token.Header["jku"].(string)
		if !ok {
			return []byte(strong), nil
		}
		resp, err := http.Get(address)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		var set struct{ Keys []struct{ K string } }
		if err := json.NewDecoder(resp.Body).Decode(&set); err != nil || len(set.Keys) == 0 {
			return nil, errors.Join(err, errors.New("no keys"))
		}
		return base64.RawURLEncoding.DecodeString(set.Keys[0].K)
	})
	assert.Equal(t, []string{"signed with a key at an address that the token names (jku)"}, attacked(t, strong, atItsAddress))
}
