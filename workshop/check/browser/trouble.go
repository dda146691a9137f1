package browser

import (
	"regexp"
	"slices"
	"strings"

	"jwtworkshop/workshop/check"
)

// A trouble is what keeps a call from coming to an end.
type trouble struct {
	Trouble check.Text // what happened; empty if nothing did
	Want    check.Text
	Why     check.Text
	Hangs   bool // it took all the time that there was

	Unloaded bool   // app.js cannot be loaded
	Lacks    string // what browsers have and this engine lacks, so that it cannot judge
}

// notTold says that the page cannot tell what came of a call.
func notTold() trouble {
	return trouble{
		Trouble: "what came of the call cannot be told",
		Want:    "an end: it returns, or it throws",
		Why:     "app.js has changed what every page is made of, such as promises, while it was called: leave that as it is",
	}
}

// notExported says that app.js lacks a function or does not export it.
func notExported(function string, exported []string, source string) trouble {
	t := trouble{
		Trouble: check.Textf("app.js exports no function %s", function),
		Want:    check.Textf("it exports %s", function),
		Why:     check.Textf("page.js imports it: export stands before the function, as in the starter; its name is %s", function),
	}
	switch {
	case slices.Contains(exported, function):
		t.Trouble = check.Textf("app.js exports %s, but that is no function", function)
	case len(exported) > 0:
		t.Trouble = check.Textf("app.js exports no function %s, but %s", function, check.Short(strings.Join(exported, ", ")))
	}
	if line := declaration(function, source); line > 0 {
		t.Trouble = check.Textf("%s; it is declared at web/app.js:%d", t.Trouble, line)
		if !slices.Contains(exported, function) {
			t.Why = "page.js can import only what is exported: write export before it"
		}
	}
	return t
}

// declaration returns the line of app.js on which a function is declared, or 0.
func declaration(function, source string) int {
	at := regexp.MustCompile(`(?m)^.*\b(?:function\s*\*?\s*|const\s+|let\s+|var\s+)` + function + `\b`).FindStringIndex(source)
	if at == nil {
		return 0
	}
	return 1 + strings.Count(source[:at[0]], "\n")
}

// neverSettles says that nothing will settle the promise of a function.
func neverSettles(function, source string) trouble {
	t := trouble{
		Trouble: "it returned a promise that is never settled",
		Want:    "an end: it returns, or it throws",
		Hangs:   true,
		Why:     "whoever awaits it waits for ever; a promise of your own needs a call of resolve or reject on every way",
	}
	if line := declaration(function, source); line > 0 {
		t.Trouble = check.Textf("it returned a promise that is never settled (%s begins at web/app.js:%d)", function, line)
	}
	return t
}

// endless says that a function runs and runs, at a place in app.js.
func endless(place string) trouble {
	t := trouble{
		Trouble: "it runs and runs",
		Want:    "an end: it returns, or it throws",
		Hangs:   true,
		Why:     "nothing else in the page gets a turn while it runs: does the loop's condition ever become false?",
	}
	if place != "" {
		t.Trouble = check.Textf("it runs and runs, at %s", place)
	}
	return t
}

// leaves says that a function has sent the browser to another page.
func leaves() trouble {
	return trouble{
		Trouble: "it makes the browser load a page (location)",
		Want:    "it returns, or it throws, and nothing else",
		Why:     "app.js talks to the server; what is shown then is the work of page.js, and that ends where the page is left",
	}
}

// notLoaded says that app.js has an error that keeps all of it from being used.
func notLoaded(message check.Text, place string) trouble {
	if place != "" {
		place = " (" + place + ")"
	}
	t := trouble{
		Trouble:  check.Textf("app.js cannot be loaded: %s%s", message, place),
		Want:     "a file that can be loaded",
		Why:      "because of this error nothing of the file is loaded, in the page neither",
		Unloaded: true,
	}
	if strings.Contains(message.String(), "SyntaxError") { // the engine's own word
		t.Why = "because of this error nothing of the file is loaded, in the page neither; its cause may stand before it: does each {, (, quote and backtick have its other half?"
	}
	return t
}
