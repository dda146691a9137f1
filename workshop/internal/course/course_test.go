package course

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write starters.txtar anew from steps/")

// root is the workshop's folder, seen from here.
const root = "../../.."

// TestStartersAreCurrent: the archive holds the steps as they are in steps/. In
// a learner's checkout they differ, and should; so it fails in CI only.
func TestStartersAreCurrent(t *testing.T) {
	now := txtar.Format(&txtar.Archive{Files: readSteps(t)})
	if *update {
		require.NoError(t, os.WriteFile("starters.txtar", now, 0o644))
		return
	}
	if bytes.Equal(now, starters) {
		return
	}
	const message = "steps/ differs from starters.txtar; if that is meant to be so: go test ./workshop/internal/course -update"
	if os.Getenv("CI") == "" {
		t.Skip(message)
	}
	t.Fatal(message)
}

// readSteps returns the files in steps/ that a learner may change: Go files but
// for tests, and web pages.
func readSteps(t *testing.T) []txtar.File {
	t.Helper()
	var files []txtar.File
	for _, step := range Steps {
		dir := filepath.Join(root, "steps", step)
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".png") || strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.Base(path), ".db") || entry.Name() == ".env" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			files = append(files, txtar.File{Name: filepath.ToSlash(name), Data: text})
			return err
		})
		require.NoError(t, err)
	}
	return files
}

// TestStarter: the archive has each step's files, under their own names.
func TestStarter(t *testing.T) {
	for _, step := range Steps {
		files := Starter(step)
		require.Contains(t, files, "main.go", step)
		assert.Contains(t, string(files["main.go"]), "package main", step)
		for name, text := range files {
			assert.NotEmpty(t, text, "%s/%s", step, name)
		}
	}
	assert.Empty(t, Starter("00-nothing"))
}

// TestFind: a step is found by what people call it.
func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "2": Steps[1], "02": Steps[1], "token": Steps[1], "02-token-endpoint": Steps[1],
		"steps/03-protected": Steps[2], "steps/03-protected/": Steps[2], `steps\03-protected`: Steps[2],
	} {
		got, err := Find(name)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"0", "9", "x"} {
		_, err := Find(name)
		assert.ErrorContains(t, err, "the steps are 01-setup", name)
	}
}
