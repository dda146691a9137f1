//go:build unix

package check

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPortTakenDuringTheStart: a program whose port somebody takes before it listens gets
// another one, whatever it prints, and in whatever language.
func TestPortTakenDuringTheStart(t *testing.T) {
	p := newBroken(t, "finds its port taken once")
	address := netip.MustParseAddrPort(p.address())
	go func() { // as soon as the program runs
		for _, err := os.Stat(filepath.Join(p.Dir, "tried")); err != nil; _, err = os.Stat(filepath.Join(p.Dir, "tried")) {
			time.Sleep(time.Millisecond)
		}
		socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0) // which has the port, and does not listen
		assert.NoError(t, err)
		t.Cleanup(func() { syscall.Close(socket) })
		assert.NoError(t, syscall.Bind(socket, &syscall.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}))
		assert.NoError(t, os.WriteFile(filepath.Join(p.Dir, "taken"), nil, 0o600))
	}()
	p.Start(t)
	require.NotEqual(t, address.String(), p.address())
	p.Get(t, "/ok").WantStatus(t, someAdvice, 200)
}

// TestStopped: a limit that is over while the checks are stopped, as by Ctrl-Z, begins again.
func TestStopped(t *testing.T) {
	file, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(file)
	cmd.Env = append(os.Environ(), misbehave+"=waits half a second")
	printed, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = printed.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
	time.Sleep(standstill + time.Second)
	goesOn := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGCONT))
	require.NoError(t, cmd.Wait())
	assert.Greater(t, time.Since(goesOn), time.Second/3)
}
