package check

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A leash is what the tests hold a process on: its end is the end of the
// connection.
type leash struct{ listener *net.TCPListener }

// newLeash returns a leash that p's processes may take up.
func newLeash(t *testing.T, p *Program) leash {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	require.NoError(t, listener.SetDeadline(time.Now().Add(10*time.Second)))
	p.Setenv(leashAt, listener.Addr().String())
	return leash{listener}
}

// take waits until a process holds the leash and returns a function that waits
// until that process has ended.
func (l leash) take(t *testing.T) (wantEnd func()) {
	t.Helper()
	conn, err := l.listener.Accept()
	require.NoError(t, err, "no process came")
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	return func() {
		t.Helper()
		_, err := io.Copy(io.Discard, conn)
		assert.False(t, os.IsTimeout(err), "the process is still there")
	}
}

// elsewhere makes this test binary the program built elsewhere.
func elsewhere(t *testing.T) {
	t.Helper()
	file, err := os.Executable()
	require.NoError(t, err)
	setFor(t, &programFile, file)
}

// TestParentDies: when the tests are killed, the program ends by itself.
func TestParentDies(t *testing.T) {
	for name, value := range map[string]string{"with its own main": "", "built elsewhere": "yes"} {
		t.Run(name, func(t *testing.T) {
			tests := newBroken(t, "checks a program itself")
			tests.Setenv("ELSEWHERE", value)
			leash := newLeash(t, tests)
			require.NoError(t, tests.launch("start the program"))
			wantEnd := leash.take(t)
			tests.process.Stop(0)
			wantEnd()
		})
	}
}

// TestProcessLeftBehind: what a program starts ends with it.
func TestProcessLeftBehind(t *testing.T) {
	for name, end := range map[string]func(*Program){
		"stopped":          func(p *Program) { p.Stop(t) },
		"ended by itself":  func(p *Program) { p.Get(t, "/exit") },
		"end of the check": func(p *Program) { p.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			p := newBroken(t, "leaves a process behind")
			leash := newLeash(t, p)
			p.Start(t)
			wantEnd := leash.take(t)
			end(p)
			wantEnd()
			<-p.process.Ended
		})
	}
}

// TestStop: Ctrl-C, and force where that has no effect; then a new start.
func TestStop(t *testing.T) {
	t.Run("ignores Ctrl-C", func(t *testing.T) {
		setFor(t, &stopGrace, 50*time.Millisecond)
		p := newBroken(t, "ignores Ctrl-C")
		p.Start(t)
		p.Stop(t)
		assert.False(t, p.process.Running())
		p.Start(t)
		p.Get(t, "/ok").WantStatus(t, someAdvice, 200)
	})
	for _, name := range []string{"listens to Ctrl-C", "listens to Ctrl-C, built elsewhere"} {
		t.Run(name, func(t *testing.T) {
			if onWindows {
				t.Skip("Windows has no Ctrl-C for a process without a console")
			}
			if name != "listens to Ctrl-C" {
				elsewhere(t)
			}
			setFor(t, &stopGrace, 10*time.Second)
			p := newBroken(t, "listens to Ctrl-C")
			p.Start(t)
			p.Stop(t)
			assert.Equal(t, "goodbye\n", p.Output())
			assert.Equal(t, 0, p.process.Code)
		})
	}
}

// TestProgramElsewhere: a program built elsewhere is started in the same
// surroundings, and its exit code is its own.
func TestProgramElsewhere(t *testing.T) {
	elsewhere(t)
	p := newBroken(t, "not at all")
	p.Start(t)
	wantSurroundings(t, p)
	exit := newBroken(t, "exits at once").WantExit(t, "start", someAdvice)
	assert.Equal(t, 3, exit.Code)
	assert.Equal(t, "cannot go on: no coffee\n", exit.Output)
}
