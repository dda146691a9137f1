package check

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"
)

// A heard is a connection that keeps what comes on it: net/http passes on only what it knows of an answer, and
// a program can say more, in the words beside the status, in an answer before the answer, between the chunks of a
// body or behind it.
type heard struct {
	net.Conn
	mu   sync.Mutex
	came []byte
}

// dialHeard opens such a connection.
func dialHeard(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &heard{Conn: conn}, nil
}

// Read reads, and keeps what it has read: of one answer, as much as it may have, with its headers.
func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.came = append(h.came, p[:min(n, max(0, 2*maxReplyBytes-len(h.came)))]...)
	return n, err
}

// take returns what has come since it was called before.
func (h *heard) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	came := string(h.came)
	h.came = h.came[:0]
	return came
}

// hearing returns a context for a request, and a function that returns what has come on its connection.
func hearing(ctx context.Context) (context.Context, func() string) {
	var conn *heard
	got := func(info httptrace.GotConnInfo) { conn, _ = info.Conn.(*heard) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: got}), func() string {
		if conn == nil {
			return ""
		}
		return conn.take()
	}
}
