package solutions

import (
	"encoding/json"
	"os"
	"path/filepath"
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
