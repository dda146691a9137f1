package coach

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/run"
)

// write writes a file of the session's step.
func (s *Session) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(s.file("steps", name)), 0o755))
	require.NoError(t, os.WriteFile(s.file("steps", name), []byte(text), 0o644))
}

// TestKeep: a copy that cannot be made whole leaves nothing behind.
func TestKeep(t *testing.T) {
	s := newTestSession(t)
	backup := filepath.Join(s.Workshop.Root, "backup", "1")
	err := s.keep([]string{"main.go", "nothing.go"}, backup)
	assert.ErrorContains(t, err, "nothing.go")
	assert.ErrorContains(t, err, "hint: ")
	assert.NoDirExists(t, backup)
	require.NoError(t, s.keep([]string{"main.go"}, backup))
	assert.FileExists(t, filepath.Join(backup, "main.go"))
}

// TestReset: all that a reset overwrites or removes is kept, byte for byte, and the rest is
// left alone.
func TestReset(t *testing.T) {
	s := newTestSession(t)
	s.Step = "04-frontend"
	mine := map[string]string{
		"token.go": "package main // mine\r\n", "more[1].go": "package main\n", "store/store.go": "package store\n", "own_test.go": "package main // a test\n",
		"web/app.js": "\ufeffexport {};\n", "web/keys.mjs": "export {};\n", "web/pictures/deep/a.png": "\x89PNG\x00\xff",
	}
	for name, text := range mine {
		s.write(t, name, text)
	}
	s.write(t, "notes.txt", "mine, and no part of the program")
	backup := filepath.Join(s.Workshop.Root, "backup", "here")
	require.NoError(t, s.reset(backup))
	starter := course.Starter(s.Step)
	for name, text := range mine {
		kept, err := os.ReadFile(filepath.Join(backup, filepath.FromSlash(name)))
		require.NoError(t, err)
		assert.Equal(t, text, string(kept), name)
		if _, ours := starter[name]; !ours {
			assert.NoFileExists(t, s.file("steps", name))
		}
	}
	for name, text := range starter {
		now, err := os.ReadFile(s.file("steps", name))
		require.NoError(t, err)
		assert.Equal(t, string(text), string(now), name)
	}
	assert.FileExists(t, s.file("steps", "notes.txt"))
	assert.FileExists(t, s.file("steps", "main_test.go"))
}

// TestResetRefuses: what cannot be kept is not overwritten.
func TestResetRefuses(t *testing.T) {
	s := newTestSession(t)
	s.write(t, "token.go", "package main // mine\n")
	unchanged := func(name string) {
		t.Helper()
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, "package main // mine\n", string(text))
	}
	s.write(t, "backup", "a file in the way")
	assert.Error(t, s.reset(s.file("steps", "backup/now")))
	unchanged(s.file("steps", "token.go"))

	elsewhere := filepath.Join(t.TempDir(), "token.go")
	require.NoError(t, os.Rename(s.file("steps", "token.go"), elsewhere))
	makeLink(t, elsewhere, s.file("steps", "token.go"))
	assert.ErrorContains(t, s.reset(filepath.Join(t.TempDir(), "now")), "token.go is a link, and what it leads to would be overwritten\nhint: ")
	unchanged(elsewhere)
	require.NoError(t, os.Remove(elsewhere))
	assert.ErrorContains(t, s.reset(filepath.Join(t.TempDir(), "now")), "token.go is no file that Go can read, but a link that leads nowhere, a pipe or the like\nhint: ")
	assert.NoFileExists(t, elsewhere, "a reset writes through no link")
}

// TestFolderForFile: where a file of the starter's should be is a folder: that is said, and no hint on
// names that are undefined without the file; and a reset leaves what is in it.
func TestFolderForFile(t *testing.T) {
	s := newTestSession(t)
	require.NoError(t, os.Remove(s.file("steps", "token.go")))
	require.NoError(t, os.Mkdir(s.file("steps", "token.go"), 0o755))
	s.write(t, "token.go/notes.txt", "mine")
	assert.ErrorContains(t, s.reset(filepath.Join(t.TempDir(), "now")), "token.go is a folder, and the step has a file of that name\nhint: ")
	assert.FileExists(t, s.file("steps", "token.go/notes.txt"))
	s.Errors = map[string][]course.KnownError{s.Step: course.KnownErrors("../../..", s.Step)}
	s.Result = &run.Result{Compile: "steps/02-token-endpoint/main.go:3:1: undefined: newJWTManager"}
	said := strings.Join(s.verdict(200), "\n")
	assert.Contains(t, said, "steps/02-token-endpoint/token.go is a folder")
	assert.NotContains(t, said, "If you see")
}

