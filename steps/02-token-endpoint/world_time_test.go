package main

import (
	"net/http"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// TestTimePasses: every token is made at its login, and lives from then on.
func TestTimePasses(t *testing.T) {
	type step = func(t testing.TB, w *world)
	logIn := func(name check.Text, user func(w *world) check.User) step {
		return func(t testing.TB, w *world) {
			check.Did(t, check.Textf("POST /token with %s", name))
			wantTimes(t, w.p, user(w), 15*time.Minute)
		}
	}
	slow := newWorld(t)
	begun, finish := time.Now(), slow.p.InHalves(loginRequest(slow.ada, "ada, whose body comes in two halves, with some seconds between them"))
	defer func() {
		time.Sleep(time.Until(begun.Add(2500 * time.Millisecond)))
		reply := finish()
		if t.Failed() {
			return
		}
		advice := check.Advice{Why: "a client may be slow to send its body, and the server gives it 10 s: is there a shorter limit for the body, or one for the database or bcrypt that begins before the body is there?", Look: check.Todo("token.go", 1)}
		reply.WantStatus(t, advice, http.StatusOK)
		wantTokenOf(t, reply, slow.ada, advice)
	}()
	check.Story[world]{
		New: newWorld,
		Steps: []step{
			logIn("ada and her password", func(w *world) check.User { return w.ada }),
			logIn("grace and her password", func(w *world) check.User { return w.grace }),
			func(t testing.TB, w *world) { w.p.GiveNewName(t, &w.ada) }, // which nothing that comes later may undo
		},
		Once: []step{
			func(t testing.TB, w *world) {
				check.Did(t, "wait until the program has run for a second")
				time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
				w.p.WaitUntilOld(check.OneSecond)
				w.wantNames(t, "wait until the program has run for a second")
			},
			func(t testing.TB, w *world) {
				check.Did(t, "wait for half a second")
				time.Sleep(500 * time.Millisecond)
				w.wantNames(t, "wait for half a second")
			},
		},
	}.Tell(t, 1)
	p := check.Running(t) // since the first check
	ada := p.AddUser(t)
	p.WaitUntilOld(3200 * time.Millisecond)
	advice := check.Advice{Why: "the program has run for some seconds, and it was asked as before: is a context with a timeout, or another limit of time, made once, at the start? Each request has its own, from c.Request.Context()", Look: check.Todo("token.go", 2)}
	reply := p.Do(t, loginRequest(ada, "when the program has run for three seconds"))
	reply.WantStatus(t, advice, http.StatusOK)
	wantTokenOf(t, reply, ada, advice)
}

// wantNames expects the users to have the names that they were given.
func (w *world) wantNames(t testing.TB, after check.Text) {
	t.Helper()
	w.p.WantNames(t, after, check.Todo("token.go", 2), w.ada, w.grace)
}
