package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/joho/godotenv"
)

// maxBodyBytes is the longest request body that a handler may read: 1 MiB, far
// more than a name and a password need.
const maxBodyBytes = 1 << 20

// loadEnv reads the file .env in the working folder, if there is one. Variables
// that are set already keep their value.
func loadEnv() error {
	text, err := os.ReadFile(".env")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	const byteOrderMark = "\uFEFF" // editors on Windows may begin a file with it
	values, err := godotenv.UnmarshalBytes(bytes.TrimPrefix(text, []byte(byteOrderMark)))
	for name := range values {
		if strings.ContainsAny(name, " \t") { // as in "set NAME=value", which belongs in a terminal
			err = errors.New("a name with a blank")
		}
	}
	if err != nil { // it quotes the file, and the secret is in it
		return errors.New("cannot read .env: each line must be NAME=value, in a UTF-8 text file")
	}
	for name, value := range values {
		if _, isSet := os.LookupEnv(name); !isSet {
			os.Setenv(name, value)
		}
	}
	return nil
}

// serve answers requests of this computer at a port until the program is told to
// stop (Ctrl-C), and then finishes those that it has begun.
func serve(port string, handler http.Handler) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	address := "127.0.0.1:" + port
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (PORT chooses the port: a number that no other program uses): %w", address, err)
	}
	fmt.Printf("listening on http://localhost:%s (Ctrl-C stops)\n", port)

	// Without time limits, a client that sends one byte a minute would hold its
	// connection for ever.
	web := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
	}
	stopped := make(chan error, 1)
	go func() { stopped <- web.Serve(listener) }()

	select {
	case err := <-stopped:
		return fmt.Errorf("serve %s: %w", address, err)
	case <-ctx.Done():
		cancel() // a second Ctrl-C stops at once
		grace, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		return web.Shutdown(grace)
	}
}

// limitBody makes reading more than maxBodyBytes of a request's body an error.
func limitBody(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBodyBytes)
}
