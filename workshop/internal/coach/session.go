// Package coach is the coach that a learner keeps open beside the editor. Each time the
// learner saves a file, it checks the step, and says where the learner is and what to do
// next.
//
// A Session is what it knows (session.go), with the state of each TODO (todos.go). Watch
// (screen.go) shows it on a terminal, WatchPlain (watch.go) elsewhere; both show the
// lines that view.go and verdict.go make of a Session.
package coach

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// A Session knows the learner's step, and what the checks have said of it.
type Session struct {
	Workshop run.Workshop
	Step     string
	Course   map[string][]course.Todo       // by step
	Errors   map[string][]course.KnownError // by step
	Progress *progress.Progress
	Result   *run.Result // nil before the first run
	Note     string      // what the learner should know once
	Stretch  bool        // run the stretch checks, too
	Plain    bool        // there is no colour: words say what it would

	keyboard bool        // somebody can press keys
	lastRan  *run.Result // the last of a program that ran
	checked  time.Time   // when Result came
	before   *run.Result // the one before Result, of the same step
	newly    []int       // the numbers of the TODOs that are done since Result
}

// New returns a session at a step, or, if none is named, for the first that has not
// passed yet.
func New(w run.Workshop, step string) (*Session, error) {
	s := &Session{Workshop: w, Course: map[string][]course.Todo{}, Errors: map[string][]course.KnownError{}}
	var err error
	s.Progress, err = progress.Load(w.Root)
	if err := s.note(err); err != nil {
		return nil, err
	}
	for _, name := range course.Steps {
		if len(course.Starter(name)) == 0 {
			return nil, words.Errorf("workshop/course/starters.txtar is damaged\nhint: take it from a fresh copy of the workshop")
		}
		s.Course[name], s.Errors[name] = course.Todos(w.Root, name), course.KnownErrors(w.Root, name)
	}
	if s.Step, err = course.Find(step); err != nil {
		return nil, err
	}
	if s.Step == "" {
		s.Step = course.Steps[len(course.Steps)-1]
		for _, name := range slices.Backward(course.Steps) {
			if !s.Progress.Step(name).Passed {
				s.Step = name
			}
		}
	}
	return s, nil
}

// note takes a damaged file for something to tell the learner, and no failure.
func (s *Session) note(err error) error {
	var damaged *progress.DamagedError
	if errors.As(err, &damaged) {
		s.Note = say(words.Textf("The file with your progress, %s, could not be read; it is kept as %s, and the count begins anew.", s.short(damaged.File), s.short(damaged.Aside)))
		return nil
	}
	return err
}

// short returns the path of a file as seen from the workshop's folder.
func (s *Session) short(file string) string {
	if short, err := filepath.Rel(s.Workshop.Root, file); err == nil {
		return short
	}
	return file
}

// update changes what is remembered.
func (s *Session) update(change func(*progress.Progress)) error {
	p, err := progress.Update(s.Workshop.Root, change)
	if p != nil {
		s.Progress = p
	}
	return s.note(err)
}

// Take takes in what the checks have said of the step, and remembers which TODOs are
// done.
func (s *Session) Take(r *run.Result) error {
	s.replace(r)
	s.checked, s.newly = time.Now(), nil
	if !r.Ran() {
		return nil // and what was done is done
	}
	s.lastRan = r
	before, passed := s.Progress.Step(s.Step), r.OK()
	var done []int
	for i, state := range s.states() {
		if state.done() {
			done = append(done, s.Course[s.Step][i].Number)
		}
	}
	s.newly = slices.DeleteFunc(slices.Clone(done), func(number int) bool { return before.Passed || slices.Contains(before.Done, number) })
	if slices.Equal(done, before.Done) && (before.Passed || !passed) {
		return nil
	}
	return s.update(func(p *progress.Progress) {
		p.Step(s.Step).Done = done
		p.Step(s.Step).Passed = p.Step(s.Step).Passed || passed // and not as it was: it may have been reset since
	})
}

