package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNowhereToKeepIt: where nothing can be written, one line says so, with the way out.
func TestNowhereToKeepIt(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), nil, 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "steps"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".workshop"), nil, 0o644)) // no folder can be made there, not even by root
	t.Chdir(dir)
	t.Setenv("LC_ALL", "C")
	assert.ErrorContains(t, run(), "\nhint: that is a file, and a folder belongs there")
	require.NoError(t, os.Remove(filepath.Join(dir, ".workshop")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".workshop"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".workshop", "build"), nil, 0o644))
	assert.ErrorContains(t, run(), "\nhint: move the workshop to a folder of your own")
}

// TestReadOnly: where what is there cannot be written to, the way out is that of its cause.
func TestReadOnly(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	begin := func(t *testing.T, dir string) (build string) {
		build = filepath.Join(dir, ".workshop", "build")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), nil, 0o644))
		require.NoError(t, os.Mkdir(filepath.Join(dir, "steps"), 0o755))
		require.NoError(t, os.MkdirAll(build, 0o755))
		t.Chdir(dir)
		return build
	}
	t.Run("a disk", func(t *testing.T) {
		disk := t.TempDir()
		if err := exec.Command("mount", "-t", "tmpfs", "tmpfs", disk).Run(); err != nil {
			t.Skip("cannot make a disk here: mount: ", err)
		}
		defer exec.Command("umount", "-l", disk).Run()
		begin(t, disk)
		require.NoError(t, exec.Command("mount", "-o", "remount,ro", disk).Run())
		assert.ErrorContains(t, run(), "\nhint: move the workshop to a folder of your own")
	})
	t.Run("another user's folder", func(t *testing.T) {
		if os.Geteuid() == 0 || runtime.GOOS == "windows" {
			t.Skip("this user may write everywhere")
		}
		require.NoError(t, os.Chmod(begin(t, t.TempDir()), 0o500))
		assert.ErrorContains(t, run(), "sudo chown -R $USER .")
	})
}

// TestNothingStarts: where no program can be started, the way out is said.
func TestNothingStarts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no permission to be started there")
	}
	file := filepath.Join(t.TempDir(), "coach.exe")
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\n"), 0o644))
	assert.ErrorContains(t, refused(start(file, nil)), "\nhint: no program can be started on this disk")
	assert.NoError(t, refused(nil))
}
