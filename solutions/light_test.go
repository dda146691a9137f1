package solutions

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLightSteps: neither steps 1 to 3 nor any program are compiled with what only
// the checks of step 4 need.
func TestLightSteps(t *testing.T) {
	t.Parallel()
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
