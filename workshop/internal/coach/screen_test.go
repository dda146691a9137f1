package coach

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/internal/words/catalogue"
)

var update = flag.Bool("update", false, "write the screens in testdata anew")

// root is the workshop's folder, seen from here.
const root = "../../.."

// newTestSession returns a session at step 2 with an empty progress.
func newTestSession(t *testing.T) *Session {
	t.Helper()
	for _, name := range []string{"VISUAL", "EDITOR", "TERM_PROGRAM"} {
		t.Setenv(name, "")
	}
	w := run.Workshop{Root: filepath.Join(t.TempDir(), "jwt [2] ñ")} // a pattern that is none
	for _, step := range course.Steps {
		for _, name := range []string{"steps", "solutions"} {
			require.NoError(t, os.CopyFS(filepath.Join(w.Root, name, step), os.DirFS(filepath.Join(root, name, step))))
		}
		for name, text := range course.Starter(step) { // whatever a learner has made of it
			require.NoError(t, os.WriteFile(filepath.Join(w.Root, "steps", step, filepath.FromSlash(name)), text, 0o644))
		}
	}
	c, err := New(w, "2")
	require.NoError(t, err)
	return c
}

// speak has texts printed in a language until the test is over.
func speak(t *testing.T, language string) {
	t.Helper()
	require.NoError(t, catalogue.Use(language))
	t.Cleanup(func() { words.Use(nil) })
}

// failing is what the checks say of a login that takes any password.
var failing = &run.Result{
	Passed: []string{"TestPostToken/right_password"},
	Failed: []string{"TestPostTokenBadLogin/wrong_password", "TestTokenTimes/exp"},
	Report: report.Report{Findings: []report.Finding{{
		Test: "TestTokenTimes/exp", Sent: "POST /token", Got: "no exp", Want: "exp",
		Advice: report.Advice{Why: "it would never expire", Look: at(4)}, Judges: []int{4},
	}, {
		Test: "TestPostTokenBadLogin/wrong_password", Sent: `POST /token {"username":"ada","password":"guess"}`,
		Got: `200 OK {"token":"eyJhbGciOi…Kr5W3U","user_id":1}`, Want: `401 Unauthorized {"msg":"Bad username or password"}`,
		Advice: report.Advice{
			Why:     "a login that takes any password protects nothing: compare what was sent with the hash",
			Look:    at(2),
			Running: true,
			Try:     `curl -i -X POST localhost:8080/token -H 'Content-Type: application/json' -d '{"username":"ada","password":"guess"}'`,
		}, Judges: []int{2, 3},
	}}},
}

// at returns the place of a TODO of step 2.
func at(todo int) report.Place { return report.Place{File: "token.go", Todo: todo} }

// TestScreens: what is on the screen, in terminals of three sizes and two languages,
// is what testdata has, and nothing is wider than the terminal.
func TestScreens(t *testing.T) {
	passing := &run.Result{Passed: []string{"TestPostToken/right_password"}, Report: report.Report{
		Stretch:  []string{"TestTiming"},
		Unjudged: []report.Unjudged{{Test: "TestVisit", Reason: "no browser is found; install one"}},
	}}
	broken := &run.Result{Compile: "steps/02-token-endpoint/token.go:40:3: undefined: jwt"}
	silent := &run.Result{Failed: []string{"TestPostToken/right_password", "TestTokenTimes/exp"}, Report: report.Report{Findings: []report.Finding{
		{Test: "TestTokenTimes/exp", Sent: "start without DATABASE_PATH", Got: "exit code 0", Want: "a token", Advice: report.Advice{Look: at(4)}},
		{Test: "TestPostToken/right_password", Sent: "start the program", Got: "it ended, with exit code 0", Want: "it listens", Advice: report.Advice{Why: "nothing else can be checked while the program does not run"}},
	}}}
	unjudged := &run.Result{Passed: []string{"TestX"}, Report: report.Report{Unjudged: []report.Unjudged{
		{Test: "TestY", Reason: "the checks' engine lacks Intl", Judges: []int{1}}, {Test: "TestZ", Reason: "the checks' engine lacks Intl", Judges: []int{2}},
	}}}
	early := &run.Result{Passed: []string{"TestX"}, Early: true}
	story := &run.Result{Failed: []string{"TestAnyOrder"}, Report: report.Report{Findings: []report.Finding{{
		Test: "TestAnyOrder", Sent: "1. POST /token with ada and her first password  200 OK\n2. give ada her second password\n3. POST /token with ada and her first password  200 OK",
		Got: "200 OK", Want: "401 Unauthorized", Advice: report.Advice{Why: "is something kept?", Look: at(2)},
	}}}}
	for _, tc := range []struct {
		name   string
		result *run.Result
		key    string
	}{
		{"first", nil, ""},
		{"early", early, ""},
		{"story", story, ""},
		{"failing", failing, ""},
		{"silent", silent, ""},
		{"passing", passing, ""},
		{"broken", broken, ""},
		{"unjudged", unjudged, ""},
		{"hint", failing, "h"},
		{"list", failing, "l"},
		{"lesson", failing, "o"},
		{"solution", failing, "s"},
	} {
		eachScreen(t, tc.name, func(t *testing.T, name string, width, height int) {
			c := newTestSession(t)
			c.keyboard = true
			s := &screen{session: c, width: width, height: height, running: 1}
			switch {
			case tc.result == nil:
			case tc.result.Early:
				s.Update(earlyMsg{run: 1, result: tc.result})
			default:
				s.take(resultMsg{run: 1, step: c.Step, result: tc.result})
				require.NoError(t, s.err)
			}
			if tc.key != "" {
				s.press(tc.key)
				require.NoError(t, s.err)
			}
			wantScreen(t, s, name)
		})
	}
}

