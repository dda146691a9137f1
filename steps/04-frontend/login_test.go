package main

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// tokenKey is where app.js keeps the token.
const tokenKey = "jwt-token"

// loginProblem is what login says of every failure that has no words of its own.
const loginProblem = "There was a problem in the login request"

// otherForm is why an answer is good, however it is written.
const otherForm = "the number 200 says that all went well: the words beside it may be missing, as in HTTP/2, and JSON may be written in many ways; resp.status and resp.json() read them all. Or is it an earlier answer that came, out of a cache?"

// stillThrows is why a call throws though the answer is 200.
const stillThrows = "the answer is 200, and still it throws: is an await missing, before fetch or before resp.json()? Does another branch take 200 with it, such as an else? Or does a line inside the try throw, such as one with a name that is declared nowhere? console.error(error) in the catch shows it"

// loginAdvice is where to look when login is wrong.
func loginAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("web/app.js", 1)}
}

// TestLogin: a name and a password go to the server, the token stays here.
func TestLogin(t *testing.T) {
	check.Judges(t, 1)
	p := check.Running(t)
	browser.Run(t, "sends a request", p, func(t *testing.T, page *browser.Page) {
		o := page.Call(t, loginAdvice(""), "login", "ada", "12341234")
		wantOneRequest(t, o, page, http.MethodPost, "/token", loginAdvice)
	})
	browser.Run(t, "sends the credentials", p, func(t *testing.T, page *browser.Page) {
		username, password := "Ada Lovelace ", " It's \"quoted\" & é e\u0301 ﬁ"
		o := page.Call(t, loginAdvice(""), "login", username, password)
		wantOneRequest(t, o, page, http.MethodPost, "/token", loginAdvice)
		sent := page.Sent()[0]
		kind := sent.Header.Get("Content-Type")
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			o.Fail(t, check.Verbatim("Content-Type: "+kind), check.Verbatim("Content-Type: application/json"), loginAdvice("servers read a body as what its Content-Type says, and fetch does not know what yours is: it is one of the headers. (With mode: \"no-cors\", a browser leaves it out.)"))
		}
		if want := check.LoginBody(username, password); !sent.IsJSON(want) {
			o.Fail(t, check.Textf("the body %s", check.Verbatim(check.Short(sent.Body))), check.Textf("the body %s", check.Verbatim(want)), loginAdvice("the body is text: JSON.stringify makes it of an object with username and password, as they were typed, and takes care of the quotes"))
		}
	})
	browser.Run(t, "returns the answer", p, func(t *testing.T, page *browser.Page) {
		u := p.AddUser(t)
		o := page.Call(t, loginAdvice(""), "login", u.Username, u.Password)
		advice := loginAdvice("resp.json() is a promise of the answer's data: await it, and return it")
		if o.Thrown != nil {
			advice.Why = stillThrows
			if why := answeredBadly(page); why != "" {
				advice.Why = why
			}
		}
		token, ok := o.Field("token")
		if !ok {
			o.Fail(t, "", check.Textf("it returns %s", check.Verbatim(fmt.Sprintf(`{"token": "…", "user_id": %d}`, u.ID))), advice)
		}
		o.WantReturned(t, map[string]any{"token": token, "user_id": u.ID}, advice)
	})
	browser.Run(t, "keeps the token", p, func(t *testing.T, page *browser.Page) {
		u := p.AddUser(t)
		token := p.Login(t, u, check.Advice{Why: "the server is that of step 3, complete", Look: check.File("main.go")})
		page.Store(t, "theme", "dark")
		page.Answer("POST /token", browser.Answer{Status: http.StatusOK, Body: check.JSONText(map[string]any{"token": token.Raw, "user_id": u.ID})})
		o := page.Call(t, loginAdvice(""), "login", u.Username, u.Password)
		o.WantStored(t, map[string]string{"theme": "dark", tokenKey: token.Raw}, loginAdvice("what is stored is data.token, the text itself, where data is await resp.json(); the key is "+tokenKey+". Nothing else is stored, the password least of all, and nothing removed"))
	})
	browser.Run(t, "keeps it from an answer in another form", p, func(t *testing.T, page *browser.Page) {
		page.Answer("POST /token", browser.Answer{Status: http.StatusOK, Bare: true, Body: "{\n  \"user_id\" : 7,\n  \"access_token\" : \"x.y.z\",\n  \"token\" : \"a.b.c\",\n  \"jwt\" : \"x.y.z\"\n}\n"})
		o := page.Call(t, loginAdvice(""), "login", "ada", "12341234")
		o.WantReturned(t, map[string]any{"token": "a.b.c", "user_id": 7, "access_token": "x.y.z", "jwt": "x.y.z"}, loginAdvice(otherForm))
		o.WantStored(t, map[string]string{tokenKey: "a.b.c"}, loginAdvice(otherForm))
	})
	browser.Run(t, "nothing typed", p, func(t *testing.T, page *browser.Page) {
		const asks = "whether a name or a password will do, the server says, and nobody else: it is asked whatever was typed"
		for i, typed := range [][2]string{{"", ""}, {"ada", ""}, {"", "x"}, {" ", "<b>"}} {
			page.Answer("POST /token", browser.Answer{Status: http.StatusOK, Body: check.JSONText(map[string]any{"token": "a.b.c", "user_id": 7})})
			o := page.Call(t, loginAdvice(""), "login", typed[0], typed[1])
			if sent := page.Sent(); len(sent) != i+1 {
				o.Fail(t, check.Textf("no request; %s", o.Got()), "one request, POST /token", loginAdvice(asks))
			}
			o.WantReturned(t, map[string]any{"token": "a.b.c", "user_id": 7}, loginAdvice(asks))
			page.Forget()
		}
	})
	browser.Run(t, "wrong password", p, func(t *testing.T, page *browser.Page) {
		u := p.AddUser(t)
		o := page.Call(t, loginAdvice(""), "login", u.Username, "guess")
		wantLoginFailed(t, page, o, browser.Answer{Status: http.StatusUnauthorized}, "Invalid credentials", "401 means: the server can read this, and the password is not the right one")
		o.WantStored(t, map[string]string{}, loginAdvice("look at the status before you store anything"))
	})
	browser.Run(t, "every other status", p, func(t *testing.T, page *browser.Page) {
		if !page.InSobek() { // which is quick
			return
		}
		for _, status := range otherStatuses() {
			page.Answer("POST /token", browser.Answer{Status: status, Body: `{"msg":"no"}`})
			page.Call(t, loginAdvice(""), "login", "ada", "12341234").WantThrown(t, loginProblem, loginAdvice("every status but 200 that has no message of its own gets this one"))
			page.Forget()
		}
	})
	page := browser.Answer{Type: "text/html", Body: "<!doctype html><h1>Oops</h1>"}
	const noJSON = "not every server on the way speaks JSON: resp.json() rejects then, with an Error of its own"
	for _, tc := range []struct {
		name   string
		status int
		answer browser.Answer
		want   string
		why    check.Text
	}{
		{"400", 400, browser.Answer{Body: `{"msg":"Want a JSON object with username and password"}`}, "Invalid email or password format", "400 means: the server cannot read this"},
		{"403", 403, browser.Answer{Body: `{"msg":"no"}`}, loginProblem, "every status but 200 that has no message of its own gets this one"},
		{"404 with an HTML page", 404, page, loginProblem, noJSON},
		{"409 with a token", 409, browser.Answer{Body: `{"token":"a.b.c","user_id":1}`}, loginProblem, "the status says whether it went well, not the body: resp.ok is true from 200 to 299 alone"},
		{"429 without a body", 429, browser.Answer{}, loginProblem, noJSON},
		{"500", 500, browser.Answer{Body: `{"msg":"Internal error"}`}, loginProblem, "the server's own trouble is no reason to say that the password was wrong"},
		{"500 with an HTML page", 500, page, loginProblem, noJSON},
		{"401 with an HTML page", 401, page, "Invalid credentials", noJSON + ", and the status has said all"},
		{"200 that breaks off", 200, browser.Answer{Body: `{"token":"a.b.c",`, Broken: true}, loginProblem, "a body that breaks off is no answer: resp.json() rejects, with an Error of its own"},
		{"200 without a token", 200, browser.Answer{Body: `{"user_id":1,"access_token":"a.b.c","jwt":"a.b.c","data":{"token":"a.b.c"}}`}, loginProblem, "without data.token, a text that is not empty, nobody is logged in, whatever else may be in the answer: look at it before you store it"},
		{"200 with null for a token", 200, browser.Answer{Body: `{"token":null,"user_id":1}`}, loginProblem, "without a token in the answer nobody is logged in: look at data.token before you store it"},
		{"200 with an HTML page", 200, page, loginProblem, "the Wi-Fi of a hotel answers like this; resp.json() rejects what is not JSON, with an Error of its own"},
		{"no answer", 0, browser.NoAnswer, loginProblem, "without an answer, fetch rejects: the promise has no value but an error. Put the await in a try, and catch that"},
	} {
		browser.Run(t, tc.name, p, func(t *testing.T, page *browser.Page) {
			page.Store(t, tokenKey, "the-old-one")
			tc.answer.Status = tc.status
			page.Answer("POST /token", tc.answer)
			o := page.Call(t, loginAdvice(""), "login", "ada", "12341234")
			wantLoginFailed(t, page, o, tc.answer, tc.want, tc.why)
			o.WantStored(t, map[string]string{tokenKey: "the-old-one"}, loginAdvice("a login that fails leaves everything as it was: touch localStorage when all is well, and not before"))
		})
	}
}

