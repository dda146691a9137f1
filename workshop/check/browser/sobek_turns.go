package browser

import (
	"errors"
	"slices"
	"time"

	"jwtworkshop/workshop/check"

	"github.com/grafana/sobek"
)

// turn runs JavaScript, and interrupts it when it takes too long.
func (s *sobekPage) turn(f func() error) (err error) {
	stop := check.WhenOver(loopLimit, func() { s.vm.Interrupt("too long") })
	defer func() {
		stop()
		s.vm.ClearInterrupt()
		if x := recover(); x != nil { // an interruption in what a promise has set off
			loop, ok := x.(*sobek.InterruptedError)
			if !ok {
				panic(x)
			}
			err = loop
		}
	}()
	return f()
}

// errUnsettled says that nothing will settle a promise any more.
var errUnsettled = errors.New("the promise is never settled")

// settle gives turns to what is under way until a promise is settled, for so long at
// most.
func (s *sobekPage) settle(v sobek.Value, limit time.Duration) error {
	promise := v.Export().(*sobek.Promise)
	deadline, stop := check.Over(limit)
	defer stop()
	for promise.State() == sobek.PromiseStatePending {
		if s.underWay == 0 {
			return errUnsettled
		}
		var next func()
		if len(s.due) > 0 {
			next, s.due = s.due[0], s.due[1:]
		} else {
			select {
			case next = <-s.turns:
			case <-deadline:
				return errUnsettled
			}
		}
		s.underWay--
		if err := s.turn(func() error { next(); return nil }); err != nil {
			return err
		}
	}
	return nil
}

// later has f run in a turn of its own; underWay was raised before.
func (s *sobekPage) later(f func()) {
	select {
	case s.turns <- f:
	case <-s.closed:
	}
}

// A timer is one that app.js has set.
type timer struct {
	clock *time.Timer
	at    time.Time
	turn  func() // runs its function
}

// setTimer is setTimeout or, if again, setInterval.
func (s *sobekPage) setTimer(f func(), ms int64, again bool) int64 {
	id := int64(len(s.timers) + 1)
	wait := time.Duration(ms) * time.Millisecond
	var arm func()
	turn := func() {
		if s.timers[id] == nil {
			return // cleared meanwhile
		}
		if again {
			arm()
		}
		f()
	}
	arm = func() {
		s.underWay++
		s.timers[id] = &timer{time.AfterFunc(wait, func() { s.later(turn) }), time.Now().Add(wait), turn}
	}
	arm()
	return id
}

// clearTimer is clearTimeout and clearInterval.
func (s *sobekPage) clearTimer(id int64) {
	if timer := s.timers[id]; timer != nil && timer.clock.Stop() {
		s.underWay--
	}
	if _, ok := s.timers[id]; ok {
		s.timers[id] = nil
	}
}

// timersUp has the functions of the first n timers run that are not up yet, as if their
// time had come: the earliest first, and before anything that happens from now on.
func (s *sobekPage) timersUp(n int64) {
	var up []*timer
	for id := range n {
		if timer := s.timers[id+1]; timer != nil && timer.clock.Stop() {
			up = append(up, timer)
		}
	}
	slices.SortStableFunc(up, func(a, b *timer) int { return a.at.Compare(b.at) })
	for _, timer := range up {
		s.due = append(s.due, timer.turn)
	}
}
