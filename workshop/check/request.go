package check

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// maxReplyBytes is the longest reply body that a check reads: 1 MiB.
const maxReplyBytes = 1 << 20

// A Request is what a check sends.
type Request struct {
	Method string // GET if empty
	Path   string // with the query, if any
	Header http.Header
	Body   string
	Chunks bool   // without a Content-Length, in chunks (RFC 9112 §7.1)
	Piece  int    // how many bytes of the body are sent at a time, 0 for all of them
	About  Text   // what is special about it, in a few words
	Mark   string // the field of the bearer token that matters, if one does
	NoCurl bool   // curl does not do the same: the check itself does it again

	within time.Duration // how long to wait for the answer, as nothing is learned from it; 0: the patience
}

// A Reply is what came back.
type Reply struct {
	Status int
	Header http.Header
	Body   string

	raw     string // all that came on the connection
	request Request
	program *Program
	err     error // why there is no whole reply
	late    bool  // as no whole answer has come in time
	sent    time.Time
	came    time.Time
	printed int // how many bytes the program had printed before
	before  int // how many requests the program had been sent before
}

// Get sends GET path with the given headers, each "Name: value".
func (p *Program) Get(t testing.TB, path string, headers ...string) *Reply {
	t.Helper()
	return p.Do(t, Request{Path: path, Header: parseHeaders(headers)})
}

// Post sends POST path with body as JSON, and the given headers.
func (p *Program) Post(t testing.TB, path, body string, headers ...string) *Reply {
	t.Helper()
	header := parseHeaders(headers)
	header.Set("Content-Type", "application/json")
	return p.Do(t, Request{Method: http.MethodPost, Path: path, Body: body, Header: header})
}

// parseHeaders turns "Name: value" lines into a header.
func parseHeaders(lines []string) http.Header {
	header := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		header.Add(name, value)
	}
	return header
}

// Do sends a request as a strict client: it follows no redirect, keeps no
// cookie, waits 5 s for the whole reply, or longer for a slow program, and reads at
// most 1 MiB of it. What goes wrong is part of the reply and fails whatever is expected
// of it. It does not judge what would wait for such a reply time and again.
func (p *Program) Do(t testing.TB, request Request) *Reply {
	t.Helper()
	wantPatience(t, request.patience(), Textf("the program has not answered %s, time and again", request.route()))
	if Submitted() {
		wantPatience(t, &answers, "the program has not answered, time and again")
	}
	reply := p.exchange(request)
	if reply.err != nil {
		Came(t, words.Of(reply.err))
	} else {
		Came(t, Verbatim(statusText(reply.Status)))
	}
	return reply
}

// exchange sends a request.
func (p *Program) exchange(request Request) *Reply {
	reply := p.ask(request)
	if request.Piece > 0 {
		client := &keptClient{program: p, request: request}
		reply = client.exchange()
		client.close()
	} else {
		reply.err = p.send(request, reply)
	}
	p.answered(reply)
	return reply
}

// ask returns the reply to a request that is about to be sent, still empty.
func (p *Program) ask(request Request) *Reply {
	p.asked(request.text(), request)
	reply := &Reply{request: request, program: p, before: p.remember(request), sent: time.Now()}
	if p.process != nil { // else -url: nobody knows what it prints
		reply.printed = p.process.output.size()
	}
	return reply
}

// lastWords returns what the program has printed since the request was sent, if something
// went wrong with it.
func (r *Reply) lastWords() string {
	switch {
	case r.program.process == nil:
		return ""
	case r.err != nil:
		return r.program.process.output.after(r.printed)
	case r.Status >= http.StatusInternalServerError && r.Status != http.StatusNotImplemented: // 501 is an open TODO
		return r.program.process.lastWords(r.printed)
	}
	return ""
}

// send sends a request, and fills in the reply.
func (p *Program) send(request Request, reply *Reply) error {
	length := int64(len(request.Body))
	if request.Chunks {
		length = -1
	}
	return p.sendBody(request, strings.NewReader(request.Body), length, reply)
}

