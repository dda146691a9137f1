package coach

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/predict"
	"jwtworkshop/workshop/spot"
)

// names returns the names of questions.
func names(round []predict.Question) string {
	var all []string
	for _, q := range round {
		all = append(all, q.Name)
	}
	return strings.Join(all, " ")
}

// TestRound: two new questions on a step that passes; with them, those on earlier steps that were
// answered wrongly; and those on this step when there is nothing else.
func TestRound(t *testing.T) {
	s := newTestSession(t)
	assert.Empty(t, s.Round(), "the step does not pass")
	assert.Contains(t, strings.Join(s.NoQuestion(80), " "), "not before")
	require.NoError(t, s.update(func(p *progress.Progress) {
		p.Step("01-setup").Passed, p.Step("03-protected").Passed = true, true
		p.Answers = map[string]bool{"weak-secret": false, "same-hash": true, "copy-after-logout": false}
	}))
	s.Step = "03-protected"
	assert.Equal(t, "weak-secret new-login payload-of-another", names(s.Round()))
	for _, q := range s.Round() {
		require.NoError(t, s.remember(q.Name, q.Name != "new-login"))
	}
	assert.Equal(t, "new-password new-secret", names(s.Round()))
	for _, q := range s.Round() {
		require.NoError(t, s.remember(q.Name, true))
	}
	assert.Equal(t, "new-login", names(s.Round()))
	require.NoError(t, s.remember("new-login", true))
	assert.Empty(t, s.Round())
	assert.Contains(t, strings.Join(s.NoQuestion(80), " "), "You have answered all")

	for _, from := range []string{"04-frontend", "02-token-endpoint"} {
		s.Step = from
		s.Progress.Steps["01-setup"].Passed = false
		s.ToPassed()
		assert.Equal(t, "03-protected", s.Step)
	}
}

// TestNextToSpot: the programs come in their order; then those that were judged wrongly.
func TestNextToSpot(t *testing.T) {
	s := newTestSession(t)
	assert.False(t, s.MaySpot())
	for i, p := range spot.Programs {
		assert.Equal(t, i, s.NextToSpot())
		require.NoError(t, s.remember(p.Name, i != 3))
	}
	assert.Equal(t, 3, s.NextToSpot())
	require.NoError(t, s.remember(spot.Programs[3].Name, true))
	assert.Equal(t, -1, s.NextToSpot())
}

// askedScreen returns a screen of a session at a step that passes.
func askedScreen(t *testing.T) *screen {
	s := newTestSession(t)
	s.keyboard = true
	s.Step = "03-protected"
	for _, p := range spot.Programs {
		file := filepath.Join("solutions", filepath.FromSlash(p.Name)+".diff")
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(s.Workshop.Root, file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(s.Workshop.Root, file), text, 0o644))
	}
	require.NoError(t, s.update(func(p *progress.Progress) { p.Step(s.Step).Passed = true }))
	return &screen{ctx: t.Context(), session: s, width: 80, height: 24}
}

// page returns what stands on the page of a screen.
func page(s *screen) string { return ansi.Strip(strings.Join(s.page(s.width), "\n")) }

// TestPredictKeys: p asks; y and n answer, and any other key goes back. What the program does is
// waited for, unless the learner goes back.
func TestPredictKeys(t *testing.T) {
	s := askedScreen(t)
	assert.NotNil(t, s.press("p"))
	assert.Contains(t, page(s), "Your program is built")
	s.press("x")

	s.question(s.session.Round())
	assert.Contains(t, page(s), "a moment later she logs in again")
	s.press("q")
	assert.Nil(t, s.page)
	assert.Empty(t, s.session.Progress.Answers)

	s.question(s.session.Round())
	work := s.press("y")
	assert.Contains(t, page(s), "started and asked")
	s.press("x")
	assert.Nil(t, s.page)
	assert.Nil(t, work(), "nobody waits any more")

	s.show(paragraph("waiting"), nil)
	ctx, cancel := context.WithCancel(t.Context())
	s.leave = cancel
	s.Update(doneMsg{ctx, func() { s.show(nil, errors.New("it does not build")) }})
	assert.Contains(t, page(s), "it does not build")
	s.press("x")
	s.press("p")
	s.Update(doneMsg{ctx, func() { s.show(paragraph("too late"), nil) }})
	assert.NotContains(t, page(s), "too late")
}

// TestSpotKeys: x shows a program, 1 to 4 mark what is said to get in, and Enter has it tried.
func TestSpotKeys(t *testing.T) {
	s := askedScreen(t)
	s.height = 12
	s.press("x")
	assert.Contains(t, page(s), "Program 1 of 6")
	s.lines()
	s.press("down")
	s.press("2")
	s.press("1")
	s.press("2")
	shown := ansi.Strip(strings.Join(s.lines(), "\n"))
	assert.Contains(t, shown, "1 [x]")
	assert.Contains(t, shown, "2 [ ]")
	assert.Equal(t, 1, s.from, "it stays where it was scrolled to")
	assert.NotNil(t, s.press("enter"))
	assert.Contains(t, page(s), "built and attacked")
	s.press("q")
	s.session.Step = course.Steps[0]
	s.session.Progress.Steps["03-protected"].Passed = false
	s.press("x")
	assert.Nil(t, s.page)
	assert.Contains(t, s.session.Note, "not before")
}

