package coach

import (
	"path/filepath"
	"testing"

	"github.com/fsnotify/fsnotify"
	"github.com/stretchr/testify/assert"
)

// TestStepOf: only what a program is made of is checked when it is saved.
func TestStepOf(t *testing.T) {
	for name, want := range map[string]string{
		"01-setup/jwt.go":             "01-setup",
		"01-setup/new.go":             "01-setup",
		"01-setup/jwt_test.go":        "",
		"01-setup/README.md":          "",
		"01-setup/.jwt.go.swp":        "",
		"01-setup/jwt.go~":            "",
		"04-frontend/web/app.js":      "04-frontend",
		"04-frontend/web/.app.js.swp": "",
	} {
		event := fsnotify.Event{Name: filepath.Join("root", "steps", filepath.FromSlash(name)), Op: fsnotify.Write}
		assert.Equal(t, want, stepOf("root", event), name)
	}
	assert.Empty(t, stepOf("root", fsnotify.Event{Name: filepath.Join("root", "steps", "01-setup", "jwt.go"), Op: fsnotify.Chmod}))
}
