package main

import (
	"net/http"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// servedAdvice is where to look when the page is not served as it should be.
func servedAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.File("page.go")}
}

// TestPageServed: the program serves the page, and lets no other script run in it.
func TestPageServed(t *testing.T) {
	p := check.Running(t)
	for _, tc := range []struct{ name, path, kind string }{
		{"the page", "/", "text/html"},
		{"its script", "/page.js", "text/javascript"},
		{"your script", "/app.js", "text/javascript"},
		{"its words", "/words.js", "text/javascript"},
		{"its reader of tokens", "/token.js", "text/javascript"},
		{"its style", "/style.css", "text/css"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reply := p.Get(t, tc.path)
			reply.WantStatus(t, servedAdvice("the browser gets the page and its files from the program"), http.StatusOK)
			reply.WantHeader(t, "Content-Type", check.Verbatim("Content-Type: "+tc.kind), servedAdvice("a browser runs no script and reads no style sheet of another type"), func(value string) bool {
				return strings.HasPrefix(value, tc.kind)
			})
		})
	}
	t.Run("the form", func(t *testing.T) {
		reply := p.Get(t, "/")
		if !strings.Contains(reply.Body, `id="login-form"`) {
			reply.Fail(t, "", "index.html, with its form", servedAdvice("a folder without an index.html is answered with a list of its files"))
		}
	})
	t.Run("no inline script", func(t *testing.T) {
		reply := p.Get(t, "/")
		advice := servedAdvice("whoever gets HTML into the page gets no script in with it: that is what the policy is for")
		reply.WantHeader(t, "Content-Security-Policy", "a Content-Security-Policy that names where scripts may come from, without 'unsafe-inline' and *", advice, forbidsInlineScript)
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
			tab.Fail(t, "a script in the page's HTML runs", "it does not run", servedAdvice("whoever gets HTML into the page gets no script in with it: that is what the policy is for"))
		}
	})
}

// forbidsInlineScript says whether a policy lets scripts run from named places
// only (CSP 3 §6.1.10: script-src, and default-src in its absence).
func forbidsInlineScript(policy string) bool {
	sources := map[string]string{}
	for directive := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		sources[name] = value
	}
	scripts, found := sources["script-src"]
	if !found {
		scripts, found = sources["default-src"]
	}
	for source := range strings.FieldsSeq(scripts + " " + sources["script-src-elem"] + " " + sources["script-src-attr"]) {
		switch source {
		case "'unsafe-inline'", "*", "data:", "http:", "https:":
			return false
		}
	}
	return found
}
