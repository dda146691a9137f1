// Package browser has the tools for the tests of step 4. It loads the learner's app.js
// as a browser does, and calls the functions that app.js exports. It says what is wrong
// with the values that these functions return, throw, store and send.
//
// It runs app.js twice: on Sobek, a JavaScript engine that is part of the tests and
// needs nothing installed, and in Chromium, Chrome or Edge, if such a browser is found.
// If the variable CI is set, a browser must be found. A proxy between the page and the
// program notes what the page sends. The proxy can also answer in the program's place.
//
//	go test ./steps/04-frontend
//	go test ./steps/04-frontend -args -engine sobek
//	CHROME_PATH=/opt/brave/brave go test ./steps/04-frontend
//
// Who calls whom: a check calls Run (browser.go), which opens a Page on each engine. A
// Page is an engine, one of two, and a proxy (proxy.go).
//
//	sobek.go          a page in Sobek, and calls of app.js in it; harness.js makes the call
//	  sobek_modules.go  loads app.js and what it imports, and says why it cannot
//	  sobek_turns.go    the event loop: promises and timers, each with a limit
//	  sobek_host.go     Go's part of fetch, URL and base64
//	  sobek_fetch.js, sobek_page.js  what a browser offers, in JavaScript
//	  sobek_lacks.js    what it offers and Sobek lacks, so that nobody is blamed for it
//	chromium.go       the same calls in a real browser, by the same harness.js
//	  frame.go          the tab that all checks share, with a new frame for each check
//	  find.go           finds the browser and starts it
//
// A call ends in an Outcome (outcome.go), which has the expectations: WantReturned,
// WantThrown, WantStored. Checks of the whole page use a Tab instead (tab.go), which
// only the real browser has.
package browser

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// engineFlag chooses an engine. Without it, a check runs on Sobek and, if it
// passes there, in the real browser.
var engineFlag = flag.String("engine", "", "run app.js on this `engine` only: sobek or chromium")

// How long a call of a learner's function may take; variables, so that the tests
// of this package need not wait as long.
var (
	calls     = check.Patiences{Usual: 5 * time.Second} // for its promise to settle, by the function
	loopLimit = 2 * time.Second                         // without giving anything else a turn
)

// An engine is a browser with a page of its own, on which app.js is loaded at the
// first call.
type engine interface {
	name() check.Text
	// call calls a function that app.js exports, and waits so long for its end.
	call(function string, args []any, limit time.Duration) outcome
	// setStored puts items into localStorage; stored returns what is in a storage.
	setStored(items map[string]string) error
	stored(storage string) (map[string]string, error)
	close()
}

// A Page is a page at the program's address, as far as app.js can tell, with an
// empty storage.
type Page struct {
	engine engine
	proxy  *proxy
	items  map[string]string // what was put into localStorage
	about  []check.Text      // what else was prepared, for the learner
}

// Run runs a check on app.js as a subtest: on Sobek and, unless it fails there, in a
// real browser if there is one. What Sobek cannot judge is left to the browser.
func Run(t *testing.T, name string, p *check.Program, f func(t *testing.T, page *Page)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		switch *engineFlag {
		case "", "sobek", "chromium":
		default:
			t.Fatalf("workshop: -engine wants sobek or chromium, not %q", *engineFlag)
		}
		if *engineFlag != "chromium" {
			runOn(t, p, newSobek, f)
		}
		if *engineFlag == "sobek" {
			return
		}
		switch found := findBrowser(t); {
		case found:
			runOn(t, p, newFrame, f)
		case *engineFlag == "chromium":
			t.Fatalf("workshop: %v", theBrowser().err)
		}
	})
}

// errLeftToBrowser is what a check panics with that Sobek cannot judge, but the real
// browser that comes next.
var errLeftToBrowser = errors.New("left to the real browser")

// runOn runs a check on a page of one engine.
func runOn(t *testing.T, p *check.Program, open func(t testing.TB, program string) (engine, *proxy), f func(t *testing.T, page *Page)) {
	t.Helper()
	engine, proxy := open(t, p.URL())
	defer engine.close()
	defer func() {
		if x := recover(); x != nil && x != errLeftToBrowser {
			panic(x)
		}
	}()
	f(t, &Page{engine: engine, proxy: proxy, items: map[string]string{}})
}

// leaveToBrowser ends a check on Sobek, if a real browser comes next.
func (p *Page) leaveToBrowser(t testing.TB) {
	t.Helper()
	if p.engine.name() == sobekName && *engineFlag == "" && findBrowser(t) {
		panic(errLeftToBrowser)
	}
}

// Store puts an item into the page's localStorage, as an earlier visit would
// have left it there.
func (p *Page) Store(t testing.TB, key, value string) {
	t.Helper()
	if err := p.engine.setStored(map[string]string{key: value}); err != nil {
		t.Fatalf("workshop: %v", err)
	}
	p.items[key] = value
}

// Answer has the proxy answer a request ("POST /token") in the program's place.
func (p *Page) Answer(request string, a Answer) {
	p.proxy.setAnswer(request, a)
	p.about = append(p.about, check.Textf("%s answers %s", request, a.text()))
}

// Sent returns the requests that app.js has sent, in their order. If there are
// none, it waits a moment: one that nobody awaited may still be on its way.
func (p *Page) Sent() []Request {
	for range 20 {
		if sent := p.proxy.sent(); len(sent) > 0 {
			return sent
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// Call calls a function that app.js exports, and waits until it has returned or
// thrown or, if it returned a promise, until that is settled. It fails the test
// if there is no such function, and if it does not come to an end.
func (p *Page) Call(t testing.TB, advice check.Advice, function string, args ...any) *Outcome {
	t.Helper()
	var words []string
	for _, arg := range args {
		words = append(words, check.JSONText(arg))
	}
	patience, begun := calls.With(function), time.Now()
	if patience.GivenUp() {
		check.NotJudged(t, check.Textf("%s has not come to an end, time and again; the failing checks say more", function))
	}
	o := &Outcome{page: p, call: function + "(" + strings.Join(words, ", ") + ")"}
	o.outcome = p.engine.call(function, append([]any{}, args...), patience.Limit()) // no arguments are [], not null
	if o.Hangs {
		patience.Missed()
	} else {
		patience.Came(time.Since(begun))
	}
	if o.Lacks != "" || o.Unloaded || o.Thrown != nil && o.Thrown.Type == "ReferenceError" { // a name that only browsers have?
		p.leaveToBrowser(t)
	}
	if o.Lacks != "" {
		check.NotJudged(t, check.Textf("%s lacks %s, which browsers have; %s", p.engine.name(), o.Lacks, howToGetOne))
	}
	if o.Trouble != "" {
		advice.Why = o.Why
		if o.Unloaded {
			advice.Try = "go run ./steps/04-frontend, open http://localhost:8080, and press F12: the Console shows the error"
		}
		o.Fail(t, o.Trouble, o.Want, advice)
	}
	return o
}

// storageText returns what is in a storage as a list, for the learner.
func storageText(items map[string]string) check.Text {
	if len(items) == 0 {
		return "nothing"
	}
	var words []string
	for _, key := range slices.Sorted(maps.Keys(items)) {
		words = append(words, fmt.Sprintf("%s: %s", key, check.Short(check.JSONText(items[key]))))
	}
	return check.Verbatim(strings.Join(words, ", "))
}

// readItems reads a storage's items from JSON.
func readItems(text string) (map[string]string, error) {
	items := map[string]string{}
	err := json.Unmarshal([]byte(text), &items)
	return items, err
}
