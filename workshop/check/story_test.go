package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestEveryOrder: every n numbers follow each other, and none twice.
func TestEveryOrder(t *testing.T) {
	for _, tc := range []struct{ k, n int }{{1, 1}, {2, 3}, {5, 2}, {4, 3}, {9, 1}} {
		walk := everyOrder(tc.k, tc.n)
		seen := map[string]bool{}
		for i := range len(walk) - tc.n + 1 {
			seen[fmt.Sprint(walk[i:i+tc.n])] = true
		}
		all := 1
		for range tc.n {
			all *= tc.k
		}
		assert.Len(t, seen, all, "%d of %d", tc.n, tc.k)
		assert.Len(t, walk, all+tc.n-1)
	}
}

// A shop is a world that goes wrong.
type shop struct{ done []string }

// do returns a step that notes its name, and fails if wrong says so of what was done.
func do(name string, wrong func(done []string) bool) func(t testing.TB, s *shop) {
	return func(t testing.TB, s *shop) {
		Did(t, Verbatim(name))
		s.done = append(s.done, name)
		Came(t, Textf("%d", len(s.done)))
		if wrong(s.done) {
			Fail(t, Finding{Sent: "step", Got: "wrong", Want: "right", Advice: someAdvice})
		}
	}
}

// never is a step's that does not fail.
func never([]string) bool { return false }

// tell returns what a story of the steps a, b and c says, in which c fails if wrong says so.
func tell(t *testing.T, wrong func(done []string) bool, once ...func(t testing.TB, s *shop)) string {
	return findingOf(t, func(t testing.TB) {
		Story[shop]{
			New:   func(testing.TB) *shop { return &shop{} },
			Steps: []func(t testing.TB, s *shop){do("a", never), do("bb", never), do("c", wrong)},
			Once:  once,
		}.Tell(t, 3)
	})
}

// TestTell: what is told is the shortest list that fails alone.
func TestTell(t *testing.T) {
	assert.Contains(t, tell(t, func([]string) bool { return true }), "step\n", "one step is no story")
	assert.Contains(t, tell(t, func(done []string) bool { return slices.Contains(done, "bb") }), "1. bb  1\n2. c   2\n")
	anEarlierPair := func(done []string) bool { return strings.Contains(strings.Join(done, " "), "bb a") }
	assert.Contains(t, tell(t, anEarlierPair), "1. bb  1\n2. a   2\n3. c   3\n")
	afterRestart := func(done []string) bool { return slices.Contains(done, "restart") }
	assert.Contains(t, tell(t, afterRestart, do("restart", never)), "1. restart  1\n2. c        2\n")
	fourAndBack := func(done []string) bool { // bb goes there and back: what is told goes nowhere
		count := map[string]int{}
		for _, name := range done {
			count[name]++
		}
		return count["c"] > 3 && count["bb"]%2 == 0
	}
	assert.Contains(t, tell(t, fourAndBack), "1. c  1\n2. c  2\n3. c  3\n4. c  4\n")
	assert.Contains(t, tell(t, func(done []string) bool { return len(done) > 20 }), "this came after 22 other steps")
	worlds := 0
	luck := func(done []string) bool { worlds++; return worlds == 1 }
	assert.Contains(t, tell(t, luck), "it depends on what happened long before")
}

// TestTellInTime: of a walk that takes too long, the rest is left out, but not what comes once.
func TestTellInTime(t *testing.T) {
	setFor(t, &walkLimit, -1)
	played := 0
	fake, _ := runFake(t, func(t testing.TB) {
		Story[shop]{
			New:   func(testing.TB) *shop { return &shop{} },
			Steps: []func(t testing.TB, s *shop){do("a", func([]string) bool { return true })},
			Once:  []func(t testing.TB, s *shop){func(testing.TB, *shop) { played++ }},
		}.Tell(t, 1)
	})
	assert.Empty(t, fake.failure)
	assert.Equal(t, 1, played)
}

// TestTellEachThing: a step may do several things, each on a line of its own; what it does
// after it has failed is not told.
func TestTellEachThing(t *testing.T) {
	got := findingOf(t, func(t testing.TB) {
		Story[shop]{
			New: func(t testing.TB) *shop { return &shop{} },
			Steps: []func(t testing.TB, s *shop){func(t testing.TB, s *shop) {
				Did(t, "away")
				defer Did(t, "back")
				do("a", func(done []string) bool { return len(done) == 2 })(t, s)
			}},
		}.Tell(t, 2)
	})
	assert.Contains(t, got, "1. away\n2. a     1\n3. back\n4. away\n5. a     2\n    got")
}

// TestTellCleansUp: each world ends before the next, and what fails in its beginning is
// told as it is.
func TestTellCleansUp(t *testing.T) {
	open := 0
	got := findingOf(t, func(t testing.TB) {
		Story[shop]{
			New: func(t testing.TB) *shop {
				assert.Zero(t, open)
				open++
				t.Cleanup(func() { open-- })
				return &shop{}
			},
			Steps: []func(t testing.TB, s *shop){do("a", func(done []string) bool { return len(done) == 2 })},
		}.Tell(t, 2)
	})
	assert.Contains(t, got, "1. a  1\n2. a  2\n")
	assert.Zero(t, open)
	got = findingOf(t, func(t testing.TB) {
		Story[shop]{
			New:   func(t testing.TB) *shop { Fail(t, Finding{Sent: "begin"}); return nil },
			Steps: []func(t testing.TB, s *shop){do("a", never)},
		}.Tell(t, 1)
	})
	assert.Contains(t, got, "begin\n")
}

// TestAtOnce: a reply of somebody else's is seen, and right ones are not called wrong.
func TestAtOnce(t *testing.T) {
	p := NewForMany(t)
	p.Start(t)
	requests := slices.Repeat([]Request{{Path: "/ok"}}, 4)
	p.AtOnce(t, 200, requests, func(t testing.TB, number int, reply *Reply) { reply.WantStatus(t, someAdvice, 200) })
	got := findingOf(t, func(t testing.TB) {
		p.AtOnce(t, 200, requests, func(t testing.TB, number int, reply *Reply) {
			if number == 3 {
				reply.WantStatus(t, someAdvice, 201)
			}
		})
	})
	assert.Contains(t, got, "want: 201 Created")
	setFor(t, &replies.With("GET /hang").Usual, 200*time.Millisecond)
	setFor(t, &replies.With("GET /hang").missed, 0)
	for path, want := range map[string]string{"/close": "no answer: the program closed", "/endless": "a body of more than 1 MiB", "/hang": "no whole answer within"} {
		got = findingOf(t, func(t testing.TB) {
			p.AtOnce(t, 10, []Request{{Path: path}}, func(t testing.TB, number int, reply *Reply) { reply.WantStatus(t, someAdvice, 200) })
		})
		assert.Contains(t, got, want)
	}
}