// otherStatuses are the numbers of failures that nothing in particular is agreed of.
func otherStatuses(but ...int) (statuses []int) {
	for status := 402; status < 600; status++ {
		if http.StatusText(status) != "" && status != http.StatusProxyAuthRequired && !slices.Contains(but, status) { // 407 is between browsers and proxies
			statuses = append(statuses, status)
		}
	}
	return append(statuses, 419, 440, 499, 520, 599) // of no standard, and in use
}

// wantLoginFailed expects login to throw this message. If it does not, the same status with a
// body in JSON tells whether the body is read before the status.
func wantLoginFailed(t *testing.T, page *browser.Page, o *browser.Outcome, answer browser.Answer, message string, why check.Text) {
	t.Helper()
	advice := loginAdvice(why)
	switch {
	case o.Thrown == nil || o.Thrown.Message == message:
	case leavesTheTry(o, answer):
		advice.Why = promiseReturned
	case answer.Status == http.StatusBadRequest || answer.Status == http.StatusUnauthorized:
		if o.Thrown.Message == loginProblem {
			advice.Why = "is the branch for this status reached? !resp.ok is true for every status from 400 on, so what stands behind it never runs; and a catch takes your own Errors, too, if they are thrown inside its try"
		}
		if answer.Type == "" {
			break
		}
		page.Answer("POST /token", browser.Answer{Status: answer.Status, Body: `{"msg":"no"}`})
		if again := page.Call(t, advice, "login", "ada", "12341234"); again.Thrown != nil && again.Thrown.Message == message {
			advice.Why = bodyBeforeStatus
		}
	}
	o.WantThrown(t, message, advice)
}

