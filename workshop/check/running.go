package check

import (
	"sync"
	"testing"
)

// shared is the program that Running returns.
var shared sharedProgram

// A sharedProgram serves all the checks that need nothing special.
type sharedProgram struct {
	mu      sync.Mutex
	program *Program
}

// Running returns a program that runs with the usual environment and that other
// checks use too; each adds users of its own. If one of them has crashed it,
// it is started anew.
func Running(t testing.TB) *Program {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	p := shared.program
	if p != nil && (*urlFlag != "" || p.process.Running()) {
		return p
	}
	if p != nil {
		p.stop()
	}
	wantPatience(t, &starts, "the program has not come to listen, time and again")
	p, err := newProgram()
	if err != nil {
		Broken(t, err)
	}
	p.Fresh() // the seed is a copy of its database
	shared.program = nil
	if *urlFlag == "" {
		if f := p.start(); f != nil {
			p.stop()
			Fail(t, *f)
		}
	}
	takeSeed(p)
	shared.program = p
	return p
}

// is says whether a program is the shared one.
func (s *sharedProgram) is(p *Program) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return p == s.program
}

// stop ends the shared program, if there is one.
func (s *sharedProgram) stop() {
	if s.program != nil {
		s.program.stop()
	}
}
