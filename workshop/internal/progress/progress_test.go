package progress

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/folder"
)

const step = "01-setup"

// TestUpdate: what one run has written, the next one reads.
func TestUpdate(t *testing.T) {
	root := t.TempDir()
	p, err := Load(root)
	require.NoError(t, err)
	assert.False(t, p.Step(step).Passed)
	_, err = Update(root, func(p *Progress) {
		p.Step(step).Passed = true
		p.Step(step).Hints[2] = 3
	})
	require.NoError(t, err)
	p, err = Load(root)
	require.NoError(t, err)
	assert.True(t, p.Step(step).Passed)
	assert.Equal(t, 3, p.Step(step).Hints[2])
	assert.Zero(t, p.Step("02-token-endpoint").Fails)
}

// TestDamaged: a file that cannot be read is put aside, and what comes after it is
// kept.
func TestDamaged(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, folder.Kept), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, folder.Kept, "progress.json"), []byte(`{"steps": {"01-se`), 0o644))
	p, err := Update(root, func(p *Progress) { p.Step(step).Fails++ })
	var damaged *DamagedError
	require.ErrorAs(t, err, &damaged)
	assert.Equal(t, 1, p.Step(step).Fails)
	kept, err := os.ReadFile(damaged.Aside)
	require.NoError(t, err)
	assert.Equal(t, `{"steps": {"01-se`, string(kept))
	p, err = Load(root)
	require.NoError(t, err)
	assert.Equal(t, 1, p.Step(step).Fails)
}

// TestTwoCoaches: neither loses what the other writes.
func TestTwoCoaches(t *testing.T) {
	root := t.TempDir()
	var coaches sync.WaitGroup
	for range 4 {
		coaches.Go(func() {
			for range 10 {
				_, err := Update(root, func(p *Progress) { p.Step(step).Fails++ })
				assert.NoError(t, err)
			}
		})
	}
	coaches.Wait()
	p, err := Load(root)
	require.NoError(t, err)
	assert.Equal(t, 40, p.Step(step).Fails)
}

// TestLockLeftBehind: a coach that crashed keeps nobody waiting.
func TestLockLeftBehind(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, folder.Kept, "lock")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := Update(root, func(p *Progress) { p.Step(step).Passed = true })
	assert.NoError(t, err)
}
