package check

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLeftBehind: what a request has left behind is told as a story; a request that is
// answered wrongly by a new program, too, is not.
func TestLeftBehind(t *testing.T) {
	setFor(t, &shared.program, nil)
	setFor(t, &alone.left, time.Minute)
	p := Running(t)
	require.NoError(t, os.WriteFile(p.Database, nil, 0o600))
	wrong := func(path string) string {
		return findingOf(t, func(t testing.TB) { p.Get(t, path).WantStatus(t, someAdvice, http.StatusOK) })
	}
	assert.Equal(t, withSomeAdvice("GET /none", "404 Not Found  404 page not found", "200 OK", ""), wrong("/none"))
	p.Get(t, "/ok")
	p.Get(t, "/spoil")
	p.Get(t, "/ok")
	p.Get(t, "/ok")
	told := wrong("/spoiled")
	assert.Contains(t, told, "to see it, step by step:\n1. GET /spoil    200 OK\n2. GET /spoiled  418 I'm a teapot  sour\n    got:  418 I'm a teapot  sour\n    want: 200 OK\n    why:  "+string(leftBehind))
	assert.NotContains(t, told, "look twice")

	setFor(t, &alone.left, 0)
	assert.Contains(t, wrong("/spoiled"), "GET /spoiled\n", "once nothing has been found often enough, nothing is looked for")
}