// replace puts a result in the place of the last one, and keeps that, unless it was one before all
// checks were made.
func (s *Session) replace(r *run.Result) {
	if s.Result == nil || !s.Result.Early {
		s.before = s.Result
	}
	s.Result = r
}

// attempt is how long somebody works on a program, at least, before it counts as one more
// attempt: editors save every second, half-typed code and all.
const attempt = 2 * time.Minute

// Count remembers that the learner has had the step checked in vain, if that is so: code that
// differs from what it was at the last attempt, two minutes ago or more. The clock begins with
// the first check of a step.
func (s *Session) Count(now time.Time) error {
	if s.Result.OK() || s.Result.Compile != "" {
		return nil
	}
	code, tried := look(s.Workshop, s.Step), s.Progress.Step(s.Step).Tried
	if since := now.Sub(tried.At); tried.Code == code || 0 <= since && since < attempt { // less than 0: a clock that was wrong
		return nil
	}
	return s.update(func(p *progress.Progress) {
		step := p.Step(s.Step)
		if !tried.At.IsZero() {
			step.Fails++
		}
		step.Tried = progress.Attempt{At: now, Code: code}
	})
}

// stepNumber returns the number of the step, from 0.
func (s *Session) stepNumber() int { return slices.Index(course.Steps, s.Step) }

// Next goes on to the next step, and says whether there is one.
func (s *Session) Next() bool {
	next := s.stepNumber() + 1
	if next == len(course.Steps) {
		return false
	}
	s.Step, s.Result, s.lastRan, s.before, s.newly, s.Note = course.Steps[next], nil, nil, nil, nil, ""
	return true
}

// Hint returns the next hint on the TODO to work on, and remembers that it was shown.
// After the last one, it returns that again.
func (s *Session) Hint() (Page, error) {
	todo := s.Open()
	if todo == nil {
		return paragraph("When this step was checked last, none of its TODOs was open."), nil
	}
	if len(todo.Hints) == 0 {
		return paragraph(words.Textf("There is no hint on TODO %d in steps/%s/hints.md: the file is missing, or was changed. A fresh copy of the workshop has it.", todo.Number, s.Step)), nil
	}
	rung := min(max(0, s.Progress.Step(s.Step).Hints[todo.Number])+1, len(todo.Hints))
	err := s.update(func(p *progress.Progress) { p.Step(s.Step).Hints[todo.Number] = rung })
	return func(width int) []string { return s.rung(todo, rung, width) }, err
}

// rung returns one of the hints on a TODO, and how to come to the next.
func (s *Session) rung(todo *course.Todo, rung, width int) []string {
	lines := wrap(bold.Render(say(words.Textf("Hint %d of %d for TODO %d, %s", rung, len(todo.Hints), todo.Number, todo.Title))), width)
	lines = append(lines, Markdown(todo.Text, width)...)
	lines = append(lines, "")
	lines = append(lines, Markdown(todo.Hints[rung-1].Text, width)...)
	if rung > 1 {
		lines = append(append(lines, ""), wrap(faint.Render(say("(The earlier hints are in the step's folder, in hints.md.)")), width)...)
	}
	if rung < len(todo.Hints) {
		more := words.Text("The next hint: go run ./workshop hint")
		if s.keyboard {
			more = "h opens the next hint, any other key goes back."
		}
		lines = append(append(lines, ""), wrap(faint.Render(say(more)), width)...)
	}
	if rung == len(todo.Hints) {
		lines = append(append(lines, ""), wrap(say("That was the last hint. The finished code:\n    go run ./workshop solution"), width)...)
	}
	return lines
}

// failsBefore is how often checks must have failed before the finished code is shown
// without a question.
const failsBefore = 5

// MayShow says whether the finished code of the step may be shown without a question: after
// attempts, or if there is none, which is said then.
func (s *Session) MayShow() bool {
	step := s.Progress.Step(s.Step)
	return step.Passed || step.Fails >= failsBefore || !s.HasSolution()
}
