package check

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSurroundings: a program sees an empty folder and what the contract names,
// and nothing of the shell in which the tests were started.
func TestSurroundings(t *testing.T) {
	for _, name := range []string{"JWT_ACCESS_TOKEN_EXPIRES", "GIN_MODE", "EDITOR", asProgram} {
		t.Setenv(name, "from outside")
	}
	t.Setenv("LANG", "es_ES.UTF-8")
	p := newBroken(t, "not at all")
	p.Start(t)
	wantSurroundings(t, p)
}

// wantSurroundings expects a program that runs to have p's environment.
func wantSurroundings(t *testing.T, p *Program) {
	t.Helper()
	seen := p.Get(t, "/surroundings").JSON(t, someAdvice)
	assert.Empty(t, seen["files"])
	env := map[string]string{}
	for _, pair := range seen["env"].([]any) {
		name, value, _ := strings.Cut(pair.(string), "=")
		env[strings.ToUpper(name)] = value
	}
	assert.Equal(t, p.Secret, env["JWT_SECRET_KEY"])
	assert.Equal(t, p.Database, env["DATABASE_PATH"])
	assert.Equal(t, p.Port(), env["PORT"])
	assert.Equal(t, os.Getenv("PATH"), env["PATH"])
	assert.Equal(t, os.Getenv("LANG"), env["LANG"])
	home := filepath.Dir(p.Dir)
	for _, name := range []string{"HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"} {
		assert.Equal(t, home, env[name], name)
	}
	known := []string{"JWT_SECRET_KEY", "DATABASE_PATH", "PORT", "PATH", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "TZ", misbehave}
	for name := range env {
		assert.Contains(t, known, name, "a variable that the program has no use for")
	}
}

// TestNew: every program has a folder, a database, a secret and a port of its
// own, and leaves nothing behind.
func TestNew(t *testing.T) {
	var bases []string
	t.Run("differ", func(t *testing.T) {
		a, b := New(t), New(t)
		assert.NotEqual(t, a.Dir, b.Dir)
		assert.NotEqual(t, filepath.Base(a.Database), filepath.Base(b.Database))
		assert.NotEqual(t, a.Secret, b.Secret)
		assert.Regexp(t, `^[0-9a-f]{80}$`, a.Secret)
		assert.NotEqual(t, a.Port(), "0")
		assert.NotContains(t, a.Database, a.Dir)
		assert.NoFileExists(t, a.Database)
		bases = []string{filepath.Dir(a.Dir), filepath.Dir(b.Dir)}
		for _, base := range bases {
			assert.DirExists(t, base)
		}
	})
	for _, base := range bases {
		assert.NoDirExists(t, base)
	}
}

// TestNewFails: without a place to work in, the check fails and says so.
func TestNewFails(t *testing.T) {
	setFor(t, &workspace, filepath.Join(t.TempDir(), "gone"))
	setFor(t, &shared.program, nil)
	for _, use := range []func(testing.TB){func(t testing.TB) { New(t) }, func(t testing.TB) { Running(t) }} {
		fake, _ := runFake(t, use)
		assert.True(t, strings.HasPrefix(fake.failure, "workshop: "), fake.failure)
		assert.Contains(t, fake.failure, "gone")
	}
}

// TestSetenv: the program's fields follow its environment.
func TestSetenv(t *testing.T) {
	p := New(t)
	p.Setenv("JWT_SECRET_KEY", "a secret")
	p.Setenv("DATABASE_PATH", "a/file.db")
	assert.Equal(t, "a secret", p.Secret)
	assert.Equal(t, "a/file.db", p.Database)
	p.Unsetenv("JWT_SECRET_KEY")
	assert.NotContains(t, p.env, "JWT_SECRET_KEY")
}

// TestRunning: checks share a program, and get another when it has crashed.
func TestRunning(t *testing.T) {
	p := Running(t)
	assert.Same(t, p, Running(t))
	reply := p.Get(t, "/exit")
	assert.EqualError(t, reply.err, "no answer: the program ended, with exit code 7")
	assert.EqualError(t, p.Get(t, "/ok").err, "no answer: the program has ended, with exit code 7")
	other := Running(t)
	assert.NotSame(t, p, other)
	assert.NoDirExists(t, filepath.Dir(p.Dir))
	other.Get(t, "/ok").WantStatus(t, someAdvice, http.StatusOK)
}

// TestPrintsWithoutEnd: a program that does may work all the same, and takes no
// more memory than others.
func TestPrintsWithoutEnd(t *testing.T) {
	p := newBroken(t, "prints without end, and works")
	p.Start(t)
	for deadline := time.Now().Add(10 * time.Second); p.process.output.size() < 4*maxOutput; {
		require.True(t, time.Now().Before(deadline), "it should have printed 1 MiB by now")
		p.Get(t, "/ok").WantStatus(t, someAdvice, http.StatusOK)
	}
	p.Stop(t)
	text := p.Output()
	assert.Less(t, len(text), maxOutput+100)
	assert.Contains(t, text, " bytes left out …\n")
	assert.Less(t, cap(p.process.output.first)+cap(p.process.output.last), 4*maxOutput)
}

// TestStartCommand: the command that a learner is shown.
func TestStartCommand(t *testing.T) {
	setFor(t, &typedIn, unixShell)
	assert.EqualValues(t, `PORT='80 80' go run ./steps/check`, StartCommand("PORT", "80 80"))
	assert.EqualValues(t, `PORT=8080 go run ./steps/check`, StartCommand("PORT", "8080"))
	setFor(t, &typedIn, powerShell)
	assert.Empty(t, StartCommand("PORT", ""), "then Fail names the test")
}

// TestStretch: a stretch check runs only if it is asked for.
func TestStretch(t *testing.T) {
	fake, _ := runFake(t, func(t testing.TB) { Stretch(t) })
	assert.Equal(t, "a stretch check; run it with: go test ./steps/check -args -stretch", fake.skipped)
	setFor(t, stretchFlag, true)
	fake, _ = runFake(t, func(t testing.TB) { Stretch(t) })
	assert.Empty(t, fake.skipped)
}
