// Package sqlproxy is a driver for database/sql whose databases are opened by another process, so
// that a file that somebody else has written can do no harm in this one: a query that never ends, or
// takes all memory, costs that process alone.
package sqlproxy

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Limits on what a query may return.
const (
	maxRows  = 100_000
	maxBytes = 32 << 20
	maxError = 500
)

// oneLine has an error stand on one line.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")

// What a request asks for.
type operation byte

const (
	open operation = iota
	closeIt
	exec
	query
)

// A request is about one connection.
type request struct {
	Number     int64 // of the connection
	Operation  operation
	Text       string // of the statement, or the file's name
	Parameters []value
}

// A response is what came of a request. A connection has no more than one under way.
type response struct {
	Number   int64 // of the connection
	Error    string
	LastID   int64
	Affected int64
	Columns  []string
	Rows     [][]value
}

// A value is a driver.Value: gob cannot send one that is nil.
type value struct {
	Kind  byte // 0 nil, i int64, f float64, b bool, x []byte, s string, t time.Time
	Int   int64
	Float float64
	Bytes []byte
	Time  time.Time
}

// toValue returns a driver.Value as it is sent.
func toValue(v driver.Value) (value, error) {
	switch v := v.(type) {
	case nil:
		return value{}, nil
	case int64:
		return value{Kind: 'i', Int: v}, nil
	case float64:
		return value{Kind: 'f', Float: v}, nil
	case bool:
		if v {
			return value{Kind: 'b', Int: 1}, nil
		}
		return value{Kind: 'b'}, nil
	case []byte:
		return value{Kind: 'x', Bytes: v}, nil
	case string:
		return value{Kind: 's', Bytes: []byte(v)}, nil
	case time.Time:
		return value{Kind: 't', Time: v}, nil
	}
	return value{}, fmt.Errorf("a value of type %T", v)
}

// driver returns the driver.Value.
func (v value) driver() driver.Value {
	switch v.Kind {
	case 'i':
		return v.Int
	case 'f':
		return v.Float
	case 'b':
		return v.Int != 0
	case 'x':
		return v.Bytes
	case 's':
		return string(v.Bytes)
	case 't':
		return v.Time
	}
	return nil
}

// Serve opens databases as it is asked to on in, and answers on out, until in ends. Requests to
// several connections are served at once.
func Serve(in io.Reader, out io.Writer, openFile func(name string) (*sql.DB, error)) error {
	read, write := gob.NewDecoder(in), gob.NewEncoder(out)
	var writing sync.Mutex
	connections := map[int64]chan request{}
	for {
		var r request
		if err := read.Decode(&r); err != nil {
			return err
		}
		requests := connections[r.Number]
		if requests == nil {
			requests = make(chan request, 1)
			connections[r.Number] = requests
			go func() {
				s := &server{openFile: openFile}
				for r := range requests {
					got, err := s.serve(r)
					if err != nil {
						text := err.Error() // which a trigger may have made
						got.Error = oneLine.Replace(text[:min(len(text), maxError)])
					}
					got.Number = r.Number
					writing.Lock()
					write.Encode(got) // that nobody reads any more, in ends, too
					writing.Unlock()
				}
			}()
		}
		requests <- r
		if r.Operation == closeIt {
			close(requests)
			delete(connections, r.Number)
		}
	}
}

// A server serves one connection.
type server struct {
	openFile func(name string) (*sql.DB, error)
	db       *sql.DB
	conn     *sql.Conn
}

// serve does what a request asks for.
func (s *server) serve(r request) (response, error) {
	if r.Operation == open {
		var err error
		if s.db, err = s.openFile(r.Text); err == nil {
			s.conn, err = s.db.Conn(context.Background())
		}
		return response{}, err
	}
	if s.conn == nil {
		return response{}, errors.New("the database is not open")
	}
	var parameters []any
	for _, v := range r.Parameters {
		parameters = append(parameters, v.driver())
	}
	switch r.Operation {
	case closeIt:
		return response{}, errors.Join(s.conn.Close(), s.db.Close())
	case exec:
		result, err := s.conn.ExecContext(context.Background(), r.Text, parameters...)
		if err != nil {
			return response{}, err
		}
		var got response
		got.LastID, _ = result.LastInsertId()
		got.Affected, _ = result.RowsAffected()
		return got, nil
	}
	rows, err := s.conn.QueryContext(context.Background(), r.Text, parameters...)
	if err != nil {
		return response{}, err
	}
	defer rows.Close()
	return readAll(rows)
}

// readAll reads all rows of a result, within the limits.
func readAll(rows *sql.Rows) (got response, err error) {
	if got.Columns, err = rows.Columns(); err != nil {
		return got, err
	}
	size := 0
	for rows.Next() {
		row := make([]any, len(got.Columns))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			return got, err
		}
		values := make([]value, len(row))
		for i, v := range row {
			if values[i], err = toValue(*v.(*any)); err != nil {
				return got, err
			}
			size += len(values[i].Bytes) + 16
		}
		if got.Rows = append(got.Rows, values); len(got.Rows) > maxRows || size > maxBytes {
			return response{}, fmt.Errorf("the result has more than %d rows or %d MiB", maxRows, maxBytes>>20)
		}
	}
	return got, rows.Err()
}
