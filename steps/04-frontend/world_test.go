package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// A world is a page and what has happened on it so far, which says what has to come of the
// next call.
type world struct {
	page   *browser.Page
	stored string // the token, or "" if there is none
	sent   int    // requests
	called bool   // whether there was a call before
}

// Two users and their tokens, as the checks have the server answer. They are shaped like
// real ones, though what a token says is nothing that app.js has to read.
var tokens = map[string]string{"ada": newToken(7), "grace": newToken(8)}

// newToken returns a token for a quarter of an hour, without a good signature.
func newToken(id int) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"HS256","typ":"JWT"}`) + "." + part(fmt.Sprintf(`{"sub":"%d","exp":%d}`, id, time.Now().Add(15*time.Minute).Unix())) + "." + part(fmt.Sprintf("no signature of user %d", id))
}

// data is what GET /protected answers to the token of one of them.
func data(token string) map[string]any {
	for i, name := range []string{"ada", "grace"} {
		if tokens[name] == token {
			return map[string]any{"id": 7 + i, "username": name}
		}
	}
	return nil
}

// alone and anew are why a call goes wrong that is the first one, or comes after others.
const alone = "this is the first call on the page: what one call alone has to do, the other checks of its function say one by one"
const anew = "is something kept from an earlier call, such as a token, an answer, a promise, an error, a flag or a RegExp with the flag g? Each call begins anew: it looks into localStorage and asks the server"

// TestAnyOrder: what comes of a call hangs on what is in localStorage and on the server's
// answer, whatever happened before.
func TestAnyOrder(t *testing.T) {
	p := check.Running(t)
	html := browser.Answer{Status: 200, Type: "text/html", Body: "<!doctype html><h1>Oops</h1>"}
	failure := func(status int) browser.Answer { return browser.Answer{Status: status, Body: `{"msg":"no"}`} }
	type step = func(t testing.TB, w *world)
	login := func(name string) step { return func(t testing.TB, w *world) { w.login(t, name) } }
	loginFails := func(answer browser.Answer, message string) step {
		return func(t testing.TB, w *world) { w.loginFails(t, answer, message) }
	}
	tasksFail := func(answer browser.Answer, message string) step {
		return func(t testing.TB, w *world) { w.getMyTasks(t, answer, message) }
	}
	often := []step{
		login("ada"),
		func(t testing.TB, w *world) { w.getMyTasks(t, w.tasks(), "") },
		func(t testing.TB, w *world) { w.logout(t) },
		login("grace"),
		tasksFail(failure(401), tokenProblem),
		tasksFail(browser.NoAnswer, tasksProblem),
		loginFails(failure(401), "Invalid credentials"),
		loginFails(browser.NoAnswer, loginProblem),
		func(t testing.TB, w *world) { w.reload(t) },
		func(t testing.TB, w *world) { w.otherTab(t, "") },
		func(t testing.TB, w *world) { w.otherTab(t, "grace") },
	}
	all := append(slices.Clone(often),
		func(t testing.TB, w *world) { w.getMyTasksTwice(t) },
		func(t testing.TB, w *world) { w.hour(t) },
		loginFails(failure(400), "Invalid email or password format"),
		loginFails(failure(500), loginProblem),
		loginFails(html, loginProblem),
		tasksFail(failure(403), tokenProblem),
		tasksFail(failure(422), tokenProblem),
		tasksFail(failure(500), tasksProblem),
		tasksFail(html, tasksProblem),
	)
	for _, tc := range []struct {
		name  string
		steps []step
		n     int
	}{{"two in a row", all, 2}, {"three in a row", often, 3}} {
		browser.Run(t, tc.name, p, func(t *testing.T, page *browser.Page) {
			if !page.InSobek() && os.Getenv("CI") == "" { // a call takes longer there
				if tc.n > 2 {
					return
				}
				tc.steps = often
			}
			check.Story[world]{
				New:   func(t testing.TB) *world { return &world{page: page.New(t, p)} },
				Steps: tc.steps,
			}.Tell(t, tc.n)
		})
	}
}

// why returns why a call goes wrong, as far as one can know.
func (w *world) why() check.Text {
	if !w.called {
		return alone
	}
	return anew
}

// login logs in with the right password.
func (w *world) login(t testing.TB, name string) {
	t.Helper()
	answer := map[string]any{"token": tokens[name], "user_id": data(tokens[name])["id"]}
	w.page.Forget()
	w.page.Answer("POST /token", browser.Answer{Status: 200, Body: check.JSONText(answer)})
	o := w.page.Call(t, loginAdvice(w.why()), "login", name, "12341234")
	w.wantSent(t, o, "POST", "/token", loginAdvice)
	o.WantReturned(t, answer, loginAdvice(w.why()))
	w.stored = tokens[name]
	w.wantStored(t, o, loginAdvice)
}

// loginFails logs in, and the server answers so.
func (w *world) loginFails(t testing.TB, answer browser.Answer, message string) {
	t.Helper()
	w.page.Forget()
	w.page.Answer("POST /token", answer)
	o := w.page.Call(t, loginAdvice(w.why()), "login", "ada", "guess")
	w.wantSent(t, o, "POST", "/token", loginAdvice)
	o.WantThrown(t, message, loginAdvice(w.why()))
	w.wantStored(t, o, loginAdvice)
}

// tasks returns the server's answer to the token that is stored.
func (w *world) tasks() browser.Answer {
	return browser.Answer{Status: 200, Body: check.JSONText(data(w.stored))}
}

// getMyTasks asks the server, which answers so; with a message, it is to throw that.
func (w *world) getMyTasks(t testing.TB, answer browser.Answer, message string) {
	t.Helper()
	w.page.Forget()
	if w.stored != "" {
		w.page.Answer("GET /protected", answer)
	}
	o := w.page.Call(t, tasksAdvice(w.why()), "getMyTasks")
	if w.stored == "" {
		w.wantNoToken(t, o)
		return
	}
	w.wantSent(t, o, "GET", "/protected", tasksAdvice)
	switch message {
	case "":
		o.WantReturned(t, data(w.stored), tasksAdvice(w.why()))
	case tokenProblem:
		w.stored = ""
		fallthrough
	default:
		o.WantThrown(t, message, tasksAdvice(w.why()))
	}
	w.wantStored(t, o, tasksAdvice)
}

// getMyTasksTwice asks the server twice at the same time.
func (w *world) getMyTasksTwice(t testing.TB) {
	t.Helper()
	w.page.Forget()
	if w.stored != "" {
		w.page.Answer("GET /protected", w.tasks())
	}
	call := browser.Action{Function: "getMyTasks"}
	both := w.page.Calls(t, tasksAdvice(w.why()), call, call)
	for i, o := range both {
		if w.stored == "" {
			w.wantNoToken(t, o)
			continue
		}
		if i == 0 {
			w.sent++ // the other one's
		}
		var why check.Text = "two calls are under way: each asks the server, waits for its own answer, and returns that"
		if len(w.page.SentSoFar()) == w.sent {
			why = "two calls are under way, and only one has asked the server: does the other find the token gone from localStorage, or wait for the answer of the first?"
		}
		o.WantReturned(t, data(w.stored), tasksAdvice(why))
	}
	if w.stored != "" {
		w.wantSent(t, both[1], "GET", "/protected", tasksAdvice)
	}
	w.wantStored(t, both[1], tasksAdvice)
}

// wantNoToken expects getMyTasks to miss the token.
func (w *world) wantNoToken(t testing.TB, o *browser.Outcome) {
	t.Helper()
	if n := len(w.page.SentSoFar()); n != w.sent {
		w.sent = n
		o.Fail(t, "a request, though there is no token in localStorage", "no request, and an Error", tasksAdvice(w.why()))
	}
	o.WantThrown(t, tokenProblem, tasksAdvice(w.why()))
	w.wantStored(t, o, tasksAdvice)
}

// logout logs out.
func (w *world) logout(t testing.TB) {
	t.Helper()
	w.page.Forget()
	o := w.page.Call(t, logoutAdvice(w.why()), "logout")
	if o.Thrown != nil {
		o.Fail(t, "", "it returns", logoutAdvice("who is logged out already is logged out: removeItem does nothing then"))
	}
	if n := len(w.page.SentSoFar()); n != w.sent {
		o.Fail(t, "a request", "none: the token is forgotten here, and the server is not asked", logoutAdvice("logout removes the token, and does no more"))
	}
	w.stored = ""
	w.wantStored(t, o, logoutAdvice)
}

// reload loads the page anew.
func (w *world) reload(t testing.TB) {
	check.Did(t, "reload the page")
	w.page.Reload(t)
}

// hour lets an hour pass, in which nothing may happen by itself.
func (w *world) hour(t testing.TB) {
	t.Helper()
	if !w.page.Hour(t) {
		return
	}
	check.Did(t, "an hour passes")
	if n := len(w.page.SentSoFar()); n != w.sent {
		w.failByItself(t, "a request, though nobody has called a function", "no request")
	}
	if got := w.page.Stored(t)[tokenKey]; got != w.stored {
		now := check.Textf("the token in localStorage is %s", check.Verbatim(check.Short(check.JSONText(got))))
		if got == "" {
			now = "no token in localStorage"
		}
		w.failByItself(t, now, check.Textf("the token in localStorage is %s, as before", check.Verbatim(check.Short(check.JSONText(w.stored)))))
	}
}

// failByItself fails the test because something has happened that nobody asked for.
func (w *world) failByItself(t testing.TB, got, want check.Text) {
	t.Helper()
	check.Fail(t, check.Finding{Sent: "an hour passes", Got: got, Want: want,
		Advice: loginAdvice("app.js acts when one of its functions is called, and not later by itself: is a timer left from an earlier call?")})
}

// otherTab has another tab log in or, without a name, log out.
func (w *world) otherTab(t testing.TB, name string) {
	check.Did(t, map[bool]check.Text{true: "another tab logs out", false: "another tab logs in as another user"}[name == ""])
	w.stored = tokens[name]
	w.page.OtherTab(t, map[string]string{tokenKey: w.stored})
}

// wantSent expects one request more than before, the one that the call is for, with the
// token that is stored if it is for /protected.
func (w *world) wantSent(t testing.TB, o *browser.Outcome, method, path string, advice func(why check.Text) check.Advice) {
	t.Helper()
	sent := w.page.SentSoFar()[w.sent:]
	w.sent += len(sent)
	want := check.Textf("one request, %s", check.Verbatim(method+" "+path))
	switch {
	case len(sent) == 0:
		o.Fail(t, check.Textf("no request; %s", o.Got()), want, advice(w.why()))
	case len(sent) > 1:
		o.Fail(t, check.Textf("%d requests", len(sent)), want, advice("each call sends what it is for, once, and says so if that fails: is it tried again, is one of an earlier call sent again, or one more by the side, by sendBeacon or a picture?"))
	case sent[0].Method != method || sent[0].Path != path:
		o.Fail(t, check.Verbatim(sent[0].Method+" "+check.Short(sent[0].Path)), want, advice(w.why()))
	}
	if got, want := sent[0].Header.Get("Authorization"), "Bearer "+w.stored; path == "/protected" && got != want {
		o.Fail(t, check.Verbatim("Authorization: "+check.Short(got)), check.Verbatim("Authorization: "+want), advice(w.why()))
	}
}

// wantStored expects the token in localStorage that is to be there, and nothing else.
func (w *world) wantStored(t testing.TB, o *browser.Outcome, advice func(why check.Text) check.Advice) {
	t.Helper()
	want := map[string]string{}
	if w.stored != "" {
		want[tokenKey] = w.stored
	}
	o.WantStored(t, want, advice(w.why()))
	w.called = true
}
