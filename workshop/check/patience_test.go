package check

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestPatience: whatever came before, a program has ten times as long as it has needed
// before, and what does not come is not waited for again and again.
func TestPatience(t *testing.T) {
	p := Patience{Usual: time.Second}
	assert.Equal(t, time.Second, p.Limit())
	p.Came(10 * time.Millisecond)
	assert.Equal(t, time.Second, p.Limit())
	p.Came(500 * time.Millisecond)
	p.Came(10 * time.Millisecond)
	assert.Equal(t, 5*time.Second, p.Limit())
	p.Missed()
	assert.False(t, p.GivenUp(), "once may be chance")
	p.Came(time.Millisecond)
	p.Missed()
	assert.False(t, p.GivenUp(), "it comes at times")
	p.Missed()
	assert.True(t, p.GivenUp())
	assert.Equal(t, 5*time.Second, p.Limit(), "never less")
	p.Slow(time.Second)
	assert.Equal(t, 10*time.Second, p.Limit())
	assert.True(t, p.GivenUp(), "that was something else")
	p.Came(time.Millisecond)
	for range 100 {
		p.Failed(time.Millisecond)
	}
	p.Failed(1900 * time.Millisecond)
	assert.False(t, p.GivenUp(), "what fails at once is tried again")
	p.Failed(1100 * time.Millisecond)
	assert.True(t, p.GivenUp(), "more is lost than by those that do not come")
	p.Came(time.Millisecond)
	assert.False(t, p.GivenUp())
}

// TestPatiences: one thing that does not come says nothing about another.
func TestPatiences(t *testing.T) {
	p := Patiences{Usual: time.Second}
	p.With("a").Missed()
	p.With("a").Missed()
	assert.True(t, p.With("a").GivenUp())
	assert.False(t, p.With("b").GivenUp())
	assert.Equal(t, time.Second, p.With("b").Limit())
}

// TestSpread: each number once, as long as the program answers in time.
func TestSpread(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 16, 43, 86, 99} {
		numbers := slices.Collect(Spread(n))
		assert.Len(t, numbers, n)
		slices.Sort(numbers)
		for i, number := range numbers {
			assert.Equal(t, i, number)
		}
	}
	setFor(t, &spreadLimit, -1)
	assert.Equal(t, []int{0}, slices.Collect(Spread(43)), "one in any case")
}
