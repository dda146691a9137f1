package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// Where to look when a part of the lock is missing.
func headerHint(why string) check.Hint  { return check.Hint{Why: why, Look: "protected.go, TODO 1"} }
func verifyHint(why string) check.Hint  { return check.Hint{Why: why, Look: "protected.go, TODO 2"} }
func subjectHint(why string) check.Hint { return check.Hint{Why: why, Look: "protected.go, TODO 3"} }
func answerHint(why string) check.Hint  { return check.Hint{Why: why, Look: "protected.go, TODO 4"} }

// newLogin adds a user and logs in.
func newLogin(t *testing.T, p *check.Program) (check.User, check.Token) {
	t.Helper()
	u := p.AddUser(t)
	return u, p.Login(t, u, check.Hint{Why: "without a token there is nothing to check; step 2 made this work", Look: "token.go"})
}

// get sends GET /protected with an Authorization header; about says what is
// special about it, and mark names the field of the token that matters, if any.
func get(t *testing.T, p *check.Program, header, about string, mark ...string) *check.Reply {
	t.Helper()
	return p.Do(t, check.Request{
		Path:   "/protected",
		Header: http.Header{"Authorization": {header}},
		About:  about,
		Mark:   strings.Join(mark, ""),
	})
}

// TestNoToken: who brings no token is told what to bring.
func TestNoToken(t *testing.T) {
	p := check.Running(t)
	hint := headerHint("whoever has no token must not get in, and is told what to bring")
	t.Run("no header", func(t *testing.T) {
		reply := p.Do(t, check.Request{Path: "/protected"})
		reply.WantStatus(t, hint, http.StatusUnauthorized)
		reply.WantMsg(t, "Missing Authorization Header", hint)
		wantChallenge(t, reply, false, hint)
	})
	t.Run("an empty header", func(t *testing.T) {
		reply := get(t, p, "", "an empty header")
		reply.WantStatus(t, hint, http.StatusUnauthorized)
		reply.WantMsg(t, "", hint)
	})
}

// errorCode matches the error in a challenge.
var errorCode = regexp.MustCompile(`(?i)(^|[\s,])error\s*=\s*"?([a-z_]+)`)

// wantChallenge expects a WWW-Authenticate header that asks for a bearer token
// and, if the token was refused, says invalid_token (RFC 6750 §3.1).
func wantChallenge(t *testing.T, reply *check.Reply, refused bool, hint check.Hint) {
	t.Helper()
	hint.Why = "a 401 comes with a challenge, so that programs know what to bring (RFC 9110 §11.6.1); refuse sends one"
	reply.WantHeader(t, "WWW-Authenticate", "WWW-Authenticate: Bearer …", hint, func(value string) bool {
		scheme, _, _ := strings.Cut(value, " ")
		return strings.EqualFold(strings.TrimSuffix(scheme, ","), "Bearer")
	})
	if refused {
		hint.Why = `a client that reads error="invalid_token" knows that a new login helps (RFC 6750 §3.1)`
		reply.WantHeader(t, "WWW-Authenticate", `WWW-Authenticate: Bearer …, error="invalid_token"`, hint, func(value string) bool {
			m := errorCode.FindStringSubmatch(value)
			return m != nil && strings.EqualFold(m[2], "invalid_token")
		})
		return
	}
	hint.Why = "nothing was wrong with a token here, there was none: no error code then (RFC 6750 §3.1)"
	reply.WantHeader(t, "WWW-Authenticate", "WWW-Authenticate: Bearer …, without error=", hint, func(value string) bool {
		return !errorCode.MatchString(value)
	})
}

