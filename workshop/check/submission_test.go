package check

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeFiles writes files into a new folder, and returns it.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// listFiles returns the names of the files in a folder, sorted.
func listFiles(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	slices.Sort(names)
	return names
}

// TestCopySubmission: Go files and a page's files are taken, and nothing that
// could change how they are built or checked.
func TestCopySubmission(t *testing.T) {
	taken := []string{"inside/more.go", "main.go", "web/app.js", "web/favicon.ico", "web/icons/a.svg", "web/icons/b.png", "web/index.html", "web/style.css"}
	files := map[string]string{}
	for _, name := range append(taken,
		"main_test.go", "inside/more_test.go", "fast.s", "fast.c", "fast.h", "fast.syso", "lib.a", "go.mod", "go.sum", "go.work", "default.pgo",
		"vendor/modules.txt", "vendor/x/x.go", ".git/config", ".hidden/x.go", "README.md", ".env", "workshop.db",
		"index.html", "other/page.js", "web/index.php", "web/data.db", "notweb/web/a.js") {
		files[name] = "// " + name + "\n"
	}
	from, to := writeFiles(t, files), t.TempDir()
	outside := writeFiles(t, map[string]string{"secret.go": "package main\n", "folder/x.go": "package main\n"})
	if err := os.Symlink(filepath.Join(outside, "secret.go"), filepath.Join(from, "secret.go")); !onWindows {
		require.NoError(t, err) // on Windows, not everyone may make one
		require.NoError(t, os.Symlink(filepath.Join(outside, "folder"), filepath.Join(from, "folder")))
	}
	require.NoError(t, copySubmission(from, to))
	assert.Equal(t, taken, listFiles(t, to))
	text, err := os.ReadFile(filepath.Join(to, "main.go"))
	require.NoError(t, err)
	assert.Equal(t, "// main.go\n", string(text))
}

// TestCopySubmissionLimits: nobody's submission fills the disk.
func TestCopySubmissionLimits(t *testing.T) {
	large := writeFiles(t, map[string]string{"main.go": strings.Repeat("x", maxSubmissionFile+1)})
	assert.EqualError(t, copySubmission(large, t.TempDir()), "main.go is larger than 1 MiB")
	exact := writeFiles(t, map[string]string{"main.go": strings.Repeat("x", maxSubmissionFile), "notes.txt": strings.Repeat("x", maxSubmissionFile+1)})
	assert.NoError(t, copySubmission(exact, t.TempDir()))

	many := map[string]string{}
	for i := range maxSubmissionFiles {
		many[fmt.Sprintf("f%d.go", i)] = "package main\n"
	}
	assert.NoError(t, copySubmission(writeFiles(t, many), t.TempDir()))
	many["one-more.go"] = "package main\n"
	assert.EqualError(t, copySubmission(writeFiles(t, many), t.TempDir()), "more than 200 files")
}

// TestBuildSubmissionFails: whoever grades is told what is missing.
func TestBuildSubmissionFails(t *testing.T) {
	setFor(t, &workspace, t.TempDir())
	const advice = " has no folder steps/check\nhint: -submission wants the folder that holds a student's steps/, as folders and not as links"
	build := func(folder string) error {
		_, err := buildSubmission(folder)
		return err
	}
	good := writeFiles(t, map[string]string{"steps/check/main.go": "package main\n"})
	for name, files := range map[string]map[string]string{
		"no steps":     {"main.go": "package main\n"},
		"no such step": {"steps/02-token-endpoint/main.go": "package main\n"},
		"a file":       {"steps/check": "package main\n"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := writeFiles(t, files)
			assert.EqualError(t, build(folder), folder+advice)
		})
	}
	t.Run("a link to somebody else's", func(t *testing.T) {
		folder := t.TempDir()
		if err := os.Symlink(filepath.Join(good, "steps"), filepath.Join(folder, "steps")); err != nil {
			t.Skip(err)
		}
		assert.EqualError(t, build(folder), folder+advice)
	})
	t.Run("too large", func(t *testing.T) {
		folder := writeFiles(t, map[string]string{"steps/check/main.go": strings.Repeat("x", maxSubmissionFile+1)})
		assert.EqualError(t, build(folder), "cannot take steps/check from "+folder+": main.go is larger than 1 MiB")
	})
	t.Run("no go command", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		assert.EqualError(t, build(good), "-submission needs the go command, and there is none in the PATH\nhint: install Go from https://go.dev/dl/")
	})
	t.Run("does not compile", func(t *testing.T) {
		for _, name := range []string{"GOFLAGS", "GOWORK", "GOTOOLCHAIN"} {
			t.Setenv(name, "-nonsense") // the shell's settings are not the build's
		}
		t.Setenv("CGO_ENABLED", "1")
		folder := writeFiles(t, map[string]string{
			"steps/check/main.go": "package main\n\nfunc main() {\n\tx := 1\n\ty()\n}\n",
			"steps/check/c.go":    "package main\n\nimport \"C\"\n\nfunc y() {}\n",
		})
		err := build(folder)
		require.Error(t, err)
		lines := strings.Split(filepath.ToSlash(err.Error()), "\n")
		assert.Equal(t, []string{
			"the submission's steps/check does not compile; go build says:",
			"  | # jwtworkshop/steps/check",
			"  | steps/check/main.go:4:2: declared and not used: x",
			"  | steps/check/main.go:5:2: undefined: y",
		}, lines)
		assert.Subset(t, listFiles(t, filepath.Join(workspace, "submission")), []string{"go.mod", "go.sum", "workshop/sqlite/sqlite.go"})
	})
}
