package check

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestJSON: the body is one JSON object, and says that it is.
func TestJSON(t *testing.T) {
	Running(t).Get(t, "/ok").JSON(t, someAdvice)
	const jsonAlways = "clients of this API read JSON, in errors too: c.JSON(status, gin.H{\"msg\": …})"
	for _, tc := range []struct{ path, got, want, why string }{
		{"/two", `200 OK  {"msg":"who are you?"}{"id":1}`, "one JSON value in the body, not two",
			"a handler that answers goes on unless it returns, and after middleware comes the next unless it aborts: is a return missing after an answer, an abort, or is the line still there that says it is not finished?"},
		{"/latin1", "200 OK  {\"msg\":\"ma\\ufffdana\"}\n          (the body is not valid UTF-8)", "one JSON object in the body", jsonAlways},
		{"/text", "200 OK  hello\n          (the body is not JSON)", "one JSON object in the body", jsonAlways},
		{"/empty", "200 OK\n          (the body is empty)", "one JSON object in the body", jsonAlways},
		{"/list", "200 OK  [1,2]", "a JSON object in the body", ""},
		{"/html", `Content-Type "text/html"`, "Content-Type application/json",
			"clients look at the Content-Type before they read the body; c.JSON sets it, unless something has answered before, as c.BindJSON does"},
	} {
		t.Run(tc.path, func(t *testing.T) {
			reply := Running(t).Get(t, tc.path)
			want := withSomeAdvice("GET "+tc.path, tc.got, tc.want, "")
			if tc.why != "" {
				want = strings.Replace(want, string(someAdvice.Why), tc.why, 1)
			}
			assert.Equal(t, anyWhy(want), anyWhy(findingOf(t, func(t testing.TB) { reply.JSON(t, someAdvice) })))
		})
	}
}

// TestDecodeOne: one value, nothing behind it, no number rounded.
func TestDecodeOne(t *testing.T) {
	for _, text := range []string{`{}`, ` {"a":[1,null]} ` + "\n", `"ñ"`, `1e400`} {
		_, err := decodeOne(text)
		assert.NoError(t, err, text)
	}
	for text, want := range map[string]string{
		"":          "the body is empty",
		" \n":       "the body is empty",
		"\xff":      "the body is not valid UTF-8",
		"{'a':1}":   "the body is not JSON",
		`{"a":1,}`:  "the body is not JSON",
		`{"a":`:     "the body is not JSON",
		"NaN":       "the body is not JSON",
		"{}{}":      "something follows the JSON value",
		"{}\nnull":  "something follows the JSON value",
		"{} trash":  "something follows the JSON value",
		"{}}":       "something follows the JSON value",
		"{}\ufeff":  "something follows the JSON value",
		"\ufeff{}":  "the body is not JSON",
		"{} // end": "something follows the JSON value",
	} {
		_, err := decodeOne(text)
		assert.EqualError(t, err, want, text)
	}
	value, _ := decodeOne("9007199254740993")
	assert.Equal(t, "9007199254740993", JSONText(value))
}

// replyWith returns a reply to GET /x, as if it had come.
func replyWith(status int, body string, headers ...string) *Reply {
	header := parseHeaders(headers)
	header.Set("Content-Type", "application/json; charset=utf-8")
	return &Reply{Status: status, Body: body, Header: header, request: Request{Path: "/x"}, program: &Program{}}
}

