package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// TestTokenTimes: a token is good from its beginning to its end.
func TestTokenTimes(t *testing.T) {
	check.Judges(t, 2)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	before := get(t, p, "Bearer "+token.Raw, "a good token")
	forge := func(claims map[string]any) string { return p.Forge(t, token, check.Forgery{Claims: claims}) }
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for _, tc := range []struct {
		name check.Text
		ago  time.Duration
	}{{"expired a minute ago", time.Minute}, {"expired an hour ago", time.Hour}} {
		t.Run(string(tc.name), func(t *testing.T) {
			advice := verifyAdvice("errors.Is(err, jwt.ErrTokenExpired) tells this case from the others; the client shows the login again")
			raw := forge(map[string]any{"exp": at(-tc.ago), "iat": at(-tc.ago - time.Hour), "nbf": check.Remove{}})
			reply := get(t, p, "Bearer "+raw, tc.name, "exp")
			if reply.Status == http.StatusOK {
				advice.Why = "its time is over, and it gets in: jwt.Parse looks at exp and returns an error, unless it is told otherwise"
			}
			wantExpired(t, p, reply, ada, advice)
		})
	}
	const required = "a token that never expires can't be taken back: jwt.WithExpirationRequired"
	for _, tc := range []struct {
		name  check.Text
		value any
		why   check.Text
	}{
		{"no exp", check.Remove{}, required},
		{"exp null", nil, required},
		{"exp 0", 0, required},
		{"exp negative", -1, "1969 is over"},
		{"exp a word", "soon", "a time is a number (RFC 7519 §2)"},
		{"exp true", true, "a time is a number (RFC 7519 §2)"},
		{"exp an object", map[string]any{}, "a time is a number (RFC 7519 §2)"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			raw := forge(map[string]any{"exp": tc.value})
			wantRefused(t, get(t, p, "Bearer "+raw, tc.name, "exp"), ada, verifyAdvice(tc.why))
		})
	}
	t.Run("no claims at all", func(t *testing.T) {
		raw := forge(map[string]any{"sub": check.Remove{}, "iat": check.Remove{}, "nbf": check.Remove{}, "exp": check.Remove{}})
		wantRefused(t, get(t, p, "Bearer "+raw, "no claims at all"), ada, verifyAdvice(required))
	})
	t.Run("nbf in the future", func(t *testing.T) {
		raw := forge(map[string]any{"nbf": at(time.Hour)})
		wantRefused(t, get(t, p, "Bearer "+raw, "nbf in the future", "nbf"), ada, verifyAdvice("nbf says from when on a token is good (RFC 7519 §4.1.5); jwt.Parse looks at it, unless it is told not to"))
	})
	wantStillGood(t, p, token, ada, before)
}

// wantStillGood expects a good token to be good after many bad ones, as it was before: a program that
// refuses everybody proves nothing.
func wantStillGood(t *testing.T, p *check.Program, token check.Token, u check.User, before *check.Reply) {
	t.Helper()
	t.Run("a good token after all these", func(t *testing.T) {
		wantUser(t, before, u, right) // else the bad ones have nothing to do with it
		reply := get(t, p, "Bearer "+token.Raw, "a good token, after bad ones")
		wantUser(t, reply, u, verifyAdvice("what one token said must not be left over for the next: its claims go into a new variable, inside func(c *gin.Context)"))
	})
}

