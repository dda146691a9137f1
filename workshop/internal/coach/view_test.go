package coach

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// TestHang: what does not fit on a line goes on below it, indented; a word that is longer than
// a line is broken, and gets no blank into it.
func TestHang(t *testing.T) {
	for _, line := range []string{
		`{"token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLWl0","user_id":1}`,
		`C:\users\José-Ñandú\mis-cosas\jwt-workshop\steps\01-setup\database.go:40:3:`,
		good.Render(strings.Repeat("x", 75)),
	} {
		for width := 14; width < 100; width++ {
			joined := ""
			for i, part := range hang(line, width, 4) {
				assert.LessOrEqual(t, ansi.StringWidth(part), width)
				part = ansi.Strip(part)
				if i > 0 {
					assert.True(t, strings.HasPrefix(part, "    "), part)
				}
				joined += strings.TrimPrefix(part, "    ")
			}
			assert.Equal(t, ansi.Strip(line), joined)
		}
	}
	assert.Equal(t, []string{"1. one two three", "    four five six", "    seven"}, hang("1. one two three four five six seven", 17, 4))
}

// TestSigns: the console of older Windows shows signs that it has.
func TestSigns(t *testing.T) {
	for _, tc := range []struct{ system, variable, tick string }{
		{"linux", "", "✓"}, {"darwin", "", "✓"}, {"windows", "", "√"}, {"windows", "WT_SESSION", "✓"}, {"windows", "TERM_PROGRAM", "✓"}, {"windows", "ConEmuANSI", "✓"}, {"windows", "MSYSTEM", "✓"},
	} {
		tick, cross := signs(tc.system, func(name string) string { return map[string]string{tc.variable: "x"}[name] })
		assert.Equal(t, tc.tick, tick, tc)
		assert.Equal(t, tc.tick == "✓", cross == "✗")
	}
}

// TestPlain: where there is no colour, each sign has its words.
func TestPlain(t *testing.T) {
	s := newTestSession(t)
	s.Plain = true
	require.NoError(t, s.Take(failing))
	lines := ansi.Strip(strings.Join(s.todos(200), "\n"))
	assert.Regexp(t, `(?m)^. 1 .*done$`, lines)
	assert.Regexp(t, `(?m)^. 2 .*1 check to go$`, lines)
}

// TestSince: it is said when a step was checked, and how many checks failed before, also where
// those that take time have been waited for.
func TestSince(t *testing.T) {
	s := &screen{session: newTestSession(t), width: 200, height: 40}
	s.session.write(t, "token.go", "package main\n")
	said := func(r *run.Result) string {
		s.running++
		if !r.Early {
			s.take(resultMsg{run: s.running, step: s.session.Step, result: r})
			require.NoError(t, s.err)
		} else {
			s.Update(earlyMsg{run: s.running, result: r})
			s.running--
		}
		return ansi.Strip(strings.Join(s.session.verdict(200), "\n"))
	}
	one := &run.Result{Failed: failing.Failed[:1], Report: report.Report{Findings: failing.Findings[:1]}}
	early := &run.Result{Passed: []string{"TestX"}, Early: true}
	silent := &run.Result{Failed: []string{"TestX"}, Report: report.Report{Findings: []report.Finding{{Test: "TestX", Got: "it ended"}}}}
	assert.Regexp(t, `^Checked at \d\d:\d\d:\d\d\.\n`, said(failing))
	assert.Regexp(t, `^Checked at \d\d:\d\d:\d\d: 2 failed before, 1 now\.\n`, said(one))
	for range 2 { // the first is overtaken
		assert.Contains(t, said(early), "All checks pass so far")
	}
	assert.Contains(t, said(failing), ": 1 failed before, 2 now.")
	assert.Regexp(t, `^Checked at [\d:]+\.\n`, said(silent), "most were not made")
	assert.Regexp(t, `^Checked at [\d:]+\.\n`, said(failing), "nobody knows how many would have failed")
}

// TestNothingLost: when a program does not compile or does not start, it is said that what was done
// stays so.
func TestNothingLost(t *testing.T) {
	s := newTestSession(t)
	const lost = "nothing of that is lost"
	said := func() string { return ansi.Strip(strings.Join(s.todos(200), "\n")) }
	silent := &run.Result{Failed: []string{"TestX"}, Report: report.Report{Findings: []report.Finding{{Test: "TestX", Got: "it ended"}}}}
	require.NoError(t, s.Take(silent))
	assert.NotContains(t, said(), lost, "nothing was done")
	for _, r := range []*run.Result{silent, {Compile: "token.go:1:1: x"}} {
		require.NoError(t, s.Take(failing))
		assert.NotContains(t, said(), lost)
		require.NoError(t, s.Take(r))
		assert.Contains(t, said(), lost)
	}
}

// TestEnd: who has built all of it is told what else there is, and which comments can go.
func TestEnd(t *testing.T) {
	s := newTestSession(t)
	s.Step = "04-frontend"
	s.write(t, "web/app.js", "\n// TODO 2: x\n")
	require.NoError(t, s.Take(&run.Result{Passed: []string{"TestX"}, Report: report.Report{Stretch: []string{"TestY"}}}))
	said := ansi.Strip(strings.Join(s.verdict(200), "\n"))
	for _, more := range []string{"go run ./workshop inspect TOKEN", "go run ./workshop attack", "go run ./workshop check --stretch 04-frontend", "steps/beyond.md", "can go now: steps/04-frontend/web/app.js:2\n"} {
		assert.Contains(t, said, more)
	}
}

// TestTryOfAProgram: that the program has to run for what can be tried stands beside it, and not
// below what else there is to say.
func TestTryOfAProgram(t *testing.T) {
	s := newTestSession(t)
	f := report.Finding{Sent: "GET /x", Got: "a", Want: "b", Notes: []words.Text{"a token, taken apart"}, Advice: report.Advice{Why: "w", Look: at(1), Try: "curl localhost:8080", Running: true}}
	const want = `\n {4}try:  curl localhost:8080\n {10}Your program has to run for that, in another terminal:\n {10} +go run \./steps/02-token-endpoint\n {4}a token`
	assert.Regexp(t, want, ansi.Strip(strings.Join(s.finding(f, 200), "\n")))
	assert.Regexp(t, want, f.InFull(s.Step))
}
