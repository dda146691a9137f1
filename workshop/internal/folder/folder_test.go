package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFind: the workshop's folder is the one with go.mod and steps in it, from
// wherever in it one looks.
func TestFind(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	inside := filepath.Join(dir, "workshop", "steps", "01-setup")
	require.NoError(t, os.MkdirAll(inside, 0o755))
	t.Chdir(inside)
	require.NoError(t, os.WriteFile(filepath.Join(inside, "go.mod"), nil, 0o644)) // somebody's go mod init
	_, err = Find()
	assert.ErrorContains(t, err, "no workshop in "+inside+" or above it\nhint: ")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "workshop", "go.mod"), nil, 0o644))
	found, err := Find()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "workshop"), found)
}

// TestTemporary: a folder that is there, and gone when it is removed; where none can be
// made, the way out.
func TestTemporary(t *testing.T) {
	dir, err := Temporary()
	require.NoError(t, err)
	assert.DirExists(t, dir)
	RemoveAll(dir)
	assert.NoDirExists(t, dir)
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, filepath.Join(t.TempDir(), "none"))
	}
	_, err = Temporary()
	assert.ErrorContains(t, err, "\nhint: set TMPDIR")
}

// TestLeftovers: what a crash has left behind goes after a day, and nothing of anybody's: no folder that only
// begins with the same letters, and no workshop.
func TestLeftovers(t *testing.T) {
	temp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	old := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{"jwtworkshop-123", "go-run-45", "jwtworkshop-67-ended", "jwtworkshop-8", "jwtworkshop-main", "jwtworkshop-alice", "go-run-my-notes", "go-run-2024-notes", "jwtworkshop-9", "jwtworkshop-", "jwtworkshop"} {
		require.NoError(t, os.Mkdir(filepath.Join(temp, name), 0o755))
		if name == "jwtworkshop-9" { // somebody's copy
			require.NoError(t, os.WriteFile(filepath.Join(temp, name, "go.mod"), nil, 0o644))
		}
		if name != "jwtworkshop-8" { // which is in use
			require.NoError(t, os.Chtimes(filepath.Join(temp, name), old, old))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(temp, "jwtworkshop-77"), nil, 0o644))
	require.NoError(t, os.Chtimes(filepath.Join(temp, "jwtworkshop-77"), old, old))
	dir, err := Temporary()
	require.NoError(t, err)
	RemoveAll(dir)
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	assert.Equal(t, []string{"go-run-2024-notes", "go-run-my-notes", "jwtworkshop", "jwtworkshop-", "jwtworkshop-77", "jwtworkshop-8", "jwtworkshop-9", "jwtworkshop-alice", "jwtworkshop-main"}, left)
}

// TestWayOut: the hint is about what is wrong.
func TestWayOut(t *testing.T) {
	if runtime.GOOS != "windows" {
		assert.Contains(t, WayOut(fmt.Errorf("write: %w", syscall.ENOSPC)), "the disk is full")
	}
	assert.True(t, isFull(fmt.Errorf("write: %w", syscall.EDQUOT), "linux"))
	assert.True(t, isFull(fmt.Errorf("write: %w", syscall.Errno(112)), "windows"))
	assert.False(t, isFull(syscall.Errno(112), "linux"), "where it is another error")
	assert.Contains(t, WayOut(errors.New("?")), "write-protected")
	if runtime.GOOS != "windows" {
		assert.Contains(t, WayOut(fs.ErrPermission), "another user")
	}
}

// TestWithWayOut: an error of the file system's gets the way out once, and no other does.
func TestWithWayOut(t *testing.T) {
	_, err := os.ReadFile(filepath.Join(t.TempDir(), "nothing.md"))
	with := WithWayOut(err)
	assert.ErrorIs(t, with, fs.ErrNotExist)
	assert.Equal(t, 1, strings.Count(with.Error(), "\nhint: put it back"))
	assert.Equal(t, with, WithWayOut(with))
	for _, other := range []error{nil, errors.New("?"), fmt.Errorf("%w\npista: otra cosa", err)} {
		assert.Equal(t, other, WithWayOut(other))
	}
}

// TestStartable: what the system does not start is an error with the way out.
func TestStartable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there, a name says whether a file is a program")
	}
	program := filepath.Join(t.TempDir(), "program.exe")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	require.NoError(t, Startable(program))
	require.NoError(t, os.Chmod(program, 0o644))
	assert.ErrorContains(t, Startable(program), "\nhint: set TMPDIR")
}