// eachScreen tests terminals of three sizes and two languages, each under a name of its own.
func eachScreen(t *testing.T, name string, test func(t *testing.T, name string, width, height int)) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {60, 24}} {
		for _, lang := range []string{"en", "es"} {
			name := fmt.Sprintf("%s-%dx%d-%s", name, size[0], size[1], lang)
			t.Run(name, func(t *testing.T) {
				speak(t, lang)
				test(t, name, size[0], size[1])
			})
		}
	}
}

// TestMarked: each word of the coach's own on a screen can be translated. What is not its
// own are names, titles of the TODOs, which stand in hints.md, and what the checks say.
func TestMarked(t *testing.T) {
	own := regexp.MustCompile(`TestPostToken\S*|TestTokenTimes\S*|TestX|token\.go|read the body|is it ada\?|the answer|the token|steps/\S+|go run \./\S+( \S+)*|\b[hnlosrqepx]\b`)
	for name, result := range map[string]*run.Result{
		"first": nil, "failing": failing,
		"passing":  {Passed: []string{"TestX"}, Report: report.Report{Stretch: []string{"TestX"}, Unjudged: []report.Unjudged{{Test: "TestX", Reason: "no browser"}}}},
		"unjudged": {Passed: []string{"TestX"}, Report: report.Report{Unjudged: []report.Unjudged{{Test: "TestX", Reason: "no browser", Judges: []int{1}}}}},
		"broken":   {Compile: "steps/02-token-endpoint/token.go:40:3:"},
	} {
		t.Run(name, func(t *testing.T) {
			speak(t, "marked")
			c := newTestSession(t)
			s := &screen{session: c, width: 1000, height: 60, running: 1}
			if result != nil {
				s.take(resultMsg{run: 1, step: c.Step, result: result})
				require.NoError(t, s.err)
			}
			text := strings.Join(strings.Fields(ansi.Strip(strings.Join(s.lines(), "\n"))), " ")
			for _, todo := range c.Course[c.Step] {
				text = strings.ReplaceAll(text, todo.Learnt, "")
			}
			for before := ""; before != text; { // from the inside out
				before = text
				text = regexp.MustCompile(`⟦[^⟦⟧⟪⟫]*⟧|⟪[^⟦⟧⟪⟫]*⟫`).ReplaceAllString(text, "")
			}
			assert.NotRegexp(t, `\pL`, own.ReplaceAllString(text, ""))
		})
	}
}

// wantScreen compares what is on the screen with what testdata has.
func wantScreen(t *testing.T, s *screen, name string) {
	t.Helper()
	lines := s.lines()
	assert.LessOrEqual(t, len(lines), s.height)
	for i, line := range lines {
		assert.LessOrEqual(t, ansi.StringWidth(line), s.width, line)
		lines[i] = strings.TrimRight(ansi.Strip(line), " ")
	}
	got := strings.NewReplacer(tick, "✓", cross, "✗").Replace(strings.Join(lines, "\n") + "\n") // Windows may have others
	file := filepath.Join("testdata", name+".txt")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "write it with: go test ./workshop/internal/coach -update")
	assert.Equal(t, string(want), got)
}

// TestSolutionAsksFirst: the finished code is shown after a question, until five attempts
// have failed.
func TestSolutionAsksFirst(t *testing.T) {
	c := newTestSession(t)
	s := &screen{session: c, width: 80, height: 24}
	for range failsBefore {
		s.press("s")
		assert.Equal(t, []string{string(Confirm)}, []string{strings.Join(s.page(s.width), " ")})
		s.press("x")
		assert.Nil(t, s.page)
		require.NoError(t, c.update(func(p *progress.Progress) { p.Step(c.Step).Fails++ }))
	}
	s.press("s")
	assert.Contains(t, ansi.Strip(strings.Join(s.page(s.width), "\n")), "+++ token.go (finished)")
}

