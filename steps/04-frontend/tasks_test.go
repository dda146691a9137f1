package main

import (
	"net/http"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// What getMyTasks throws.
const (
	tokenProblem = "Missing or invalid token"
	tasksProblem = "Unknown error"
)

// noTokenStored is why a request is sent though there is no token.
const noTokenStored = "localStorage.getItem is null if there is no such item; sent as text, that becomes Bearer null"

// tasksAdvice is where to look when getMyTasks is wrong.
func tasksAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("web/app.js", 2)}
}

// TestGetMyTasks: the stored token opens the private endpoint, until it does not.
func TestGetMyTasks(t *testing.T) {
	check.Judges(t, 2)
	p := check.Running(t)
	u := p.AddUser(t)
	right := check.Advice{Why: "the server is that of step 3, complete: without its token there is nothing to bring", Look: check.File("main.go")}
	token := p.Login(t, u, right)
	browser.Run(t, "brings the token", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, token.Raw)
		o := page.Call(t, tasksAdvice(""), "getMyTasks")
		wantOneRequest(t, o, page, http.MethodGet, "/protected", tasksAdvice)
		if got, want := page.Sent()[0].Header.Get("Authorization"), "Bearer "+token.Raw; got != want {
			came, why := check.Verbatim("Authorization: "+check.Short(got)), check.Text("the scheme, a space, the token as it was stored; in a text with ${…}, the quotes are backticks")
			if got == "" {
				came, why = "no Authorization header", "it is one of the headers, which stand in fetch's second argument, beside the method. (With mode: \"no-cors\", a browser leaves it out.)"
			}
			o.Fail(t, came, check.Verbatim("Authorization: "+check.Short(want)), tasksAdvice(why))
		}
		o.WantStored(t, map[string]string{tokenKey: token.Raw}, tasksAdvice("the token is good: it stays"))
	})
	browser.Run(t, "brings whatever is stored", p, func(t *testing.T, page *browser.Page) {
		const odd = "x.-._~+/y==!"
		page.Store(t, tokenKey, odd)
		page.Answer("GET /protected", browser.Answer{Status: http.StatusOK, Body: `{"id":7,"username":"ada"}`})
		o := page.Call(t, tasksAdvice(""), "getMyTasks")
		wantOneRequest(t, o, page, http.MethodGet, "/protected", tasksAdvice)
		if got := page.Sent()[0].Header.Get("Authorization"); got != "Bearer "+odd {
			o.Fail(t, check.Verbatim("Authorization: "+check.Short(got)), check.Verbatim("Authorization: Bearer "+odd), tasksAdvice("what a token looks like is the server's business: it is sent as it was stored, and nothing of it is looked at or changed"))
		}
	})
	browser.Run(t, "every other status", p, func(t *testing.T, page *browser.Page) {
		if !page.InSobek() { // which is quick
			return
		}
		for _, status := range otherStatuses(http.StatusForbidden, http.StatusUnprocessableEntity) {
			page.Store(t, tokenKey, token.Raw)
			page.Answer("GET /protected", browser.Answer{Status: status, Body: `{"msg":"no"}`})
			o := page.Call(t, tasksAdvice(""), "getMyTasks")
			o.WantThrown(t, tasksProblem, tasksAdvice("only 401, 403 and 422 speak of the token"))
			o.WantStored(t, map[string]string{tokenKey: token.Raw}, tasksAdvice("only 401, 403 and 422 speak of the token: with every other status it stays"))
			page.Forget()
		}
	})
	browser.Run(t, "returns the answer", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, token.Raw)
		o := page.Call(t, tasksAdvice(""), "getMyTasks")
		var why check.Text = "resp.json() is a promise of the answer's data: await it, and return it"
		switch {
		case o.Thrown == nil:
		case answeredBadly(page) != "":
			why = answeredBadly(page)
		case o.Thrown.Message == tokenProblem:
			why = "the answer is 200, and still it throws what 401, 403 and 422 are for: which of the conditions is true for 200?"
		case o.Thrown.Message == tasksProblem || o.Thrown.Message == loginProblem:
			why = stillThrows
		default:
			why = "the answer is 200, so the data is to be returned; the place where it threw is named above"
		}
		o.WantReturned(t, map[string]any{"id": u.ID, "username": u.Username}, tasksAdvice(why))
	})
	browser.Run(t, "returns an answer in another form", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, token.Raw)
		page.Answer("GET /protected", browser.Answer{Status: http.StatusOK, Bare: true, Body: "{\n  \"username\" : \"ada\",\n  \"id\" : 7\n}\n"})
		o := page.Call(t, tasksAdvice(""), "getMyTasks")
		o.WantReturned(t, map[string]any{"id": 7, "username": "ada"}, tasksAdvice(otherForm))
	})
	browser.Run(t, "another token", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, token.Raw)
		first := page.Call(t, tasksAdvice(""), "getMyTasks")
		first.WantReturned(t, map[string]any{"id": u.ID, "username": u.Username}, tasksAdvice("the data of the answer is to be returned; one token first, then another"))
		grace := p.AddUser(t)
		page.Store(t, tokenKey, p.Login(t, grace, right).Raw)
		o := page.Call(t, tasksAdvice(""), "getMyTasks")
		if sent := page.SentSoFar(); len(sent) > 0 && strings.Contains(sent[len(sent)-1].Header.Get("Authorization"), ",") {
			o.Fail(t, check.Textf("a second call with the header %s", check.Verbatim(check.Short(sent[len(sent)-1].Header.Get("Authorization")))), "one token in the header", tasksAdvice("a second call brings two tokens: is an object Headers kept from the first, and added to?"))
		}
		o.WantReturned(t, map[string]any{"id": grace.ID, "username": grace.Username}, tasksAdvice("this is the second call: before the first, another token lay in localStorage, as when another tab logs in, and the page was not loaded anew. Read the token when it is needed, and ask the server each time"))
	})
	browser.Run(t, "no token", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, "theme", "dark")
		o := page.Call(t, tasksAdvice(""), "getMyTasks")
		if len(page.Sent()) > 0 {
			o.Fail(t, "a request", "no request, and an Error", tasksAdvice(noTokenStored))
		}
		o.WantThrown(t, tokenProblem, tasksAdvice("without a token there is nothing to ask with: say so"))
		o.WantStored(t, map[string]string{"theme": "dark"}, tasksAdvice("what others have stored stays"))
	})
	browser.Run(t, "expired token", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, p.Forge(t, token, check.Forgery{Claims: map[string]any{"exp": 1}}))
		wantTokenRefused(t, page, browser.Answer{Status: http.StatusUnauthorized})
	})
	html := browser.Answer{Type: "text/html", Body: "<!doctype html><h1>Oops</h1>"}
	for _, tc := range []struct {
		name   string
		status int
		answer browser.Answer
	}{
		{"401", 401, browser.Answer{Body: `{"msg":"Invalid token"}`}},
		{"403", 403, browser.Answer{Body: `{"msg":"Forbidden"}`}},
		{"422", 422, browser.Answer{Body: `{"msg":"Subject must be a string"}`}},
		{"401 with an HTML page", 401, html},
	} {
		browser.Run(t, tc.name, p, func(t *testing.T, page *browser.Page) {
			page.Store(t, tokenKey, token.Raw)
			tc.answer.Status = tc.status
			page.Answer("GET /protected", tc.answer)
			wantTokenRefused(t, page, tc.answer)
		})
	}
	for _, tc := range []struct {
		name   string
		status int
		answer browser.Answer
		why    check.Text
	}{
		{"500", 500, browser.Answer{Body: `{"msg":"Internal error"}`}, "the server has a problem of its own; the token may be as good as ever"},
		{"400", 400, browser.Answer{Body: `{"msg":"no"}`}, "only 401, 403 and 422 speak of the token"},
		{"404", 404, browser.Answer{Body: `{"id":1,"username":"ada"}`}, "only 401, 403 and 422 speak of the token, and what is not a success brings no data"},
		{"429", 429, browser.Answer{Body: `{"msg":"too many requests"}`}, "only 401, 403 and 422 speak of the token; the range from 400 on is wider"},
		{"503 with an HTML page", 503, html, "resp.json() rejects what is not JSON, with an Error of its own; the status has said enough"},
		{"200 with an HTML page", 200, html, "the Wi-Fi of a hotel answers like this; resp.json() rejects what is not JSON, with an Error of its own"},
		{"200 that breaks off", 200, browser.Answer{Body: `{"id":1,`, Broken: true}, "a body that breaks off is no answer: resp.json() rejects, with an Error of its own"},
		{"no answer", 0, browser.NoAnswer, "without an answer, fetch rejects: the promise has no value but an error. Put the await in a try, and catch that"},
	} {
		browser.Run(t, tc.name, p, func(t *testing.T, page *browser.Page) {
			page.Store(t, tokenKey, token.Raw)
			tc.answer.Status = tc.status
			page.Answer("GET /protected", tc.answer)
			o := page.Call(t, tasksAdvice(""), "getMyTasks")
			if o.Thrown != nil && leavesTheTry(o, tc.answer) {
				tc.why = promiseReturned
			}
			o.WantThrown(t, tasksProblem, tasksAdvice(tc.why))
			o.WantStored(t, map[string]string{tokenKey: token.Raw}, tasksAdvice("nobody has said that the token is bad: it stays, or every hiccup of the network logs people out"))
		})
	}
}

