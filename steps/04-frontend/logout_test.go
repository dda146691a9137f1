package main

import (
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// logoutAdvice is where to look when logout is wrong.
func logoutAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("web/app.js", 3)}
}

// TestLogout: the token is forgotten, and nothing else.
func TestLogout(t *testing.T) {
	check.Judges(t, 3)
	p := check.Running(t)
	gone := logoutAdvice("the token goes, by its key; clear() would take away what other parts of a site have stored")
	browser.Run(t, "forgets the token", p, func(t *testing.T, page *browser.Page) {
		page.Store(t, "theme", "dark")
		page.Store(t, tokenKey, "a.good.one")
		page.Store(t, tokenKey+"-of-another-page", "x")
		o := page.Call(t, gone, "logout")
		if o.Thrown != nil {
			o.Fail(t, "", "it returns", gone)
		}
		advice := gone
		if o.Stored[tokenKey] != "" {
			advice.Why = "is the token removed by its key, and at once? What stands behind an await, or in a callback, comes later than the end of logout"
		}
		o.WantStored(t, map[string]string{"theme": "dark", tokenKey + "-of-another-page": "x"}, advice)
	})
	browser.Run(t, "after a login", p, func(t *testing.T, page *browser.Page) {
		u := p.AddUser(t)
		page.Call(t, gone, "login", u.Username, u.Password)
		page.Call(t, gone, "logout").WantStored(t, map[string]string{}, gone)
		sent := len(page.Sent())
		o := page.Call(t, gone, "getMyTasks")
		if requests := page.Sent(); len(requests) > sent {
			advice := logoutAdvice("the token is in one place, " + tokenKey + " in localStorage; a copy in a variable outlives the logout")
			if !strings.Contains(requests[sent].Header.Get("Authorization"), ".") {
				advice = tasksAdvice(noTokenStored)
			}
			o.Fail(t, "a request, after login and logout", "none: the token is forgotten", advice)
		}
		o.WantThrown(t, tokenProblem, tasksAdvice("without a token there is nothing to ask with: say so"))
	})
	browser.Run(t, "without a token", p, func(t *testing.T, page *browser.Page) {
		o := page.Call(t, gone, "logout")
		if o.Thrown != nil {
			o.Fail(t, "", "it returns", logoutAdvice("who is logged out already is logged out: removeItem does nothing then"))
		}
	})
}
