package sqlproxy

import (
	"context"
	"database/sql/driver"
	"encoding/gob"
	"errors"
	"io"
	"sync"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// ErrNoAnswer says that a database did not answer in time, or that what opens it has ended.
var ErrNoAnswer = words.Errorf("the database does not answer: a query on it comes to no end, takes too much memory, or has too long a result")

// A Process is one in which Serve runs.
type Process struct {
	In   io.Writer
	Out  io.Reader
	Kill func()
}

// A Proxy has databases opened by a process, which it starts when it is needed, and anew when it
// has not answered.
type Proxy struct {
	Start    func() (*Process, error)
	Limit    time.Duration // for an answer
	NoAnswer func()        // is called when there is none

	mu      sync.Mutex
	process *started
	last    int64 // number of a connection
}

// A started process has all connections that were made in it.
type started struct {
	*Process
	mu      sync.Mutex // for write, waiting and ended
	write   *gob.Encoder
	waiting map[int64]chan response
	ended   bool
	proxy   *Proxy
}

// use returns the process, and a number for another connection.
func (p *Proxy) use() (*started, int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil && p.process.gone() {
		p.process = nil
	}
	if p.process == nil {
		process, err := p.Start()
		if err != nil {
			return nil, 0, err
		}
		p.process = &started{Process: process, write: gob.NewEncoder(process.In), waiting: map[int64]chan response{}, proxy: p}
		go p.process.read()
	}
	p.last++
	return p.process, p.last, nil
}

// Stop ends the process.
func (p *Proxy) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil {
		p.process.end()
	}
}

// read hands answers on to those that wait for them.
func (s *started) read() {
	read := gob.NewDecoder(s.Out)
	for {
		var got response
		if err := read.Decode(&got); err != nil {
			s.end()
			return
		}
		s.mu.Lock()
		waiting := s.waiting[got.Number]
		delete(s.waiting, got.Number)
		s.mu.Unlock()
		if waiting != nil {
			waiting <- got
		}
	}
}

// gone says whether the process is of no use any more.
func (s *started) gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// end ends the process, and whoever waits for it.
func (s *started) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	s.Kill()
	for _, waiting := range s.waiting {
		close(waiting)
	}
}

// ask sends a request, and returns the answer.
func (s *started) ask(r request, limit time.Duration) (response, error) {
	answer := make(chan response, 1)
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return response{}, ErrNoAnswer
	}
	s.waiting[r.Number] = answer
	err := s.write.Encode(r)
	s.mu.Unlock()
	if err != nil {
		s.end()
		return response{}, ErrNoAnswer
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case got, ok := <-answer:
		if !ok {
			s.proxy.NoAnswer()
			return response{}, ErrNoAnswer
		}
		if got.Error != "" {
			return response{}, errors.New(got.Error)
		}
		return got, nil
	case <-late.C:
		s.proxy.NoAnswer()
		s.end()
		return response{}, ErrNoAnswer
	}
}

// Connector returns what sql.OpenDB opens a file with.
func (p *Proxy) Connector(file string) driver.Connector { return &connector{p, file} }

type connector struct {
	proxy *Proxy
	file  string
}

// Driver is asked for by nobody here.
func (c *connector) Driver() driver.Driver { return nil }

// Connect opens the file.
func (c *connector) Connect(context.Context) (driver.Conn, error) {
	process, number, err := c.proxy.use()
	if err != nil {
		return nil, err
	}
	connection := &conn{process, number, c.proxy.Limit}
	_, err = connection.ask(open, c.file, nil)
	return connection, err
}

// A conn is a connection, as package driver has it.
type conn struct {
	process *started
	number  int64
	limit   time.Duration
}

// ask asks something of the connection.
func (c *conn) ask(what operation, text string, parameters []driver.NamedValue) (response, error) {
	r := request{Number: c.number, Operation: what, Text: text}
	for _, p := range parameters {
		v, err := toValue(p.Value)
		if err != nil {
			return response{}, err
		}
		r.Parameters = append(r.Parameters, v)
	}
	return c.process.ask(r, c.limit)
}

// IsValid says whether the connection may be used again.
func (c *conn) IsValid() bool { return !c.process.gone() }

// Close closes the connection.
func (c *conn) Close() error {
	_, err := c.ask(closeIt, "", nil)
	return err
}

// Prepare returns a statement, which the other process has not seen yet.
func (c *conn) Prepare(text string) (driver.Stmt, error) { return &stmt{c, text}, nil }

// Begin is not needed: a transaction is begun by a statement.
func (c *conn) Begin() (driver.Tx, error) { return nil, errors.ErrUnsupported }

// ExecContext executes a statement.
func (c *conn) ExecContext(_ context.Context, statement string, parameters []driver.NamedValue) (driver.Result, error) {
	got, err := c.ask(exec, statement, parameters)
	return result(got), err
}

// QueryContext returns all rows of a query.
func (c *conn) QueryContext(_ context.Context, text string, parameters []driver.NamedValue) (driver.Rows, error) {
	got, err := c.ask(query, text, parameters)
	if err != nil {
		return nil, err
	}
	return &rows{got, 0}, nil
}

// A stmt is a statement, as package driver has it.
type stmt struct {
	conn *conn
	text string
}

func (s *stmt) Close() error  { return nil }
func (s *stmt) NumInput() int { return -1 } // the database says so itself

// ExecContext executes the statement.
func (s *stmt) ExecContext(ctx context.Context, parameters []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.text, parameters)
}

// QueryContext returns all rows of the query.
func (s *stmt) QueryContext(ctx context.Context, parameters []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.text, parameters)
}

// Exec and Query are for callers without a context, of which there are none.
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }

// A result is what came of a statement.
type result response

func (r result) LastInsertId() (int64, error) { return r.LastID, nil }
func (r result) RowsAffected() (int64, error) { return r.Affected, nil }

// A rows is what came of a query.
type rows struct {
	response
	next int
}

func (r *rows) Columns() []string { return r.response.Columns }
func (r *rows) Close() error      { return nil }

// Next fills in the next row.
func (r *rows) Next(row []driver.Value) error {
	if r.next == len(r.Rows) {
		return io.EOF
	}
	for i, v := range r.Rows[r.next] {
		row[i] = v.driver()
	}
	r.next++
	return nil
}
