package check

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goodToken returns a token of a program with this secret.
func goodToken(t *testing.T) (*Program, Token) {
	t.Helper()
	p := &Program{Secret: RandomText(32)}
	raw := p.Forge(t, Token{Header: map[string]any{"typ": "JWT"}, Claims: map[string]any{"sub": "7", "exp": 1700000900, "iat": 1700000000}}, Forgery{})
	token, err := DecodeToken(raw)
	require.NoError(t, err)
	return p, token
}

// TestDecodeToken: a token is taken apart, numbers as they are; anything else
// is refused in words.
func TestDecodeToken(t *testing.T) {
	_, token := goodToken(t)
	assert.Equal(t, map[string]any{"alg": "HS256", "typ": "JWT"}, token.Header)
	assert.Equal(t, map[string]any{"sub": "7", "exp": json.Number("1700000900"), "iat": json.Number("1700000000")}, token.Claims)
	encode := base64.RawURLEncoding.EncodeToString
	object := encode([]byte("{}"))
	for raw, want := range map[string]string{
		"":                            "a token has three parts with a dot between them, this has 1",
		"a.b":                         "a token has three parts with a dot between them, this has 2",
		token.Raw + ".x":              "a token has three parts with a dot between them, this has 4",
		"?." + object + ".x":          "header: not base64url",
		object + ".e30=.x":            "payload: not base64url",
		encode([]byte("{")) + ".e30.": "header: not JSON",
		object + "." + encode([]byte("{}{}")) + ".x": "payload: not JSON",
		object + "." + encode([]byte("[1]")) + ".x":  "payload: not a JSON object",
	} {
		_, err := DecodeToken(raw)
		assert.EqualError(t, err, want)
	}
}

// TestDescribe: the field that matters has a mark, also if it is missing.
func TestDescribe(t *testing.T) {
	_, token := goodToken(t)
	const plain = `the token, taken apart:
    header
      alg  "HS256"
      typ  "JWT"
    payload
      exp  1700000900
      iat  1700000000
      sub  "7"`
	assert.EqualValues(t, plain, token.Describe(""))
	assert.EqualValues(t, strings.Replace(plain, "  exp", "> exp", 1), token.Describe("exp"))
	assert.EqualValues(t, strings.Replace(plain, "  alg", "> alg", 1), token.Describe("alg"))
	assert.EqualValues(t, plain+"\n    > no nbf", token.Describe("nbf"))
	token.Header["crit"] = nil
	token.Claims["nbf"] = nil
	assert.Contains(t, token.Describe("crit"), "\n    > crit null")
	assert.NotContains(t, token.Describe("crit"), "> no crit")
	assert.NotContains(t, token.Describe("nbf"), "> no nbf")
	token.Claims["sub"] = "\x1b[2J" + strings.Repeat("x", 100)
	assert.Contains(t, token.Describe(""), `sub  "\u001b[2J`+strings.Repeat("x", 50)+"…", "made harmless, and cut")
}

// TestForge: fields are set, nulled and removed, and the rest stays.
func TestForge(t *testing.T) {
	p, token := goodToken(t)
	raw := p.Forge(t, token, Forgery{
		Header: map[string]any{"typ": Remove{}, "kid": nil, "crit": []string{"x"}},
		Claims: map[string]any{"exp": Remove{}, "iat": nil, "sub": 8},
	})
	forged, err := DecodeToken(raw)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"alg": "HS256", "kid": nil, "crit": []any{"x"}}, forged.Header)
	assert.Equal(t, map[string]any{"iat": nil, "sub": json.Number("8")}, forged.Claims)
	assert.NoError(t, forged.Verify(p.Secret))
	assert.Equal(t, "7", token.Claims["sub"], "the good token stays good")
	assert.Equal(t, "JWT", token.Header["typ"])

	same, err := DecodeToken(p.Forge(t, token, Forgery{}))
	require.NoError(t, err)
	assert.Equal(t, token.Claims, same.Claims)
}

