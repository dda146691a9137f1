package source

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeFiles returns a folder with these files, in a folder whose name would be a pattern.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "jwt [2]")
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	return dir
}

// TestIn: Go files, the page's files and what else is embedded are the program; what could
// change how that is built or checked is not.
func TestIn(t *testing.T) {
	files := map[string]string{}
	want := []string{"inside/kept.txt", "inside/more.go", "mails/a/b.html", "main.go", "notes[1].go", "web/app.js", "web/data.db", "web/icons/a.svg", "web/keys.mjs"}
	tests := []string{"inside/more_test.go", "main_test.go"}
	leftOut := []string{"default.pgo", "fast.c", "fast.h", "fast.s", "fast.syso", "go.mod", "go.sum", "go.work", "lib.a"}
	for _, names := range [][]string{want, tests, leftOut, {"a copy/go.mod", "a copy/main.go", "a copy/steps/01-setup/main.go", "web/other/go.mod", "web/other/x.js", "vendor/modules.txt", "vendor/x/x.go", ".git/config", ".hidden/x.go", "README.md", ".env", "workshop.db", "index.html", "other/page.js", "mails/c.css"}} {
		for _, name := range names {
			files[name] = "// " + name + "\n"
		}
	}
	files["main.go"] = "package main\n\n//go:embed web\nvar web embed.FS\n\n//go:embed \"mails/*/*.html\" all:none\nvar mails embed.FS\n}}} // as it is half-way\n"
	files["inside/more.go"] = "package inside\r\n\r\n//go:embed kept.txt\r\nvar kept string\r\n"
	from := writeFiles(t, files)
	if runtime.GOOS != "windows" { // there, not everyone may make a link
		outside := writeFiles(t, map[string]string{"secret.go": "package main\n", "folder/x.go": "package main\n"})
		require.NoError(t, os.Symlink(filepath.Join(outside, "secret.go"), filepath.Join(from, "secret.go")))
		require.NoError(t, os.Symlink(filepath.Join(outside, "folder"), filepath.Join(from, "folder")))
		leftOut = append(leftOut[:2:2], "fast.h", "fast.s", "fast.syso", "folder", "go.mod", "go.sum", "go.work", "lib.a", "secret.go")
	}
	s, err := In(from)
	require.NoError(t, err)
	assert.Equal(t, want, s.Files)
	assert.Equal(t, tests, s.Tests)
	assert.Equal(t, leftOut, s.LeftOut)
	require.NoError(t, s.Unfit())

	to := t.TempDir()
	require.NoError(t, s.CopyTo(to))
	for _, name := range want {
		text, err := os.ReadFile(filepath.Join(to, filepath.FromSlash(name)))
		require.NoError(t, err)
		assert.Equal(t, files[name], string(text), name)
	}
	_, err = os.Stat(filepath.Join(to, "main_test.go"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestWeb: all that is in the folder web belongs to the page, though no Go file embeds it.
func TestWeb(t *testing.T) {
	s, err := In(writeFiles(t, map[string]string{"main.go": "package main\n", "web/icons/a.svg": "<svg/>", "web/keys.mjs": "export {};\n"}))
	require.NoError(t, err)
	assert.Equal(t, []string{"main.go", "web/icons/a.svg", "web/keys.mjs"}, s.Files)
}

// TestUnfit: nobody's program fills the disk, or works here and not there.
func TestUnfit(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a picture of 2 MiB":  {map[string]string{"web/a.png": strings.Repeat("x", 2<<20)}, ""},
		"too large":           {map[string]string{"a.go": strings.Repeat("x", 20<<20), "web/a.png": strings.Repeat("x", 13<<20)}, "the program has 2 files, 33 MiB in all"},
		"a Go file of 2 MiB":  {map[string]string{"main.go": "package main\n\nconst x = `" + strings.Repeat("x", 2<<20) + "`\n"}, "the Go file main.go has more than 1024 KiB"},
		"large, and no part":  {map[string]string{"main.go": "package main\n", "notes.txt": strings.Repeat("x", 33<<20)}, ""},
		"a driver in C":       {map[string]string{"database.go": "package main\n\nimport (\n\t\"gorm.io/driver/sqlite\"\n)\n\nfunc main() {\n"}, "database.go imports gorm.io/driver/sqlite, which works only where a C compiler is"},
		"in a sub-package":    {map[string]string{"store/db.go": "package store\n\nimport _ \"github.com/mattn/go-sqlite3\"\n"}, "store/db.go imports github.com/mattn/go-sqlite3"},
		"named in a comment":  {map[string]string{"main.go": "package main\n\n// not \"gorm.io/driver/sqlite\"\nimport _ \"modernc.org/sqlite\"\n"}, ""},
		"no Go file any more": {map[string]string{"main.go": "paquete main\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := In(writeFiles(t, tt.files))
			require.NoError(t, err)
			if err = s.Unfit(); tt.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, tt.want)
			}
		})
	}
	many := map[string]string{}
	for i := range maxFiles + 1 {
		many[fmt.Sprintf("f%d.go", i)] = "package main\n"
	}
	s, err := In(writeFiles(t, many))
	require.NoError(t, err)
	assert.ErrorContains(t, s.Unfit(), "the program has 1001 files")
}

// TestCopyFile: a copy that is not the same is an error.
func TestCopyFile(t *testing.T) {
	dir := writeFiles(t, map[string]string{"a.go": "package main\n"})
	require.NoError(t, CopyFile(filepath.Join(dir, "a.go"), filepath.Join(dir, "kept", "a.go")))
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip("no file here that keeps nothing")
	}
	assert.ErrorContains(t, CopyFile(filepath.Join(dir, "a.go"), "/dev/null"), "is not the same there")
}

// TestTooLarge: what would take long to look through is refused, and not looked through.
func TestTooLarge(t *testing.T) {
	patterns := "package main\n"
	for i := range maxPatterns + 1 {
		patterns += fmt.Sprintf("//go:embed %d/*\n", i)
	}
	for says, files := range map[string]map[string]string{
		"embed others by more than": {"main.go": patterns},
		"folders in folders":        {strings.Repeat("a/", maxDepth+1) + "x.txt": ""},
		"more than 10000 files":     nil,
		"2000 files, 40000 MiB":     nil,
		"1 files, 33 MiB":           {"main.go": strings.Repeat(" ", maxBytes+1<<20)},
	} {
		if says == "2000 files, 40000 MiB" && runtime.GOOS == "windows" { // where no file is sparse by itself
			continue
		}
		dir := writeFiles(t, files)
		require.NoError(t, os.MkdirAll(dir, 0o755))
		switch says {
		case "more than 10000 files":
			for i := range maxNames {
				require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644))
			}
		case "2000 files, 40000 MiB":
			for i := range 2000 { // sparse: they are nowhere, and would take minutes to read
				file := filepath.Join(dir, fmt.Sprintf("%d.go", i))
				require.NoError(t, os.WriteFile(file, nil, 0o644))
				require.NoError(t, os.Truncate(file, 20<<20))
			}
		}
		s, err := In(dir)
		if err == nil {
			err = s.Unfit()
		}
		assert.ErrorIs(t, err, ErrTooLarge)
		assert.ErrorContains(t, err, says)
	}
}
