package attack

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/words"

	"github.com/golang-jwt/jwt/v5"
)

// An attack makes a request of somebody who should not be let in.
type attack struct {
	what    words.Text
	inside  bool // only somebody with the program's secret can make it
	prepare func(t *target, r *http.Request)
}

// is returns a value as a function, for claim.
func is(value any) func() any { return func() any { return value } }

// in returns a time from now on, as a claim has it.
func in(d time.Duration) func() any { return func() any { return time.Now().Add(d).Unix() } }

// header returns an attack with this header Authorization.
func header(what words.Text, value func(t *target) string) attack {
	return attack{what: what, prepare: func(t *target, r *http.Request) { r.Header.Set("Authorization", value(t)) }}
}

// again returns the token with its payload changed, under the old signature.
func (t *target) again(changes jwt.MapClaims) string {
	parts := strings.Split(t.token, ".")
	claims := jwt.MapClaims{}
	maps.Copy(claims, t.claims)
	maps.Copy(claims, changes)
	return parts[0] + "." + part(claims) + "." + parts[2]
}

// OnlyInside says whether an attack can be made only by somebody with the program's secret.
func OnlyInside(what words.Text) bool {
	return slices.ContainsFunc(attacks, func(a attack) bool { return a.what == what && a.inside })
}

// attacks are ways to ask for GET /protected without a good token: first what anybody can
// send, with no token, a token in the wrong place, or one whose signature does not fit; then
// what only somebody with the secret can make. Those with a star in the words are for whoever
// has done the stretch checks.
var attacks = []attack{
	{what: "no token", prepare: func(*target, *http.Request) {}},
	header("the token under another scheme, Basic", func(t *target) string { return "Basic " + t.token }),
	header("the token without a scheme", func(t *target) string { return t.token }),
	header("the token under a scheme that begins like Bearer", func(t *target) string { return "BearerX " + t.token }),
	header("the token, and a word behind it", func(t *target) string { return "Bearer " + t.token + " x" }),
	header("the token, and more behind a comma", func(t *target) string { return "Bearer " + t.token + ",x" }),
	header("the token in quotes", func(t *target) string { return `Bearer "` + t.token + `"` }),
	header("the token in pieces, with spaces between them", func(t *target) string { return "Bearer " + strings.ReplaceAll(t.token, ".", ". ") }),
	{what: "the token in the address, ?token=", prepare: func(t *target, r *http.Request) {
		r.URL.RawQuery = "token=" + t.token + "&access_token=" + t.token + "&jwt=" + t.token
	}},
	{what: "the token in a cookie", prepare: func(t *target, r *http.Request) {
		for _, name := range []string{"token", "access_token", "jwt", "jwt-token"} {
			r.AddCookie(&http.Cookie{Name: name, Value: t.token})
		}
	}},
	{what: "a cookie of the program's own, and no token", prepare: func(t *target, r *http.Request) {
		for _, cookie := range t.cookies {
			r.AddCookie(cookie)
		}
	}},
	{what: "the token in the body", prepare: func(t *target, r *http.Request) {
		text := "token=" + t.token + "&access_token=" + t.token
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	}},
	header("the token as JSON, which the standard for signatures allows", func(t *target) string {
		parts := strings.Split(t.token, ".")
		return `Bearer {"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}` // RFC 7515 §7.2.2
	}),
	{what: "the token in another header, X-Access-Token", prepare: func(t *target, r *http.Request) { r.Header.Set("X-Access-Token", t.token) }},

	bearer("signed with another secret", func(t *target) string {
		return t.forge(nil, jwt.SigningMethodHS256, []byte("another secret, of more than 32 bytes"))
	}),
	bearer("signed with an empty secret", func(t *target) string { return t.forge(nil, jwt.SigningMethodHS256, []byte{}) }),
	bearer("signed with the tutorial's secret, super-secret", func(t *target) string { return t.forge(nil, jwt.SigningMethodHS256, []byte("super-secret")) }),
	bearer("signed with your secret, found in a list of known ones", func(t *target) string { return t.forge(nil, jwt.SigningMethodHS256, t.guess()) }),
	bearer("not signed, alg none", func(t *target) string {
		return t.forge(nil, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType)
	}),
	bearer("not signed, alg nOnE", func(t *target) string {
		return part(map[string]any{"alg": "nOnE", "typ": "JWT"}) + "." + part(t.claims) + "."
	}),
	bearer("a year more in the payload, under the old signature", func(t *target) string {
		return t.again(jwt.MapClaims{"exp": time.Now().AddDate(1, 0, 0).Unix()})
	}),
	bearer("another user in the payload, under the old signature", func(t *target) string { return t.again(jwt.MapClaims{"sub": "2"}) }),
	bearer("the signature removed", func(t *target) string { return t.token[:strings.LastIndex(t.token, ".")+1] }),
	bearer("the signature removed, and its dot", func(t *target) string { return t.token[:strings.LastIndex(t.token, ".")] }),
	bearer("signed with a key that the token brings itself (jwk)", func(t *target) string {
		key := []byte("a key of somebody else's, of 32 bytes and more")
		return t.sign(map[string]any{"jwk": map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(key)}}, key)
	}),
	bearer("signed with a key at an address that the token names (jku)", func(t *target) string {
		return t.sign(map[string]any{"jku": t.keys.url, "kid": "1"}, t.keys.key)
	}),
	bearer("signed with the empty file that the token names (kid)", func(t *target) string {
		return t.sign(map[string]any{"kid": "../../../../../../dev/null"}, []byte{})
	}),
	bearer("the last letters of the signature changed", func(t *target) string { return t.token[:len(t.token)-4] + "AAAA" }),

	inside("signed with HS512", func(t *target) string { return t.forge(nil, jwt.SigningMethodHS512, t.secret) }),
	claim("exp a minute ago", "exp", in(-time.Minute)),
	claim("no exp", "exp", is(nil)),
	claim("exp 0", "exp", is(0)),
	claim("exp -1", "exp", is(-1)),
	claim("nbf tomorrow: not good yet", "nbf", in(24*time.Hour)),
	claim("no sub", "sub", is(nil)),
	claim("sub empty", "sub", is("")),
	claim("sub a number, 1", "sub", is(1)),
	claim("sub +1", "sub", is("+1")),
	claim("sub with a space", "sub", is(" 1")),
	claim("sub 0x1", "sub", is("0x1")),
	claim("sub 1 and 32 bits more", "sub", is("4294967297")),
	claim("sub 1 OR 1=1", "sub", is("1 OR 1=1")),
	claim("sub abc", "sub", is("abc")),
	claim("sub of nobody", "sub", is("4000000000")),

	claim("iat tomorrow ★", "iat", in(24*time.Hour)),
	claim("aud of another service ★", "aud", is("another-service")),
	claim("exp as text ★", "exp", func() any { return strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10) }),
}
