package check

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoAnswer: what goes wrong on the way is part of the reply, and fails
// whatever is expected of it.
func TestNoAnswer(t *testing.T) {
	for _, tc := range []struct{ path, got, printed string }{
		{"/panic", "no answer: the program closed the connection", "no coffee\n      | goroutine "},
		{"/close", "no answer: the program closed the connection", ""},
		{"/endless", "200 OK, with a body of more than 1 MiB", ""},
		{"/exit", "no answer: the program ended, with exit code 7", "\n    the program printed:\n      | giving up"},
	} {
		t.Run(tc.path, func(t *testing.T) {
			p := Running(t)
			reply := p.Get(t, tc.path)
			finding := findingOf(t, func(t testing.TB) { reply.WantStatus(t, someAdvice, http.StatusOK) })
			if tc.printed == "" {
				assert.Equal(t, withSomeAdvice("GET "+tc.path, tc.got, "200 OK", ""), finding)
			} else {
				assert.Contains(t, finding, withSomeAdvice("GET "+tc.path, tc.got, "200 OK", "\n    the program printed:\n"))
				assert.Contains(t, finding, tc.printed)
			}
			for _, expect := range []struct {
				want string
				of   func(testing.TB)
			}{
				{"one JSON object in the body", func(t testing.TB) { reply.JSON(t, someAdvice) }},
				{"one JSON object in the body", func(t testing.TB) { reply.WantFields(t, nil, someAdvice) }},
				{"one JSON object in the body", func(t testing.TB) { reply.WantMsg(t, "", someAdvice) }},
				{"a header", func(t testing.TB) {
					reply.WantHeader(t, "X", "a header", someAdvice, func(string) bool { return true })
				}},
				{"a reply without it", func(t testing.TB) { reply.WantWithout(t, "it", "secret", someAdvice) }},
			} {
				assert.Contains(t, findingOf(t, expect.of), withSomeAdvice("GET "+tc.path, tc.got, expect.want, ""))
			}
		})
	}
}

// TestHangs: after two requests to a route that were left without an answer, checks that
// would ask there again are not judged; others are.
func TestHangs(t *testing.T) {
	for _, path := range []string{"/hang", "/half"} {
		setFor(t, &replies.With("GET "+path).Usual, 100*time.Millisecond)
		setFor(t, &replies.With("GET "+path).missed, 0)
	}
	p := New(t)
	p.Start(t)
	const late = "no whole answer within 100ms"
	assert.EqualError(t, p.Get(t, "/hang").err, late)
	reply := p.Get(t, "/half")
	assert.EqualError(t, reply.err, late)
	finding := findingOf(t, func(t testing.TB) { reply.WantStatus(t, someAdvice, 200) })
	assert.Contains(t, finding, "why:  the program has this request, and does not answer it")
	assert.Equal(t, withSomeAdvice("GET /half", late, "200 OK", ""), anyWhy(finding))
	own := someAdvice
	own.Failure = true
	assert.Equal(t, withSomeAdvice("GET /half", late, "200 OK", ""), findingOf(t, func(t testing.TB) { reply.WantStatus(t, own, 200) }))
	assert.EqualError(t, p.Get(t, "/half?again").err, late)
	fake, _ := runFake(t, func(t testing.TB) { p.Get(t, "/half") })
	assert.Equal(t, "not judged: the program has not answered GET /half, time and again; the failing checks say more", fake.skipped)
	p.Get(t, "/ok").WantStatus(t, someAdvice, 200)
}

// TestPanicRecovered: a 500 comes with what the program printed, and nothing
// that it had printed before.
func TestPanicRecovered(t *testing.T) {
	p := New(t)
	p.Start(t)
	for range 2 {
		reply := p.Get(t, "/recovered")
		finding := findingOf(t, func(t testing.TB) { reply.WantStatus(t, someAdvice, 401, 400) })
		assert.Equal(t, withSomeAdvice("GET /recovered", "500 Internal Server Error", "401 Unauthorized or 400 Bad Request",
			"\n    the program printed:\n      | panic recovered: no coffee"), finding)
	}
}

