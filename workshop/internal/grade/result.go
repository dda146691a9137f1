package grade

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/points"
)

// A Verdict is what has become of a step.
type Verdict string

// The verdicts.
const (
	Passed         Verdict = "passed"
	Failed         Verdict = "failed"
	Unchanged      Verdict = "unchanged"
	Missing        Verdict = "missing"
	DoesNotCompile Verdict = "does not compile"
	DoesNotStart   Verdict = "does not start"
	TimedOut       Verdict = "timed out"
	TooLarge       Verdict = "too large"
	Refused        Verdict = "refused"
	OwnError       Verdict = "the grader's own error"
)

// Text returns the verdict as people read it.
func (v Verdict) Text() words.Text {
	switch v {
	case Passed:
		return "passed"
	case Failed:
		return "checks fail"
	case Unchanged:
		return "not begun"
	case Missing:
		return "not handed in"
	case DoesNotCompile:
		return "does not compile"
	case DoesNotStart:
		return "does not start"
	case TimedOut:
		return "took too long"
	case TooLarge:
		return "too large"
	case Refused:
		return "cannot be taken"
	}
	return "not graded: an error of the grader's own"
}

// A Student is the result of one.
type Student struct {
	ID     string `json:"id"` // the name of what was handed in, which no other has
	Name   string `json:"name"`
	Note   string `json:"note,omitempty"` // what whoever grades should look at: it could not be taken, or there is no step in it
	Points *int   `json:"points"`         // nil if a step could not be graded
	Max    int    `json:"max"`
	Steps  []Step `json:"steps"`
}

// A Step is the result of a student's step.
type Step struct {
	Step      string           `json:"step"`
	Verdict   Verdict          `json:"verdict"`
	Points    *int             `json:"points"` // nil if it could not be graded
	Max       int              `json:"max"`
	Elsewhere int              `json:"elsewhere,omitempty"` // points that failing checks cost which look at no TODO
	Todos     []points.Todo    `json:"todos"`
	Reason    string           `json:"reason,omitempty"`   // of a verdict that no check has given
	Failing   []Failing        `json:"failing,omitempty"`  // all that the student sees, the one to begin with first
	Findings  []report.Finding `json:"findings,omitempty"` // what the first of each TODO says
	Unjudged  []report.Reason  `json:"unjudged,omitempty"`
	Checks    int              `json:"checks"`            // how many were made, the stretch apart
	Stretch   map[string]bool  `json:"stretch,omitempty"` // those that were asked for: whether they passed
	Isolation string           `json:"isolation,omitempty"`
}

// A Failing is a failing check.
type Failing struct {
	Check string `json:"check"`
	Rule  string `json:"rule,omitempty"`
	Todo  int    `json:"todo,omitempty"` // that it looks at
}

// add adds the result of a step.
func (s *Student) add(step Step) {
	s.Steps = append(s.Steps, step)
	s.Max += step.Max
	s.Points = new(int)
	for _, step := range s.Steps {
		if step.Points == nil {
			s.Points = nil
			return
		}
		*s.Points += *step.Points
	}
}

// broken returns a student of whom nothing could be read.
func (s *Student) broken(g *Grader, err error) *Student {
	if errors.As(err, new(refusal)) {
		s.Note = printableLines(err.Error())
	}
	for _, step := range g.steps() {
		s.add(g.failed(step, err))
	}
	return s
}

// none returns the result of a step that was not judged.
func (g *Grader) none(step string, verdict Verdict, reason string) Step {
	result := Step{Step: step, Verdict: verdict, Reason: reason, Todos: points.None(g.Weights[step])}
	for _, todo := range result.Todos {
		result.Max += todo.Max
	}
	if verdict != OwnError {
		result.Points = new(int)
	}
	return result
}

