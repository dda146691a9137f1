package coach

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEditor: each editor is told the line in its own way; where there is none, none is
// offered.
func TestEditor(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"", "", ""},
		{"TERM_PROGRAM", "vscode", "code -g steps/x.go:7"},
		{"EDITOR", "nano", "nano +7 steps/x.go"},
		{"VISUAL", "code --wait", "code --wait -g steps/x.go:7"},
		{"EDITOR", "emacs -nw", "emacs -nw +7 steps/x.go"},
		{"EDITOR", `'/opt/Sublime Text/subl' -w`, `sh -c '/opt/Sublime Text/subl' -w "$@" editor +7 steps/x.go`},
		{"EDITOR", `/opt/Sublime\ Text/subl -w`, `sh -c /opt/Sublime\ Text/subl -w "$@" editor +7 steps/x.go`},
	} {
		if runtime.GOOS == "windows" && strings.HasPrefix(tc.want, "sh ") {
			continue
		}
		got := editor(func(name string) string { return map[string]string{tc.name: tc.value}[name] }, "steps/x.go", 7)
		assert.Equal(t, tc.want, strings.Join(got, " "), tc)
	}
}

// TestPlace: the place to look at has a line, as terminals make a link of it, as long as the
// comment of the TODO stands there.
func TestPlace(t *testing.T) {
	s := newTestSession(t)
	require.NoError(t, s.Take(failing))
	s.write(t, "token.go", "package main\n\n// TODO 1: x\n// TODO 2: y\n")
	file, line := s.place()
	assert.Equal(t, "steps/02-token-endpoint/token.go", file)
	assert.Equal(t, 4, line)
	assert.Contains(t, ansi.Strip(strings.Join(s.verdict(200), "\n")), "look: steps/02-token-endpoint/token.go:4, TODO 2")
	s.write(t, "token.go", "package main\n")
	assert.Contains(t, ansi.Strip(strings.Join(s.verdict(200), "\n")), "look: steps/02-token-endpoint/token.go, TODO 2")
	t.Setenv("TERM_PROGRAM", "vscode")
	require.NotNil(t, s.edit())
	assert.Equal(t, s.Workshop.Root, s.edit().Dir)
}

// TestEditKey: e opens the place to look at; it is offered where there is an editor, and nowhere
// else. An editor that cannot be started is told.
func TestEditKey(t *testing.T) {
	s := &screen{session: newTestSession(t), width: 200, height: 40}
	s.take(resultMsg{run: 0, step: s.session.Step, result: failing})
	shown := func() string { return ansi.Strip(strings.Join(s.lines(), "\n")) }
	assert.NotContains(t, shown(), "e:\u00a0edit")
	assert.Nil(t, s.press("e"))
	t.Setenv("EDITOR", "nano")
	assert.Contains(t, shown(), "e:\u00a0edit")
	assert.NotNil(t, s.press("e"))
	s.Update(editedMsg{errors.New("there is no nano")})
	assert.Contains(t, shown(), "The editor cannot be started: there is no nano")
}