// TestScreenCounts: with the first check that fails, the time for an attempt begins.
func TestScreenCounts(t *testing.T) {
	c := newTestSession(t)
	s := &screen{session: c, width: 80, height: 24, running: 1}
	s.take(resultMsg{run: 1, step: c.Step, result: failing})
	assert.False(t, c.Progress.Step(c.Step).Tried.At.IsZero())
	assert.Zero(t, c.Progress.Step(c.Step).Fails)
}

// TestSaveDuringACheck: the result of a check that was overtaken is not shown.
func TestSaveDuringACheck(t *testing.T) {
	c := newTestSession(t)
	s := &screen{session: c, width: 80, height: 24, running: 2}
	s.take(resultMsg{run: 1, step: c.Step, result: failing})
	assert.Nil(t, c.Result)
	s.take(resultMsg{run: 2, step: c.Step, result: failing})
	assert.Same(t, failing, c.Result)
}

// TestNextKey: n goes on when the step has passed, and not before; another key only
// closes what is shown.
func TestNextKey(t *testing.T) {
	c := newTestSession(t)
	s := &screen{ctx: t.Context(), session: c, width: 80, height: 24, running: 1}
	s.take(resultMsg{run: 1, step: c.Step, result: failing})
	assert.Nil(t, s.press("n"))
	assert.Equal(t, "02-token-endpoint", c.Step)
	assert.Equal(t, string(notYet), c.Note)
	s.press("h")
	assert.NotNil(t, s.page)
	assert.Nil(t, s.press("q"))
	assert.Nil(t, s.page)
	s.running = 2
	s.take(resultMsg{run: 2, step: c.Step, result: &run.Result{Passed: []string{"TestX"}}})
	assert.NotNil(t, s.press("n"))
	s.stop()
	assert.Equal(t, "03-protected", c.Step)
}

// TestPages: from one page a key leads to another, h to the next hint; any other closes it.
func TestPages(t *testing.T) {
	c := newTestSession(t)
	s := &screen{session: c, width: 80, height: 24, running: 1}
	s.take(resultMsg{run: 1, step: c.Step, result: failing})
	for _, tc := range []struct{ key, shows string }{{"h", "Hint 1 of 3"}, {"h", "Hint 2 of 3"}, {"L", "The steps:"}, {"o", "Step 2"}, {"h", "Hint 3 of 3"}} {
		s.press(tc.key)
		assert.Contains(t, ansi.Strip(strings.Join(s.page(s.width), "\n")), tc.shows, tc.key)
	}
	s.press("x")
	assert.Nil(t, s.page)
	require.NoError(t, os.RemoveAll(filepath.Join(c.Workshop.Root, "solutions", c.Step)))
	require.NoError(t, c.update(func(p *progress.Progress) { p.Step(c.Step).Passed = true }))
	s.press("s")
	assert.Contains(t, ansi.Strip(strings.Join(s.page(s.width), "\n")), "database.go", "an error is a page, too")
	require.NoError(t, os.RemoveAll(filepath.Join(c.Workshop.Root, "solutions")))
	s.press("x")
	s.press("s")
	assert.Contains(t, ansi.Strip(strings.Join(s.page(s.width), " ")), "There is no finished code in this copy")
}

// TestNextRung: a hint says how to come to the next one, where there are keys and where there are none.
func TestNextRung(t *testing.T) {
	c := newTestSession(t)
	require.NoError(t, c.Take(failing))
	for i, more := range []string{"The next hint: go run ./workshop hint", "h opens the next hint", "That was the last hint."} {
		c.keyboard = i > 0
		page, err := c.Hint()
		require.NoError(t, err)
		shown := ansi.Strip(strings.Join(page(80), "\n"))
		assert.Contains(t, shown, more)
		assert.Equal(t, i < 2, strings.Contains(shown, "next hint"))
	}
}

// TestNoteGoes: a note is there until the next check has ended, and then leaves its room to what fails.
func TestNoteGoes(t *testing.T) {
	c := newTestSession(t)
	s := &screen{session: c, width: 80, height: 24, running: 1}
	c.Note = "A file .env was made."
	s.take(resultMsg{run: 1, step: c.Step, result: failing})
	assert.NotEmpty(t, c.Note)
	s.running = 2
	s.take(resultMsg{run: 2, step: c.Step, result: failing})
	assert.Empty(t, c.Note)
}