// makeLink makes a link, and skips the test where that may not be, or where a link looks like what
// it leads to, as in Wine.
func makeLink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skip("a link looks like what it leads to")
	}
}

// TestRenamed: a file that has only another name is not called lost.
func TestRenamed(t *testing.T) {
	s := newTestSession(t)
	require.NoError(t, os.Rename(s.file("steps", "token.go"), s.file("steps", "Token.go.txt")))
	assert.Equal(t, "Token.go.txt", s.renamed("token.go"))
	s.Result = &run.Result{Compile: "undefined: postToken"}
	assert.Contains(t, strings.Join(s.verdict(200), " "), "steps/02-token-endpoint/token.go is missing, and steps/02-token-endpoint/Token.go.txt is there: is that it?")
	for _, other := range []string{"token_windows.go", "token (1).go", "token copy.go"} { // and not token_test.go
		require.NoError(t, os.Rename(s.file("steps", s.renamed("token.go")), s.file("steps", other)))
		assert.Equal(t, other, s.renamed("token.go"))
	}
	s.Step = "04-frontend"
	require.NoError(t, os.Rename(s.file("steps", "web"), s.file("steps", "Web")))
	if _, err := os.Stat(s.file("steps", "web")); err != nil { // else capital letters do not count here
		assert.Equal(t, "Web", s.renamed("web/app.js"))
	}
}

// TestFolderMoved: when the workshop's folder was moved, that is said, and nothing is made where it
// was.
func TestFolderMoved(t *testing.T) {
	s := newTestSession(t)
	root := s.Workshop.Root
	require.NoError(t, os.Rename(root, root+" elsewhere"))
	const gone = " is not there any more\nhint: was it moved or renamed?"
	_, err := s.Workshop.Source(s.Step)
	assert.ErrorContains(t, err, root+gone)
	assert.ErrorContains(t, s.remember("new-login", true), root+gone)
	assert.NoDirExists(t, root)
}

// TestEnvOfNoFile: a .env that is no file, as a pipe of a password manager's, is not waited for.
func TestEnvOfNoFile(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, ".env"), 0o755))
	_, err := ReadEnv(root)
	assert.ErrorContains(t, err, "no regular file")
}

// TestNoHints: where the hints are gone, h says so, and all else works.
func TestNoHints(t *testing.T) {
	s := newTestSession(t)
	require.NoError(t, os.Remove(s.file("steps", "hints.md")))
	s, err := New(s.Workshop, s.Step)
	require.NoError(t, err)
	page, err := s.Hint()
	require.NoError(t, err)
	assert.Contains(t, strings.Join(page(200), " "), "There is no hint on TODO 1 in steps/02-token-endpoint/hints.md")
	assert.NotEmpty(t, s.todos(80))
}

// TestResetOfALink: a step's folder that is a link, as to a folder that is synchronised, is
// copied as any other. Where there is none, its checks and lesson are missing, too.
func TestResetOfALink(t *testing.T) {
	s := newTestSession(t)
	s.write(t, "jwt.go", "package main // mine\n")
	elsewhere := filepath.Join(t.TempDir(), "cloud")
	require.NoError(t, os.Rename(s.file("steps", ""), elsewhere))
	makeLink(t, elsewhere, filepath.Clean(s.file("steps", "")))
	backup := filepath.Join(t.TempDir(), "now")
	require.NoError(t, s.reset(backup))
	kept, err := os.ReadFile(filepath.Join(backup, "jwt.go"))
	require.NoError(t, err)
	assert.Equal(t, "package main // mine\n", string(kept))

	require.NoError(t, os.RemoveAll(elsewhere))
	require.NoError(t, os.Remove(filepath.Clean(s.file("steps", ""))))
	then := filepath.Join(t.TempDir(), "then")
	assert.ErrorContains(t, s.reset(then), "there is no folder steps/02-token-endpoint\nhint: put it back")
	assert.NoDirExists(t, then)
}