// TestWant: each expectation lets the right reply pass, and says what is wrong
// with another.
func TestWant(t *testing.T) {
	ok := replyWith(200, `{"id":1,"name":"<ada>"}`)
	msg := replyWith(401, `{"msg":"Token has expired"}`, "Www-Authenticate: Bearer", "Www-Authenticate: Basic")
	isBearer := func(value string) bool { return value == "Bearer, Basic" }
	for _, tc := range []struct {
		name      string
		pass      *Reply
		fail      *Reply
		expect    func(*Reply, testing.TB)
		got, want string
	}{
		{"status", ok, msg, func(r *Reply, t testing.TB) { r.WantStatus(t, someAdvice, 201, 200) },
			`401 Unauthorized  {"msg":"Token has expired"}`, "201 Created or 200 OK"},
		{"fields", replyWith(200, `{"id":1,"x":null,"name":"<ada>"}`), replyWith(200, `{"id":"1","name":"<ada>"}`),
			func(r *Reply, t testing.TB) { r.WantFields(t, map[string]any{"name": "<ada>", "id": 1}, someAdvice) },
			`200 OK  {"id":"1","name":"<ada>"}`, `{"id":1,"name":"<ada>"}`},
		{"all fields", ok, replyWith(200, `{"name":"<ada>","x":null}`),
			func(r *Reply, t testing.TB) { r.WantFields(t, map[string]any{"name": "<ada>", "id": 1}, someAdvice) },
			`200 OK  {"name":"<ada>","x":null}`, `{"id":1,"name":"<ada>"}`},
		{"this msg", msg, replyWith(401, `{"msg":"token has expired"}`),
			func(r *Reply, t testing.TB) { r.WantMsg(t, "Token has expired", someAdvice) },
			`401 Unauthorized  {"msg":"token has expired"}`, `{"msg":"Token has expired"}`},
		{"any msg", msg, replyWith(401, `{"msg":""}`), func(r *Reply, t testing.TB) { r.WantMsg(t, "", someAdvice) },
			`401 Unauthorized  {"msg":""}`, `{"msg": "…"}, with a few words of your own`},
		{"any msg, and more", replyWith(401, `{"msg":"no","code":7}`), replyWith(401, `{"error":"no"}`), func(r *Reply, t testing.TB) { r.WantMsg(t, "", someAdvice) },
			`401 Unauthorized  {"error":"no"}`, `{"msg": "…"}, with a few words of your own`},
		{"header", msg, replyWith(401, "", "Www-Authenticate: Nobody\x1b"),
			func(r *Reply, t testing.TB) { r.WantHeader(t, "WWW-Authenticate", "a challenge", someAdvice, isBearer) },
			`WWW-Authenticate: Nobody\u001b`, "a challenge"},
		{"no header", msg, ok,
			func(r *Reply, t testing.TB) { r.WantHeader(t, "WWW-Authenticate", "a challenge", someAdvice, isBearer) },
			"no WWW-Authenticate header", "a challenge"},
		{"without, in the body", msg, ok, func(r *Reply, t testing.TB) { r.WantWithout(t, "the name", "ada", someAdvice) },
			`200 OK  {"id":1,"name":"<ada>"}`, "a reply without the name"},
		{"without, in a header", ok, msg, func(r *Reply, t testing.TB) { r.WantWithout(t, "the scheme", "Basic", someAdvice) },
			"the scheme in the header Www-Authenticate", "a reply without the scheme"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.expect(tc.pass, t)
			finding := findingOf(t, func(t testing.TB) { tc.expect(tc.fail, t) })
			assert.Equal(t, withSomeAdvice("GET /x", tc.got, tc.want, ""), anyWhy(finding))
		})
	}
	assert.True(t, ok.HasFields(map[string]any{"id": 1}))
	assert.False(t, replyWith(200, "{}{}").HasFields(map[string]any{}))
	assert.False(t, replyWith(200, "[]").HasFields(map[string]any{}))
}

// TestFailMarksToken: where a claim matters, the token is shown taken apart.
func TestFailMarksToken(t *testing.T) {
	raw := encodePart(map[string]any{"alg": "HS256"}) + "." + encodePart(map[string]any{"exp": 1, "sub": "7"}) + ".sig"
	reply := replyWith(200, "{}")
	reply.request = Request{Path: "/x", Header: http.Header{"Authorization": {"Bearer " + raw}}, Mark: "exp"}
	finding := findingOf(t, func(t testing.TB) { reply.WantStatus(t, someAdvice, 401) })
	assert.Contains(t, finding, "\n    the token, taken apart:\n        header\n          alg  \"HS256\"\n        payload\n        > exp  1\n          sub  \"7\"")
	assert.NotContains(t, finding, raw)
}

// TestFailKeepsShort: of a long panic the first lines, of a long body the beginning.
func TestFailKeepsShort(t *testing.T) {
	reply := replyWith(500, strings.Repeat("x", 1000))
	reply.program.process = &process{output: &output{}}
	fmt.Fprint(reply.program.process.output, strings.Repeat("\nline\r\n", 20))
	finding := findingOf(t, func(t testing.TB) { reply.WantStatus(t, someAdvice, 200) })
	assert.Contains(t, finding, "got:  500 Internal Server Error  "+strings.Repeat("x", 200)+"…\n")
	assert.Equal(t, 8, strings.Count(finding, "\n      | line"))
}
