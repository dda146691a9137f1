package attack

import (
	"net/http"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/words"

	"github.com/golang-jwt/jwt/v5"
)

// An attack makes a request of somebody who should not be let in.
type attack struct {
	what    words.Text
	prepare func(t *target, r *http.Request)
}

// is returns a value as a function, for claim.
func is(value any) func() any { return func() any { return value } }

// in returns a time from now on, as a claim has it.
func in(d time.Duration) func() any { return func() any { return time.Now().Add(d).Unix() } }

// attacks are ways to ask for GET /protected without a good token: the token in the wrong
// place, at the wrong time, under the wrong signature, for the wrong user. Those
// with a star in the words are for whoever has done the stretch checks.
var attacks = []attack{
	{"no token", func(*target, *http.Request) {}},
	{"the token under another scheme, Basic", func(t *target, r *http.Request) { r.Header.Set("Authorization", "Basic "+t.token) }},
	{"the token without a scheme", func(t *target, r *http.Request) { r.Header.Set("Authorization", t.token) }},
	{"the token in the address, ?token=", func(t *target, r *http.Request) { r.URL.RawQuery = "token=" + t.token + "&access_token=" + t.token }},
	{"the token in a cookie", func(t *target, r *http.Request) { r.AddCookie(&http.Cookie{Name: "token", Value: t.token}) }},

	claim("exp a minute ago", "exp", in(-time.Minute)),
	claim("no exp", "exp", is(nil)),
	claim("exp 0", "exp", is(0)),
	claim("nbf tomorrow: not good yet", "nbf", in(24*time.Hour)),

	bearer("signed with another secret", func(t *target) string {
		return t.forge(nil, jwt.SigningMethodHS256, []byte("0123456789abcdef0123456789abcdef"))
	}),
	bearer("signed with an empty secret", func(t *target) string { return t.forge(nil, jwt.SigningMethodHS256, []byte{}) }),
	bearer("not signed, alg none", func(t *target) string {
		return t.forge(nil, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType)
	}),
	bearer("not signed, alg nOnE", func(t *target) string {
		return part(map[string]any{"alg": "nOnE", "typ": "JWT"}) + "." + part(t.claims) + "."
	}),
	bearer("signed with HS512", func(t *target) string { return t.forge(nil, jwt.SigningMethodHS512, t.secret) }),
	bearer("another user in the payload, under the old signature", func(t *target) string {
		parts := strings.Split(t.token, ".")
		claims := jwt.MapClaims{"sub": "2", "exp": time.Now().Add(time.Hour).Unix()}
		return parts[0] + "." + part(claims) + "." + parts[2]
	}),
	bearer("the signature removed", func(t *target) string { return t.token[:strings.LastIndex(t.token, ".")+1] }),

	claim("no sub", "sub", is(nil)),
	claim("sub empty", "sub", is("")),
	claim("sub a number, 1", "sub", is(1)),
	claim("sub 1 OR 1=1", "sub", is("1 OR 1=1")),
	claim("sub abc", "sub", is("abc")),
	claim("sub of nobody", "sub", is("4000000000")),

	claim("iat tomorrow ★", "iat", in(24*time.Hour)),
	claim("aud of another service ★", "aud", is("another-service")),
	claim("exp as text ★", "exp", func() any { return time.Now().Add(time.Hour).Format(time.RFC3339) }),
	claim("exp -1", "exp", is(-1)),
}
