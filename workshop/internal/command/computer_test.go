package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/gobuild"
)

// TestFindPort: the port is in use if somebody has it on either of the addresses that
// localhost may mean.
func TestFindPort(t *testing.T) {
	for _, address := range []string{"127.0.0.1:8080", "[::1]:8080"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skip(err) // in use, or no IPv6
		}
		_, err = findPort("")
		assert.EqualError(t, err, address+" is in use")
		l.Close()
	}
	_, err := findPort("")
	assert.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".env"), []byte("PORT=:8080\n"), 0o600))
	_, err = findPort(dir)
	assert.ErrorContains(t, err, "PORT is :8080\nhint: PORT is a number alone")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	t.Setenv("PORT", port)
	_, err = findPort(dir)
	assert.EqualError(t, err, l.Addr().String()+" is in use", "what is set counts more than .env")
}

// TestGoOutput: what Go says of downloads is no error of its own.
func TestGoOutput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	_, err := goOutput(exec.Command("sh", "-c", "echo go: downloading x v1 >&2; echo >&2; echo no such host >&2; exit 1"))
	assert.EqualError(t, err, "no such host")
	text, err := goOutput(exec.Command("sh", "-c", "echo go: downloading x v1 >&2; echo v1"))
	require.NoError(t, err)
	assert.Equal(t, "v1", text)
}

// TestFindModules: only libraries are looked for that something needs.
func TestFindModules(t *testing.T) {
	_, err := findModules(root)
	require.NoError(t, err)
	t.Setenv("GOFLAGS", "-race") // which needs C
	needed, err := goOutput(gobuild.Plain(t.Context(), root, append([]string{"list", "-deps"}, append(gobuild.Tags, "./steps/...")...)...))
	require.NoError(t, err)
	assert.NotContains(t, needed, "github.com/ugorji/go/codec")

	dir := t.TempDir()
	require.NoError(t, copyWorkshop(dir))
	beside := filepath.Join(dir, "steps", "01-setup copia") // as file managers name a copy
	require.NoError(t, os.Mkdir(beside, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(beside, "main.go"), []byte("package main\n"), 0o644))
	for module, lacks := range map[string]bool{"github.com/ugorji/go/codec": false, "github.com/gin-gonic/gin": true} {
		file := filepath.Join(dir, "go.mod")
		before, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(before, "\nreplace "+module+" => ./none\n"...), 0o644))
		_, err = findModules(dir)
		assert.Equal(t, lacks, err != nil, "without %s: %v", module, err)
		require.NoError(t, os.WriteFile(file, before, 0o644))
	}
}

// TestFindCompiler: the C compiler is found where it is, also in the folder of somebody whose name
// has a space.
func TestFindCompiler(t *testing.T) {
	compiler := filepath.Join(t.TempDir(), "Ada L", "gcc.exe")
	require.NoError(t, os.Mkdir(filepath.Dir(compiler), 0o755))
	require.NoError(t, os.WriteFile(compiler, nil, 0o755))
	t.Setenv("CC", compiler)
	for enabled, want := range map[string]string{"1": compiler + "; SQLite: github.com/mattn/go-sqlite3", "0": "–; SQLite: modernc.org/sqlite"} {
		t.Setenv("CGO_ENABLED", enabled)
		found, err := findCompiler(root)
		require.NoError(t, err)
		assert.Equal(t, want, found)
	}
}

// TestFindPlaces: on a computer on which this test runs, there is a place for temporary files,
// and programs reach each other. A place from which no program starts is none.
func TestFindPlaces(t *testing.T) {
	_, err := findTemporary(root)
	require.NoError(t, err)
	_, err = findLoopback(root)
	require.NoError(t, err)
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, filepath.Join(t.TempDir(), "none"))
	}
	_, err = findTemporary(root)
	require.Error(t, err)
	assert.ErrorContains(t, err, "\nhint: set TMPDIR", "doctor shows it in the place of its own")

	disk := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", disk).Run(); err != nil {
		t.Skip("cannot make such a disk here: mount: ", err)
	}
	defer exec.Command("umount", "-l", disk).Run()
	t.Setenv("TMPDIR", disk)
	_, err = findTemporary(root)
	assert.ErrorContains(t, err, "no program can be started in "+disk)
}
