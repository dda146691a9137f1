package coach

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/run"
)

// TestSaves: each save of what a program is made of is seen, wherever that is, and nothing
// else is taken for one.
func TestSaves(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "jwt [2]")
	file := func(name string) string { return filepath.Join(root, "steps", filepath.FromSlash(name)) }
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(file(name)), 0o755))
		require.NoError(t, os.WriteFile(file(name), []byte(text), 0o644))
	}
	for _, step := range course.Steps[:3] { // and the fourth is not there yet
		write(step+"/main.go", "package main\n")
	}
	ctx, cancel := context.WithCancel(t.Context())
	saved := Saves(ctx, run.Workshop{Root: root})
	for _, tc := range []struct {
		name  string
		saves func()
		want  string
	}{
		{"a file", func() { write("01-setup/main.go", "package main // 1\n") }, "01-setup"},
		{"a new file", func() { write("02-token-endpoint/new.go", "package main\n") }, "02-token-endpoint"},
		{"a folder below", func() { write("01-setup/store/store.go", "package store\n") }, "01-setup"},
		{"a file in it", func() { write("01-setup/store/store.go", "package store // 1\n") }, "01-setup"},
		{"what no program is made of", func() {
			for _, name := range []string{"01-setup/jwt_test.go", "01-setup/README.md", "01-setup/.jwt.go.swp", "01-setup/jwt.go~", "01-setup/workshop.db-wal", "01-setup/notes.txt", "01-setup/.git/x.go"} {
				write(name, "package main\n")
			}
		}, ""},
		{"what it embeds", func() { write("01-setup/notes.go", "package main\n\n//go:embed notes.txt\n") }, "01-setup"},
		{"a change of that", func() { write("01-setup/notes.txt", "1\n") }, "01-setup"},
		{"a folder that is gone", func() { require.NoError(t, os.Rename(file("03-protected"), file("kept"))) }, "03-protected"},
		{"one from a copy in its place", func() { write("03-protected/main.go", "package main // from a copy\n") }, "03-protected"},
		{"that is gone, too", func() { require.NoError(t, os.Rename(file("03-protected"), file("away"))) }, "03-protected"},
		{"and put back as it was", func() { require.NoError(t, os.Rename(file("away"), file("03-protected"))) }, "03-protected"},
		{"a save in that", func() { write("03-protected/main.go", "package main\n") }, "03-protected"},
		{"a step that was not there", func() { write("04-frontend/web/img/a.png", "PNG") }, "04-frontend"},
		{"a file that is gone", func() { require.NoError(t, os.Remove(file("04-frontend/web/img/a.png"))) }, "04-frontend"},
	} {
		tc.saves()
		select {
		case step := <-saved:
			assert.Equal(t, tc.want, step, tc.name)
		case <-time.After(4 * rest):
			assert.Empty(t, tc.want, tc.name)
		}
	}
	cancel()
	for range saved {
	}
}

// TestSavesInSeries: a save is seen at once, and what an editor saves by itself, again and
// again, when typing rests.
func TestSavesInSeries(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	file := filepath.Join(root, "steps", "01-setup", "main.go")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	saved := Saves(t.Context(), run.Workshop{Root: root})
	seen := 0
	const saves = 6
	for i := range saves {
		require.NoError(t, os.WriteFile(file, []byte("package main //"+string(rune('a'+i))), 0o644))
		select {
		case <-saved:
			seen++
			assert.Zero(t, i, "seen while the typing goes on")
		case <-time.After(700 * time.Millisecond):
		}
	}
	select {
	case <-saved:
		seen++
	case <-time.After(4 * rest):
	}
	assert.Equal(t, 2, seen)
}

// TestCount: an attempt is code that was changed for two minutes; five of them, and the
// finished code is shown without a question.
func TestCount(t *testing.T) {
	s := newTestSession(t)
	require.NoError(t, s.Take(failing))
	now := time.Now()
	check := func(after time.Duration, code string) int {
		t.Helper()
		now = now.Add(after)
		if code != "" {
			s.write(t, "token.go", code)
		}
		require.NoError(t, s.Count(now))
		return s.Progress.Step(s.Step).Fails
	}
	assert.Equal(t, 0, check(0, ""), "the step as it was at first")
	for range 200 { // an editor's own saves
		assert.Equal(t, 0, check(500*time.Millisecond, "package main // "+now.String()+"\n"))
	}
	assert.Equal(t, 1, check(time.Minute, "package main // 1\n"))
	assert.Equal(t, 1, check(time.Hour, ""), "the same code again")
	for n := 2; n < failsBefore; n++ {
		assert.Equal(t, n, check(attempt, "package main //"+string(rune('a'+n))+"\n"))
	}
	now = now.Add(-20 * attempt) // the clock was wrong, and is right now
	assert.Equal(t, failsBefore, check(0, "package main // the clock\n"))
	require.NoError(t, s.update(func(p *progress.Progress) { p.Step(s.Step).Fails-- }))
	assert.False(t, s.MayShow())
	for _, other := range []*run.Result{{Compile: "undefined: x"}, {Passed: []string{"TestX"}}} {
		require.NoError(t, s.Take(other))
		assert.Equal(t, failsBefore-1, check(attempt, "package main // half-typed, or right\n"))
	}
	require.NoError(t, s.update(func(p *progress.Progress) { p.Step(s.Step).Passed = false }))
	require.NoError(t, s.Take(failing))
	assert.Equal(t, failsBefore, check(attempt, "package main // the last\n"))
	assert.True(t, s.MayShow())
}