// TestHeader: one scheme, one token, in one header.
func TestHeader(t *testing.T) {
	p := check.Running(t)
	ada, token := newLogin(t, p)
	for _, tc := range []struct {
		name   string
		header string
		why    string
	}{
		{"another scheme", "Basic " + token.Raw, "whoever sends another scheme means something else; only Bearer is spoken here"},
		{"a scheme that begins like it", "BearerX " + token.Raw, "the whole first word is the scheme"},
		{"a bare token", token.Raw, "the first word has to be the scheme, Bearer"},
		{"no space", "Bearer" + token.Raw, "a space ends the scheme"},
		{"Bearer alone", "Bearer", "how many words are there? An index that is not there is a panic"},
		{"Bearer and a space", "Bearer ", "how many words are there? An index that is not there is a panic"},
		{"the token twice", "Bearer " + token.Raw + " " + token.Raw, "two words, no more: what is behind them would be ignored"},
		{"a word too many", "Bearer " + token.Raw + " x", "two words, no more: what is behind them would be ignored"},
		{"a comma", "Bearer " + token.Raw + ", Basic eDp4", "two words, no more: what is behind them would be ignored"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantLockedOut(t, get(t, p, tc.header, tc.name), ada, headerHint(tc.why))
		})
	}
	elsewhere := headerHint("addresses stand in logs and histories, cookies are sent by other sites' pages: the token is looked for in one place")
	for _, tc := range []struct {
		name    string
		request check.Request
	}{
		{"token in the query", check.Request{Path: "/protected?token=" + token.Raw}},
		{"access_token in the query", check.Request{Path: "/protected?access_token=" + token.Raw}},
		{"token in a cookie", check.Request{Path: "/protected", Header: http.Header{"Cookie": {"token=" + token.Raw + "; access_token=" + token.Raw + "; jwt-token=" + token.Raw}}}},
		{"token in the body", check.Request{Path: "/protected", Body: url.Values{"access_token": {token.Raw}, "token": {token.Raw}}.Encode(), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantLockedOut(t, p.Do(t, tc.request), ada, elsewhere)
		})
	}
}

// wantLockedOut expects 401, one JSON value with a msg, a bearer challenge, and
// nothing of what the handler behind the lock would say.
func wantLockedOut(t *testing.T, reply *check.Reply, u check.User, hint check.Hint) {
	t.Helper()
	reply.WantStatus(t, hint, http.StatusUnauthorized)
	leak := hint
	leak.Why = "the answer of the protected handler came out: does the middleware abort, and return?"
	reply.WantWithout(t, "the user's name", u.Username, leak)
	reply.WantMsg(t, "", hint)
	hint.Why = "a 401 comes with a challenge, so that programs know what to bring (RFC 9110 §11.6.1); refuse sends one"
	reply.WantHeader(t, "WWW-Authenticate", "WWW-Authenticate: Bearer …", hint, func(value string) bool {
		return strings.HasPrefix(strings.ToLower(value), "bearer")
	})
}

// libraryWords are pieces of what golang-jwt, GORM and Go say of an error.
var libraryWords = []string{
	"record not found", "token signature is invalid", "signature is invalid", "token is malformed", "token is unverifiable",
	"token has invalid claims", "illegal base64", "error while executing keyfunc", "signing method", "strconv.", "unexpected end of JSON",
}

// wantRefused expects a token to be refused: locked out, told so in the
// challenge, and told no internal error.
func wantRefused(t *testing.T, reply *check.Reply, u check.User, hint check.Hint) {
	t.Helper()
	wantLockedOut(t, reply, u, hint)
	wantChallenge(t, reply, true, hint)
	hint.Why = "an error's own text tells strangers how the program works inside: send words of yours"
	for _, words := range libraryWords {
		reply.WantWithout(t, "a library's words, "+words, words, hint)
	}
}

