package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"jwtworkshop/workshop/internal/words"
)

// A Story is what can happen to a program, in every order. W is the world: the program,
// and what is known of it, which says what has to come of the next step.
//
//	check.Story[world]{
//		New:   newWorld,
//		Steps: []func(t testing.TB, w *world){logIn, deleteAda, askWithHerToken},
//		Once:  []func(t testing.TB, w *world){restart},
//	}.Tell(t, 3)
//
// A step says with Did what it does, does it, and compares what comes of it with what the
// world says, by the expectations that all checks use. What is the case for a moment only,
// such as a database that fails, is best a step that ends it, too: so the step after it
// shows what it has left behind.
type Story[W any] struct {
	New   func(t testing.TB) *W      // a program that has just been started
	Steps []func(t testing.TB, w *W) // in the order in which they are tried first
	Once  []func(t testing.TB, w *W) // between two walks, since they take long: a restart
	First bool                       // each step comes first in a world of its own, too
}

// Tell has every n steps happen in a row, in one walk; then, after each step of Once, every
// n-1 steps, but at least each of them. It fails the test if something comes of a step that
// should not, with the shortest list of steps that fails in a new world.
//
// With First, what a program makes at its first request and keeps is made by each of the
// steps once.
func (s Story[W]) Tell(t testing.TB, n int) {
	t.Helper()
	all := everyOrder(len(s.Steps), n)
	for i := range s.Once {
		all = append(append(all, len(s.Steps)+i), everyOrder(len(s.Steps), max(1, n-1))...)
	}
	s.tell(t, all)
	if !s.First {
		return
	}
	for first := range s.Steps {
		s.tell(t, append([]int{first}, everyOrder(len(s.Steps), 1)...))
	}
}

// tell plays steps in a new world, and fails the test if one of them fails.
func (s Story[W]) tell(t testing.TB, all []int) {
	t.Helper()
	seen := s.play(t, all)
	if seen.finding == nil {
		return
	}
	if len(seen.steps) == 0 { // not even the world has begun
		Fail(t, *seen.finding)
	}
	short := s.shorten(t, seen.steps)
	if short == nil {
		seen.finding.Notes = append(seen.finding.Notes, Textf("this came after %d other steps, and not when the last of them were done again in a new program: it depends on what happened long before. The last ones:\n%s",
			len(seen.steps)-1, list(seen.lines[max(0, len(seen.lines)-3):])))
		seen.finding.Try, seen.finding.Running = "", false // one request alone does not show it
		Fail(t, *seen.finding)
	}
	if len(short.lines) > 1 {
		short.finding.Sent = words.Join([]Text{"to see it, step by step:", list(short.lines)}, "\n")
		short.finding.Try, short.finding.Running = "", false // one request alone does not show it
	}
	Fail(t, *short.finding)
}

// everyOrder returns a walk through the numbers below k in which every n of them follow each
// other: a de Bruijn sequence, the first in the order of the alphabet (Fredricksen, Kessler
// and Maiorana), and its beginning once more.
func everyOrder(k, n int) []int {
	var walk []int
	word := make([]int, n+1)
	var extend func(at, period int)
	extend = func(at, period int) {
		if at > n {
			if n%period == 0 {
				walk = append(walk, word[1:period+1]...)
			}
			return
		}
		for next := word[at-period]; next < k; next++ {
			if word[at] = next; next > word[at-period] {
				extend(at+1, at)
			} else {
				extend(at+1, period)
			}
		}
	}
	extend(1, 1)
	return append(walk, walk[:n-1]...)
}

// A played is what came of steps that were played in a world of their own.
type played struct {
	steps   []int
	lines   []line // what they did
	finding *Finding
}

// A line is what a step did, and what came of it, for the learner.
type line struct{ did, came Text }

// list returns lines with numbers, one below the other.
func list(lines []line) Text {
	const widest = 70 // of what was done, for what came of it to stand in a column
	width := 0
	for _, l := range lines {
		if n := utf8.RuneCountInString(l.did.String()); n <= widest {
			width = max(width, n)
		}
	}
	var texts []Text
	for i, l := range lines {
		parts := []Text{Verbatim(fmt.Sprintf("%d. ", i+1)), l.did}
		if l.came != "" {
			parts = append(parts, Verbatim(strings.Repeat(" ", 2+max(0, width-utf8.RuneCountInString(l.did.String())))), l.came)
		}
		texts = append(texts, words.Join(parts, ""))
	}
	return words.Join(texts, "\n")
}

