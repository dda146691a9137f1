package check

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStartFails: a program that does not come to listen is described as the
// learner would see it.
func TestStartFails(t *testing.T) {
	setFor(t, &starts.missed, 0)
	setFor(t, &starts.lost, 0)
	setFor(t, &starts.slowest, 0)
	for _, tc := range []struct{ behaviour, got, printed string }{
		{"exits at once", "it ended, with exit code 3", ":\n      | cannot go on: no coffee\n"},
		{"exits with 0", "it ended, with exit code 0", ":\n      | nothing to do\n"},
		{"panics", "it ended, with exit code 2", ", from its panic on:\n      | panic: no coffee\n"},
		{"never listens", "after 1s it runs, but does not listen on the port in PORT", ":\n      | waiting for a sign\n"},
		{"listens elsewhere", "after 1s it runs, but does not listen on the port in PORT", " nothing\n"},
		{"prints without end", "after 1s it runs, but does not listen on the port in PORT", ": (the last 12 of "},
		{"finds its port taken", "it ended, with exit code 1", ":\n      | bind: Solo se permite un uso de cada dirección de socket\n"},
	} {
		t.Run(tc.behaviour, func(t *testing.T) {
			if strings.HasPrefix(tc.got, "after 1s") {
				t.Parallel() // after those that end by themselves
			}
			p := newBroken(t, tc.behaviour)
			finding := p.start()
			require.NotNil(t, finding)
			assert.False(t, p.process.Running())
			assert.Contains(t, "\n"+inFull(*finding)+"\n", "\nstart the program\n"+
				"    got:  "+tc.got+"\n"+
				"    want: it listens on 127.0.0.1, at the port in PORT, here "+p.Port()+"\n"+
				"    why:  nothing else can be checked while the program does not run\n"+
				"    try:  go run ./steps/check\n"+
				"    the program printed"+tc.printed)
		})
	}
	setFor(t, &starts.Usual, time.Second) // for the parallel ones, which begin now
}

// TestStartFailsAgain: what would need a program that never came to listen is not judged.
func TestStartFailsAgain(t *testing.T) {
	setFor(t, &starts.missed, enough)
	setFor(t, &shared.program, nil)
	for _, start := range []func(testing.TB){func(t testing.TB) { New(t).Start(t) }, func(t testing.TB) { Running(t) }} {
		fake, _ := runFake(t, start)
		assert.Equal(t, "not judged: the program has not come to listen, time and again; the failing checks say more", fake.skipped)
	}
	setFor(t, &exits.missed, enough)
	fake, _ := runFake(t, func(t testing.TB) { New(t).WantExit(t, "start", someAdvice) })
	assert.Contains(t, fake.skipped, "not judged: the program has neither refused to start nor listened")
}

// TestPartOf: a secret of rare characters is known by three of them.
func TestPartOf(t *testing.T) {
	rare := RareText(40)
	assert.Len(t, rare, 40)
	for text, want := range map[string]string{
		"": "", "key " + rare[3:5] + "…": "", "key …" + rare[37:]: rare[37:], rare[:4] + " " + rare[8:20]: rare[:4], "<" + rare + ">": rare,
	} {
		assert.Equal(t, want, PartOf(rare, text), text)
	}
}

// TestStartFailsWithAdvice: a check that starts a program for a reason says it.
func TestStartFailsWithAdvice(t *testing.T) {
	setFor(t, &starts.missed, 0)
	setFor(t, &starts.lost, 0)
	finding := findingOf(t, func(t testing.TB) { newBroken(t, "exits at once").Start(t, someAdvice) })
	assert.Contains(t, finding, "\n    why:  it matters\n    look: steps/check/main.go, TODO 2\n    try:  look twice\n")
}

// TestStartImpossible: what the system says reaches the learner.
func TestStartImpossible(t *testing.T) {
	p := New(t)
	p.Setenv("BROKEN", "a\x00b")
	assert.True(t, strings.HasPrefix(inFull(*p.start()), "start the program\n    got:  exec: environment variable contains NUL\n"))
	assert.Contains(t, findingOf(t, func(t testing.TB) { p.WantExit(t, "start", someAdvice) }), "got:  exec: environment")
}

// TestStartNoProgram: -program may name a file that is none.
func TestStartNoProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(file, []byte("buy milk\n"), 0o600))
	setFor(t, &programFile, file)
	setFor(t, &starts.missed, 0)
	setFor(t, &starts.lost, 0)
	finding := inFull(*New(t).start())
	cannot := `got:  fork/exec .*: permission denied|got:  it ended, with exit code 127(?s:.*)\| cannot start the program: ` // at once, or through another process
	assert.Regexp(t, cannot, finding)
	setFor(t, &shared.program, nil)
	assert.Regexp(t, cannot, findingOf(t, func(t testing.TB) { Running(t) }))
	assert.Nil(t, shared.program)
}