// TestTokenTimes: a token is good from its beginning to its end.
func TestTokenTimes(t *testing.T) {
	p := check.Running(t)
	ada, token := newLogin(t, p)
	forge := func(claims map[string]any) string { return p.Forge(t, token, check.Forgery{Claims: claims}) }
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for _, tc := range []struct {
		name string
		ago  time.Duration
	}{{"expired a minute ago", time.Minute}, {"expired an hour ago", time.Hour}} {
		t.Run(tc.name, func(t *testing.T) {
			hint := verifyHint("errors.Is(err, jwt.ErrTokenExpired) tells this case from the others; the client shows the login again")
			raw := forge(map[string]any{"exp": at(-tc.ago), "iat": at(-tc.ago - time.Hour), "nbf": check.Remove{}})
			reply := get(t, p, "Bearer "+raw, tc.name, "exp")
			wantRefused(t, reply, ada, hint)
			reply.WantMsg(t, "Token has expired", hint)
		})
	}
	required := "a token that never expires can't be taken back: jwt.WithExpirationRequired"
	for _, tc := range []struct {
		name  string
		value any
		why   string
	}{
		{"no exp", check.Remove{}, required},
		{"exp null", nil, required},
		{"exp 0", 0, required},
		{"exp negative", -1, "1969 is over"},
		{"exp a word", "soon", "a time is a number (RFC 7519 §2)"},
		{"exp true", true, "a time is a number (RFC 7519 §2)"},
		{"exp an object", map[string]any{}, "a time is a number (RFC 7519 §2)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := forge(map[string]any{"exp": tc.value})
			wantRefused(t, get(t, p, "Bearer "+raw, tc.name, "exp"), ada, verifyHint(tc.why))
		})
	}
	t.Run("nbf in the future", func(t *testing.T) {
		raw := forge(map[string]any{"nbf": at(time.Hour)})
		wantRefused(t, get(t, p, "Bearer "+raw, "nbf in the future", "nbf"), ada, verifyHint("nbf says from when on a token is good (RFC 7519 §4.1.5); jwt.Parse looks at it"))
	})
}

// TestSignature: only what this program signed, with HS256, gets in.
func TestSignature(t *testing.T) {
	p := check.Running(t)
	ada, token := newLogin(t, p)
	grace, other := newLogin(t, p)
	part := func(tok check.Token, i int) string { return strings.Split(tok.Raw, ".")[i] }
	header, payload, signature := part(token, 0), part(token, 1), part(token, 2)
	unsigned := func(alg string) string {
		text := p.Forge(t, token, check.Forgery{Header: map[string]any{"alg": alg}})
		return text[:strings.LastIndex(text, ".")+1]
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	elseKey := "the signature shows who made the token: only JWT_SECRET_KEY may verify it"
	method := "the token must not choose how it is verified: jwt.WithValidMethods([]string{\"HS256\"})"
	changed := "the signature covers header and payload; jwt.Parse verifies it, jwt.ParseUnverified does not"
	parts := "a token has three parts; jwt.Parse returns an error for anything else: is it looked at?"
	for _, tc := range []struct {
		name string
		raw  string
		why  string
	}{
		{"another secret", p.Forge(t, token, check.Forgery{Key: []byte(check.RandomText(32))}), elseKey},
		{"the empty secret", p.Forge(t, token, check.Forgery{Key: []byte{}}), elseKey},
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
		{"the payload of another", header + "." + part(other, 1) + "." + signature, changed},
		{"a letter of the payload changed", header + "." + swapFirst(payload) + "." + signature, changed},
		{"the header changed", p.Forge(t, token, check.Forgery{Header: map[string]any{"x": 1}, Key: []byte("x")}), changed},
		{"the signature of another", header + "." + payload + "." + part(other, 2), changed},
		{"a letter of the signature changed", header + "." + payload + "." + swapFirst(signature), changed},
		{"half a signature", header + "." + payload + "." + signature[:len(signature)/2], changed},
		{"no signature", header + "." + payload + ".", changed},
		{"1 part", payload, parts},
		{"2 parts", header + "." + payload, parts},
		{"4 parts", token.Raw + "." + signature, parts},
		{"5 parts", token.Raw + ".x.x", parts},
		{"only dots", "..", parts},
		{"no token at all", "xx", parts},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reply := get(t, p, "Bearer "+tc.raw, tc.name)
			wantRefused(t, reply, ada, verifyHint(tc.why))
			reply.WantWithout(t, "the other user's name", grace.Username, verifyHint(tc.why))
		})
	}
}

// swapFirst changes the first character: in base64 the last may hold bits that
// mean nothing.
func swapFirst(text string) string {
	if text[0] == 'A' {
		return "B" + text[1:]
	}
	return "A" + text[1:]
}

