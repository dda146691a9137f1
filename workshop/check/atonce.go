package check

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// restless is the environment in which a program changes from one request to another as
// often as can be, on one processor too: it runs on more threads than there are processors,
// so that the system interrupts requests where the program would not, and collects garbage
// all the time, so that requests wait where they ask for memory.
var restless = map[string]string{"GOMAXPROCS": "8", "GOGC": "5"}

// atOnceLimit is how long AtOnce takes with a slow program.
const atOnceLimit = 3 * time.Second

// NewForMany returns a program that is not running yet, which AtOnce will send requests.
func NewForMany(t testing.TB) *Program {
	t.Helper()
	p := New(t)
	maps.Copy(p.env, restless)
	return p
}

// AtOnce has each request sent again and again by a client of its own, on a connection that
// is kept, all of them at once: until so many were answered together or a reply is not the
// one that want expects of the request with this number, which fails the test. A reply like
// the one before it is not judged again.
func (p *Program) AtOnce(t testing.TB, enough int, requests []Request, want func(t testing.TB, number int, reply *Reply)) {
	t.Helper()
	var work sync.WaitGroup
	var mu sync.Mutex
	var first *Finding
	var wrong *Reply // which it is about
	answered, begun := 0, time.Now()
	more := func() bool {
		mu.Lock()
		defer mu.Unlock()
		answered++
		return answered <= enough && first == nil && time.Since(begun) < atOnceLimit
	}
	for number, request := range requests {
		work.Go(func() {
			client := &keptClient{program: p, request: request}
			defer client.close()
			trial := &trial{TB: t}
			known := &Reply{}
			p.asked(request.text(), request)
			for more() {
				reply := client.exchange()
				if reply.err == nil && reply.Status == known.Status && reply.Body == known.Body {
					continue
				}
				p.answered(reply)
				if f := trial.try(func() { want(trial, number, reply) }); f != nil {
					mu.Lock()
					first, wrong = f, reply
					mu.Unlock()
				}
				known = reply
			}
		})
	}
	work.Wait()
	if first == nil {
		return
	}
	if p.exchange(wrong.request).sameAs(wrong) {
		first.Why = stays
	}
	Fail(t, *first)
}

// stays is why a request is answered wrongly when nobody else asks any more.
const stays = "asked once more, alone, it is answered so again: is something taken by each request, such as a connection by Rows, or a place among so many, and not given back by each, such as those that fail? Is something kept, or locked?"

// A keptClient sends one request, once or again and again, on a connection that it keeps, with
// as little work of its own as can be: what matters is how much the program has to do at once.
type keptClient struct {
	program *Program
	request Request
	sent    *http.Request
	text    []byte // as it is sent
	conn    net.Conn
	read    *bufio.Reader
}

// exchange sends the request.
func (c *keptClient) exchange() *Reply {
	reply := &Reply{request: c.request, program: c.program, sent: time.Now()}
	if c.program.process != nil {
		reply.printed = c.program.process.output.size()
	}
	limit := c.request.limit()
	got, body, err := c.send(limit)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.request.missed()
		reply.late = true
		reply.err = words.Errorf("no whole answer within %v", limit)
	case err != nil:
		reply.err = c.program.noAnswer()
	default:
		reply.err = reply.take(got, body)
	}
	if reply.err != nil || got.Close {
		c.close()
	}
	return reply
}

// text returns a request, and how it is sent.
func (p *Program) text(request Request) (*http.Request, []byte, error) {
	r, err := http.NewRequest(request.Method, p.url+request.Path, strings.NewReader(request.Body))
	if err != nil {
		return nil, nil, err
	}
	r.Header = request.Header
	var text bytes.Buffer
	err = r.Write(&text)
	return r, text.Bytes(), err
}

// send sends the request, on a new connection if there is none, and reads the answer.
func (c *keptClient) send(limit time.Duration) (*http.Response, []byte, error) {
	if c.text == nil {
		var err error
		if c.sent, c.text, err = c.program.text(c.request); err != nil {
			return nil, nil, err
		}
	}
	if c.conn == nil {
		var err error
		if c.conn, err = net.Dial("tcp", c.program.address()); err != nil {
			c.conn = nil
			return nil, nil, err
		}
		c.read = bufio.NewReader(c.conn)
	}
	conn := c.conn
	conn.SetDeadline(time.Time{})
	defer WhenOver(limit, func() { conn.SetDeadline(time.Now()) })()
	if err := c.write(); err != nil {
		return nil, nil, err
	}
	got, err := http.ReadResponse(c.read, c.sent)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(got.Body, maxReplyBytes+1))
	return got, body, err
}

