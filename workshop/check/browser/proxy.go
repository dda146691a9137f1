package browser

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// blankPath is where the proxy serves a page with nothing on it: app.js is
	// loaded there, without the page that calls its functions.
	blankPath = "/empty-page-of-the-checks"

	// sentPath is where the proxy answers when app.js has sent as many requests as the query
	// says or, without a query, when all were answered; or not within sentLimit.
	sentPath = "/requests-that-the-checks-wait-for"

	// elsewhereHeader carries the address that a page asked, if it is not the
	// page's own: the engine sends all requests to the proxy.
	elsewhereHeader = "X-Workshop-Elsewhere"
)

// sentLimit is how long a request is waited for that may not come.
const sentLimit = time.Second

// A Request is one that app.js has sent.
type Request struct {
	Method    string
	Path      string // with the query, if any
	Elsewhere string // the address that it went to, if it is not the page's own
	Header    http.Header
	Body      string
	Status    int // of the answer, 0 if there is none yet
}

// A proxy stands between a page and the program.
type proxy struct {
	server *httptest.Server

	mu       sync.Mutex
	requests []*Request
	answers  map[string][]Answer
	parts    map[string][]byte // of the page, by their paths, that are sent in the place of the program's
	underWay int               // requests that have no answer yet
	held     [2]int            // those of them whose head is late, and those whose body is
	awaited  [2]int            // heads and bodies that Sobek has yet to be given
	rests    int               // how often an action has rested in these calls
	last     time.Time         // when the last request came, was answered, or the answer was given to Sobek
}

// The two parts in which an answer comes.
const (
	answerHead = iota
	answerBody
)

// newProxy starts a proxy for the program at this address.
func newProxy(program string) *proxy {
	p := &proxy{answers: map[string][]Answer{}}
	target, err := url.Parse(program)
	if err != nil {
		panic(err) // the checks chose it
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Accept-Encoding") // what is not asked for is not packed
		},
		ModifyResponse: func(r *http.Response) error { return errors.Join(p.replacePart(r), unpack(r)) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler) // as the program did: no answer
		},
	}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, forward) }))
	// On a connection that is used again, clients send a GET once more that was
	// not answered (RFC 9110 §9.2.2); a request would be noted twice.
	p.server.Config.SetKeepAlivesEnabled(false)
	p.server.Start()
	return p
}

// serve notes a request and answers it.
func (p *proxy) serve(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	if r.URL.Path == blankPath {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><title>empty</title>")
		return
	}
	if r.URL.Path == sentPath {
		n, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil { // it rests
			p.mu.Lock()
			p.rests++
			p.mu.Unlock()
		}
		for begun := time.Now(); time.Since(begun) < sentLimit && r.Context().Err() == nil; time.Sleep(time.Millisecond) {
			if err == nil && len(p.sent()) >= n || err != nil && p.quiet() > 0 {
				break
			}
		}
		return
	}
	elsewhere := r.Header.Get(elsewhereHeader)
	if elsewhere != "" {
		// The answer is let through, so that only this is wrong with the request.
		w.Header().Set("Access-Control-Allow-Origin", "*")
		r.Header.Del(elsewhereHeader)
		if r.Method == http.MethodOptions { // a browser asks first (Fetch §3.3.2)
			w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			w.Header().Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
			return
		}
	}
	p.count(+1)
	defer p.count(-1)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPart))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	request := Request{Method: r.Method, Path: r.URL.RequestURI(), Elsewhere: elsewhere, Header: r.Header.Clone(), Body: string(body)}
	answered, answer, ok := p.note(request)
	w = &statusWriter{w, answered}
	if ok {
		p.write(w, answer)
		return
	}
	forward.ServeHTTP(w, r)
}