// TestSubject: a token is for one user who is there, and never for the first one.
func TestSubject(t *testing.T) {
	p := check.Running(t)
	ada, token := newLogin(t, p)
	text := fmt.Sprint(ada.ID)
	first := "First and Take with an empty condition, or with a text, find the first user: parse the subject with strconv.ParseUint"
	for _, tc := range []struct {
		name  string
		value any
		why   string
	}{
		{"no sub", check.Remove{}, first},
		{"sub empty", "", first},
		{"sub null", nil, first},
		{"sub a number", ada.ID, "a subject is a string (RFC 7519 §4.1.2)"},
		{"sub 0", "0", "no user has the id 0"},
		{"sub negative", "-1", "no user has the id -1"},
		{"sub with a space", " " + text, "one user, one subject: strconv.ParseUint takes digits alone"},
		{"sub a decimal number", text + ".0", "one user, one subject: strconv.ParseUint takes digits alone"},
		{"sub with SQL", text + " OR 1=1", "a text as the condition becomes part of the SQL: give Take a number"},
		{"sub a word", "abc", "an error of strconv.ParseUint that is not looked at leaves the id 0"},
		{"sub above 63 bits", "9223372036854775808", "SQLite's ids have 63 bits: strconv.ParseUint(subject, 10, 63)"},
		{"sub above 64 bits", "99999999999999999999", "an error of strconv.ParseUint that is not looked at leaves the largest number"},
		{"sub of nobody", "123456789", "Take returns an error if nobody has that id: is it looked at?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := p.Forge(t, token, check.Forgery{Claims: map[string]any{"sub": tc.value}})
			reply := get(t, p, "Bearer "+raw, tc.name, "sub")
			hint := subjectHint(tc.why)
			reply.WantWithout(t, "the first user's name", `"`+check.Ada.Username+`"`, hint)
			wantRefused(t, reply, ada, hint)
		})
	}
	t.Run("user deleted", func(t *testing.T) {
		gone, token := newLogin(t, p)
		// Asked for once before, a program that keeps what it read once is seen.
		get(t, p, "Bearer "+token.Raw, "a good token")
		p.DeleteUser(t, gone)
		hint := subjectHint("Take returns an error if the user is gone: is it looked at? The token is still signed, and still worth nothing")
		wantRefused(t, get(t, p, "Bearer "+token.Raw, "the user was deleted"), gone, hint)
	})
}

// TestProtected: who brings a good token gets the user it was made for.
func TestProtected(t *testing.T) {
	p := check.Running(t)
	ada, token := newLogin(t, p)
	grace, other := newLogin(t, p)
	right := answerHint("the handler answers with jwtIdentity(c), which jwtRequired left with c.Set")
	t.Run("good token", func(t *testing.T) { wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right) })
	t.Run("another user", func(t *testing.T) {
		wantUser(t, get(t, p, "Bearer "+other.Raw, "a good token"), grace, right)
	})
	t.Run("signed anew", func(t *testing.T) {
		hint := verifyHint("a token is known by its signature, not by having been seen before")
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
		wantUser(t, get(t, p, "Bearer "+p.Forge(t, token, check.Forgery{Claims: map[string]any{"jti": check.RandomText(4)}}), "one more claim, signed with the right secret"), ada, hint)
	})
	t.Run("another user in the query", func(t *testing.T) {
		hint := answerHint("who the user is, only the token says: everything else in a request is anybody's guess")
		id := fmt.Sprint(grace.ID)
		request := check.Request{Path: "/protected?id=" + id + "&user_id=" + id + "&sub=" + id, Header: http.Header{"Authorization": {"Bearer " + token.Raw}}}
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
		wantUser(t, p.Do(t, request), ada, hint)
	})
	t.Run("user renamed", func(t *testing.T) {
		hint := subjectHint("read the user from the database at every request: the token is as old as the login")
		u, token := newLogin(t, p)
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), u, right)
		u.Username = "grace-" + check.RandomText(3)
		p.RenameUser(t, u, u.Username)
		wantUser(t, get(t, p, "Bearer "+token.Raw, "the user has another name now"), u, hint)
	})
	for _, tc := range []struct{ name, scheme string }{
		{"bearer in small letters", "bearer "},
		{"BEARER in capitals", "BEARER "},
		{"several spaces", "Bearer   "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hint := headerHint("the scheme may be written in any case, and several spaces may follow (RFC 9110 §11.1): strings.EqualFold, strings.Fields")
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
			wantUser(t, get(t, p, tc.scheme+token.Raw, tc.name), ada, hint)
		})
	}
}

