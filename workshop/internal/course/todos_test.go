package course

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTodos: each step has its TODOs, numbered from 1 on, each with three hints.
func TestTodos(t *testing.T) {
	for _, step := range Steps {
		todos, err := Todos(root, step)
		require.NoError(t, err)
		require.NotEmpty(t, todos, step)
		for i, todo := range todos {
			assert.Equal(t, i+1, todo.Number, step)
			assert.NotEmpty(t, todo.Title, step)
			assert.NotEmpty(t, todo.Text, step)
			assert.Contains(t, Starter(step), todo.File)
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
	known, err := KnownErrors(root, "02-token-endpoint")
	require.NoError(t, err)
	var found []string
	for _, e := range known {
		if e.In("./token.go:40:3: cannot use time.Now().Add(x) (value of struct type) as *jwt.NumericDate value in struct literal") {
			found = append(found, e.Text)
		}
	}
	require.Len(t, found, 1)
	assert.True(t, strings.HasPrefix(found[0], "then a time is missing its wrapper"), found[0])
}
