package solutions

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// engines are what app.js runs on.
var engines = []string{"sobek", "chromium"}

// checkApp runs the checks of step 4 on the finished program with another app.js.
func checkApp(t *testing.T, name, source, engine string) checks {
	t.Helper()
	files := finished(t, steps[3])
	files["web/app.js"] = []byte(source)
	program := build(t, "app-"+name, "build", "-overlay", writeOverlay(t, steps[3], files), "./steps/"+steps[3])
	return runChecks(t, steps[3], "-engine", engine, "-program", program)
}

// readApp returns an app.js of testdata.
func readApp(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", "app", name+".js"))
	require.NoError(t, err)
	return string(source)
}

// TestTutorialApp: the tutorial's own functions fail, and the checks say which of
// their branches cannot be reached, and why.
func TestTutorialApp(t *testing.T) {
	tutorial := readApp(t, "tutorial")
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			got := checkApp(t, "tutorial", tutorial, engine)
			if got.noBrowser {
				t.Skip("no browser")
			}
			assert.Equal(t, 1, got.code)
			for name, says := range map[string]string{
				"TestLogin/sends_the_credentials":   "got:  a request to another server: https://your_api.com/token",
				"TestLogin/wrong_password":          "the branch for this status is not reached, or there is none: !resp.ok is true for every status from 400 on",
				"TestLogin/400":                     "the branch for this status is not reached, or there is none: !resp.ok is true for every status from 400 on",
				"TestGetMyTasks/403":                "the branch for this status is not reached, or there is none: !resp.ok is true for every status from 400 on",
				"TestGetMyTasks/returns_the_answer": "the answer is 200, and still it throws: an else that always throws takes 200 with it, and what stands behind it is never reached",
				"TestGetMyTasks/no_token":           "becomes Bearer null",
			} {
				assert.Contains(t, got.failed, name)
				assert.Contains(t, got.output, says)
			}
			got = checkApp(t, "tutorial-unexported", strings.ReplaceAll(tutorial, "export const", "const"), engine)
			assert.Contains(t, got.output, "app.js exports no function login; it is declared at web/app.js:2")
		})
	}
}

// TestRightApps: programs that differ from ours and are right pass every check.
func TestRightApps(t *testing.T) {
	for _, name := range []string{"then", "request"} {
		for _, engine := range engines {
			t.Run(name+" on "+engine, func(t *testing.T) {
				got := checkApp(t, name, readApp(t, name), engine)
				if got.noBrowser {
					t.Skip("no browser")
				}
				assert.Equal(t, 0, got.code, got.output)
				assert.NotEmpty(t, got.passed)
			})
		}
	}
}

// TestLightSteps: neither steps 1 to 3 nor any program are compiled with what only
// the checks of step 4 need.
func TestLightSteps(t *testing.T) {
	for _, step := range steps {
		for _, args := range [][]string{{"list", "-deps", "./solutions/" + step}, {"list", "-deps", "-test", "./steps/" + step}} {
			cmd := exec.Command("go", args...)
			cmd.Dir = root(t)
			packages, err := cmd.Output()
			require.NoError(t, err)
			require.Contains(t, string(packages), "gin-gonic")
			heavy := step == steps[3] && len(args) > 3
			for _, name := range []string{"grafana/sobek", "chromedp/chromedp"} {
				assert.Equal(t, heavy, strings.Contains(string(packages), name), "%v: %s", args, name)
			}
		}
	}
}
