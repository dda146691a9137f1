package main

import (
	"net/http"
	"os"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// TestAtOnce: two calls that are under way at the same time do not see each other.
func TestAtOnce(t *testing.T) {
	p := check.Running(t)
	ok := func(name string) browser.Answer {
		return browser.Answer{Status: 200, Body: check.JSONText(data(tokens[name]))}
	}
	welcome := browser.Answer{Status: 200, Body: check.JSONText(graces)}
	late := func(a browser.Answer) browser.Answer { a.Delay = lateness; return a }
	later := func(a browser.Answer) browser.Answer { a.Delay = 6 * lateness; return a } // no answer takes a while to be noticed
	slow := func(a browser.Answer) browser.Answer { a.BodyDelay = lateness; return a }
	refused := browser.Answer{Status: 401, Body: `{"msg":"no"}`}
	broken := browser.Answer{Status: 500, Body: `{"msg":"Internal error"}`}
	const login, tasks, logout = "login", "getMyTasks", "logout"
	// Of each: what the server answers to each of the two calls. The second begins when the
	// request of the first has come. Ada's token is stored before.
	for _, tc := range []struct {
		name          string
		calls         [2]string
		first, second browser.Answer
	}{
		{"two getMyTasks: the first answer late", [2]string{tasks, tasks}, late(ok("ada")), ok("ada")},
		{"two getMyTasks: the second fails first", [2]string{tasks, tasks}, late(ok("ada")), broken},
		{"two getMyTasks: the second fails before the first body", [2]string{tasks, tasks}, slow(ok("ada")), broken},
		{"two getMyTasks: the first fails late", [2]string{tasks, tasks}, late(broken), ok("ada")},
		{"two getMyTasks: no answer to the second", [2]string{tasks, tasks}, later(ok("ada")), browser.NoAnswer},
		{"two getMyTasks: both refused", [2]string{tasks, tasks}, late(refused), refused},
		{"two getMyTasks: the first refused late", [2]string{tasks, tasks}, late(refused), ok("ada")},
		{"login and getMyTasks: the login late", [2]string{login, tasks}, late(welcome), ok("ada")},
		{"login and getMyTasks: the login's body late", [2]string{login, tasks}, slow(welcome), ok("ada")},
		{"login and getMyTasks: the login's body late, getMyTasks fails", [2]string{login, tasks}, slow(welcome), broken},
		{"login and getMyTasks: the body of a refusal late", [2]string{login, tasks}, slow(refused), ok("ada")},
		{"login and getMyTasks: the login refused late", [2]string{login, tasks}, late(refused), ok("ada")},
		{"login and getMyTasks: getMyTasks fails meanwhile", [2]string{login, tasks}, late(welcome), broken},
		{"login and getMyTasks: getMyTasks gets no answer meanwhile", [2]string{login, tasks}, later(welcome), browser.NoAnswer},
		{"login and getMyTasks: both fail", [2]string{login, tasks}, late(broken), broken},
		{"getMyTasks and login: both fail", [2]string{tasks, login}, late(broken), broken},
		{"getMyTasks and login: getMyTasks late", [2]string{tasks, login}, late(ok("ada")), welcome},
		{"getMyTasks and login: its body late", [2]string{tasks, login}, slow(ok("ada")), welcome},
		{"getMyTasks and login: the login refused meanwhile", [2]string{tasks, login}, late(ok("ada")), refused},
		{"two logins: the second refused first", [2]string{login, login}, late(welcome), refused},
		{"two logins: the first refused late", [2]string{login, login}, late(refused), welcome},
		{"getMyTasks and logout: the answer late", [2]string{tasks, logout}, late(ok("ada")), browser.Answer{}},
		{"getMyTasks and logout: refused late", [2]string{tasks, logout}, late(refused), browser.Answer{}},
		{"getMyTasks and logout: fails late", [2]string{tasks, logout}, late(broken), browser.Answer{}},
	} {
		browser.Run(t, tc.name, p, func(t *testing.T, page *browser.Page) {
			if !page.InSobek() && os.Getenv("CI") == "" && tc.first.BodyDelay == 0 { // what the engines do alike
				return
			}
			if !page.InSobek() && tc.second == browser.NoAnswer && tc.calls[0] == tc.calls[1] {
				return // a browser may ask again by itself, on another connection, when there is no answer to a GET
			}
			page.Store(t, tokenKey, tokens["ada"])
			answers := map[string][]browser.Answer{}
			stored := tokens["ada"]
			var actions []browser.Action
			if tc.first.BodyDelay > 0 { // the status of the first is there before the second's
				tc.second = late(tc.second)
				if !page.InSobek() { // a busy browser takes a while to hand on what has come
					tc.first.BodyDelay = 6 * lateness
				}
			}
			for i, answer := range []browser.Answer{tc.first, tc.second} {
				if tc.calls[1] != logout { // which sends nothing
					answer.After = 2
				} else {
					answer.Rest = true // when logout has been called
				}
				action := browser.Action{Function: tc.calls[i]}
				switch tc.calls[i] {
				case login:
					action.Args = []any{"grace", "12341234"}
					answers["POST /token"] = append(answers["POST /token"], answer)
					if answer.Status == http.StatusOK {
						stored = tokens["grace"]
					}
				case tasks:
					answers["GET /protected"] = append(answers["GET /protected"], answer)
					if answer.Status == http.StatusUnauthorized {
						stored = ""
					}
				case logout:
					stored = ""
				}
				actions = append(actions, action, browser.Action{Sent: i + 1})
			}
			for request, answers := range answers {
				page.Answer(request, answers...)
			}
			actions[3] = browser.Action{Rest: true}
			both := page.Calls(t, callAdvice(tc.calls[0], each), actions...)
			for i, function := range tc.calls {
				request := map[string]string{login: "POST /token", tasks: "GET /protected"}[function]
				if n := count(page, request); n > len(answers[request]) {
					both[i].Fail(t, check.Textf("%d requests %s", n, check.Verbatim(request)), "one for each call", callAdvice(function, "a call sends one request, and does not ask again when that fails"))
				}
			}
			for i, answer := range []browser.Answer{tc.first, tc.second} {
				wantCame(t, both[i], tc.calls[i], answer)
			}
			if _, there := both[1].Stored[tokenKey]; there && tc.calls[1] == logout {
				both[1].Fail(t, "the token is still in localStorage when logout has returned", "no token", logoutAdvice("logout removes the token at once, whatever is under way"))
			}
			if tc.calls[1] == logout && both[1].Ended > both[0].Ended {
				both[1].Fail(t, "logout has ended only when the answer to getMyTasks was there", "it ends at once", logoutAdvice("logout removes the token at once, whatever is under way: a server that does not answer keeps nobody logged in"))
			}
			w := &world{page: page, stored: stored}
			w.wantStored(t, both[0], func(check.Text) check.Advice {
				return callAdvice(tc.calls[0], "a login that succeeds stores its token, logout removes it, and so does getMyTasks when it is refused. Every other call leaves what lies there now: it may be another token than when the call began")
			})
			if want := len(answers["POST /token"]) + len(answers["GET /protected"]); len(page.Sent()) != want {
				both[1].Fail(t, check.Textf("%d requests", len(page.Sent())), check.Textf("%d requests: each call sends its own", want), callAdvice(tc.calls[1], each))
			}
		})
	}
	browser.Run(t, "another tab logs in between two getMyTasks", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, tokens["ada"])
		page.Answer("GET /protected", late(ok("ada")), ok("grace"))
		call := browser.Action{Function: tasks}
		both := page.Calls(t, tasksAdvice(each), call, browser.Action{Sent: 1, Store: map[string]string{tokenKey: tokens["grace"]}}, call)
		if sent := page.Sent(); len(sent) != 2 || sent[1].Header.Get("Authorization") != "Bearer "+tokens["grace"] {
			both[1].Fail(t, check.Textf("%d requests", len(sent)), "two requests, the second with the token that is stored then", tasksAdvice("the second call asks for somebody else, and can't take the answer of the first"))
		}
		both[0].WantReturned(t, data(tokens["ada"]), tasksAdvice(each))
		both[1].WantReturned(t, data(tokens["grace"]), tasksAdvice(each))
		both[1].WantStored(t, map[string]string{tokenKey: tokens["grace"]}, tasksAdvice("nobody has refused the token that is stored now: it stays"))
	})
	browser.Run(t, "another tab logs in while getMyTasks is refused", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, tokens["ada"])
		page.Answer("GET /protected", late(refused), ok("grace"))
		o := page.Calls(t, tasksAdvice(each), browser.Action{Function: tasks}, browser.Action{Sent: 1, Store: map[string]string{tokenKey: tokens["grace"]}}, browser.Action{Rest: true})[0]
		o.WantThrown(t, "Missing or invalid token", tasksAdvice("the token that this call has sent is refused: it says so, whatever token is stored meanwhile. The next call sends that"))
		wantOneRequest(t, o, page, http.MethodGet, "/protected", tasksAdvice)
	})
	browser.Run(t, "logout in the same moment as getMyTasks", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, tokens["ada"])
		page.Answer("GET /protected", ok("ada"))
		both := page.Calls(t, tasksAdvice(each), browser.Action{Function: tasks}, browser.Action{Function: logout})
		for _, r := range page.SentSoFar() {
			if got := r.Header.Get("Authorization"); got != "Bearer "+tokens["ada"] {
				both[0].Fail(t, check.Verbatim("Authorization: "+check.Short(got)), check.Verbatim("Authorization: Bearer "+tokens["ada"]), tasksAdvice("read the token once, and send what was read: between two looks it may be gone"))
			}
		}
		both[1].WantStored(t, map[string]string{}, logoutAdvice("who has logged out stays logged out, whatever comes late"))
	})
	browser.Run(t, "a timer of an earlier login", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, tokenKey, tokens["ada"])
		page.Answer("GET /protected", ok("ada"), browser.Answer{Status: 200, Body: ok("ada").Body, Rest: true})
		page.Call(t, tasksAdvice(each), tasks).WantReturned(t, data(tokens["ada"]), tasksAdvice(alone)) // before there is a timer
		page.Answer("POST /token", refused)
		page.Call(t, loginAdvice(each), login, "grace", "guess").WantThrown(t, "Invalid credentials", loginAdvice(each))
		o := page.Calls(t, tasksAdvice(each), browser.Action{Function: tasks}, browser.Action{Sent: 3}, browser.Action{Minute: true}, browser.Action{Rest: true})[0]
		o.WantReturned(t, data(tokens["ada"]), loginAdvice("a login has failed, and a minute later another call is under way: is a timer left that stops whatever is under way then? Each call has its own, and clears it when it ends, well or not"))
	})
	browser.Run(t, "an hour after a login", p, func(t *testing.T, page *browser.Page) {
		w := &world{page: page}
		w.login(t, "ada")
		w.hour(t)
	})
	browser.Run(t, "a login that takes an hour", p, func(t *testing.T, page *browser.Page) {
		welcome.Rest = true
		page.Answer("POST /token", welcome)
		o := page.Calls(t, loginAdvice(each), browser.Action{Function: login, Args: []any{"grace", "12341234"}}, browser.Action{Sent: 1}, browser.Action{Hour: true}, browser.Action{Rest: true})[0]
		wantOneRequest(t, o, page, http.MethodPost, "/token", loginAdvice)
		if stored := page.Stored(t)[tokenKey]; o.Thrown != nil && stored != "" {
			o.Fail(t, check.Textf("%s; then the answer came, and the token is in localStorage", o.Got()), "no token in localStorage, as login has thrown", loginAdvice("who was told that the login failed is not logged in later on, by an answer that comes late: what is given up is given up altogether"))
		}
		want := map[string]string{}
		if o.Thrown == nil {
			want[tokenKey] = tokens["grace"]
		}
		o.WantStored(t, want, loginAdvice("the answer came after an hour, and login has returned: its token is in localStorage, and nothing else"))
	})
}

