package check

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFind: a piece of a secret is found in whatever spelling, and nothing else is.
func TestFind(t *testing.T) {
	w := newWatch()
	const secret = `pass "word" <é&ñ>!`
	random := RandomText(32)
	w.keep("it", secret)
	w.keep("it", random)
	base64of := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, text := range []string{
		"a log line with " + secret + " in it",
		secret[:8],
		random[20:28],
		random[len(random)-8:] + "\n",
		hex.EncodeToString([]byte(secret)),
		"A" + strings.ToUpper(hex.EncodeToString([]byte(secret))), // not at an even digit
		base64of(secret), base64of("1" + secret), base64of("12" + secret),
		base64.RawURLEncoding.EncodeToString([]byte(">>?" + secret)),
		fmt.Sprint([]byte(secret)), fmt.Sprintf("%#v", []byte(secret)), fmt.Sprintf("% x", secret), fmt.Sprintf("%x", random),
		fmt.Sprintf("%q", secret), fmt.Sprintf("%+q", secret), JSONText(secret), `pass \u0022word\u0022`,
		url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
		url.QueryEscape(base64of(secret)), // both
	} {
		name, piece := w.find(text)
		assert.GreaterOrEqual(t, len(piece), 8, text)
		assert.EqualValues(t, "it", name)
	}
	_, piece := w.find("…" + secret[2:])
	assert.Equal(t, secret[2:], piece, "as much as there is")
	for _, text := range []string{"", "short", secret[:7], random[:7], strings.Repeat("0123456789abcdef", 8), base64of(RandomText(40)), `\`, `%`, "1 2 3 4 5 6 7 8 9", "Bad username or password"} {
		_, piece := w.find(text)
		assert.Empty(t, piece, text)
	}
	w.publish("/path?token=" + random)
	_, piece = w.find(random)
	assert.Empty(t, piece, "it was in an address, and addresses are no secret")
}

// TestAlways: what no program may do is told once, whatever it was asked.
func TestAlways(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwiZXhwIjoxfQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
	const hash = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
	login := Request{Method: http.MethodPost, Path: "/token", Body: LoginBody("ada", "a long password"), Header: http.Header{"Authorization": {"Bearer " + token}}}
	ok := func(body string) *Reply {
		return &Reply{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, request: login}
	}
	for name, tc := range map[string]struct {
		printed string
		reply   *Reply
		listens bool
		excused bool
		want    string
	}{
		"well":                           {"listening\n", ok(`{"token":"` + token + `"}`), true, false, ""},
		"prints the secret":              {"key: 0123456789abcdef0123456789abcdef\n", ok("{}"), true, false, "the signing secret, or a part of it, in what the program printed:\n            | key: <the signing secret>"},
		"prints a password":              {"cannot log in: a long pass…\n", ok("{}"), true, false, "| cannot log in: <a password>…"},
		"prints a hash":                  {"{1 ada " + hash + "}\n", ok("{}"), true, false, "the hash of a password, or"},
		"prints a token":                 {"got " + token[25:60] + "\n", ok("{}"), true, false, "a token, or"},
		"prints its own token":           {"", &Reply{Status: 200, Body: `{"token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI5OTk5In0.bm9ib2R5LWtub3dzLWl0"}`, request: login}, true, false, "a token, or"},
		"answers a password":             {"", ok(`{"msg":"wrong: a long password"}`), true, false, "a password, or a part of it, in the answer: "},
		"answers the token to another":   {"", &Reply{Status: 200, Body: token, request: Request{Path: "/protected"}}, true, false, "a token, or a part of it, in the answer: "},
		"a hash in the claims":           {"", ok(`{"token":"eyJhbGciOiJIUzI1NiJ9.` + base64.RawURLEncoding.EncodeToString([]byte(`{"h":"`+hash+`"}`)) + `.x"}`), true, false, "the hash of a password, or a part of it, in the answer: "},
		"a hash in a header":             {"", &Reply{Status: 200, Header: http.Header{"Etag": {hash[20:]}}, request: login}, true, false, "the hash of a password, or a part of it, in the answer: "},
		"fails":                          {"", &Reply{Status: 503, request: login}, true, false, "want: no status of 500 or more"},
		"fails with its database":        {"", &Reply{Status: 500, request: login}, true, true, ""},
		"has a TODO left":                {"", &Reply{Status: 501, request: login}, true, false, ""},
		"answers a number and words":     {"", &Reply{Status: 404, Header: http.Header{"Content-Type": {"text/plain"}}, Body: "404 page not found", request: login}, true, false, ""},
		"answers twice":                  {"", ok(`{}{}`), true, false, "want: one JSON value"},
		"panics":                         {"2026/11/26 [Recovery] panic recovered:\nboom\n", ok("{}"), true, false, "a panic in what the program printed:\n            | panic recovered: boom"},
		"refuses to start with a panic":  {"panic: no secret\n", ok("{}"), false, false, ""},
		"prints a secret, answers twice": {"0123456789abcdef\n", ok(`{}{}`), true, false, "there is more: POST /token"},
	} {
		t.Run(name, func(t *testing.T) {
			setFor(t, &watched, newWatch())
			watched.keep(secretName, "0123456789abcdef0123456789abcdef")
			watched.keepHash(hash)
			p := &Program{process: &process{output: &output{}}}
			tc.reply.program = p
			p.process.output.looked = p.printed
			p.listens.Store(tc.listens)
			p.excused.Store(tc.excused)
			p.asked("start the program", Request{})
			p.asked(login.text(), login)
			if name == "prints its own token" { // when nobody knows it yet
				p.process.output.Write([]byte("made bm9ib2R5LWtub3dz\n"))
			}
			half := len(tc.printed) / 2
			p.process.output.Write([]byte(tc.printed[:half]))
			p.process.output.Write([]byte(tc.printed[half:]))
			p.answered(tc.reply)
			_, got := runFake(t, func(t testing.TB) { Always(t, map[string]Place{"/token": File("token.go"), "": File("main.go")}) })
			if tc.want == "" {
				assert.Empty(t, got)
				return
			}
			assert.Contains(t, got, tc.want)
			assert.Contains(t, got, map[bool]string{true: "token.go", false: "main.go"}[!strings.Contains(name, "another")])
			if tc.printed != "" {
				assert.Contains(t, got, "before this was: start the program")
			}
		})
	}
	setFor(t, &watched, newWatch())
	fake, _ := runFake(t, func(t testing.TB) { Always(t, nil) })
	assert.Contains(t, fake.skipped, "run those, too")
}
