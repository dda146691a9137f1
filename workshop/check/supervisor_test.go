package check

import (
	"context"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/sandbox"
)

// TestTestLines: of what a test binary prints with -test.v, only what fails is passed on, as
// without it; and each test's end is known.
func TestTestLines(t *testing.T) {
	const printed = `^=== RUN   TestA
    a_test.go:1: not wanted
^--- PASS: TestA (0.00s)
^=== RUN   TestB
^=== RUN   TestB/one
^=== PAUSE TestB/one
^=== RUN   TestB/two
    b_test.go:2: it fails
--- PASS: TestB/two (0.00s)
    --- PASS: TestB/two (0.00s)
=== RUN   TestForged
^=== CONT  TestB/one
^--- FAIL: TestB/two (0.00s)
^--- SKIP: TestB/one (0.00s)
^--- FAIL: TestB (0.00s)
^=== RUN   TestC
^FAIL

1 check fails.
    got:  more
` + "    got:  \x1b[2J\u009b2Ké\n"
	read, write, err := os.Pipe()
	require.NoError(t, err)
	lines := &testLines{results: map[string]report.Result{}}
	out := os.Stdout
	os.Stdout = write
	for piece := range strings.SplitAfterSeq(strings.ReplaceAll(printed, "^", mark), "o") {
		lines.Write([]byte(piece))
	}
	lines.flush()
	os.Stdout = out
	write.Close()
	shown, err := io.ReadAll(read)
	require.NoError(t, err)
	assert.Equal(t, "--- PASS: TestB/two (0.00s)\n=== RUN   TestForged\n    --- FAIL: TestB/two (0.00s)\n        b_test.go:2: it fails\n        --- PASS: TestB/two (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\n\n1 check fails.\n    got:  more\n    got:  \uFFFD[2J\uFFFD2Ké\n", string(shown))
	assert.Equal(t, map[string]report.Result{"TestA": report.CheckPassed, "TestB/one": report.NotRun, "TestB/two": report.CheckFailed, "TestC": report.NotRun}, lines.results)
}

// TestBuildLimits: a build has a limit of time, after the libraries are there, and its end says so.
func TestBuildLimits(t *testing.T) {
	setFor(t, &workspace, t.TempDir())
	_, err := buildSubmission(t.Context(), writeFiles(t, map[string]string{"steps/check/main.go": "package main\n\nfunc main() {}\n"}), time.Nanosecond)
	var end *endError
	require.ErrorAs(t, err, &end)
	assert.Equal(t, report.TimedOut, end.End)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(assert.AnError)
	_, err = buildSubmission(ctx, writeFiles(t, map[string]string{"steps/check/main.go": "package main\n"}), buildLimit)
	assert.ErrorIs(t, err, assert.AnError)
}

// TestEndOf: how checks have ended.
func TestEndOf(t *testing.T) {
	stopped, wrong := Finding{}, Finding{Advice: Advice{Look: File("x.go")}}
	for _, tc := range []struct {
		findings []Finding
		code     int
		want     report.End
	}{
		{nil, 0, report.Passed},
		{nil, 1, report.Failed}, // what was not judged is not passed
		{[]Finding{wrong}, 1, report.Failed},
		{[]Finding{stopped, stopped, wrong}, 1, report.DoesNotStart},
		{[]Finding{stopped, wrong, wrong}, 1, report.Failed},
	} {
		some := &report.Submission{Checks: map[string]report.Result{"TestA": report.CheckPassed}}
		assert.Equal(t, tc.want, endOf(&report.Report{Findings: tc.findings, Submission: some}, tc.code))
	}
	assert.Equal(t, report.Failed, endOf(&report.Report{Submission: &report.Submission{}}, 0), "no check was run")
}

// TestTheirs: a file that a program has made is read if it is one, and never through a link.
func TestTheirs(t *testing.T) {
	setFor(t, &workspace, t.TempDir())
	setFor(t, &isolated, &sandbox.Sandbox{Rung: sandbox.None})
	base := filepath.Join(workspace, "program-1")
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(base, "data"), 0o700))
	file := filepath.Join(base, "data", "users.db")
	require.NoError(t, WriteFile(file, []byte("theirs")))
	text, err := ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(text))
	entries, err := ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1)

	require.NoError(t, os.Truncate(file, maxTheirs+1))
	_, err = ReadFile(file)
	assert.ErrorContains(t, err, "more than 64 MiB")
	require.NoError(t, os.Remove(file))
	require.NoError(t, os.Mkdir(file, 0o700))
	assert.ErrorContains(t, statTheirs(file), "no regular file")
	require.NoError(t, os.Remove(file))
	if err := os.Symlink(secret, file); err != nil {
		t.Skip(err)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skip("a link is no link here, as in Wine")
	}
	_, err = ReadFile(file)
	assert.ErrorContains(t, err, "no regular file")
	require.NoError(t, WriteFile(file, []byte("x")), "the link goes")
	require.NoError(t, os.RemoveAll(filepath.Join(base, "data")))
	require.NoError(t, os.Symlink(filepath.Dir(secret), filepath.Join(base, "data")))
	_, err = ReadFile(filepath.Join(base, "data", "secret"))
	assert.Error(t, err, "through a folder that is a link")
	assert.Error(t, WriteFile(filepath.Join(base, "data", "secret"), nil))
	text, err = os.ReadFile(secret)
	require.NoError(t, err)
	assert.Equal(t, "secret", string(text))
}

// TestTimeLeft: what went before takes no time from the checks, unless go test itself ends soon.
func TestTimeLeft(t *testing.T) {
	setFlag := func(value string) {
		f := flag.Lookup("test.timeout").Value
		before := f.String()
		require.NoError(t, f.Set(value))
		t.Cleanup(func() { f.Set(before) })
	}
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	setFlag("10m")
	assert.Equal(t, 4*time.Minute, timeLeft(4*time.Minute, ago(5*time.Minute)))
	assert.InDelta(t, time.Minute, timeLeft(4*time.Minute, ago(9*time.Minute)), float64(time.Second))
	assert.Zero(t, timeLeft(4*time.Minute, ago(11*time.Minute)))
	setFlag("0")
	assert.Equal(t, 4*time.Minute, timeLeft(4*time.Minute, ago(time.Hour)))
}