// graces is the answer to grace's login.
var graces = map[string]any{"token": tokens["grace"], "user_id": data(tokens["grace"])["id"]}

// each is why calls that are under way at the same time are mixed up.
const each = "two calls are under way, and each has an answer of its own: what belongs to one call stands in variables inside the function, not beside it"

// callAdvice is where to look when a function is wrong.
func callAdvice(function string, why check.Text) check.Advice {
	switch function {
	case "login":
		return loginAdvice(why)
	case "getMyTasks":
		return tasksAdvice(why)
	}
	return logoutAdvice(why)
}

// count returns how many such requests the page has sent ("POST /token").
func count(page *browser.Page, request string) (n int) {
	for _, sent := range page.SentSoFar() {
		if sent.Method+" "+sent.Path == request {
			n++
		}
	}
	return n
}

// wantCame expects of a call what has to come of the server's answer to it.
func wantCame(t testing.TB, o *browser.Outcome, function string, answer browser.Answer) {
	t.Helper()
	advice := callAdvice(function, each)
	switch {
	case function == "logout":
		if o.Thrown != nil {
			o.Fail(t, "", "it returns", advice)
		}
	case answer.Status == http.StatusOK && function == "login":
		o.WantReturned(t, graces, advice)
	case answer.Status == http.StatusOK:
		o.WantReturned(t, data(tokens["ada"]), advice)
	case answer.Status == http.StatusUnauthorized && function == "login":
		o.WantThrown(t, "Invalid credentials", advice)
	case answer.Status == http.StatusUnauthorized:
		o.WantThrown(t, tokenProblem, advice)
	default:
		o.WantThrown(t, map[string]string{"login": loginProblem, "getMyTasks": tasksProblem}[function], advice)
	}
}

// lateness is how much later than the other an answer or its body comes.
const lateness = 15 * time.Millisecond