// TestPortTaken: a port that somebody took since it was chosen is given up.
func TestPortTaken(t *testing.T) {
	t.Run("before the start", func(t *testing.T) {
		p := New(t)
		listener, err := net.Listen("tcp", p.address())
		require.NoError(t, err)
		defer listener.Close()
		p.Start(t)
		assert.NotEqual(t, listener.Addr().String(), p.address())
		p.Get(t, "/ok").WantStatus(t, someAdvice, 200)
	})
	t.Run("before a start that has to fail", func(t *testing.T) {
		p := newBroken(t, "exits at once")
		listener, err := net.Listen("tcp", p.address())
		require.NoError(t, err)
		defer listener.Close()
		p.WantExit(t, "start", someAdvice)
	})
	t.Run("while it starts, and has to fail", func(t *testing.T) {
		for range 5 {
			p := newBroken(t, "exits at once")
			taken := make(chan net.Listener)
			go func() {
				for p.process == nil {
					time.Sleep(100 * time.Microsecond)
				}
				listener, _ := net.Listen("tcp", p.address())
				taken <- listener
			}()
			fake, finding := runFake(t, func(t testing.TB) { p.WantExit(t, "start", someAdvice) })
			assert.Empty(t, fake.failure+finding, "it is not the program that listens")
			if listener := <-taken; listener != nil {
				listener.Close()
			}
		}
	})
}

// TestWantExit: a program that must not start has to say so, and to end.
func TestWantExit(t *testing.T) {
	setFor(t, &exits.Usual, 300*time.Millisecond)
	setFor(t, &exits.slowest, 0)
	setFor(t, &exits.missed, 0)
	const want = "it says what is wrong and ends, with an exit code other than 0"
	for _, tc := range []struct{ behaviour, got, notes string }{
		{"exits with 0", "it ended with exit code 0, which means: all is well", "\n    the program printed:\n      | nothing to do"},
		{"listens elsewhere", "after 300ms it still runs", "\n    the program printed nothing"},
		{"not at all", "it starts, and listens on port PORT", ""},
	} {
		t.Run(tc.behaviour, func(t *testing.T) {
			if tc.behaviour != "listens elsewhere" {
				setFor(t, &exits.Usual, 10*time.Second)
			}
			var p *Program
			finding := findingOf(t, func(t testing.TB) {
				p = newBroken(t, tc.behaviour)
				p.WantExit(t, "start without a heart", someAdvice)
			})
			finding = strings.Replace(finding, p.Port(), "PORT", 1)
			finding = regexp.MustCompile(`after [\d.]+m?s`).ReplaceAllString(finding, "after 300ms") // or more, on a slow computer
			assert.Equal(t, withSomeAdvice("start without a heart", tc.got, want, tc.notes), anyWhy(finding))
			assert.False(t, p.process.Running())
		})
	}
}

// TestExit: what a program prints before it ends is read in any case, and a
// secret is not repeated.
func TestExit(t *testing.T) {
	setFor(t, &exits.Usual, 10*time.Second)
	exit := newBroken(t, "exits at once").WantExit(t, "start", someAdvice)
	assert.Equal(t, 3, exit.Code)
	exit.WantSaid(t, "a message", someAdvice, "tea", "No Coffee")
	exit.WantNamed(t, "coffee", someAdvice)
	findingOf(t, func(t testing.TB) {
		Exit{Output: "panic: no tea\n\ngoroutine 1 [running]:\nmain.coffee(0x1)"}.WantNamed(t, "coffee", someAdvice)
	})
	assert.Contains(t, findingOf(t, func(t testing.TB) { exit.WantNamed(t, "COFFEE", someAdvice) }), "a message that names COFFEE")
	exit.WantUnsaid(t, "the drink", "tea", someAdvice)

	finding := findingOf(t, func(t testing.TB) { exit.WantSaid(t, "a message that names tea", someAdvice, "tea") })
	assert.Equal(t, withSomeAdvice("start", "it ended, with another message", "a message that names tea",
		"\n    the program printed:\n      | cannot go on: no coffee"), finding)
	numbers := Exit{Output: "12:31:07 need 32: openssl rand -hex 64"}
	numbers.WantNumber(t, "32", someAdvice, "33", "32")
	for _, hidden := range []string{"31", "64", "2"} {
		findingOf(t, func(t testing.TB) { numbers.WantNumber(t, "a number", someAdvice, hidden) })
	}
	finding = findingOf(t, func(t testing.TB) { exit.WantUnsaid(t, "the drink", "coffee", someAdvice) })
	assert.Equal(t, withSomeAdvice("start", "a message with the drink in it, or a part of it", "a message without the drink",
		"\n    the program printed:\n      | cannot go on: no <the drink>"), finding)
}
