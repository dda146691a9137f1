package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/report"
)

// writeFiles writes files into a new folder, whose name would be a pattern, and returns it.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "jwt [2]")
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

// TestBuildSubmissionFails: whoever grades is told what is missing.
func TestBuildSubmissionFails(t *testing.T) {
	setFor(t, &workspace, t.TempDir())
	const advice = " has no folder steps/check\nhint: -submission wants the folder that holds a student's steps/, as folders and not as links"
	build := func(folder string) error {
		_, err := buildSubmission(t.Context(), folder, buildLimit)
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
		folder := writeFiles(t, map[string]string{"steps/check/main.go": strings.Repeat("x", 33<<20)})
		assert.ErrorContains(t, build(folder), "cannot take steps/check from "+folder+": the program has 1 files, 33 MiB in all")
	})
	t.Run("a driver that is C", func(t *testing.T) { // even where there is a compiler for it
		folder := writeFiles(t, map[string]string{"steps/check/main.go": "package main\n\nimport _ \"gorm.io/driver/sqlite\"\n\nfunc main() {}\n"})
		err := build(folder)
		assert.ErrorContains(t, err, "main.go imports gorm.io/driver/sqlite, which works only where a C compiler is")
		var end *endError
		require.ErrorAs(t, err, &end)
		assert.Equal(t, report.DoesNotCompile, end.End)
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
		assert.Subset(t, listFiles(t, filepath.Join(workspace, "src")), []string{"go.mod", "go.sum", "workshop/sqlite/sqlite.go"})
	})
}

// TestTakeSubmission: what the program is built of and serves is taken, and what is not is named.
func TestTakeSubmission(t *testing.T) {
	from := writeFiles(t, map[string]string{
		"main.go": "package main\n", "store/store.go": "package store\n", "web/keys.mjs": "export {};\n", "web/icons/a.png": "PNG",
		"main_test.go": "package main\n", "notes.txt": "mine", "fast.s": "", "go.mod": "module mine\n",
	})
	to := t.TempDir()
	leftOut, err := takeSubmission(from, to)
	require.NoError(t, err)
	assert.Equal(t, []string{"main.go", "store/store.go", "web/icons/a.png", "web/keys.mjs"}, listFiles(t, to))
	assert.Equal(t, []string{"fast.s", "go.mod"}, leftOut)
}

// TestOfMachine: of what go build prints of a step, what its code can have written is not taken for the machine's
// words, and what Go's tools say of a full disk is.
func TestOfMachine(t *testing.T) {
	const step, library = "# jwtworkshop/steps/01-setup\n", "# gorm.io/gorm\n"
	for name, tt := range map[string]struct {
		printed string
		isOurs  bool // the machine's
	}{
		"the linker, on a full disk":       {step + "/usr/local/go/pkg/tool/linux_amd64/link: mapping output file failed: no space left on device\n", true},
		"the linker of Windows":            {step + "C:\\Program Files\\Go\\pkg\\tool\\windows_amd64\\link.exe: no space left on device\r\n", true},
		"the compiler, on a full disk":     {step + "compile: writing output: write $WORK/b001/_pkg_.a: no space left on device\n", true},
		"the compiler, killed":             {step + "/usr/local/go/pkg/tool/linux_amd64/compile: signal: killed\n", true},
		"a library":                        {library + "x.go:1: no space left on device\n", true},
		"the go command":                   {"go: creating work dir: mkdir /tmp/x: no space left on device\n", true},
		"a type in a symbol":               {step + `main.g[go.shape.struct { A int "no space left on device" }]: relocation target main.f not defined` + "\n", false},
		"a type that begins like a tool":   {step + `main.g[go.shape.struct { A int "/link: no space left on device" }]: relocation target main.f not defined` + "\n", false},
		"a type in what the linker quotes": {step + `link: duplicated definition of symbol main.g[go.shape.struct { A int "no space left on device" }]` + "\n", false},
	} {
		assert.Equal(t, tt.isOurs, strings.Contains(ofMachine(tt.printed), "no space") || strings.Contains(ofMachine(tt.printed), "killed"), name)
	}
}