// write sends the text of the request, with its body in pieces, each in a packet of its own,
// if the request says so.
func (c *keptClient) write() error {
	piece, body := c.request.Piece, len(c.request.Body)
	if piece == 0 {
		_, err := c.conn.Write(c.text)
		return err
	}
	pause := max(time.Millisecond/4, 20*time.Millisecond/time.Duration(1+body/piece)) // or the system sends several together
	_, err := c.conn.Write(c.text[:len(c.text)-body])
	for part := range slices.Chunk(c.text[len(c.text)-body:], piece) {
		if err == nil {
			time.Sleep(pause)
			_, err = c.conn.Write(part)
		}
	}
	return err
}

// close closes the connection, if there is one.
func (c *keptClient) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// While sends a request and, until it is answered, others, one after the other. It returns
// the reply to the first, and calls want for each of the others.
func (p *Program) While(t testing.TB, slow, quick Request, want func(reply *Reply)) *Reply {
	t.Helper()
	done := p.begin(slow)
	for {
		select {
		case reply := <-done:
			return reply
		default:
			want(p.Do(t, quick))
		}
	}
}

// During sends a request and, when the program has begun with it, does something else. It
// returns the reply to the request.
func (p *Program) During(request Request, do func()) *Reply {
	done := p.begin(request)
	time.Sleep(headStart)
	do()
	return <-done
}

// begin sends a request, and does not wait for the reply.
func (p *Program) begin(request Request) <-chan *Reply {
	done := make(chan *Reply, 1)
	go func() { done <- p.exchange(request) }()
	return done
}

// InHalves sends a request with the first half of its body, so that the program has begun to
// answer it, and returns the function that sends the rest and returns the reply.
func (p *Program) InHalves(request Request) (rest func() *Reply) {
	read, write := io.Pipe()
	done := make(chan *Reply, 1)
	half := len(request.Body) / 2
	reply := p.ask(request)
	go func() {
		reply.err = p.sendBody(request, read, int64(len(request.Body)), reply)
		p.answered(reply)
		read.CloseWithError(io.ErrClosedPipe) // nobody reads on
		done <- reply
	}()
	io.WriteString(write, request.Body[:half])
	time.Sleep(headStart) // until the program has come to wait for the rest
	return func() *Reply {
		io.WriteString(write, request.Body[half:])
		write.Close()
		return <-done
	}
}

// Besides sends so many requests like crowd at once, each of which takes so long alone, and,
// when the program has begun with them, another one. It returns the reply to that, and how
// long it took.
func (p *Program) Besides(crowd Request, number int, alone time.Duration, one Request) (reply *Reply, took time.Duration) {
	var waiting []<-chan *Reply
	for range number {
		waiting = append(waiting, p.begin(crowd))
	}
	time.Sleep(max(headStart, alone/2)) // on a busy computer, the program takes longer to begin
	begun := time.Now()
	reply = p.exchange(one)
	took = time.Since(begun)
	for _, done := range waiting {
		<-done
	}
	return reply, took
}

// betweenLimit is how long a request may take while half of another one has come: less than
// what serve.go gives that.
const betweenLimit = 4 * time.Second

// Between sends a request with its body in two halves, and another one between them. It
// returns the replies to both.
func (p *Program) Between(slow, quick Request) (slowReply, quickReply *Reply) {
	finish := p.InHalves(slow)
	done := p.begin(quick)
	waited, stop := Over(betweenLimit)
	defer stop()
	select {
	case quickReply = <-done:
		return finish(), quickReply
	case <-waited:
		slowReply = finish()
		quickReply = <-done
		*quickReply = Reply{request: quickReply.request, program: quickReply.program, printed: quickReply.printed, before: quickReply.before,
			err: words.Errorf("no answer for %v, and not before the rest of the other body came", betweenLimit)}
		return slowReply, quickReply
	}
}

// GoAway sends a request without the last bytes of its body, and closes the connection
// without waiting for an answer, when the program has begun with it.
func (p *Program) GoAway(t testing.TB, request Request, without int) {
	t.Helper()
	p.asked(request.text(), request)
	_, text, err := p.text(request)
	if err != nil {
		Broken(t, err)
	}
	conn, err := net.Dial("tcp", p.address())
	if err != nil {
		Broken(t, err)
	}
	defer conn.Close()
	conn.Write(text[:len(text)-without])
	time.Sleep(headStart)
}

// headStart is how long a slow request is alone: shorter than it takes.
const headStart = 20 * time.Millisecond
