package solutions

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeOverlay writes the file for go build's -overlay that puts texts in the place of
// the workshop's files, and returns its name. They are given by the files' names in the
// workshop; nil stands for no file.
func writeOverlay(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for name, text := range files {
		target := filepath.Join(root(t), filepath.FromSlash(name))
		if text == nil {
			replace[target] = ""
			continue
		}
		replace[target] = filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(replace[target]), 0o700))
		require.NoError(t, os.WriteFile(replace[target], text, 0o600))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	return overlay
}

// inStep returns what puts these files in the place of all those of the step that are
// not tests.
func inStep(t testing.TB, step string, files map[string][]byte) map[string][]byte {
	t.Helper()
	result := map[string][]byte{}
	for name := range programFiles(t, filepath.Join(root(t), "steps", step)) {
		result["steps/"+step+"/"+name] = nil
	}
	for name, text := range files {
		result["steps/"+step+"/"+name] = text
	}
	return result
}

const (
	slowBcrypt  = `"golang.org/x/crypto/bcrypt"`
	quickBcrypt = `bcrypt "jwtworkshop/solutions/quickbcrypt"`
)

// withQuickBcrypt adds the stand-in for bcrypt to the files for an overlay, and puts it
// in the place of bcrypt in them.
func withQuickBcrypt(t testing.TB, files map[string][]byte) map[string][]byte {
	t.Helper()
	result := maps.Clone(files)
	for name, text := range files {
		if path.Ext(name) == ".go" && text != nil {
			result[name] = bytes.ReplaceAll(text, []byte(slowBcrypt), []byte(quickBcrypt))
		}
	}
	text, err := os.ReadFile("testdata/quickbcrypt/bcrypt.go")
	require.NoError(t, err)
	result["solutions/quickbcrypt/bcrypt.go"] = text
	return result
}

// startQuickTests does as buildTests does, with the stand-in for bcrypt, and without
// waiting for the file.
func startQuickTests(t testing.TB, step string) func() (string, error) {
	t.Helper()
	files := inStep(t, step, starter(t, step))
	for _, pattern := range []string{"steps/" + step + "/*_test.go", "workshop/check/*.go"} {
		names, err := filepath.Glob(filepath.Join(root(t), filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, file := range names {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			if bytes.Contains(text, []byte(slowBcrypt)) {
				files[path.Dir(pattern)+"/"+filepath.Base(file)] = text
			}
		}
	}
	require.True(t, strings.HasPrefix(string(files["workshop/check/users.go"]), "package check"))
	built := startBuild(t, "quick-tests-"+step, "test", "-c", "-vet=off", "-overlay", writeOverlay(t, withQuickBcrypt(t, files)), "./steps/"+step)
	go built()
	return built
}