// TestSignature: only what this program signed, with HS256, gets in.
func TestSignature(t *testing.T) {
	check.Judges(t, 2)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	grace, other := newLogin(t, p)
	before := get(t, p, "Bearer "+token.Raw, "a good token") // a program that remembers good ones is seen
	part := func(tok check.Token, i int) string { return strings.Split(tok.Raw, ".")[i] }
	header, payload, signature := part(token, 0), part(token, 1), part(token, 2)
	withX := check.Token{Raw: p.Forge(t, token, check.Forgery{Header: map[string]any{"x": 1}})}
	unsigned := func(alg string) string {
		text := p.Forge(t, token, check.Forgery{Header: map[string]any{"alg": alg}})
		return text[:strings.LastIndex(text, ".")+1]
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024) // short, since it is made at every run
	require.NoError(t, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ownKey := []byte(check.RandomText(16))
	const elseKey = "the signature shows who made the token: only JWT_SECRET_KEY may verify it"
	const method = "the token must not choose how it is verified: jwt.WithValidMethods([]string{\"HS256\"})"
	const changed = "the signature covers header and payload: is it verified, all of it, each time? jwt.Parse does that, ParseUnverified does not"
	const parts = "a token has three parts: jwt.Parse returns an error for anything else, and whoever takes it apart by hand has to count them"
	for _, tc := range []struct {
		name check.Text
		raw  string
		why  check.Text
	}{
		{"the payload of another", header + "." + part(other, 1) + "." + signature, changed},
		{"a letter of the payload changed", header + "." + swapFirst(payload) + "." + signature, changed},
		{"the header changed", part(withX, 0) + "." + payload + "." + signature, changed},
		{"the signature of another", header + "." + payload + "." + part(other, 2), changed},
		{"another secret", p.Forge(t, token, check.Forgery{Key: []byte(check.RandomText(32))}), elseKey},
		{"the empty secret", p.Forge(t, token, check.Forgery{Key: []byte{}}), elseKey},
		{"a kid that leads to an empty file", p.Forge(t, token, check.Forgery{Header: map[string]any{"kid": "../../../../../../dev/null"}, Key: []byte{}}), elseKey},
		{"a key in the header", p.Forge(t, token, check.Forgery{Header: map[string]any{"jwk": map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(ownKey)}}, Key: ownKey}), elseKey},
		{"a secret from tutorials", p.Forge(t, token, check.Forgery{Key: []byte("super-secret")}), elseKey},
		{"alg none", unsigned("none"), method},
		{"alg None", unsigned("None"), method},
		{"alg NONE", unsigned("NONE"), method},
		{"alg nOnE", unsigned("nOnE"), method},
		{"alg none with a signature", unsigned("none") + signature, method},
		{"alg empty", unsigned("") + signature, method},
		{"HS384", p.Forge(t, token, check.Forgery{Method: jwt.SigningMethodHS384}), method},
		{"HS512", p.Forge(t, token, check.Forgery{Method: jwt.SigningMethodHS512}), method},
		{"RS256", p.Forge(t, token, check.Forgery{Method: jwt.SigningMethodRS256, Key: rsaKey}), method},
		{"ES256", p.Forge(t, token, check.Forgery{Method: jwt.SigningMethodES256, Key: ecKey}), method},
		{"no signature", header + "." + payload + ".", changed},
		{"1 part", payload, parts},
		{"2 parts", header + "." + payload, parts},
		{"4 parts", token.Raw + "." + signature, parts},
		{"5 parts", token.Raw + ".x.x", parts},
		{"only dots", "..", parts},
		{"no token at all", "xx", parts},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			reply := get(t, p, "Bearer "+tc.raw, tc.name)
			wantRefused(t, reply, ada, verifyAdvice(tc.why))
			reply.WantWithout(t, "the other user's name", grace.Username, verifyAdvice(tc.why))
		})
	}
	const whole = "a signature is compared as a whole: one that is shorter, longer or different in one letter was not made with JWT_SECRET_KEY"
	t.Run("each letter of the signature changed", func(t *testing.T) {
		for i := range check.Spread(len(signature)) {
			raw := header + "." + payload + "." + signature[:i] + otherLetter(signature[i]) + signature[i+1:]
			wantRefused(t, get(t, p, "Bearer "+raw, check.Textf("letter %d of the signature changed", i+1)), ada, verifyAdvice(whole))
		}
	})
	t.Run("a signature of every length", func(t *testing.T) {
		for n := range check.Spread(2 * len(signature)) {
			if n != len(signature) {
				raw := header + "." + payload + "." + (signature + signature)[:n]
				wantRefused(t, get(t, p, "Bearer "+raw, check.Textf("a signature of %d letters in the place of %d", n, len(signature))), ada, verifyAdvice(whole))
			}
		}
	})
	wantStillGood(t, p, token, ada, before)
}

// otherLetter returns another letter of base64url: one that differs in the first bit, since
// the last ones of the last letter may mean nothing.
func otherLetter(letter byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.IndexByte(letters, letter) ^ 32
	return letters[i : i+1]
}

// swapFirst changes the first character: in base64 the last may hold bits that
// mean nothing.
func swapFirst(text string) string {
	if text[0] == 'A' {
		return "B" + text[1:]
	}
	return "A" + text[1:]
}

// TestFineprint: what the library does only if it is told to. The standards ask for some of
// it (RFC 7519 §4.1.3, RFC 7515 §4.1.11), and permit the rest. Stretch checks.
func TestFineprint(t *testing.T) {
	check.Stretch(t)
	check.Judges(t)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	claims := func(name string, value any) check.Forgery {
		return check.Forgery{Claims: map[string]any{name: value}}
	}
	for _, tc := range []struct {
		name check.Text
		raw  string
		why  check.Text
	}{
		{"iat in the future", p.Forge(t, token, claims("iat", time.Now().Add(time.Hour).Unix())), "a token made in the future comes from a wrong clock, or lies: jwt.WithIssuedAt"},
		{"exp as text", p.Forge(t, token, claims("exp", "9999999999")), "a time is a number (RFC 7519 §2); RegisteredClaims reads digits in quotes too, MapClaims does not"},
		{"aud of another program", p.Forge(t, token, claims("aud", "https://shop.example")), "a token made for another program is not for this one (RFC 7519 §4.1.3)"},
		{"an unknown crit", p.Forge(t, token, check.Forgery{Header: map[string]any{"crit": []string{"x"}, "x": 1}}), "crit lists extensions that must be understood; this program understands none (RFC 7515 §4.1.11)"},
		{"unused bits of the signature", flipUnusedBits(token.Raw), "two texts for one token break whatever goes by the text, such as a list of tokens to refuse: jwt.WithStrictDecoding"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, answerAdvice("a good token has to get in first; the tokens of this stretch check come after it"))
			wantRefused(t, get(t, p, "Bearer "+tc.raw, tc.name), ada, check.Advice{Why: tc.why, Look: check.File("protected.go")})
		})
	}
}

// flipUnusedBits changes the last character of a token without changing the
// bytes it stands for: 32 bytes leave two bits of 43 characters unused.
func flipUnusedBits(raw string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(raw) - 1
	return raw[:last] + string(alphabet[strings.IndexByte(alphabet, raw[last])^1])
}
