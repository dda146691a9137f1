package coach

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
)

// TestMarkdown: nothing of the lessons and hints is wider than the terminal, and no
// mark of Markdown is left over outside of code.
func TestMarkdown(t *testing.T) {
	for _, step := range course.Steps {
		lesson, err := course.Lesson(root, step)
		require.NoError(t, err)
		for _, width := range []int{60, 80, 120} {
			for _, line := range Markdown(lesson, width) {
				assert.LessOrEqual(t, ansi.StringWidth(line), width, line)
				plain := ansi.Strip(line)
				if !strings.HasPrefix(plain, "    ") {
					assert.NotRegexp(t, "^#|```|\\*\\S[^*]*\\S\\*|<!--|\\]\\(", plain, step)
				}
			}
		}
	}
	assert.Equal(t, []string{"A code word and a link.", "", "    x := 1"},
		strings.Split(ansi.Strip(strings.Join(Markdown("A `code` **word**\nand a [link](https://x.y).\n\n```go\nx := 1\n```\n", 80), "\n")), "\n"))
	assert.Equal(t, "Write `a ${b}`, not one word: a * b * c, `d`.",
		ansi.Strip(strings.Join(Markdown("Write `` `a ${b}` ``, *not\none* word: `a * b * c`, `` `d` ``.", 80), "\n")))
}
