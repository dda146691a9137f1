package course

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTodos: each step has its TODOs, numbered from 1 on, each with three hints.
func TestTodos(t *testing.T) {
	for _, step := range Steps {
		todos := Todos(root, step)
		require.NotEmpty(t, todos, step)
		for i, todo := range todos {
			assert.Equal(t, i+1, todo.Number, step)
			assert.NotEmpty(t, todo.Title, step)
			assert.NotEmpty(t, todo.Text, step)
			assert.Contains(t, Starter(step), todo.File)
			assert.NotEmpty(t, todo.Learnt, "%s, TODO %d", step, todo.Number)
			require.Len(t, todo.Hints, 3, "%s, TODO %d", step, todo.Number)
			for _, h := range todo.Hints {
				assert.NotContains(t, h.Text, "<details>", "HTML is for browsers: %s", h.Text[:min(len(h.Text), 40)])
			}
		}
	}
}

// TestKnownErrors: a section on an error message is found by the message, whatever
// stands where the section has three dots.
func TestKnownErrors(t *testing.T) {
	known := KnownErrors(root, "02-token-endpoint")
	e := Opened(known, "./token.go:40:3: cannot use time.Now().Add(x) (value of struct type) as *jwt.NumericDate value in struct literal", "", false)
	require.NotNil(t, e)
	assert.True(t, strings.HasPrefix(e.Text, "then a time is missing its wrapper"), e.Text)
	assert.Nil(t, Opened(known, "there is a .env, and iat is as it should be", "", true))

	e = Opened(known, "./token.go:44:13: cannot use userID (variable of type uint) as string value in struct literal", "", false)
	require.NotNil(t, e)
	assert.Contains(t, e.Text, "strconv.FormatUint")
	for _, step := range Steps[:3] { // which TODO uses a variable depends on the variable
		e = Opened(KnownErrors(root, step), "./protected.go:24:2: declared and not used: tokenString", "", false)
		require.NotNil(t, e, step)
		assert.NotRegexp(t, `TODO \d`, e.Text, step)
	}
}

// TestOpened: what a program that runs prints and answers is no error message; what it prints when it does
// not, or panics, is one.
func TestOpened(t *testing.T) {
	known := KnownErrors(root, "02-token-endpoint")
	assert.Nil(t, Opened(known, "401", "record not found", true))
	assert.NotNil(t, Opened(known, "exit status 1", "record not found", false))
	assert.NotNil(t, Opened(known, "500", "panic recovered:\nrecord not found", true))
	known = KnownErrors(root, "04-frontend")
	assert.Nil(t, Opened(known, `200 {"access_token":"undefined"}`, "", true))
	assert.NotNil(t, Opened(known, `localStorage holds "undefined"`, "", true))
}

// TestEdited: whatever an editor makes of the hints' lines, they are the same hints; where
// they are gone, the TODOs are still there.
func TestEdited(t *testing.T) {
	const step = "03-protected"
	text, err := os.ReadFile(filepath.Join(root, "steps", step, "hints.md"))
	require.NoError(t, err)
	squeeze := func(todos []Todo, known []KnownError) (all []string) {
		add := func(s string) { all = append(all, strings.Join(strings.Fields(s), " ")) }
		for _, todo := range todos {
			add(todo.Title)
			add(todo.Text)
			add(todo.Learnt)
			for _, h := range todo.Hints {
				add(h.Title + ": " + h.Text)
			}
		}
		for _, e := range known {
			add(e.Title + ": " + e.Text)
		}
		return all
	}
	want := squeeze(Todos(root, step), KnownErrors(root, step))
	require.Greater(t, len(want), 20)
	for name, edit := range map[string]*strings.Replacer{
		"of Windows":                 strings.NewReplacer("\n", "\r\n"),
		"of old Macs":                strings.NewReplacer("\n", "\r"),
		"blanks at the ends":         strings.NewReplacer("\n", "  \n"),
		"no blanks at the ends":      strings.NewReplacer("\n\n<details>", "\n<details>", "</details>\n\n", "</details>\n"),
		"tags on lines of their own": strings.NewReplacer("<details><summary>", "<details>\n<summary>", "</summary>\n\n", "</summary>\n"),
		"headings in a frame":        strings.NewReplacer("\n## TODO ", "\n##\tTODO  ", "\n### `", "\n###   `"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "steps", step), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "steps", step, "hints.md"), []byte("\uFEFF"+edit.Replace(string(text))), 0o644))
			assert.Equal(t, want, squeeze(Todos(dir, step), KnownErrors(dir, step)))
		})
	}
	todos := Todos(t.TempDir(), step)
	require.Len(t, todos, len(Todos(root, step)))
	for _, todo := range todos {
		assert.NotEmpty(t, todo.Title)
		assert.Empty(t, todo.Hints)
	}
}

// TestLadder: an editor may have wrapped lines anew, and left out blanks.
func TestLadder(t *testing.T) {
	todo := ladder("## TODO 1:take it ##\n\n>toma el token\n\n✓ The token comes\nin one header.\n\n## TODO 2: verify it\n", 1)
	assert.Equal(t, Todo{Title: "take it", Text: "toma el token", Learnt: "The token comes in one header."}, todo)
}

// TestLessonEdited: whatever an editor makes of a lesson's lines, and puts before them, it is the same lesson.
func TestLessonEdited(t *testing.T) {
	want, err := Lesson(root, Steps[0])
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(want, "# "), "no link to another language")
	text, err := os.ReadFile(filepath.Join(root, "steps", Steps[0], "README.md"))
	require.NoError(t, err)
	for _, newline := range []string{"\n", "\r\n", "\r"} {
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "steps", Steps[0]), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "steps", Steps[0], "README.md"), []byte("\uFEFF"+strings.ReplaceAll(string(text), "\n", newline)), 0o644))
		lesson, err := Lesson(dir, Steps[0])
		require.NoError(t, err)
		assert.Equal(t, want, lesson)
	}
}