// walkLimit is for one walk: of a program that takes its time, what comes later is left out.
var walkLimit = 20 * time.Second

// play plays steps in a new world until one fails.
func (s Story[W]) play(t testing.TB, steps []int) played {
	t.Helper()
	trial := &trial{TB: t}
	defer trial.end()
	var w *W
	p := played{finding: trial.try(func() { w = s.New(trial) })}
	trial.lines = nil
	begun := time.Now()
	for _, step := range steps {
		switch once := step >= len(s.Steps); {
		case p.finding != nil:
			continue
		case once:
			begun = time.Now()
		case time.Since(begun) > walkLimit:
			continue
		}
		do := slices.Concat(s.Steps, s.Once)[step]
		p.finding = trial.try(func() { do(trial, w) })
		p.steps = append(p.steps, step)
	}
	p.lines = trial.lines
	return p
}

const (
	shortStory    = 12              // how many steps are still a story that can be read
	shortenBudget = 5 * time.Second // for finding it
)

// shorten returns the shortest list that fails of the steps at the end of those that have
// failed, or nil if none fails that can be read.
func (s Story[W]) shorten(t testing.TB, failed []int) *played {
	t.Helper()
	deadline := time.Now().Add(shortenBudget)
	var best *played
	var steps []int
	fails := func(candidate []int) bool {
		if time.Now().After(deadline) {
			return false
		}
		p := s.play(t, candidate)
		if p.finding == nil {
			return false
		}
		best, steps = &p, p.steps
		return true
	}
	for _, ending := range s.endings(failed) {
		if fails(ending) {
			break
		}
	}
	for size := len(steps) / 2; size > 0; size /= 2 {
		for from := 0; from+size < len(steps); {
			if !fails(slices.Concat(steps[:from], steps[from+size:])) {
				from += size
			}
		}
	}
	for first := 0; first < len(steps); first++ { // there and back: neither can be left out alone
		for second := first + 1; second < len(steps); second++ {
			if steps[first] == steps[second] && fails(slices.Concat(steps[:first], steps[first+1:second], steps[second+1:])) {
				first = 0
				break
			}
		}
	}
	if len(steps) > shortStory {
		return nil
	}
	return best
}

// endings returns what may fail alone of steps that have failed, the likeliest first: the
// last one; the last one after those of Once; the last two, three, and more.
func (s Story[W]) endings(failed []int) [][]int {
	last := failed[len(failed)-1:]
	endings := [][]int{last}
	var once []int
	for _, step := range failed {
		if step >= len(s.Steps) {
			once = append(once, step)
		}
	}
	if len(once) > 0 && last[0] < len(s.Steps) {
		endings = append(endings, slices.Concat(once, last), slices.Concat(last, once, last))
	}
	for n := 2; n < len(failed); n += max(1, n/4) {
		endings = append(endings, failed[len(failed)-n:])
	}
	return append(endings, failed)
}

// A trial is a test within a test: what fails in it comes back to whoever tries.
type trial struct {
	testing.TB
	lines    []line
	finding  *Finding
	cleanups []func()
}

// trialFails is what a trial panics with when something fails.
type trialFails struct{}

// try does what f does until that fails, and returns the finding.
func (t *trial) try(f func()) (finding *Finding) {
	defer func() {
		if x := recover(); x == (trialFails{}) {
			finding = t.finding
		} else if x != nil {
			panic(x)
		}
	}()
	f()
	return nil
}

// fail ends what try does.
func (t *trial) fail(f Finding) {
	t.finding = &f
	panic(trialFails{})
}

// Cleanup has f called when the trial ends.
func (t *trial) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// end cleans up.
func (t *trial) end() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

// Did says what a step of a story does, in the list that the learner reads: each thing on a
// line of its own. What is done after something has failed is no part of the story.
func Did(t testing.TB, what Text) {
	if trial, ok := t.(*trial); ok && trial.finding == nil {
		trial.lines = append(trial.lines, line{did: what})
	}
}

// Came says what came of what a step of a story did last. Requests say so themselves.
func Came(t testing.TB, what Text) {
	if trial, ok := t.(*trial); ok && trial.finding == nil && len(trial.lines) > 0 {
		trial.lines[len(trial.lines)-1].came = what
	}
}
