package main

import (
	"slices"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// TestVisit: what a person sees, in a real browser.
func TestVisit(t *testing.T) {
	check.Judges(t) // what the others have judged, as a whole
	p := check.Running(t)
	switch {
	case !check.Submitted():
		visit(t, p, browser.Open)
	case browser.IsAsItCame(t, p): // it might serve another one to a browser
		visit(t, p, browser.OpenAsItCame)
	default:
		visit(t, p, browser.Open)
		t.Run("with the page as it came", func(t *testing.T) { visit(t, p, browser.OpenAsItCame) })
	}
}

// visit uses the page, as open opens it.
func visit(t *testing.T, p *check.Program, open func(t testing.TB, p *check.Program, stored map[string]string) *browser.Tab) {
	t.Helper()
	t.Run("log in as ada", func(t *testing.T) {
		tab := open(t, p, nil)
		logIn(t, tab, check.Ada)
		wantIn(t, tab, "ada")
		tab.WantShown(t, "tasks", `{"id":1,"username":"ada"}`, tasksAdvice("what getMyTasks returns is what the page shows"))
	})
	t.Run("wrong password", func(t *testing.T) {
		tab := open(t, p, nil)
		logIn(t, tab, check.User{Username: "ada", Password: "guess"})
		tab.WantShown(t, "message", "Invalid credentials", loginAdvice("the message of the Error that login throws is what the page says"))
	})
	t.Run("reload", func(t *testing.T) {
		u := p.AddUser(t)
		tab := open(t, p, nil)
		logIn(t, tab, u)
		wantIn(t, tab, u.Username)
		tab.Reload(t)
		tab.WantShown(t, "who", u.Username, tasksAdvice("a page that is loaded anew has forgotten its variables; what was stored is there"))
	})
	t.Run("expired token", func(t *testing.T) {
		token := p.Login(t, p.AddUser(t), servedAdvice("the server is that of step 3, complete"))
		tab := open(t, p, map[string]string{tokenKey: p.Forge(t, token, check.Forgery{Claims: map[string]any{"exp": 1}})})
		advice := tasksAdvice("who comes back after a day is asked to log in again, in words")
		tab.WantShown(t, "message", tokenProblem, advice)
		if items := tab.Stored(t); len(items) > 0 || !tab.True(t, `document.getElementById("login-form").checkVisibility()`) {
			tab.Fail(t, "the token is still in localStorage, or there is no login form", "the token is gone, and the page asks for a login", advice)
		}
	})
	t.Run("HTML in a username", func(t *testing.T) {
		u := p.AddUser(t)
		name := "grace-" + check.RandomText(3)
		u.Username = name + `<img id=injected>`
		p.RenameUser(t, u, u.Username)
		tab := open(t, p, nil)
		logIn(t, tab, u)
		wantIn(t, tab, name)
		if tab.True(t, `document.getElementById("injected") !== null`) || !tab.True(t, `document.getElementById("who").textContent === `+check.JSONText(u.Username)) {
			tab.Fail(t, "the name has become a part of the page's HTML", "the page shows the name as it is, < and all",
				check.Advice{Why: "a name is text: as HTML it could bring a script along, which could send the token to anyone", Look: check.File("web/page.js")})
		}
	})
	t.Run("log out", func(t *testing.T) {
		u := p.AddUser(t)
		tab := open(t, p, nil)
		logIn(t, tab, u)
		wantIn(t, tab, u.Username)
		tab.Press(t, "log-out", "Log out")
		tab.WantShown(t, "message", "You are logged out", logoutAdvice("the page says so when logout has returned"))
		if items := tab.Stored(t); len(items) > 0 {
			tab.Fail(t, "the token is still in localStorage", "nothing is left to come back with", logoutAdvice("whoever loads the page next, on this computer, would be logged in"))
		}
	})
}

// logIn fills in the form and sends it.
func logIn(t *testing.T, tab *browser.Tab, u check.User) {
	t.Helper()
	tab.Type(t, "username", u.Username)
	tab.Type(t, "password", u.Password)
	tab.Press(t, "log-in", "Log in")
}

// wantIn expects the page to show who is logged in. If it does not, it looks at
// login as long as that has brought no token.
func wantIn(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	if tab.Shows(t, "who", name) {
		return
	}
	advice := loginAdvice("page.js calls login, and shows the message of the Error that it throws")
	asked := slices.ContainsFunc(tab.Sent(), func(r browser.Request) bool { return r.Path == "/protected" })
	if asked || tab.Stored(t)[tokenKey] != "" {
		advice = tasksAdvice("after the login, page.js calls getMyTasks, and shows the message of the Error that it throws")
	}
	tab.Fail(t, "", check.Textf("the page shows %s as who is logged in", check.Verbatim(check.JSONText(check.AdasOwn(name)))), advice)
}
