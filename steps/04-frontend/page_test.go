package main

import (
	"net/http"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// servedHint is where to look when the page is not served as it should be.
func servedHint(why string) check.Hint { return check.Hint{Why: why, Look: "page.go"} }

// TestPageServed: the program serves the page, and lets no other script run in it.
func TestPageServed(t *testing.T) {
	p := check.Running(t)
	for _, tc := range []struct{ name, path, kind string }{
		{"the page", "/", "text/html"},
		{"its script", "/page.js", "text/javascript"},
		{"your script", "/app.js", "text/javascript"},
		{"its style", "/style.css", "text/css"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reply := p.Get(t, tc.path)
			reply.WantStatus(t, servedHint("the browser gets the page and its files from the program"), http.StatusOK)
			reply.WantHeader(t, "Content-Type", "Content-Type: "+tc.kind, servedHint("a browser runs no script and reads no style sheet of another type"), func(value string) bool {
				return strings.HasPrefix(value, tc.kind)
			})
		})
	}
	t.Run("no inline script", func(t *testing.T) {
		reply := p.Get(t, "/")
		hint := servedHint("whoever gets HTML into the page gets no script in with it: that is what the policy is for")
		reply.WantHeader(t, "Content-Security-Policy", "a Content-Security-Policy that names where scripts may come from, without 'unsafe-inline' and *", hint, forbidsInlineScript)
	})
	t.Run("no inline script in the browser", func(t *testing.T) {
		tab := browser.Open(t, p, nil)
		const insert = `(() => {
			const script = document.createElement("script");
			script.textContent = "window.inlineScriptRan = true";
			document.body.append(script);
			return window.inlineScriptRan === true;
		})()`
		if tab.True(t, insert) {
			tab.Fail(t, "a script in the page's HTML runs", "it does not run", servedHint("whoever gets HTML into the page gets no script in with it: that is what the policy is for"))
		}
	})
}

// forbidsInlineScript says whether a policy lets scripts run from named places
// only (CSP 3 §6.1.11: script-src, and default-src in its absence).
func forbidsInlineScript(policy string) bool {
	sources, found := "", false
	for directive := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if name == "script-src" || name == "default-src" && !found {
			sources, found = value, true
		}
	}
	for source := range strings.FieldsSeq(sources) {
		switch source {
		case "'unsafe-inline'", "*", "data:", "http:", "https:":
			return false
		}
	}
	return found
}

// TestPage: what a person sees, in a real browser.
func TestPage(t *testing.T) {
	p := check.Running(t)
	t.Run("log in as ada", func(t *testing.T) {
		tab := browser.Open(t, p, nil)
		logIn(t, tab, check.Ada)
		tab.WantShown(t, "who", "ada", loginHint("who types the right password gets in: page.js calls login, and then getMyTasks"))
		tab.WantShown(t, "tasks", `{"id":1,"username":"ada"}`, tasksHint("what getMyTasks returns is what the page shows"))
	})
	t.Run("wrong password", func(t *testing.T) {
		tab := browser.Open(t, p, nil)
		logIn(t, tab, check.User{Username: "ada", Password: "guess"})
		tab.WantShown(t, "message", "Invalid credentials", loginHint("the message of the Error that login throws is what the page says"))
	})
	t.Run("reload", func(t *testing.T) {
		u := p.AddUser(t)
		tab := browser.Open(t, p, nil)
		logIn(t, tab, u)
		tab.WantShown(t, "who", u.Username, loginHint("who types the right password gets in: page.js calls login, and then getMyTasks"))
		tab.Reload(t)
		tab.WantShown(t, "who", u.Username, tasksHint("a page that is loaded anew has forgotten its variables; what was stored is there"))
	})
	t.Run("expired token", func(t *testing.T) {
		token := p.Login(t, p.AddUser(t), servedHint("the server is that of step 3, complete"))
		tab := browser.Open(t, p, map[string]string{tokenKey: p.Forge(t, token, check.Forgery{Claims: map[string]any{"exp": 1}})})
		hint := tasksHint("who comes back after a day is asked to log in again, in words")
		tab.WantShown(t, "message", tokenProblem, hint)
		if items := tab.Stored(t); len(items) > 0 || !tab.True(t, `document.getElementById("login-form").checkVisibility()`) {
			tab.Fail(t, "no empty storage and login form", "the token is gone, and the page asks for a login", hint)
		}
	})
	t.Run("HTML in a username", func(t *testing.T) {
		u := p.AddUser(t)
		name := "grace-" + check.RandomText(3)
		u.Username = name + `<img src="x" id="injected">`
		p.RenameUser(t, u, u.Username)
		tab := browser.Open(t, p, nil)
		logIn(t, tab, u)
		tab.WantShown(t, "who", name, loginHint("who types the right password gets in"))
		if tab.True(t, `document.getElementById("injected") !== null`) || !tab.True(t, `document.getElementById("who").textContent === `+check.JSONText(u.Username)) {
			tab.Fail(t, "the name has become a part of the page's HTML", "the page shows the name as it is, < and all",
				check.Hint{Why: "a name is text: as HTML it could bring a script along, which could send the token to anyone", Look: "web/page.js"})
		}
	})
	t.Run("log out", func(t *testing.T) {
		u := p.AddUser(t)
		tab := browser.Open(t, p, nil)
		logIn(t, tab, u)
		tab.WantShown(t, "who", u.Username, loginHint("who types the right password gets in"))
		tab.Press(t, "log-out", "Log out")
		tab.WantShown(t, "message", "You are logged out", logoutHint("the page says so when logout has returned"))
		tab.Reload(t)
		tab.WantShown(t, "login-form", "Log in", logoutHint("after a logout nothing is left to come back with"))
	})
}

// logIn fills in the form and sends it.
func logIn(t *testing.T, tab *browser.Tab, u check.User) {
	t.Helper()
	tab.Type(t, "username", u.Username)
	tab.Type(t, "password", u.Password)
	tab.Press(t, "log-in", "Log in")
}
