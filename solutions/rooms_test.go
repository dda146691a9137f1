package solutions

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// roomLine is a line of the table in workshop/README.md: a room, and those that it uses.
var roomLine = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|.*\\|([^|]*)\\|$")

// TestRooms: packages import what workshop/README.md says of them, and a program nothing
// of the workshop but SQLite.
func TestRooms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root(t), "workshop", "README.md"))
	require.NoError(t, err)
	want := map[string][]string{}
	for _, m := range roomLine.FindAllStringSubmatch(string(text), -1) {
		want[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./workshop/...", "./solutions/...")
	cmd.Dir = root(t)
	list, err := cmd.Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(list)) {
		names := strings.Fields(line)
		room, ours := short(names[0]), []string{}
		for _, name := range names[1:] {
			if strings.HasPrefix(name, "jwtworkshop/") {
				ours = append(ours, filepath.Base(name))
			}
		}
		switch {
		case strings.HasPrefix(names[0], "jwtworkshop/workshop"):
			require.Contains(t, want, room, "workshop/README.md does not name it")
			assert.ElementsMatch(t, want[room], ours, "what %s uses", room)
			delete(want, room)
		default:
			assert.Subset(t, []string{"sqlite"}, ours, names[0])
		}
	}
	assert.Empty(t, want, "rooms that are not there")
}

// short returns the name of a package as workshop/README.md has it.
func short(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "jwtworkshop/"), "workshop/")
}