// wantUser expects the answer to a good token: the user as she is now.
func wantUser(t *testing.T, reply *check.Reply, u check.User, hint check.Hint) {
	t.Helper()
	reply.WantStatus(t, hint, http.StatusOK)
	reply.WantJSON(t, map[string]any{"id": u.ID, "username": u.Username}, hint)
}

// TestPublic: what was public stays public.
func TestPublic(t *testing.T) {
	p := check.Running(t)
	ada := p.AddUser(t)
	hint := check.Hint{Why: "who has no token yet must be able to get one", Look: "main.go"}
	p.Get(t, "/health").WantStatus(t, hint, http.StatusOK)
	p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password)).WantStatus(t, hint, http.StatusOK)
}

// TestNothingPanics: the strangest header is a wrong header, not a failure.
func TestNothingPanics(t *testing.T) {
	p := check.Running(t)
	for _, tc := range []struct{ name, header string }{
		{"spaces and dots", "Bearer . . ."},
		{"four dots", "Bearer ...."},
		{"bytes that are no text", "Bearer \xff\xfe.\xff.\xff"},
		{"8 KiB", "Bearer " + strings.Repeat("a.", 4096)},
		{"null as the header", "Bearer bnVsbA.bnVsbA.bnVsbA"},
		{"a list as the header", "Bearer W10.W10.W10"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hint := verifyHint("whatever a client sends is the client's mistake: 401, never 500")
			get(t, p, tc.header, tc.name).WantStatus(t, hint, http.StatusUnauthorized)
		})
	}
	if strings.Contains(p.Output(), "panic") {
		check.Finding{Sent: "all the requests of this step", Got: "a panic in what the program printed", Want: "no panic, whatever is sent",
			Hint: check.Hint{Why: "a panic is a mistake that was met by chance; gin.Recovery only hides it from the client", Look: "protected.go"}}.Fail(t)
	}
}

// TestFineprint: what the standards ask for and the library does only if it is
// told to. Stretch checks.
func TestFineprint(t *testing.T) {
	check.Stretch(t)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	claims := func(name string, value any) check.Forgery {
		return check.Forgery{Claims: map[string]any{name: value}}
	}
	for _, tc := range []struct {
		name string
		raw  string
		why  string
	}{
		{"iat in the future", p.Forge(t, token, claims("iat", time.Now().Add(time.Hour).Unix())), "a token that is made tomorrow is a wrong clock, or a lie: jwt.WithIssuedAt"},
		{"exp as text", p.Forge(t, token, claims("exp", "9999999999")), "a time is a number (RFC 7519 §2); RegisteredClaims reads digits in quotes too, MapClaims does not"},
		{"aud of another program", p.Forge(t, token, claims("aud", "https://shop.example")), "a token made for another program is not for this one (RFC 7519 §4.1.3)"},
		{"an unknown crit", p.Forge(t, token, check.Forgery{Header: map[string]any{"crit": []string{"x"}, "x": 1}}), "crit lists extensions that must be understood; this program understands none (RFC 7515 §4.1.11)"},
		{"unused bits of the signature", flipUnusedBits(token.Raw), "two texts for one token break whatever goes by the text, such as a list of tokens to refuse: jwt.WithStrictDecoding"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, answerHint("first things first"))
			wantRefused(t, get(t, p, "Bearer "+tc.raw, tc.name), ada, check.Hint{Why: tc.why, Look: "protected.go"})
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
