//go:build unix

package solutions

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atInstructors has a command begin as in an instructor's shell: on a terminal, with a file and a folder open that
// are no concern of any program. It returns a function that sees, when the command has ended, that nobody has
// touched them.
func atInstructors(t *testing.T, cmd *exec.Cmd) func() {
	t.Helper()
	screen, terminal, err := pty.Open()
	require.NoError(t, err)
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "file"))
	require.NoError(t, err)
	_, err = file.WriteString("of whoever grades")
	require.NoError(t, err)
	folder, err := os.Open(dir)
	require.NoError(t, err)
	cmd.ExtraFiles = []*os.File{terminal, file, folder}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	return func() {
		for _, f := range cmd.ExtraFiles {
			f.Close()
		}
		shown, _ := io.ReadAll(screen) // until nobody has the terminal
		screen.Close()
		assert.Empty(t, string(shown), "on the terminal")
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, entries, 1, "in the folder")
	}
}
