package browser

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"jwtworkshop/workshop/check"
)

// An Answer is what the proxy says in the program's place.
type Answer struct {
	Status int    // 0: it closes the connection without an answer
	Type   string // the Content-Type, application/json if empty
	Body   string

	Delay, BodyDelay time.Duration // before it begins, and between the header and the body
	Broken           bool          // the connection ends within the body
	After            int           // with a delay: not before so many requests have come, however slowly
	Rest             bool          // not before an action rests: what stands before that comes first, however slowly
	Bare             bool          // only the number of the status is sent, as HTTP/2 does (RFC 9113 §8.3.2)
}

// NoAnswer is what a page meets whose network is gone.
var NoAnswer = Answer{}

// text returns the answer as a failing check shows it.
func (a Answer) text() check.Text {
	if a.Status == 0 {
		return "nothing: the network is gone"
	}
	text := check.Verbatim(strings.TrimSpace(fmt.Sprintf("%d %s %s", a.Status, http.StatusText(a.Status), check.Short(a.Body))))
	switch {
	case a.Broken:
		return check.Textf("%s… (it breaks off there)", text)
	case a.Delay > 0 || a.Rest:
		return check.Textf("%s, late", text)
	case a.BodyDelay > 0:
		return check.Textf("%s, the body late", text)
	case a.Bare:
		return check.Verbatim(strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, check.Short(a.Body))))
	}
	return text
}

// write sends an answer.
func (p *proxy) write(w http.ResponseWriter, a Answer) {
	if a.Rest {
		p.holdUntilRest()
	}
	p.hold(answerHead, a.Delay, a.After)
	if a.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	kind := a.Type
	if kind == "" {
		kind = "application/json; charset=utf-8"
	}
	if a.Bare {
		p.writeBare(w, kind, a)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	if a.Broken {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)+100))
	}
	w.WriteHeader(a.Status)
	if a.BodyDelay > 0 {
		http.NewResponseController(w).Flush()
		p.hold(answerBody, a.BodyDelay, a.After)
	}
	io.WriteString(w, a.Body)
	if a.Broken {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// writeBare sends an answer without the words behind the number of its status.
func (p *proxy) writeBare(w http.ResponseWriter, kind string, a Answer) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	if s, ok := w.(*statusWriter); ok {
		s.answered(a.Status)
	}
	fmt.Fprintf(conn, "HTTP/1.1 %d \r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", a.Status, kind, len(a.Body), a.Body)
}

// restLimit is how long an answer is held, at most, for a rest that does not come.
const restLimit = 5 * time.Second

// holdLimit is how long an answer is held, at most, for others that do not come.
const holdLimit = time.Second

// holdUntilRest keeps an answer back until an action rests.
func (p *proxy) holdUntilRest() {
	rests := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.rests
	}
	for begun := time.Now(); rests() == 0 && time.Since(begun) < restLimit; {
		time.Sleep(time.Millisecond)
	}
}

// hold keeps a part of an answer back, if there is a delay: until so many requests have come and
// all others have had their answers for so long, so that what is late is the last, on a slow
// computer, too. Of a late header and a late body, the body is the last.
func (p *proxy) hold(part int, delay time.Duration, after int) {
	if delay == 0 {
		return
	}
	count := func(n int) (alone bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held[part] += n
		return p.underWay <= p.held[answerHead]+p.held[answerBody] &&
			p.awaited[answerHead] <= p.held[answerHead] && p.awaited[answerBody] <= p.held[answerBody] &&
			(part == answerHead || p.held[answerHead] == 0) &&
			time.Since(p.last) >= delay && len(p.requests) >= after
	}
	count(1)
	defer count(-1)
	for begun := time.Now(); ; {
		time.Sleep(delay)
		if count(0) || time.Since(begun) > holdLimit {
			return
		}
	}
}
