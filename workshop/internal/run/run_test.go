package run

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/folder"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShorten: of what the compiler says, the first lines that are about the code.
func TestShorten(t *testing.T) {
	text := "# jwtworkshop/steps/01-setup\nsteps/01-setup/jwt.go:3:5: undefined: x\n" + strings.Repeat("steps/01-setup/jwt.go:9:1: y\n", 20)
	lines := strings.Split(shorten(text), "\n")
	assert.Equal(t, "steps/01-setup/jwt.go:3:5: undefined: x", lines[0])
	assert.Len(t, lines, 13)
	unreadable := "steps/01-setup/database.go:6:2: cannot find package\nsteps/01-setup/main.go:9:2: cannot find package\nsteps/01-setup/jwt.go:1:1: illegal UTF-8 encoding (got UTF-16)\n"
	assert.Equal(t, "steps/01-setup/jwt.go:1:1: illegal UTF-8 encoding (got UTF-16)", shorten(unreadable))
	assert.Equal(t, "steps/01-setup/main.go:9:2: cannot find package", shorten("steps/01-setup/main.go:9:2: cannot find package\n"))
}

// TestExplain: what the go command says comes with the way out.
func TestExplain(t *testing.T) {
	for printed, want := range map[string]string{
		"gorm.io/gorm@v1.31.2: Get \"https://x/\": dial tcp: lookup x: no such host":                                          "connect to the internet once",
		`workshop\internal\words\catalogue\catalogue.go:16:12: pattern *.po: syntax error in pattern`:                         "rename the folder",
		"steps/01-setup/main.go:15:2: github.com/gin-gonic/gin@v1.12.0: Get \"https://x/\": dial tcp: lookup x: no such host": "connect to the internet once",
		"write /tmp/x: no space left on device":                                                                               "the disk is full",
		"write /home/ana/x: disk quota exceeded":                                                                              "the disk is full",
		`write C:\x: There is not enough space on the disk.`:                                                                  "the disk is full",
		`write C:\x: Espacio en disco insuficiente.`:                                                                          "the disk is full",
		`write C:\x: No hay espacio suficiente en el disco.`:                                                                  "the disk is full",
		"gorm.io/gorm: /go/pkg/tool/linux_amd64/compile: signal: killed":                                                      "too little memory",
		"runtime: failed to create new OS thread (have 9 already; errno=11)\nruntime: may need to increase max user processes (ulimit -u)\nfatal error: newosproc\n\ngoroutine 1 [running]:\nmain.main()": "no more processes",
		"go: error obtaining buildID for go tool compile: fork/exec /x: resource temporarily unavailable":                                                                                                 "no more processes",
	} {
		assert.ErrorContains(t, explain(context.DeadlineExceeded, printed), want)
	}
	assert.EqualError(t, explain(context.DeadlineExceeded, "steps/01-setup/jwt.go:9:2: \"no space left on device, signal: killed"), "context deadline exceeded\nsteps/01-setup/jwt.go:9:2: \"no space left on device, signal: killed", "which somebody has written")
	assert.NotContains(t, explain(context.DeadlineExceeded, "runtime: failed to create new OS thread\n\ngoroutine 1 [running]:\n").Error(), "goroutine")
	assert.EqualError(t, explain(context.DeadlineExceeded, "panic: dial tcp 127.0.0.1:80: refused\n"), "context deadline exceeded\npanic: dial tcp 127.0.0.1:80: refused", "which no library is")
	assert.ErrorContains(t, explain(&exec.Error{Name: "go", Err: exec.ErrNotFound}, ""), "https://go.dev/dl/")
}

// TestChecksWorkInTheFolder: all that checks write is in the folder that they are given, which goes even if they are
// ended in the middle, as on Windows.
func TestChecksWorkInTheFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a script is no program there")
	}
	w := Workshop{Root: t.TempDir()}
	require.NoError(t, os.MkdirAll(filepath.Join(w.Root, "steps", "01-setup"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Dir(w.ChecksFile("01-setup")), 0o755))
	require.NoError(t, os.WriteFile(w.ChecksFile("01-setup"), []byte("#!/bin/sh\necho \"TMP=$TMP TEMP=$TEMP\"\n"), 0o755))
	dir := t.TempDir()
	_, _, err := w.execute(t.Context(), 0, "01-setup", dir)
	assert.ErrorContains(t, err, "TMP="+dir+" TEMP="+dir)
}

