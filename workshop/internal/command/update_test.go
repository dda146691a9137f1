package main

import (
	"archive/zip"
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"jwtworkshop/workshop/course"
)

// startersNow returns an archive with the starters of today, and with one of them changed if that is named.
func startersNow(changed string) []byte {
	archive := &txtar.Archive{}
	for _, step := range course.Steps {
		for name, text := range course.Starter(step) {
			name = "steps/" + step + "/" + name
			if name == changed {
				text = append(bytes.Clone(text), "// more\n"...)
			}
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: text})
		}
	}
	return txtar.Format(archive)
}

// A tree is what is in a folder, by the names of its files.
type tree map[string]string

// write writes the files into a new folder.
func (files tree) write(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	return dir
}

// read returns the files in a folder.
func read(t *testing.T, dir string) tree {
	t.Helper()
	files := tree{}
	require.NoError(t, filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(dir, file)
		files[filepath.ToSlash(name)] = string(text)
		return err
	}))
	return files
}

// TestTakeOver: an update replaces the workshop's own files, keeps what they were, and leaves all that is
// the learner's, byte for byte.
func TestTakeOver(t *testing.T) {
	learners := tree{
		"steps/01-setup/jwt.go": "package main // mine\n", "steps/01-setup/mine.go": "package main\n", "steps/01-setup/mine_test.go": "package main\n",
		"steps/04-frontend/web/app.js": "mine", "steps/01-setup/sub/x.md": "mine",
		".env": "JWT_SECRET_KEY=mine", "workshop.db": "mine", "notes.txt": "mine", ".workshop/progress.json": "mine", ".git/config": "mine",
	}
	before := tree{
		"CHANGELOG.md": "## 1.0.0 - 2026\n", "go.mod": "module jwtworkshop\n", "steps/01-setup/README.md": "old", "steps/01-setup/jwt_test.go": "old",
		"steps/01-setup/main_test.go": "no longer needed", "workshop/check/old.go": "no longer needed", "workshop/check/same.go": "same", "solutions/x.go": "stays",
		startersFile: string(startersNow("")),
	}
	root := func() string {
		all := maps.Clone(before)
		maps.Copy(all, learners)
		return all.write(t)
	}
	now := tree{
		"jwt-2/CHANGELOG.md": "# Changelog\n\n## 1.1.0 - 2027\n\n## 1.0.0 - 2026\n", "jwt-2/go.mod": "module jwtworkshop\n", "jwt-2/steps/01-setup/README.md": "new",
		"jwt-2/steps/01-setup/jwt_test.go": "new", "jwt-2/workshop/check/same.go": "same", "jwt-2/workshop/new/new.go": "new",
		"jwt-2/steps/01-setup/jwt.go": "somebody else's", "jwt-2/.env": "somebody else's", "jwt-2/x.db": "somebody else's", "jwt-2/.workshop/progress.json": "somebody else's",
		"jwt-2/" + startersFile: string(startersNow("steps/01-setup/serve.go")),
	}
	folder := filepath.Join(now.write(t), "jwt-2")
	file := filepath.Join(t.TempDir(), "new.zip")
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	for name, text := range now {
		w, err := writer.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, os.WriteFile(file, packed.Bytes(), 0o644))
	for _, name := range []string{folder, filepath.Dir(folder), file} {
		root := root()
		from, end, err := openWorkshop(name, root)
		require.NoError(t, err)
		done, err := takeOver(root, from, ".workshop/backup/then")
		require.NoError(t, err)
		require.NoError(t, end())
		assert.Equal(t, updated{
			before: "1.0.0", now: "1.1.0", starters: []string{"steps/01-setup/serve.go"},
			written: []string{"CHANGELOG.md", "steps/01-setup/README.md", "steps/01-setup/jwt_test.go", startersFile, "workshop/new/new.go"},
			removed: []string{"steps/01-setup/main_test.go", "workshop/check/old.go"},
		}, done)
		got := read(t, root)
		for name, text := range learners {
			assert.Equal(t, text, got[name], name)
		}
		for name, text := range before {
			if kept, ok := got[".workshop/backup/then/"+name]; ok {
				assert.Equal(t, text, kept, name)
				continue
			}
			assert.Equal(t, text, got[name], "%s is neither kept nor as it was", name)
		}
		assert.Equal(t, "new", got["steps/01-setup/README.md"])
		assert.NotContains(t, got, "workshop/check/old.go")
		assert.Equal(t, "stays", got["solutions/x.go"])
		again, err := takeOver(root, from, ".workshop/backup/again")
		if name != file { // which is closed
			require.NoError(t, err)
			assert.Empty(t, append(again.written, again.removed...))
		}
	}
	_, _, err := openWorkshop(root(), folder)
	assert.NoError(t, err)
	for name, want := range map[string]string{
		folder:                             "is this workshop itself\nhint: ",
		t.TempDir():                        "there is no JWT workshop in ",
		filepath.Join(folder, "go.mod"):    "cannot be read as a zip",
		filepath.Join(folder, "not-there"): "there is no ",
	} {
		_, _, err := openWorkshop(name, folder)
		assert.ErrorContains(t, err, want, name)
	}
}

// TestTakeOverThroughNoLink: where a file of the workshop is a link, what it leads to stays as it is.
func TestTakeOverThroughNoLink(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "theirs")
	require.NoError(t, os.WriteFile(elsewhere, []byte("theirs"), 0o644))
	root := tree{"CHANGELOG.md": "## 1.0.0\n"}.write(t)
	if err := os.Symlink(elsewhere, filepath.Join(root, "LICENSE")); err != nil {
		t.Skip(err)
	}
	if info, err := os.Lstat(filepath.Join(root, "LICENSE")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Skip("a link looks like what it leads to, as in Wine")
	}
	from := fstest.MapFS{"CHANGELOG.md": {Data: []byte("## 1.1.0\n")}, "LICENSE": {Data: []byte("new")}}
	_, err := takeOver(root, from, ".workshop/backup/then")
	assert.ErrorContains(t, err, "the update has stopped half-way")
	text, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(text))
}

// TestVersion: the version is the first one of the changelog.
func TestVersion(t *testing.T) {
	number, err := versionIn(os.DirFS("../../.."))
	require.NoError(t, err)
	assert.Regexp(t, `^\d+\.\d+\.\d+$`, number)
	_, err = versionIn(fstest.MapFS{"CHANGELOG.md": {Data: []byte("# Changelog\n")}})
	assert.ErrorContains(t, err, "names no version")
}