// Why a failure that has words of its own is told in others.
const (
	bodyBeforeStatus = "with this status and a body in JSON, the message is right: so the body is read before the status is looked at, and resp.json() rejects what is not JSON. The status alone decides here"
	promiseReturned  = "what the engine throws comes out, so no try catches it: does the await of resp.json() or resp.text() stand inside the try? return resp.json() without await leaves the try before it fails"
)

// leavesTheTry says whether a success whose body cannot be read came to an end with an error
// of the engine's own.
func leavesTheTry(o *browser.Outcome, answer browser.Answer) bool {
	return answer.Status == http.StatusOK && (o.Thrown.Type == "SyntaxError" || o.Thrown.Type == "TypeError")
}

// wantOneRequest expects app.js to have sent one request, to the page's own server.
func wantOneRequest(t *testing.T, o *browser.Outcome, page *browser.Page, method, path string, advice func(why check.Text) check.Advice) {
	t.Helper()
	sent := page.Sent()
	want := check.Textf("one request, %s", check.Verbatim(method+" "+path))
	if len(sent) == 0 && o.Returned != nil && o.Returned.Type == "Object" {
		o.Fail(t, check.Textf("no request; %s", o.Got()), want, advice("nobody was asked, and there is an answer: is one kept from an earlier call, or does fetch take it out of the browser's cache, as its option cache says?"))
	}
	if len(sent) == 0 {
		o.Fail(t, check.Textf("no request; %s", o.Got()), want, advice("fetch sends a request: the path is its first argument, and the method, headers and body are in its second (a GET has no body)"))
	}
	r := sent[0]
	address, query, _ := strings.Cut(r.Path, "?")
	var why check.Text
	switch {
	case r.Elsewhere != "":
		o.Fail(t, check.Textf("a request to another server: %s", check.Verbatim(r.Elsewhere+r.Path)), want, advice("the page's own server is meant: write the path alone, and fetch asks the server that the page came from, wherever that runs"))
	case query != "":
		why = "addresses stand in logs and histories, so nothing secret is in them: no question mark, nothing behind it"
	case address != path:
		why = check.Textf("the server has another route for this: %s", path)
	case r.Method != method:
		why = "the method is one of the settings in fetch's second argument; without it, fetch sends a GET"
	case len(sent) > 1:
		o.Fail(t, check.Textf("%d requests", len(sent)), want, advice("one call, one request: is one more sent by the side, by sendBeacon, a picture, or a fetch that nobody awaits?"))
	default:
		return
	}
	o.Fail(t, check.Verbatim(r.Method+" "+check.Short(r.Path)), want, advice(why))
}

// answeredBadly says why a right call has failed if the server did not answer 200,
// and "" if it did, or has not answered yet.
func answeredBadly(page *browser.Page) check.Text {
	sent := page.Sent()
	if len(sent) == 0 {
		return "the server was never asked: what was thrown, above, says what came before that"
	}
	status := sent[len(sent)-1].Status
	if status == 0 || status == http.StatusOK {
		return ""
	}
	return check.Textf("the server answered %d: is the request, below, the one that it should be?", status)
}