// sendBody sends a request with a body of so many bytes that comes from a reader.
func (p *Program) sendBody(request Request, content io.Reader, length int64, reply *Reply) error {
	if p.process != nil && !p.process.Running() {
		return words.Errorf("no answer: the program has ended, with exit code %d", p.process.Code)
	}
	limit := request.limit()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer WhenOver(limit, cancel)()
	heard, came := hearing(ctx)
	r, err := http.NewRequestWithContext(heard, request.Method, p.url+request.Path, content)
	if err != nil {
		return err
	}
	r.ContentLength = length
	if length == 0 {
		r.Body = http.NoBody
	}
	for name, values := range request.Header {
		r.Header[name] = values
	}
	got, err := p.client.Do(r)
	var body []byte
	if err == nil && got.StatusCode == http.StatusSwitchingProtocols { // what comes now is no HTTP, and has no end
		got.Body.Close()
		answers.Came(0)
		return words.Errorf("%d %s, which nobody has asked for", got.StatusCode, http.StatusText(got.StatusCode))
	}
	if err == nil {
		defer got.Body.Close()
		body, err = io.ReadAll(io.LimitReader(got.Body, maxReplyBytes+1))
	}
	reply.raw = came()
	switch {
	case ctx.Err() != nil:
		request.missed()
		reply.late = true
		return words.Errorf("no whole answer within %v", limit)
	case err != nil:
		return p.noAnswer()
	}
	answers.Came(0)
	if request.within == 0 {
		request.patience().Came(time.Since(reply.sent))
	}
	return reply.take(got, body)
}

// take fills in the reply.
func (r *Reply) take(got *http.Response, body []byte) error {
	if len(body) > maxReplyBytes {
		return words.Errorf("%d %s, with a body of more than 1 MiB", got.StatusCode, http.StatusText(got.StatusCode))
	}
	r.Status, r.Header, r.Body, r.came = got.StatusCode, got.Header, string(body), time.Now()
	return nil
}

// noAnswer says what became of an answer that did not come.
func (p *Program) noAnswer() error {
	if p.process != nil {
		select {
		case <-p.process.Ended:
			return words.Errorf("no answer: the program ended, with exit code %d", p.process.Code)
		case <-time.After(lastWordsLimit): // its connections end before it does
		}
	}
	return words.Errorf("no answer: the program closed the connection")
}

// route returns the method and the path, without a query.
func (r Request) route() string { return r.method() + " " + r.path() }

// path returns the path, without a query.
func (r Request) path() string {
	path, _, _ := strings.Cut(r.Path, "?")
	return path
}

// patience returns how long the checks wait for answers to requests like this one.
func (r Request) patience() *Patience { return replies.With(r.route()) }

// limit returns how long to wait for the answer.
func (r Request) limit() time.Duration {
	if r.within > 0 {
		return r.within
	}
	return r.patience().Limit()
}

// missed notes that no answer has come within the limit.
func (r Request) missed() {
	if r.within == 0 {
		r.patience().Missed()
		answers.Missed()
	}
}

// text returns the request as a failing check shows it.
func (r Request) text() Text {
	if r.About == "" {
		return Verbatim(r.String())
	}
	return Textf("%s  (%s)", Verbatim(r.String()), r.About)
}

// String returns the request in one line, without what is said about it.
func (r Request) String() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s", r.method(), printable(shortenTokens(r.Path), 300))
	for _, name := range []string{"Authorization", "Cookie"} {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&b, "  %s: %s", name, printable(shortenTokens(value), 100))
		}
	}
	if r.Body != "" {
		fmt.Fprintf(&b, " %s", printable(shortenTokens(r.Body), 160))
	}
	return b.String()
}

// method returns the request's method.
func (r Request) method() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

// try returns a command that sends the request to the learner's own program at
// port 8080, or "" if none would: names and passwords of users that the check
// made up are replaced by ada's, tokens cannot be made again, and it sends no headers.
func (r *Reply) try() Text {
	request := r.request
	body := request.Body
	if request.NoCurl || r.program.special || len(body) > 300 || strings.Contains(body, "'") {
		return ""
	}
	for name := range request.Header {
		if name != "Content-Type" { // curl sends one of its own
			return ""
		}
	}
	path, body := adasOwn.Replace(request.Path), adasOwn.Replace(body)
	if madeUp.MatchString(path+body) || longToken.MatchString(path+body) {
		return ""
	}
	return Verbatim(typedIn.request(request.method(), "http://localhost:8080"+path, body))
}