// TestForgeKey: with another key or method, a token is signed, but not good.
func TestForgeKey(t *testing.T) {
	p, token := goodToken(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for alg, f := range map[string]Forgery{
		"HS256": {Key: []byte("another")},
		"HS512": {Method: jwt.SigningMethodHS512},
		"ES256": {Method: jwt.SigningMethodES256, Key: key},
		"none":  {Header: map[string]any{"alg": "none"}},
	} {
		forged, err := DecodeToken(p.Forge(t, token, f))
		require.NoError(t, err)
		assert.Equal(t, alg, forged.Header["alg"])
		assert.Error(t, forged.Verify(p.Secret), alg)
	}
	fake, _ := runFake(t, func(t testing.TB) { p.Forge(t, token, Forgery{Method: jwt.SigningMethodES256}) })
	assert.True(t, strings.HasPrefix(fake.failure, "workshop: sign a token with ES256: key is of invalid type"), fake.failure)
}

// TestVerify: one secret verifies a token, whenever it expired.
func TestVerify(t *testing.T) {
	p, token := goodToken(t)
	assert.NoError(t, token.Verify(p.Secret))
	assert.Error(t, token.Verify(p.Secret+"x"))
	assert.Error(t, token.Verify(""))
}

// TestTime: a time is a number, of seconds and their fractions.
func TestTime(t *testing.T) {
	token := Token{Claims: map[string]any{
		"iat": json.Number("1700000000"), "half": json.Number("1700000000.5"), "zero": json.Number("0"),
		"text": "1700000000", "huge": json.Number("1e400"), "far": json.Number("1e12"), "past": json.Number("-1e12"), "null": nil,
	}}
	for name, want := range map[string]time.Time{"iat": time.Unix(1700000000, 0), "half": time.UnixMilli(1700000000500), "zero": time.Unix(0, 0)} {
		got, ok := token.Time(name)
		assert.True(t, ok, name)
		assert.True(t, want.Equal(got), name)
	}
	for _, name := range []string{"text", "huge", "far", "past", "null", "none"} {
		_, ok := token.Time(name)
		assert.False(t, ok, name)
	}
}

// TestReplyToken: the token in a reply, or what is wrong with it.
func TestReplyToken(t *testing.T) {
	_, token := goodToken(t)
	assert.Equal(t, token, replyWith(200, JSONText(map[string]string{"token": token.Raw})).Token(t, someAdvice))
	for body, want := range map[string][2]string{
		`{"user_id":1}`:  {`200 OK  {"user_id":1}`, `{"token": "…", …}, with a token in it`},
		`{"token":""}`:   {`200 OK  {"token":""}`, `{"token": "…", …}, with a token in it`},
		`{"token":7}`:    {`200 OK  {"token":7}`, `{"token": "…", …}, with a token in it`},
		`{"token":"ok"}`: {"200 OK  {\"token\":\"ok\"}\n          (a token has three parts with a dot between them, this has 1)", "a JSON Web Token: header.payload.signature"},
	} {
		finding := findingOf(t, func(t testing.TB) { replyWith(200, body).Token(t, someAdvice) })
		assert.Equal(t, withSomeAdvice("GET /x", want[0], want[1], ""), finding)
	}
	assert.Equal(t, `{"a":"`+token.Raw[:10]+"…"+token.Raw[len(token.Raw)-6:]+`"}`, shortenTokens(`{"a":"`+token.Raw+`"}`))
}

// TestLogin: the token of a user, or a finding about POST /token.
func TestLogin(t *testing.T) {
	finding := findingOf(t, func(t testing.TB) { Running(t).Login(t, Ada, someAdvice) })
	assert.Equal(t, withSomeAdvice(`POST /token {"username":"ada","password":"12341234"}`, `404 Not Found  404 page not found`, "200 OK", ""), finding)
}
