package solutions

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// intros are how the lists of mistakes/ and variants/ begin.
var intros = map[string]string{
	"mistakes": `# Wrong programs

Each file in these folders makes a wrong program of a finished one. They are mistakes
that learners make and that tutorials teach, each with the check that catches it: if
no program failed a check, it would prove nothing. Most of them compile, start and
seem to work.

To look at one, read it; to try it, apply it, build the program and let the checks of
its step run on that:

` + "```sh" + `
git apply solutions/mistakes/02-token-endpoint/MISTAKE.diff
go build -o wrong.exe ./solutions/02-token-endpoint
go test ./steps/02-token-endpoint -args -program wrong.exe
git apply -R solutions/mistakes/02-token-endpoint/MISTAKE.diff
` + "```" + `
`,
	"variants": `# Right programs

Each file in these folders makes another program of a finished one, and that one is
right, too. A check that fails one of them drives away a learner who has done nothing
wrong.
`,
}

// TestLists: README.md in mistakes/ and variants/ lists what is there. It is written
// by: go test ./solutions -run Lists -update
func TestLists(t *testing.T) {
	for kind, intro := range intros {
		file := filepath.Join(kind, "README.md")
		want := list(t, kind, intro)
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "go test ./solutions -run Lists -update writes it anew")
	}
}

// list returns the list of the changes of a kind, by step.
func list(t *testing.T, kind, intro string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(intro)
	step := ""
	for _, c := range readChanges(t, kind) {
		if c.step != step {
			step = c.step
			fmt.Fprintf(&b, "\n## %s\n\n", step)
		}
		name := path.Base(c.name)
		fmt.Fprintf(&b, "- [%s](%s/%s.diff): %s", name, step, name, strings.Join(strings.Fields(c.says), " "))
		if names := c.named(); len(names) > 0 {
			fmt.Fprintf(&b, " Caught by `%s`.", strings.Join(names, "`, `"))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