// TestStates: what is done, what is open, and what requests cannot show yet.
func TestStates(t *testing.T) {
	c := newTestSession(t)
	unknown := []state{{waits: 1}, {waits: 2}, {waits: 3}, {waits: 4}}
	assert.Equal(t, unknown, c.states())
	require.NoError(t, c.Take(failing))
	assert.Equal(t, []state{{was: true}, {fails: 1}, {waits: 2}, {fails: 1}}, c.states())
	assert.Equal(t, 2, c.Open().Number)
	done, all := c.count()
	assert.Equal(t, []int{1, 15}, []int{done, all})

	require.NoError(t, c.Take(&run.Result{Compile: "x"}))
	assert.Equal(t, []state{{was: true}, {fails: 1}, {waits: 2}, {fails: 1}}, c.states(), "code that does not compile changes nothing")
	require.NoError(t, c.Take(&run.Result{Failed: []string{"TestX"}, Report: report.Report{Findings: []report.Finding{{Test: "TestX", Got: "it ended", Judges: []int{1}}}}}))
	assert.Equal(t, []state{{was: true}, {fails: 1}, {waits: 2}, {fails: 1}}, c.states(), "nor does a program that does not start")
	again, err := New(c.Workshop, "2")
	require.NoError(t, err)
	assert.Equal(t, []state{{waits: 1, was: true}, {waits: 2}, {waits: 3}, {waits: 4}}, again.states(), "the next time, what was done is known")

	blocked := report.Finding{Test: "TestX", Advice: report.Advice{Look: at(3)}, Judges: []int{1, 2}}
	elsewhere := report.Finding{Test: "TestY", Advice: report.Advice{Look: report.Place{File: "main.go"}}, Judges: []int{4}}
	require.NoError(t, c.Take(&run.Result{Failed: []string{"TestX"}, Report: report.Report{Findings: []report.Finding{blocked, elsewhere}}}))
	assert.Equal(t, []state{{waits: 3, was: true}, {waits: 3}, {fails: 1}, {waits: 4}}, c.states())
	assert.Equal(t, 3, c.Open().Number, "what was done stays done, and a hint is for what fails")
	hung := report.Unjudged{Test: "TestX", Reason: "it hangs", Judges: []int{1, 2}}
	require.NoError(t, c.Take(&run.Result{Passed: []string{"TestZ"}, Report: report.Report{Unjudged: []report.Unjudged{hung}}}))
	assert.Equal(t, []state{{waits: 1, was: true}, {waits: 2}, {was: true}, {was: true}}, c.states())
	assert.False(t, c.Progress.Step(c.Step).Passed)

	require.NoError(t, c.Take(&run.Result{Failed: []string{"TestX"}, Report: report.Report{Findings: []report.Finding{{Test: "TestX", Advice: report.Advice{Look: at(1)}}}}}))
	require.NoError(t, c.Take(&run.Result{Failed: []string{"TestX"}, Report: report.Report{Findings: []report.Finding{blocked}}}))
	assert.Equal(t, state{waits: 3}, c.states()[0], "what was broken since is not done")
}

// TestNext: the coach goes on step by step, as far as there are any.
func TestNext(t *testing.T) {
	c := newTestSession(t)
	require.NoError(t, c.Take(failing))
	assert.True(t, c.Next())
	assert.Equal(t, "03-protected", c.Step)
	assert.Nil(t, c.Result)
	assert.True(t, c.Next())
	assert.False(t, c.Next())
	_, err := progress.Update(c.Workshop.Root, func(p *progress.Progress) { p.Step("01-setup").Passed = true })
	require.NoError(t, err)
	again, err := New(c.Workshop, "")
	require.NoError(t, err)
	assert.Equal(t, "02-token-endpoint", again.Step, "the first that has not passed")
}

// TestOvertakenBeforeItBegan: a run that the coach ends before it has begun holds nothing up,
// and does nothing when it begins after all.
func TestOvertakenBeforeItBegan(t *testing.T) {
	c := newTestSession(t)
	s := &screen{ctx: t.Context(), session: c, width: 80, height: 24}
	batch, ok := s.check()().(tea.BatchMsg)
	require.True(t, ok)
	s.stop()
	require.True(t, s.working.TryLock(), "nothing is under way")
	s.working.Unlock()
	msg, ok := batch[0]().(resultMsg)
	require.True(t, ok)
	assert.ErrorIs(t, msg.err, context.Canceled)
	assert.NoDirExists(t, filepath.Join(c.Workshop.Root, ".workshop", "build"))
}

// TestFit: where less is to be shown than before, the screen does not stay empty, and its end
// can be reached, whatever stands below.
func TestFit(t *testing.T) {
	s := &screen{width: 40, height: 10, from: 50}
	body := []string{"1", "2", "3", "4", "5", "6", "7"}
	assert.Contains(t, s.fit(body, []string{"keys"}), "7")
	assert.Contains(t, s.fit([]string{"a", "b"}, []string{"keys"}), "a")
	footer := []string{"one", "two", "three", "four"}
	s.fit(body, footer)
	assert.True(t, s.scroll("end"))
	assert.Contains(t, s.fit(body, footer), "7")
}