// wantTokenRefused expects getMyTasks to forget a token that the server refuses. If its
// message is another, the same status with a body in JSON tells whether the body is read
// before the status.
func wantTokenRefused(t *testing.T, page *browser.Page, answer browser.Answer) {
	t.Helper()
	page.Store(t, "theme", "dark")
	page.Store(t, tokenKey+"-of-another-page", "x")
	o := page.Call(t, tasksAdvice(""), "getMyTasks")
	wantOneRequest(t, o, page, http.MethodGet, "/protected", func(why check.Text) check.Advice {
		if len(page.SentSoFar()) == 0 {
			why = "whether a token is still good, the server says, and nobody else: it is sent whatever stands in it"
		}
		return tasksAdvice(why)
	})
	var why check.Text = "401, 403 and 422 all say that the token will not do"
	if o.Thrown != nil && o.Thrown.IsError && (o.Thrown.Message == loginProblem || o.Thrown.Message == tasksProblem) {
		why = "is the branch for this status reached? !resp.ok is true for every status from 400 on, so what stands behind it never runs; and a catch takes your own Errors, too, if they are thrown inside its try"
		if answer.Type != "" {
			page.Answer("GET /protected", browser.Answer{Status: answer.Status, Body: `{"msg":"no"}`})
			if again := page.Call(t, tasksAdvice(""), "getMyTasks"); again.Thrown != nil && again.Thrown.Message == tokenProblem {
				why = bodyBeforeStatus
			}
		}
	}
	o.WantThrown(t, tokenProblem, tasksAdvice(why))
	o.WantStored(t, map[string]string{"theme": "dark", tokenKey + "-of-another-page": "x"}, tasksAdvice("a token that was refused is of no use any more: it is removed, and everything else that is stored stays as it is"))
}
