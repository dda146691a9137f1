package check

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFindProgram: one flag at most, and it names what is there.
func TestFindProgram(t *testing.T) {
	root, err := Root()
	require.NoError(t, err)
	absolute := filepath.Join(t.TempDir(), "none")
	const several = "-program, -submission and -url exclude each other\nhint: give one of them"
	const notURL = "-url wants the program's address, such as http://localhost:8080"
	missing := "\nhint: a relative name starts at " + root
	for _, tc := range []struct{ program, submission, url, want string }{
		{"a", "b", "", several},
		{"a", "", "c", several},
		{"", "b", "c", several},
		{"a", "b", "c", several},
		{"no/such", "", "", "-program: there is no no/such" + missing},
		{absolute, "", "", "-program: there is no " + absolute + missing},
		{"", "no/such", "", "-submission: there is no no/such" + missing},
		{"", "", "localhost:8080", notURL},
		{"", "", "http://localhost", notURL},
		{"", "", "https://localhost:8080", notURL},
		{"", "", "http://local host:8080", notURL},
	} {
		setFor(t, programFlag, tc.program)
		setFor(t, submissionFlag, tc.submission)
		setFor(t, urlFlag, tc.url)
		err := onlyOne()
		switch {
		case err == nil && tc.submission != "":
			before := workspace
			_, err = judge()
			workspace = before
		case err == nil:
			_, err = findProgram()
		}
		assert.EqualError(t, err, tc.want)
	}
	setFor(t, submissionFlag, "")
	setFor(t, urlFlag, "")
	for name, want := range map[string]string{
		"":                            "",
		"go.mod":                      filepath.Join(root, "go.mod"), // from where go test was started
		"check.go":                    filepath.Join(root, "workshop", "check", "check.go"),
		filepath.Join(root, "go.sum"): filepath.Join(root, "go.sum"),
	} {
		setFor(t, programFlag, name)
		got, err := findProgram()
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

// TestMainFails: what Main cannot do, the tests are not run for; either way it
// leaves nothing behind.
func TestMainFails(t *testing.T) {
	file, err := os.Executable()
	require.NoError(t, err)
	for _, tc := range []struct{ folder, program, want string }{
		{t.TempDir(), "", "PASS\n"},
		{t.TempDir(), "no/such", "workshop: -program: there is no no/such\nhint: "},
		{filepath.Join(t.TempDir(), "none"), "", "workshop: cannot make a folder to work in: "},
	} {
		cmd := exec.Command(file, "-test.run=^$", "-program", tc.program)
		cmd.Env = append(os.Environ(), "TMPDIR="+tc.folder, "TMP="+tc.folder)
		printed, err := cmd.CombinedOutput()
		assert.Equal(t, tc.program != "" || strings.HasSuffix(tc.folder, "none"), err != nil)
		assert.True(t, strings.HasPrefix(strings.TrimPrefix(string(printed), "testing: warning: no tests to run\n"), tc.want), string(printed))
		entries, _ := os.ReadDir(tc.folder)
		assert.Empty(t, entries)
	}
}

// debugFolder has the test run in a step of an empty workshop, in which the database of a program
// under a debugger is.
func debugFolder(t *testing.T) {
	t.Helper()
	root := t.TempDir()
	step := filepath.Join(root, "steps", "check")
	require.NoError(t, os.MkdirAll(step, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), nil, 0o644))
	t.Chdir(step)
}

// TestURL: who gives -url is told how to start the program, unless it is there.
func TestURL(t *testing.T) {
	debugFolder(t)
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	environment := "\nhint: start it with this environment:\nPORT=" + address.Port() +
		"\nJWT_SECRET_KEY=only-for-the-debugger-0123456789abcdef\nJWT_ACCESS_TOKEN_EXPIRES=15m\nDATABASE_PATH=" +
		debugDatabase()
	setFor(t, urlFlag, server.URL+"/")

	_, err = findProgram()
	assert.EqualError(t, err, "what answers at "+server.URL+"/ is another program, or has another database"+environment)
	require.NoError(t, os.WriteFile(debugDatabase(), nil, 0o600))
	_, err = findProgram()
	assert.NoError(t, err)
	server.Close()
	_, err = findProgram()
	assert.EqualError(t, err, "no program answers at "+server.URL+"/"+environment)
}

// TestWithURL: requests go to the program that runs, and a check that would
// have to start or stop it is skipped.
func TestWithURL(t *testing.T) {
	debugFolder(t)
	paths := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	setFor(t, urlFlag, server.URL+"/")
	setFor(t, &shared.program, nil)

	p := Running(t)
	assert.Same(t, p, Running(t))
	assert.Equal(t, debugDatabase(), p.Database)
	assert.Equal(t, "only-for-the-debugger-0123456789abcdef", p.Secret)
	p.Start(t)
	p.Get(t, "/health").WantStatus(t, someAdvice, http.StatusInternalServerError)
	assert.Equal(t, "/health", <-paths)
	assert.Empty(t, p.Output())

	p.Setenv("PORT", "1")
	const own = "not judged: this check starts a program of its own; -url checks the one that you started"
	fake, _ := runFake(t, func(t testing.TB) { p.Start(t) })
	assert.Equal(t, own, fake.skipped)
	fake, _ = runFake(t, func(t testing.TB) { p.WantExit(t, "start", someAdvice) })
	assert.Equal(t, own, fake.skipped)
	fake, _ = runFake(t, p.Stop)
	assert.Equal(t, own, fake.skipped)
}
