//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/gobuild"
)

// TestTerminal: in a real terminal, the coach starts, sees what is saved, lets itself
// be asked and ends, during a check, too, with nothing left behind.
func TestTerminal(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	cmd := exec.Command("go", "run", "./workshop")
	cmd.Dir = dir
	temp := t.TempDir()
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C", "LC_ALL=", "LC_MESSAGES=", "TMPDIR="+temp, "TMP="+temp)
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	require.NoError(t, err)
	defer terminal.Close()
	s := &watched{}
	go s.read(terminal)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() })

	s.wait(t, "TestSecret/missing")
	assert.FileExists(t, filepath.Join(dir, ".env"))
	terminal.WriteString("h")
	s.wait(t, "Hint 1 of 3 for TODO 1")
	terminal.WriteString("x")
	for _, name := range []string{"jwt.go", "database.go"} {
		text, err := os.ReadFile(filepath.Join(dir, "solutions", "01-setup", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "steps", "01-setup", name), text, 0o644))
	}
	s.wait(t, "All checks of this step pass.")
	terminal.WriteString("n")
	s.wait(t, "Step 2 of 4")
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(filepath.Join(temp, "jwtworkshop-*"))
		return err == nil && len(found) > 0
	}, time.Minute, time.Millisecond)
	terminal.WriteString("q")
	select {
	case err := <-ended:
		assert.NoError(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("q does not end it")
	}
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestPlainTerminal: for whoever has a screen read aloud, there are lines on a terminal, too.
func TestPlainTerminal(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	for _, tc := range []struct{ args, variable string }{{"watch --plain", ""}, {"", plainly + "=1"}, {"", "TERM=dumb"}} {
		cmd := exec.Command("go", append([]string{"run", "./workshop"}, strings.Fields(tc.args)...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C", "LC_ALL=", "LC_MESSAGES=", tc.variable)
		terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
		require.NoError(t, err)
		defer terminal.Close()
		s := &watched{}
		go s.read(terminal)
		s.wait(t, "Waiting for you to save a file in steps/01-setup")
		assert.NotContains(t, s.text.String(), "\x1b[?1049h", "no screen of its own")
		terminal.WriteString("\x03") // Ctrl-C
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
			t.Fatal("Ctrl-C does not end it")
		}
	}
}

// TestPlainWords: where there is no colour, or nobody sees it, the signs have their words.
func TestPlainWords(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	t.Chdir(dir)
	terminal, tty, err := pty.Open()
	require.NoError(t, err)
	defer terminal.Close()
	defer tty.Close()
	nobody, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	require.NoError(t, err)
	defer nobody.Close()
	stdin, stdout := os.Stdin, os.Stdout
	defer func() { os.Stdin, os.Stdout = stdin, stdout }()
	for _, tc := range []struct {
		variable, value string
		in, out         *os.File
		plain           bool
	}{
		{"TERM", "xterm-256color", tty, tty, false},
		{"NO_COLOR", "1", tty, tty, true}, {plainly, "1", tty, tty, true}, {"TERM", "dumb", tty, tty, true},
		{"TERM", "xterm-256color", nobody, tty, true}, {"TERM", "xterm-256color", tty, nobody, true},
	} {
		for _, name := range []string{"NO_COLOR", plainly} {
			t.Setenv(name, "")
		}
		t.Setenv("TERM", "xterm-256color")
		t.Setenv(tc.variable, tc.value)
		os.Stdin, os.Stdout = tc.in, tc.out
		s, err := new(options).newSession(nil)
		os.Stdin, os.Stdout = stdin, stdout
		require.NoError(t, err)
		assert.Equal(t, tc.plain, s.Plain, tc)
	}
}

// TestWatchOfNobody: without a terminal, watch waits for saves all the same, and checks at each.
func TestWatchOfNobody(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	coach := filepath.Join(dir, "coach")
	printed, err := gobuild.Command(t.Context(), dir, "build", "-o", coach, "./workshop/internal/command").CombinedOutput()
	require.NoError(t, err, string(printed))
	shown, out, err := os.Pipe()
	require.NoError(t, err)
	defer shown.Close()
	cmd := exec.Command(coach, "watch", "1")
	cmd.Dir, cmd.Stdout = dir, out
	cmd.Env = append(os.Environ(), "LANG=C", "LC_ALL=", "LC_MESSAGES=", plainly+"=")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	out.Close()
	s := &watched{}
	go s.read(shown)
	s.wait(t, "This step is new")
	for range 2 {
		s.wait(t, "Waiting for you to save a file in steps/01-setup")
		file := filepath.Join(dir, "steps", "01-setup", "jwt.go")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(text, "\n// more\n"...), 0o644))
		s.wait(t, "Checked at ")
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	cmd.Wait()
}

// watched keeps what a terminal shows.
type watched struct {
	mu   sync.Mutex
	text strings.Builder
}

// read reads what the terminal gets until it is closed.
func (s *watched) read(terminal *os.File) {
	part := make([]byte, 4096)
	for {
		n, err := terminal.Read(part)
		s.mu.Lock()
		s.text.Write(part[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait waits until a text was shown, and forgets what came before.
func (s *watched) wait(t *testing.T, want string) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		shown := ansi.Strip(s.text.String())
		s.mu.Unlock()
		if _, rest, found := strings.Cut(shown, want); found {
			s.mu.Lock()
			s.text.Reset()
			s.text.WriteString(rest)
			s.mu.Unlock()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q does not come; this did:\n%s", want, shown)
		}
	}
}

// TestNothingLeft: however the coach is told to end, or a submission's checks are, in the
// middle of the work, no folder of theirs stays behind, and no process.
func TestNothingLeft(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	coach := filepath.Join(dir, "coach")
	build := func(file string, args ...string) {
		t.Helper()
		cmd := gobuild.Command(t.Context(), dir, args[0], append([]string{"-o", file}, args[1:]...)...)
		printed, err := cmd.CombinedOutput()
		require.NoError(t, err, string(printed))
	}
	build(coach, "build", "./workshop/internal/command")
	checks := filepath.Join(dir, "checks")
	build(checks, "test", "-c", "./steps/01-setup")
	for name, tc := range map[string]struct {
		command []string
		when    string // there is such a file
		signal  os.Signal
	}{
		"Ctrl-C while the checks run":  {[]string{coach, "check", "1"}, "jwtworkshop-*/program.exe", os.Interrupt},
		"Ctrl-C while programs run":    {[]string{coach, "check", "1"}, "jwtworkshop-*/program-*", os.Interrupt},
		"kill of checks without coach": {[]string{checks}, "jwtworkshop-*/program-*", syscall.SIGTERM},
		"Ctrl-\\ while the checks run": {[]string{coach, "check", "1"}, "jwtworkshop-*/program.exe", syscall.SIGQUIT},
		"kill while the checks run":    {[]string{coach, "watch", "1"}, "jwtworkshop-*", syscall.SIGTERM},
		"a terminal that is closed":    {[]string{coach, "watch", "1"}, "jwtworkshop-*", syscall.SIGHUP},
		"Ctrl-C during a submission":   {[]string{checks, "-submission", dir}, "go-run-*/src", os.Interrupt},
		"kill while one is built":      {[]string{checks, "-submission", dir}, "go-run-*/build-*/go-build*", syscall.SIGTERM},
		"kill during a submission":     {[]string{checks, "-submission", dir}, "go-run-*/src", syscall.SIGTERM},
		"kill while checks are judged": {[]string{checks, "-submission", dir}, "go-run-*/go-run-*/program-*", syscall.SIGTERM},
	} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			cmd := exec.Command(tc.command[0], tc.command[1:]...)
			cmd.Dir = filepath.Join(dir, "steps", "01-setup")
			cmd.Env = append(os.Environ(), "TMPDIR="+temp, "TMP="+temp)
			require.NoError(t, cmd.Start())
			defer cmd.Process.Kill()
			there := func() bool {
				found, err := filepath.Glob(filepath.Join(temp, tc.when))
				return err == nil && len(found) > 0
			}
			require.Eventually(t, there, time.Minute, time.Millisecond)
			require.NoError(t, cmd.Process.Signal(tc.signal))
			cmd.Wait()
			left, err := filepath.Glob(filepath.Join(temp, "*-*"))
			require.NoError(t, err)
			assert.Empty(t, left)
			printed, _ := exec.Command("ps", "-eo", "args").Output()
			assert.NotContains(t, string(printed), temp)
		})
	}
}