// TestRedirect: a redirect is an answer, and is not followed.
func TestRedirect(t *testing.T) {
	reply := Running(t).Get(t, "/redirect")
	assert.Equal(t, http.StatusFound, reply.Status)
	assert.Equal(t, "/ok", reply.Header.Get("Location"))
}

// TestRequestString: a request is shown in one line, short enough to read.
func TestRequestString(t *testing.T) {
	token := "eyJ" + strings.Repeat("a", 100) + ".bbb.tail12"
	for _, tc := range []struct {
		want    string
		request Request
	}{
		{"GET /health", Request{Path: "/health"}},
		{`POST /token {"username":"ada"}`, Request{Method: "POST", Path: "/token", Body: `{"username":"ada"}`}},
		{"GET /protected  Authorization: Bearer eyJaaaaaaa…tail12  (expired)",
			Request{Path: "/protected", About: "expired", Header: http.Header{"Authorization": {"Bearer " + token}, "X-Other": {"x"}}}},
		{"GET /protected?token=eyJaaaaaaa…tail12  Cookie: a=b", Request{Path: "/protected?token=" + token, Header: http.Header{"Cookie": {"a=b"}}}},
		{`POST /token \u001b[2J` + strings.Repeat("x", 156) + "…", Request{Method: "POST", Path: "/token", Body: "\x1b[2J" + strings.Repeat("x", 1000)}},
	} {
		assert.EqualValues(t, tc.want, tc.request.text())
	}
}

// besideTry is how a finding says that what can be tried takes a program that runs.
var besideTry = regexp.MustCompile(`(?m)^    try:  .*\n          Your program has to run for that`)

// TestTry: a request can be sent again by hand, as ada, unless a token is in it.
func TestTry(t *testing.T) {
	u := User{Username: "ada-0a1b2c", Password: "f00d"}
	adasOwn.add(u)
	get := func(headers ...string) Request { return Request{Path: "/health", Header: parseHeaders(headers)} }
	post := func(body string) Request { return Request{Method: "POST", Path: "/token", Body: body} }
	for _, tc := range []struct {
		name    string
		request Request
		want    string
	}{
		{"GET", get(), "curl -i localhost:8080/health"},
		{"as ada", post(LoginBody(u.Username, u.Password)),
			`curl -i localhost:8080/token -X POST -d '{"username":"ada","password":"12341234"}'`},
		{"one that curl does not send so", Request{Path: "/health", NoCurl: true}, ""},
		{"a token", get("Authorization: Bearer x"), ""},
		{"an empty header", get("Authorization: "), ""},
		{"a cookie", get("Cookie: token=x"), ""},
		{"a token in the query", Request{Path: "/protected?token=eyJ" + strings.Repeat("a", 40)}, ""},
		{"a token in the body", post("token=eyJ" + strings.Repeat("a", 40)), ""},
		{"a user that is gone", post(LoginBody("ada-00ff00", "x")), ""},
		{"a quote", post("it's"), ""},
		{"too long", post(strings.Repeat("x", 301)), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			setFor(t, &typedIn, unixShell)
			want := tc.want
			reply := &Reply{Status: 404, request: tc.request, program: &Program{}}
			assert.EqualValues(t, want, reply.try())
			if want == "" {
				want = "go test ./steps/check -run TestFake/some_case"
			}
			assert.Contains(t, findingOf(t, func(t testing.TB) { reply.WantStatus(t, Advice{}, 200) }), "\n    try:  "+want)
			for _, s := range []shell{unixShell, powerShell, cmdShell} { // whatever asks, a program has to answer
				setFor(t, &typedIn, s)
				said := findingOf(t, func(t testing.TB) { reply.WantStatus(t, Advice{}, 200) })
				assert.Equal(t, tc.want != "", besideTry.MatchString(said), said)
			}
		})
	}
}

// TestPost: the body is sent as JSON, beside the headers that are given.
func TestPost(t *testing.T) {
	reply := Running(t).Post(t, "/ok", "{}", "X-Colour: red")
	require.Equal(t, http.StatusOK, reply.Status)
	assert.Equal(t, http.Header{"Content-Type": {"application/json"}, "X-Colour": {"red"}}, reply.request.Header)
}
