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
	p := forStories(t)
	wrong := func(path string) string {
		return findingOf(t, func(t testing.TB) { p.Get(t, path).WantStatus(t, someAdvice, http.StatusOK) })
	}
	assert.Equal(t, withSomeAdvice("GET /none", "404 Not Found  404 page not found", "200 OK", ""), wrong("/none"))
	p.Get(t, "/ok")
	p.Get(t, "/spoil")
	p.Get(t, "/ok")
	p.Get(t, "/ok")
	told := wrong("/spoiled")
	assert.Contains(t, told, string(byStep)+"\n1. GET /spoil    200 OK\n2. GET /spoiled  418 I'm a teapot  sour\n    got:  418 I'm a teapot  sour\n    want: 200 OK\n    why:  "+string(leftBehind))
	assert.NotContains(t, told, "look twice")

	setFor(t, &alone.left, 0)
	assert.Contains(t, wrong("/spoiled"), "GET /spoiled\n", "once nothing has been found often enough, nothing is looked for")
}

// forStories returns a program whose failing replies are told as stories, where they are.
func forStories(t *testing.T) *Program {
	t.Helper()
	setFor(t, &shared.program, nil)
	setFor(t, &alone.left, time.Minute)
	p := Running(t)
	require.NoError(t, os.WriteFile(p.Database, nil, 0o600))
	return p
}

// TestLeftInToken: tokens are others each time, and yet a token that is wrong only after
// another request is told as a story.
func TestLeftInToken(t *testing.T) {
	p := forStories(t)
	unsigned := func(mayPass bool) (told string) {
		_, told = runFake(t, func(t testing.TB) {
			reply := p.Get(t, "/spoiled-token")
			if token := reply.Token(t, someAdvice); token.Verify(p.Secret) != nil || !mayPass {
				reply.Fail(t, "another signature", "its own", someAdvice)
			}
		})
		return told
	}
	assert.Empty(t, unsigned(true))
	assert.Equal(t, withSomeAdvice("GET /spoiled-token", "another signature", "its own", ""), unsigned(false), "a new program answers so, too")
	p.Get(t, "/spoil")
	p.Get(t, "/ok")
	told := unsigned(true)
	assert.Regexp(t, `(?s)\n1\. GET /spoil          200 OK\n(2\. GET /ok .*\n)?\d\. GET /spoiled-token  200 OK  \{"token":`, told) // a slow computer has no time to leave the other one out
	assert.Contains(t, told, string(leftBehind))
}

// TestLeftHanging: what is not answered, after another request only, is told as a story, with
// its own why.
func TestLeftHanging(t *testing.T) {
	setFor(t, &replies.Usual, 300*time.Millisecond)
	p := forStories(t)
	p.Get(t, "/spoil")
	p.Get(t, "/ok")
	told := findingOf(t, func(t testing.TB) { p.Get(t, "/spoiled-hang").WantStatus(t, someAdvice, http.StatusOK) })
	assert.Contains(t, told, string(byStep)+"\n1. GET /spoil         200 OK\n")
	assert.Contains(t, told, ". GET /spoiled-hang  no whole answer within 1s\n")
	assert.Contains(t, told, "does not answer it: what does it wait for?")
}

// TestInAnyOrder: the same words in another order are the same answer.
func TestInAnyOrder(t *testing.T) {
	p := forStories(t)
	p.Get(t, "/in-any-order")
	told := findingOf(t, func(t testing.TB) { p.Get(t, "/in-any-order").WantStatus(t, someAdvice, http.StatusOK) })
	assert.NotContains(t, told, string(byStep))
}
