package check

import (
	"iter"
	"sync"
	"time"
)

// enough is how often, one time after the other, something may fail to come before the
// checks that are left do not wait for it again.
const enough = 2

// A Patience is how long the checks wait for one kind of thing that programs do: to
// start, to answer. A slow computer or a slow program gets more.
type Patience struct {
	Usual time.Duration // as long as nothing is known of the program

	mu      sync.Mutex
	slowest time.Duration // of those that came
	missed  int           // those that did not come, since the last that did
	lost    time.Duration // what those took that failed by themselves, since then
}

// Limit returns how long to wait: never less than ten times as long as it has taken at
// some time before.
func (p *Patience) Limit() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(p.Usual, (10 * p.slowest).Round(100*time.Millisecond)) // round, since people read it
}

// Came notes that something came, after so long a time.
func (p *Patience) Came(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slowest, p.missed, p.lost = max(p.slowest, after), 0, 0
}

// Slow notes that something like it has taken so long.
func (p *Patience) Slow(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slowest = max(p.slowest, after)
}

// Slowest returns how long the slowest of those has taken that came.
func (p *Patience) Slowest() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slowest
}

// Missed notes that something did not come within the limit.
func (p *Patience) Missed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missed++
}

// Failed notes that something failed by itself, after so long a time. What fails at once costs next to nothing,
// however often.
func (p *Patience) Failed(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if after > atOnce {
		p.lost += after
	}
}

// atOnce is the time in which a program fails at once, on a busy computer.
const atOnce = time.Second

// GivenUp says whether to wait again would only take time: more has been lost than by those
// that are enough.
func (p *Patience) GivenUp() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.missed >= enough || p.lost > enough*p.Usual
}

// standstill is by how much a timer is late if the checks were stopped meanwhile.
const standstill = time.Second

// WhenOver calls f when the limit is over, unless stop is called before. If the checks were
// stopped meanwhile, by Ctrl-Z or as the computer slept, nobody has waited: then the limit
// begins again.
func WhenOver(limit time.Duration, f func()) (stop func()) {
	stopped := make(chan struct{})
	go func() {
		for {
			due := time.Now().Add(limit)
			select {
			case <-stopped:
				return
			case <-time.After(limit):
			}
			if time.Since(due) < standstill {
				f()
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(stopped) })
}

// Over returns a channel that is closed when the limit is over, as WhenOver says.
func Over(limit time.Duration) (closed <-chan struct{}, stop func()) {
	c := make(chan struct{})
	return c, WhenOver(limit, func() { close(c) })
}

// spreadLimit is how long Spread goes on.
var spreadLimit = 3 * time.Second

// Spread yields the numbers below n, one far from the other: all of them, unless the program
// takes its time to answer.
func Spread(n int) iter.Seq[int] {
	step := max(1, n*5/8)
	for gcd(step, n) > 1 {
		step++
	}
	return func(yield func(int) bool) {
		begun := time.Now()
		for i := range n {
			if !yield(i*step%n) || time.Since(begun) > spreadLimit {
				return
			}
		}
	}
}

// gcd returns the greatest common divisor.
func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// A Patiences is a Patience for each of many things, by their names.
type Patiences struct {
	Usual time.Duration
	all   sync.Map
}

// With returns the Patience for one of them.
func (p *Patiences) With(name string) *Patience {
	one, _ := p.all.LoadOrStore(name, &Patience{Usual: p.Usual})
	return one.(*Patience)
}
