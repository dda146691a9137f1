package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadLine: a line is read, and whoever presses Ctrl-C at a question need not answer it.
func TestReadLine(t *testing.T) {
	line, err := readLine(t.Context(), bufio.NewReader(strings.NewReader("yes\nno\n")))
	require.NoError(t, err)
	assert.Equal(t, "yes\n", line)
	nobody, _ := io.Pipe()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	line, err = readLine(stopped, bufio.NewReader(nobody))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, line)
}