// TestPredictBuildsFirst: a program that cannot be built is told before anything is asked.
func TestPredictBuildsFirst(t *testing.T) {
	s := askedScreen(t)
	s.Update(s.press("p")())
	assert.Contains(t, page(s), "go.mod file not found")
	assert.Nil(t, s.answer)
}

// TestPagesFollowTheWindow: a page is laid out anew when the window is made narrower or wider, and
// shows as much of itself as then has room.
func TestPagesFollowTheWindow(t *testing.T) {
	s := askedScreen(t)
	require.NoError(t, os.WriteFile(filepath.Join(s.session.Workshop.Root, "steps", s.session.Step, "README.md"), []byte(strings.Repeat("word ", 50)), 0o644))
	for _, open := range []func(){
		func() { s.press("o") },
		func() { s.question(s.session.Round()) },
		func() { s.press("x") },
		func() { s.show(s.session.Tried(&Suspect{Program: spot.Programs[1]}, [4]bool{}, [4]bool{true})) },
	} {
		open()
		s.width = 80
		wide := page(s)
		s.width = 40
		narrow := page(s)
		for line := range strings.Lines(narrow) {
			assert.LessOrEqual(t, ansi.StringWidth(strings.TrimRight(line, "\n")), 40)
		}
		assert.Greater(t, strings.Count(narrow, "\n"), strings.Count(wide, "\n"))
		s.width = 80
		assert.Equal(t, wide, page(s))
		s.back()
	}
}

// TestSpotOnALittleScreen: the program, the attacks and the keys can all be read.
func TestSpotOnALittleScreen(t *testing.T) {
	s := askedScreen(t)
	s.width, s.height = 40, 12
	s.press("x")
	shown := func() string { return ansi.Strip(strings.Join(s.lines(), "\n")) }
	assert.Len(t, s.lines(), 12)
	assert.Contains(t, shown(), "Program 1 of 6")
	assert.Contains(t, shown(), "Enter: try")
	s.press("end")
	assert.Contains(t, shown(), "Enter: try")
	assert.Contains(t, shown(), "4 [ ] no exp")
	s.press("4")
	assert.Contains(t, shown(), "4 [x] no exp")
}

// TestDiffLines: a line that is wrapped keeps its sign.
func TestDiffLines(t *testing.T) {
	lines := diffLines("+"+strings.Repeat("word ", 20)+"\n "+strings.Repeat("more ", 20), 40)
	for _, line := range lines[:3] {
		assert.Equal(t, "+", ansi.Strip(line)[:1])
	}
	assert.Equal(t, " ", ansi.Strip(lines[3])[:1])
}

// TestChangedSolutions: when the finished program is not as it was, the file is named. Where there
// are no programs to judge, none are offered.
func TestChangedSolutions(t *testing.T) {
	s := askedScreen(t).session
	file := filepath.Join(s.Workshop.Root, "solutions", spot.Step, "protected.go")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte("package main\n"), 0o644))
	_, err := s.Suspect(0)
	assert.EqualError(t, err, "the program to judge cannot be made: solutions/03-protected/protected.go is not as it came with the workshop, and the change for this program does not fit\nhint: take the folder solutions from a fresh copy of the workshop")
	assert.Contains(t, ansi.Strip(strings.Join(s.keyLine(200), " ")), "x:\u00a0")
	require.NoError(t, os.RemoveAll(filepath.Join(s.Workshop.Root, "solutions", "mistakes")))
	assert.NotContains(t, ansi.Strip(strings.Join(s.keyLine(200), " ")), "x:\u00a0")
}

// TestAskedScreens: what is asked and what comes of it is what testdata has, in terminals of three
// sizes and two languages.
func TestAskedScreens(t *testing.T) {
	q := predict.Of("03-protected")[0]
	answer := predict.Answer{Yes: true, Exchanges: []predict.Exchange{
		{Did: "your program is started", Came: "it listens"},
		{Did: "GET /protected with her first token", Came: `200 OK {"id":1,"username":"ada"}`},
	}}
	for name, show := range map[string]func(s *screen){
		"predict":   func(s *screen) { s.question(s.session.Round()) },
		"predicted": func(s *screen) { s.show(s.session.Answered(q, false, answer)) },
		"unusual": func(s *screen) {
			s.show(s.session.Answered(q, false, predict.Answer{}))
		},
		"spot": func(s *screen) { s.press("x"); s.press("3") },
		"spotted": func(s *screen) {
			p, err := s.session.Suspect(0)
			require.NoError(t, err)
			s.show(s.session.Tried(p, [4]bool{true, true}, [4]bool{true}))
		},
		"spotted-right": func(s *screen) {
			p, err := s.session.Suspect(3)
			require.NoError(t, err)
			s.show(s.session.Tried(p, [4]bool{}, [4]bool{}))
		},
	} {
		eachScreen(t, name, func(t *testing.T, name string, width, height int) {
			s := askedScreen(t)
			s.width, s.height = width, height
			show(s)
			wantScreen(t, s, name)
		})
	}
}