// failed returns the result of a step whose program could not be taken.
func (g *Grader) failed(step string, err error) Step {
	reason := printableLines(err.Error())
	switch {
	case errors.As(err, new(refusal)):
		return g.none(step, Refused, "") // the student's note says why
	case errors.Is(err, source.ErrTooLarge):
		return g.none(step, TooLarge, reason)
	case errors.Is(err, source.ErrUnfit):
		return g.none(step, DoesNotCompile, reason)
	}
	return g.none(step, OwnError, reason)
}

// graded returns the result of a step by what the checks have said.
func (g *Grader) graded(step string, said *report.Report) Step {
	verdict := map[report.End]Verdict{
		report.Passed: Passed, report.Failed: Failed, report.DoesNotCompile: DoesNotCompile, report.DoesNotStart: DoesNotStart,
		report.TimedOut: TimedOut, report.TooLarge: TooLarge, report.NoSuchStep: Missing,
	}[said.End]
	stretch := append(slices.Clone(said.Stretch), said.Asked...)
	isStretch := func(check string) bool {
		test, _, _ := strings.Cut(check, "/")
		return slices.Contains(stretch, test)
	}
	result := g.none(step, cmp.Or(verdict, OwnError), printableLines(said.Reason))
	result.Isolation = said.Isolation
	for _, reason := range said.Reasons() {
		reason.Text = words.Verbatim(printableLines(reason.Text.String()))
		result.Unjudged = append(result.Unjudged, reason)
	}
	coreFailed := map[string]bool{}
	for check, became := range said.Checks {
		coreFailed[check] = became == report.CheckFailed && !isStretch(check)
		switch {
		case became == report.NotRun:
		case !isStretch(check):
			result.Checks++
		default:
			if result.Stretch == nil {
				result.Stretch = map[string]bool{}
			}
			result.Stretch[check] = became == report.CheckPassed
		}
	}
	core := *said
	core.Findings = slices.DeleteFunc(slices.Clone(said.Findings), func(f report.Finding) bool { return isStretch(f.Test) })
	var failures []points.Failure
	told := map[int]bool{}
	others := false // fail than those that the coach makes when all others pass
	for check, failed := range coreFailed {
		others = others || failed && !run.TakesTime(check)
	}
	for _, f := range core.InOrder() {
		f.Test = printable(f.Test)
		delete(coreFailed, f.Test)
		if others && run.TakesTime(f.Test) {
			continue // the student, who has not come to this one, does not see it
		}
		result.Failing = append(result.Failing, Failing{f.Test, f.Rule, f.Look.Todo})
		failures = append(failures, points.Failure{Check: f.Test, Todo: f.Look.Todo})
		if !told[f.Look.Todo] {
			told[f.Look.Todo] = true
			result.Findings = append(result.Findings, f)
		}
	}
	maps.DeleteFunc(coreFailed, func(_ string, failed bool) bool { return !failed })
	if len(coreFailed) > 0 { // and have not said why: what they would have said of any TODO, nobody knows
		names := slices.Sorted(maps.Keys(coreFailed))
		return g.none(step, OwnError, words.Textf("something kept checks from their work, this computer or the program, and nobody knows what: %s; have a look at this step yourself", printable(strings.Join(names, ", "))).String())
	}
	if result.Verdict == Failed && len(failures) == 0 && len(said.Checks) > 0 && !core.Incomplete() { // a stretch check, and no other
		result.Verdict = Passed
	}
	if result.Verdict != Passed && result.Verdict != Failed {
		return result
	}
	var unjudged []int
	for _, u := range said.Unjudged {
		unjudged = append(unjudged, u.Judges...)
	}
	total := 0
	result.Todos, total = points.Of(step, g.Weights[step], failures, unjudged)
	for _, todo := range result.Todos {
		result.Elsewhere += todo.Points
	}
	result.Elsewhere -= total
	result.Points = &total
	return result
}

// printableLines returns what an error says as it can be shown: a student may have a hand in it.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printableTo(strings.ReplaceAll(strings.TrimSuffix(lines[i], "\r"), "\t", "    "), 4000)
	}
	return strings.Join(lines, "\n")
}
