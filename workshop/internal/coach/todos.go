package coach

import (
	"cmp"
	"slices"

	"jwtworkshop/workshop/course"
)

// A state is that of a TODO, as far as requests can tell.
type state struct {
	fails int  // how many failing checks look at it
	waits int  // 0 if all checks about it have judged it; else the first TODO that those which fail look at, or its own number if the reason is another
	was   bool // it was done when it was judged last
}

// done says whether the TODO is done. One that was done, and cannot be judged while
// another is not, stays so.
func (s state) done() bool { return s.fails == 0 && (s.waits == 0 || s.was) }

// wait notes that a check cannot judge the TODO without another.
func (s *state) wait(todo int) {
	if s.waits == 0 || todo < s.waits {
		s.waits = todo
	}
}

// states returns the states of the step's TODOs, in their order. A TODO that a failing
// check looks at is not done. If a check about it fails and looks elsewhere, or was not
// made, nobody knows: then it stays what it was.
func (s *Session) states() []state {
	todos := s.Course[s.Step]
	states := make([]state, len(todos))
	for i, todo := range todos {
		states[i].was = s.Progress.Step(s.Step).Passed && s.lastRan == nil || slices.Contains(s.Progress.Step(s.Step).Done, todo.Number)
		if s.lastRan == nil {
			states[i].wait(todo.Number)
			continue
		}
		for _, f := range s.lastRan.Findings {
			switch {
			case f.Look.Todo == todo.Number:
				states[i].fails++
			case slices.Contains(f.Judges, todo.Number):
				states[i].wait(cmp.Or(f.Look.Todo, todo.Number))
			}
		}
		for _, u := range s.lastRan.Unjudged {
			if slices.Contains(u.Judges, todo.Number) {
				states[i].wait(todo.Number)
			}
		}
	}
	return states
}

// Open returns the TODO of the step to work on, or nil if all are done: the first that a
// failing check looks at; if there is none, the first that is not known to be done.
func (s *Session) Open() *course.Todo {
	states := s.states()
	i := slices.IndexFunc(states, func(s state) bool { return s.fails > 0 })
	if i < 0 {
		i = slices.IndexFunc(states, func(s state) bool { return !s.done() })
	}
	if i < 0 {
		return nil
	}
	return &s.Course[s.Step][i]
}

// count returns how many TODOs of all steps are done, and how many there are.
func (s *Session) count() (done, all int) {
	for step, todos := range s.Course {
		all += len(todos)
		switch {
		case step == s.Step:
			for _, state := range s.states() {
				if state.done() {
					done++
				}
			}
		case s.Progress.Step(step).Passed:
			done += len(todos)
		default:
			done += len(s.Progress.Step(step).Done)
		}
	}
	return done, all
}
