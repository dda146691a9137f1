package solutions

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// buildChanged builds the finished program of a step with a text replaced in a file.
func buildChanged(t *testing.T, name, step, file, old, new string) string {
	t.Helper()
	files := finished(t, step)
	require.Equal(t, 1, bytes.Count(files[file], []byte(old)))
	files[file] = bytes.Replace(files[file], []byte(old), []byte(new), 1)
	return build(t, name, "build", "-overlay", writeOverlay(t, inStep(t, step, files)), "./steps/"+step)
}

// TestEngineLacks: an app.js that uses what only browsers have passes where one is. Where
// none is, its functions are not judged, and so it has not passed: nothing fails, and the
// exit code says it.
func TestEngineLacks(t *testing.T) {
	t.Parallel()
	const old = "export async function login(username, password) {\n"
	program := buildChanged(t, "uses-intl", steps[3], "web/app.js", old, old+"  new Intl.DateTimeFormat();\n")
	got := runChecks(t, steps[3], "-program", program, "-engine", "sobek", "-test.run", "^(TestLogin|TestLogout)$")
	assert.Equal(t, 1, got.code, got.output)
	assert.Empty(t, got.failed)
	assert.Contains(t, got.skipped, "TestLogin/keeps_the_token")
	assert.Contains(t, got.passed, "TestLogout/forgets_the_token")
	assert.Contains(t, got.output, "checks were not judged: the checks' own JavaScript engine lacks Intl, which browsers have; install Chromium")
	if hasBrowser(t) {
		got = runChecks(t, steps[3], "-program", program, "-test.run", "^(TestLogin|TestLogout)$")
		assert.Equal(t, 0, got.code, got.output)
		assert.Empty(t, got.skipped)
	}
}

// TestSlowAndHanging: of a program that needs half a second to start, and hangs where it
// should refuse to, only that is said: other checks are not made in vain, and none fails
// because too little time is left for it.
func TestSlowAndHanging(t *testing.T) {
	t.Parallel()
	if !thorough {
		t.Skip("it waits for a quarter of a minute; set CI to run it")
	}
	const old = "	if expires == \"\" {\n		return 15 * time.Minute, nil\n	}\n	lifetime, err := time.ParseDuration(expires)\n"
	program := buildChanged(t, "slow-and-hanging", steps[0], "jwt.go", old,
		"	time.Sleep(500 * time.Millisecond)\n"+old+"	for err != nil || lifetime < time.Second {\n		time.Sleep(time.Second)\n	}\n")
	file := filepath.Join(t.TempDir(), "report.json")
	got := runChecks(t, steps[0], "-program", program, "-report", file)
	assert.Equal(t, 1, got.code)
	for _, f := range readReport(t, file).Findings {
		assert.True(t, strings.HasPrefix(f.Test, "TestLifetime/refuses_"), "%s: %s", f.Test, f.Got)
		assert.Contains(t, f.Got, "it still runs")
	}
	assert.Contains(t, got.output, "not judged: the program has neither refused to start nor listened")
	assert.Contains(t, got.passed, "TestEnvFile")
	assert.Contains(t, got.passed, "TestLifetime/36h")
}
