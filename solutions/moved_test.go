package solutions

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestApply: the kept diffs apply to the finished programs of today, to the very line. After a change of a finished
// program, -update moves those whose lines stand elsewhere now; what is left is to be written anew.
func TestApply(t *testing.T) {
	for _, kind := range []string{"mistakes", "variants", "beyond"} {
		for _, c := range readChanges(t, kind) {
			_, err := c.apply(t)
			if err != nil && *update {
				err = c.move(t)
			}
			assert.NoError(t, err, c.name)
		}
	}
}

// hunkHeader is the line above the lines of a hunk.
var hunkHeader = regexp.MustCompile(`^@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@(.*)$`)

// move writes a diff with the lines of its hunks as they are in the finished program of today, and with all of a
// file that goes; if the program has not all of the lines, it leaves the diff as it is, and returns an error.
func (c change) move(t *testing.T) error {
	t.Helper()
	file := filepath.FromSlash(c.name + ".diff")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	var before []string // the finished file
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if name, ok := strings.CutPrefix(line, "--- a/solutions/"+c.step+"/"); ok {
			before = strings.Split(string(finished(t, c.step)[name]), "\n")
		}
		m := hunkHeader.FindStringSubmatch(line)
		if m == nil || len(before) == 0 {
			continue
		}
		var old []string // what the hunk takes for there
		for _, line := range lines[i+1:] {
			if line == "" || !strings.Contains(" -+\\", line[:1]) || strings.HasPrefix(line, "--- a/") {
				break
			}
			if line[0] == ' ' || line[0] == '-' {
				old = append(old, line[1:])
			}
		}
		if lines[i-1] == "+++ /dev/null" { // a file that goes, whatever stands in it today
			gone := []string{fmt.Sprintf("@@ -1,%d +0,0 @@", len(before)-1)}
			for _, line := range before[:len(before)-1] {
				gone = append(gone, "-"+line)
			}
			lines = slices.Replace(lines, i, i+1+len(old), gone...)
			continue
		}
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[3])
		if at := nearest(before, old, from-1); at >= 0 && len(old) > 0 {
			lines[i] = fmt.Sprintf("@@ -%d%s +%d%s @@%s", at+1, m[2], to+at+1-from, m[4], m[5])
		}
	}
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644))
	moved, err := readChange(filepath.ToSlash(c.name) + ".diff")
	if err == nil {
		_, err = moved.apply(t)
	}
	if err != nil {
		require.NoError(t, os.WriteFile(file, text, 0o644))
	}
	return err
}

// nearest returns where some lines stand in a file, as near as can be to a line, or -1.
func nearest(file, lines []string, near int) int {
	found := -1
	for at := 0; at+len(lines) <= len(file); at++ {
		if slices.Equal(file[at:at+len(lines)], lines) && (found < 0 || max(at-near, near-at) < max(found-near, near-found)) {
			found = at
		}
	}
	return found
}
