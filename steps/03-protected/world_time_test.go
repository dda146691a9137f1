package main

import (
	"net/http"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// A day is a world whose tokens begin and end while it is played.
type day struct {
	*world
	token  check.Token // ada's
	noon   time.Time   // when one token ends and another begins: a full second, as in exp
	ending string      // good until noon
	coming string      // good from noon on
}

// newDay makes the tokens, with enough time before noon for what comes before it.
func newDay(t testing.TB) *day {
	w := newWorld(t)
	token, err := check.DecodeToken(w.first)
	if err != nil {
		t.Fatal(err)
	}
	d := &day{world: w, token: token}
	d.setNoon(t)
	return d
}

// setNoon sets noon to a full second that is soon, but not at once.
func (d *day) setNoon(t testing.TB) {
	d.noon = time.Now().Add(1300 * time.Millisecond).Truncate(time.Second).Add(time.Second)
	d.ending = d.p.Forge(t, d.token, check.Forgery{Claims: map[string]any{"exp": d.noon.Unix(), "nbf": check.Remove{}}})
	d.coming = d.p.Forge(t, d.token, check.Forgery{Claims: map[string]any{"nbf": d.noon.Unix()}})
}

// TestTimePasses: a token is good from its beginning to its end, by the clock of each
// request.
func TestTimePasses(t *testing.T) {
	type step = func(t testing.TB, d *day)
	check.Story[day]{
		New: newDay,
		Steps: []step{
			func(t testing.TB, d *day) { d.askWithEnding(t) },
			func(t testing.TB, d *day) { d.askWithComing(t) },
			func(t testing.TB, d *day) { d.ask(t, "another token of ada's", d.second, d.ada, false) },
			func(t testing.TB, d *day) { d.p.GiveNewName(t, &d.ada) }, // which nothing that comes later may undo
		},
		Once: []step{
			func(t testing.TB, d *day) {
				check.Did(t, "wait until the program has run for a second")
				d.p.WaitUntilOld(check.OneSecond)
				d.p.WantNames(t, "wait until the program has run for a second", check.Todo("protected.go", 3), d.ada, d.grace)
			},
			func(t testing.TB, d *day) { d.waitForNoon(t) },
		},
	}.Tell(t, 1)
	p := check.Running(t) // since the first check
	ada, token := newLogin(t, p)
	p.WaitUntilOld(3200 * time.Millisecond)
	wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token, when the program has run for three seconds"), ada, subjectAdvice("the program has run for some seconds, and it was asked as before: is a context with a timeout, or another limit of time, made once, before func(c *gin.Context)? Each request has its own, from c.Request.Context()"))
}

// waitForNoon asks again and again until the one token has ended, and the other has begun.
func (d *day) waitForNoon(t testing.TB) {
	check.Did(t, "ask every 100 ms with token A, whose exp is a second away, until it has come")
	for time.Now().Before(d.noon) {
		get(t, d.p, "Bearer "+d.ending, "a token that ends soon", "exp")
		time.Sleep(min(100*time.Millisecond, time.Until(d.noon)+5*time.Millisecond))
	}
}

// about returns what is done now: before noon, or later.
func (d *day) about(now time.Time, before, later check.Text) check.Text {
	if now.Before(d.noon) {
		return before
	}
	return later
}

// askWithEnding brings the token that ends at noon.
func (d *day) askWithEnding(t testing.TB) {
	t.Helper()
	before := time.Now()
	check.Did(t, d.about(before, "GET /protected with token A, whose exp is a second away", "GET /protected with token A, whose exp has come"))
	reply := get(t, d.p, "Bearer "+d.ending, "a token that ends soon", "exp")
	switch after := time.Now(); {
	case after.Before(d.noon):
		wantUser(t, reply, d.ada, right)
	case before.Before(d.noon): // either is right, and nothing was shown
		d.setNoon(t)
		d.askWithEnding(t)
	default:
		advice := verifyAdvice("the token's time is over now: is the clock read at each request, or was it read once? Is the token, or that it was good, kept from an earlier request?")
		if reply.Status == http.StatusOK {
			time.Sleep(time.Until(d.noon.Add(1100 * time.Millisecond)))
			later := get(t, d.p, "Bearer "+d.ending, "the same, a second later")
			check.Came(t, check.Verbatim("200 OK")) // a second ago
			if later.Status == http.StatusUnauthorized {
				advice.Why = "a second later it is refused. exp is the first second in which a token is no longer good (RFC 7519 §4.1.4: \"on or after\"): is it compared with < where <= belongs, or is the last second counted in?"
			}
		}
		wantExpired(t, d.p, reply, d.ada, advice)
	}
}

// askWithComing brings the token that begins at noon.
func (d *day) askWithComing(t testing.TB) {
	t.Helper()
	before := time.Now()
	check.Did(t, d.about(before, "GET /protected with token B, whose nbf is a second away", "GET /protected with token B, whose nbf has come"))
	reply := get(t, d.p, "Bearer "+d.coming, "a token that begins soon", "nbf")
	switch after := time.Now(); {
	case after.Before(d.noon):
		wantRefused(t, reply, d.ada, verifyAdvice("nbf says from when on a token is good (RFC 7519 §4.1.5); jwt.Parse looks at it, unless it is told not to"))
	case before.Before(d.noon):
		d.setNoon(t)
		d.askWithComing(t)
	default:
		wantUser(t, reply, d.ada, verifyAdvice("the token's time has begun: is the clock read at each request, or was it read once? Is it kept that the token was bad?"))
	}
}
