package solutions

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// todoLine is a TODO in a starter.
var todoLine = regexp.MustCompile(`// TODO (\d+): `)

// todos returns the numbers of the TODOs in a text, in their order.
func todos(text []byte) []string {
	var numbers []string
	for _, m := range todoLine.FindAllSubmatch(text, -1) {
		numbers = append(numbers, string(m[1]))
	}
	return numbers
}

// finished returns the files of a finished program by their names.
func finished(t testing.TB, step string) map[string][]byte {
	t.Helper()
	return programFiles(t, step)
}

// TestMirror: a starter's file without a TODO is the finished one, byte for
// byte; one with a TODO has a finished one without.
func TestMirror(t *testing.T) {
	for _, step := range steps {
		before, after := starter(t, step), finished(t, step)
		for name, text := range before {
			require.Contains(t, after, name, step)
			if len(todos(text)) == 0 {
				assert.Equal(t, string(text), string(after[name]), "%s/%s", step, name)
			} else {
				assert.NotEqual(t, string(text), string(after[name]), "%s/%s", step, name)
			}
		}
		for name, text := range after {
			assert.Contains(t, before, name, step)
			assert.Empty(t, todos(text), "%s/%s", step, name)
		}
	}
}

// TestNextStep: a step begins with the code that the step before it finished;
// only main.go, with its routes, is each step's own.
func TestNextStep(t *testing.T) {
	for i, step := range steps[1:] {
		next := starter(t, step)
		for name, text := range finished(t, steps[i]) {
			if name == "example.go" { // from step 2 on, the library makes tokens
				continue
			}
			require.Contains(t, next, name, step)
			if name != "main.go" {
				assert.Equal(t, string(text), string(next[name]), "%s/%s", step, name)
			}
		}
	}
}

// TestTODOs: a step has at most four, numbered from 1; each is one line that is
// not too long, and has a check that looks at it and hints; main.go names its file.
func TestTODOs(t *testing.T) {
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			where := map[string]string{} // TODO: its file
			for name, text := range starter(t, step) {
				for _, n := range todos(text) {
					require.NotContains(t, where, n, "a TODO twice")
					where[n] = name
				}
				for line := range strings.Lines(string(text)) {
					if todoLine.MatchString(line) {
						assert.LessOrEqual(t, len(strings.TrimSpace(line)), 120, line)
					}
				}
			}
			require.NotEmpty(t, where)
			assert.LessOrEqual(t, len(where), 4)

			looks := looksOf(t, step)
			main := string(starter(t, step)["main.go"])
			for i := range len(where) {
				n := fmt.Sprint(i + 1)
				require.Contains(t, where, n, "TODOs are numbered from 1 on")
				assert.Contains(t, looks, where[n]+", TODO "+n, "no check looks there")
				assert.True(t, strings.Contains(main, where[n]), "main.go's comment does not name the file")
			}
			for _, look := range looks {
				name, n, has := strings.Cut(look, ", TODO ")
				require.Contains(t, starter(t, step), name, "a look at a file that is not there")
				if has {
					assert.Equal(t, name, where[n], "a look at a TODO that is not there: %s", look)
				}
			}
			wantHints(t, step, len(where))
		})
	}
}

// lookText is a place in a step's test.
var lookText = regexp.MustCompile(`check\.(?:File\("([^"]+)"|Todo\("([^"]+)", (\d))\)`)

// looksOf returns every Look of a step's checks.
func looksOf(t *testing.T, step string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "steps", step, "*_test.go"))
	require.NoError(t, err)
	var looks []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range lookText.FindAllStringSubmatch(string(text), -1) {
			looks = append(looks, cmp.Or(m[1], m[2]+", TODO "+m[3]))
		}
	}
	require.NotEmpty(t, looks)
	slices.Sort(looks)
	return slices.Compact(looks)
}

// rung is a hint for a TODO: a part that opens when the learner wants it.
var rung = regexp.MustCompile(`(?s)<details><summary>(\d)\. [^<]+</summary>\n\n(.+?)\n\n</details>`)

// wantHints expects three rungs for each TODO in the step's hints.md, and a part
// on error messages.
func wantHints(t *testing.T, step string, todos int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "steps", step, "hints.md"))
	require.NoError(t, err)
	parts := strings.Split(string(text), "\n## ")
	require.Len(t, parts, todos+2, "a title, a part for each TODO, a part on error messages")
	for i, part := range parts[1 : todos+1] {
		assert.Truef(t, strings.HasPrefix(part, fmt.Sprintf("TODO %d: ", i+1)), "%.40q is not about TODO %d", part, i+1)
		rungs := rung.FindAllStringSubmatch(part, -1)
		require.Len(t, rungs, 3, "TODO %d", i+1)
		for j, r := range rungs {
			assert.Equal(t, fmt.Sprint(j+1), r[1], "TODO %d", i+1)
			assert.Greater(t, len(r[2]), 40, "TODO %d, rung %d says too little", i+1, j+1)
		}
	}
	last := parts[len(parts)-1]
	assert.True(t, strings.HasPrefix(last, "If you see"), "%.40q", last)
	assert.GreaterOrEqual(t, strings.Count(last, "\n### "), 4, "error messages that have a hint")
}