// replacePart puts another part of the page in the place of the program's, if there is one.
func (p *proxy) replacePart(r *http.Response) error {
	p.mu.Lock()
	part, ok := p.parts[r.Request.URL.Path]
	p.mu.Unlock()
	if !ok || r.Request.Method != http.MethodGet || r.StatusCode != http.StatusOK {
		return nil
	}
	r.Body.Close()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(part)), int64(len(part))
	r.Header.Set("Content-Length", strconv.Itoa(len(part)))
	r.Header.Del("Content-Encoding")
	return nil
}

// maxPart is how much a part of the page may have, and what the page sends: 8 MiB. A kilobyte may
// hold a gigabyte, packed.
const maxPart = 8 << 20

// unpack unpacks what the program has packed although nobody has asked for that, and cuts the
// connection where it is too large.
func unpack(r *http.Response) error {
	body := io.Reader(r.Body)
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return err
		}
		body, r.ContentLength = unpacked, -1
		r.Header.Del("Content-Length")
		r.Header.Del("Content-Encoding")
	default:
		return errors.New("packed in a way that nobody has asked for")
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{http.MaxBytesReader(nil, io.NopCloser(body), maxPart), r.Body}
	return nil
}

// setParts has parts of the page come from elsewhere than from the program.
func (p *proxy) setParts(parts map[string][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts = parts
}

// count notes that a request has come, or was answered.
func (p *proxy) count(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underWay += n
	p.last = time.Now()
}

// await notes that Sobek is yet to be given a part of an answer, or has been given it.
func (p *proxy) await(part, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.awaited[part] += n
	p.last = time.Now()
}

// beginCalls notes that no action of the calls to come has rested.
func (p *proxy) beginCalls() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rests = 0
}

// quiet returns for how long all requests have been answered, 0 while one is not.
func (p *proxy) quiet() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.underWay > 0 {
		return 0
	}
	return time.Since(p.last)
}

// A statusWriter tells the status of an answer when that is written.
type statusWriter struct {
	http.ResponseWriter
	answered func(status int)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader does as http.ResponseWriter says.
func (w *statusWriter) WriteHeader(status int) {
	w.answered(status)
	w.ResponseWriter.WriteHeader(status)
}

// parts are what a browser fetches for a page and for the scripts that it imports, by the
// Sec-Fetch-Dest of the requests, which no script can set. What says more than a path, or asks for what is not
// there, is none: a script may send something with it.
var parts = []string{"document", "iframe", "script", "style", "json"}

// note keeps a request, unless it is for a part of the page itself. It returns a function that takes the
// status of its answer, and what to answer in the program's place, if anything.
func (p *proxy) note(r Request) (answered func(status int), answer Answer, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := &r
	path, query, _ := strings.Cut(r.Path, "?")
	part := r.Elsewhere == "" && r.Method == http.MethodGet && query == "" && slices.Contains(parts, r.Header.Get("Sec-Fetch-Dest"))
	if !part {
		p.requests = append(p.requests, kept)
	}
	route := r.Method + " " + path
	if answers := p.answers[route]; len(answers) > 0 {
		answer, ok = answers[0], true
		if len(answers) > 1 {
			p.answers[route] = answers[1:]
		}
	}
	return func(status int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		kept.Status = status
		if part && status == http.StatusNotFound {
			p.requests = append(p.requests, kept)
		}
	}, answer, ok
}

// setAnswers has the proxy answer a request in the program's place.
func (p *proxy) setAnswers(request string, answers []Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[request] = answers
}

// forgetAnswers has the program answer again.
func (p *proxy) forgetAnswers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.answers)
}

// forget forgets the requests that were sent, and the answers that were set.
func (p *proxy) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = nil
	p.parts = nil
	clear(p.answers)
}

// sent returns the requests that scripts have sent, in their order.
func (p *proxy) sent() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var requests []Request
	for _, r := range p.requests {
		requests = append(requests, *r)
	}
	return requests
}

// address returns the proxy's address, such as http://127.0.0.1:40123.
func (p *proxy) address() string { return p.server.URL }

// close ends the proxy and the connections to it.
func (p *proxy) close() {
	p.server.CloseClientConnections()
	p.server.Close()
}