// TestCapped: what a program prints without end is cut off.
func TestCapped(t *testing.T) {
	c := &capped{limit: 5}
	for range 3 {
		n, err := c.Write([]byte("abc"))
		require.NoError(t, err)
		assert.Equal(t, 3, n)
	}
	assert.Equal(t, "abcab", c.String())
}

// TestNoexec: a program that was built where the system starts none is an error with the way out.
func TestNoexec(t *testing.T) {
	disk, root := t.TempDir(), t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", disk).Run(); err != nil {
		t.Skip("cannot make such a disk here: mount: ", err)
	}
	defer exec.Command("umount", "-l", disk).Run()
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module jwtworkshop\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(root, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o644))
	printed, err := Workshop{Root: root}.goBuild(t.Context(), filepath.Join(disk, "program.exe"), ".")
	assert.ErrorContains(t, err, "\nhint: set TMPDIR", string(printed))
}

// BenchmarkSave compares the time from a save of a file to the verdict, in the coach
// and with go test, for the same edits, by turns. It prints the medians, what the build
// takes of the coach's, and the ratio: with cgo, go test is some slower, and so the ratio
// lower. Before it begins, each has compiled the libraries.
func BenchmarkSave(b *testing.B) {
	root, err := folder.Find()
	require.NoError(b, err)
	w := Workshop{Root: root}
	const step = "02-token-endpoint"
	file := filepath.Join(w.Root, "steps", step, "bench_edit.go")
	b.Cleanup(func() { os.Remove(file) })
	require.NoError(b, w.Prepare(b.Context(), step, func(int, int) {}))
	program := filepath.Join(b.TempDir(), "program.exe")
	ways := map[string]func(){
		"build": func() { w.buildProgram(b.Context(), step, program) },
		"coach": func() {
			_, err := w.Check(b.Context(), step, false, func(*Result) {})
			require.NoError(b, err)
		},
		"gotest": func() { // as a learner types it
			cmd := exec.Command("go", "test", "./steps/"+step)
			cmd.Dir = w.Root
			cmd.Run()
		},
	}
	took := map[string][]time.Duration{}
	save := func(way string) {
		text := "package main\n\nconst lastEdit = \"" + time.Now().String() + "\"\n\nvar _ = lastEdit\n"
		require.NoError(b, os.WriteFile(file, []byte(text), 0o644))
		start := time.Now()
		ways[way]()
		took[way] = append(took[way], time.Since(start))
	}
	for way := range ways {
		save(way)
	}
	clear(took)
	for b.Loop() {
		for way := range ways {
			save(way)
		}
	}
	median := func(way string) float64 {
		slices.Sort(took[way])
		return took[way][len(took[way])/2].Seconds()
	}
	b.ReportMetric(0, "ns/op")
	for way := range ways {
		b.ReportMetric(median(way), "s/"+way)
	}
	b.ReportMetric(median("coach")/median("gotest"), "coach/gotest")
}

// TestDidNotCompile: whose fault it is that there is no program, by what Go prints.
func TestDidNotCompile(t *testing.T) {
	failed := exec.Command("go", "no-such-command").Run()
	require.Error(t, failed)
	for printed, want := range map[string]bool{
		"# jwtworkshop/steps/01-setup\nsteps/01-setup/jwt.go:3:1: syntax error":              true,
		"jwtworkshop/steps/01-setup: no non-test Go files in /home/ada/jwt/steps/01-setup":   true,
		"no Go files in /home/ada/jwt/steps/01-setup":                                        true,
		"package jwtworkshop/steps/01-setup: no Go files in /home/ada/jwt/steps/01-setup":    true,
		"found packages main (database.go) and jwt (jwt.go) in /home/ada/jwt/steps/01-setup": true,
		"go: github.com/gin-gonic/gin@v1.12.0: Get \"https://example.org/\": dial tcp: no":   false,
	} {
		assert.Equal(t, want, didNotCompile(failed, []byte(printed)), printed)
	}
}
