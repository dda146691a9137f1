// Package coach is what a learner has open beside the editor: it checks the step at
// every save, and says where the learner is and what to do next.
package coach

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// A Coach knows the learner's step, and what the checks have said of it.
type Coach struct {
	Workshop run.Workshop
	Words    *words.Words
	Step     string
	Course   map[string][]course.Todo       // by step
	Errors   map[string][]course.KnownError // by step
	Progress *progress.Progress
	Result   *run.Result // nil before the first run
	Note     string      // what the learner should know once
	Stretch  bool        // run the stretch checks, too

	keyboard  bool         // somebody can press keys
	judged    *run.Result  // the last that was of code that compiles
	untouched map[int]bool // the TODOs whose comment is still there, by number
}

// New returns a coach for a step, or, if none is named, for the first that has not
// passed yet.
func New(w run.Workshop, words *words.Words, step string) (*Coach, error) {
	c := &Coach{Workshop: w, Words: words, Course: map[string][]course.Todo{}, Errors: map[string][]course.KnownError{}}
	var err error
	c.Progress, err = progress.Load(w.Root)
	if err := c.note(err); err != nil {
		return nil, err
	}
	for _, name := range course.Steps {
		if c.Course[name], err = course.Todos(w.Root, name); err != nil {
			return nil, err
		}
		if c.Errors[name], err = course.KnownErrors(w.Root, name); err != nil {
			return nil, err
		}
	}
	if c.Step, err = course.Find(step); err != nil {
		return nil, err
	}
	if c.Step == "" {
		c.Step = course.Steps[len(course.Steps)-1]
		for _, name := range slices.Backward(course.Steps) {
			if !c.Progress.Step(name).Passed {
				c.Step = name
			}
		}
	}
	return c, nil
}

// note takes a damaged file for something to tell the learner, and no failure.
func (c *Coach) note(err error) error {
	var damaged *progress.DamagedError
	if errors.As(err, &damaged) {
		c.Note = fmt.Sprintf(c.Words.Damaged, c.short(damaged.File), c.short(damaged.Aside))
		return nil
	}
	return err
}

// short returns the path of a file as seen from the workshop's folder.
func (c *Coach) short(file string) string {
	if short, err := filepath.Rel(c.Workshop.Root, file); err == nil {
		return short
	}
	return file
}

// update changes what is remembered.
func (c *Coach) update(change func(*progress.Progress)) error {
	p, err := progress.Update(c.Workshop.Root, change)
	if p != nil {
		c.Progress = p
	}
	return c.note(err)
}

// Take takes in what the checks have said of the step.
func (c *Coach) Take(r *run.Result) error {
	c.Result = r
	if r.Compile != "" {
		return nil
	}
	c.judged, c.untouched = r, map[int]bool{}
	for _, todo := range c.Course[c.Step] {
		text, err := os.ReadFile(c.file("steps", todo.File))
		c.untouched[todo.Number] = err == nil && strings.Contains(string(text), todo.Text)
	}
	if !r.OK() || c.Progress.Step(c.Step).Passed {
		return nil
	}
	return c.update(func(p *progress.Progress) { p.Step(c.Step).Passed = true })
}

// Count remembers that the learner has had the step checked in vain, if that is so.
func (c *Coach) Count() error {
	if c.Result.OK() || c.Result.Compile != "" {
		return nil
	}
	return c.update(func(p *progress.Progress) { p.Step(c.Step).Fails++ })
}

// stepNumber returns the number of the step, from 0.
func (c *Coach) stepNumber() int { return slices.Index(course.Steps, c.Step) }

// Next goes on to the next step, and says whether there is one.
func (c *Coach) Next() bool {
	next := c.stepNumber() + 1
	if next == len(course.Steps) {
		return false
	}
	c.Step, c.Result, c.judged, c.Note = course.Steps[next], nil, nil, ""
	return true
}

// A state is that of a TODO.
type state struct {
	fails    int  // how many checks fail that look there
	unjudged bool // nothing can be said of it yet
}

// todoNumber is the number of the TODO that a failing check looks at.
var todoNumber = regexp.MustCompile(`TODO (\d+)`)

// todo returns the number of the TODO that a failing check looks at. One without comes
// first if it looks at no file, for then the program has not run, and else last.
func todo(f run.Finding) int {
	if m := todoNumber.FindStringSubmatch(f.Look); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	if f.Look == "" {
		return 0
	}
	return 1000
}

// first returns the failing check that the learner should begin with.
func first(findings []run.Finding) *run.Finding {
	if len(findings) == 0 {
		return nil
	}
	f := slices.MinFunc(findings, func(a, b run.Finding) int { return todo(a) - todo(b) })
	return &f
}

// states returns the states of the step's TODOs, in their order.
func (c *Coach) states() []state {
	states := make([]state, len(c.Course[c.Step]))
	if c.judged == nil {
		for i := range states {
			states[i].unjudged = !c.Progress.Step(c.Step).Passed
		}
		return states
	}
	silent := false // the program did not run for some check
	for _, f := range c.judged.Findings {
		switch n := todo(f); {
		case n == 0:
			silent = true
		case n <= len(states):
			states[n-1].fails++
		}
	}
	open := false
	for i := range states {
		if silent {
			states[i] = state{unjudged: true}
			continue
		}
		// Checks look at the first TODO that they miss: behind it, none may speak for
		// a TODO that nobody has touched.
		states[i].unjudged = states[i].fails == 0 && open && c.untouched[i+1]
		open = open || states[i].fails > 0
	}
	return states
}

// Open returns the first TODO of the step that is open, or nil.
func (c *Coach) Open() *course.Todo {
	for i, s := range c.states() {
		if s.fails > 0 || s.unjudged {
			return &c.Course[c.Step][i]
		}
	}
	return nil
}

// count returns how many TODOs of all steps are done, and how many there are.
func (c *Coach) count() (done, all int) {
	for step, todos := range c.Course {
		all += len(todos)
		switch {
		case step == c.Step && c.judged != nil:
			for _, s := range c.states() {
				if s.fails == 0 && !s.unjudged {
					done++
				}
			}
		case c.Progress.Step(step).Passed:
			done += len(todos)
		}
	}
	return done, all
}

// Hint returns the next hint on the first open TODO, and remembers that it was shown.
// After the last one, it returns that again.
func (c *Coach) Hint(width int) ([]string, error) {
	todo := c.Open()
	if todo == nil {
		return []string{c.Words.NoHint}, nil
	}
	rung := min(c.Progress.Step(c.Step).Hints[todo.Number]+1, len(todo.Hints))
	err := c.update(func(p *progress.Progress) { p.Step(c.Step).Hints[todo.Number] = rung })
	lines := wrap(bold.Render(fmt.Sprintf(c.Words.HintOf, rung, len(todo.Hints), todo.Number, todo.Title)), width)
	lines = append(lines, "")
	lines = append(lines, Markdown(todo.Hints[rung-1].Text, width)...)
	if rung > 1 {
		lines = append(append(lines, ""), wrap(faint.Render(c.Words.HintEarlier), width)...)
	}
	if rung == len(todo.Hints) {
		lines = append(append(lines, ""), wrap(c.Words.NoMoreHints, width)...)
	}
	return lines, err
}

// failsBefore is how often checks must have failed before the finished code is shown
// without a question.
const failsBefore = 5

// MayShow says whether the finished code of the step may be shown without a question.
func (c *Coach) MayShow() bool {
	s := c.Progress.Step(c.Step)
	return s.Passed || s.Fails >= failsBefore
}
