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
// Calls are made in calls.go, several at once where a check wants that, while an Answer or
// its body comes late. Each ends in an Outcome (outcome.go), which has the expectations:
// WantReturned, WantThrown, WantStored; or in a trouble (trouble.go). Checks of the whole
// page use a Tab instead (tab.go), which only the real browser has.
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
	"jwtworkshop/workshop/internal/words"
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
	// call has actions happen, and waits so long for the end of the calls among them; it
	// returns the outcome of each call.
	call(actions []Action, limit time.Duration) []outcome
	// reload loads the page anew: what was stored stays.
	reload() (engine, error)
	// setStored puts items into localStorage; stored returns what is in a storage.
	setStored(items map[string]string) error
	stored(storage string) (map[string]string, error)
	// touched returns the names of what app.js has changed that is not its own.
	touched() ([]string, error)
	close()
}

// A Page is a page at the program's address, as far as app.js can tell, with an
// empty storage.
type Page struct {
	sent   check.Text // what was called last
	engine engine
	proxy  *proxy
	open   opener
	items  map[string]string // what was put into localStorage
	about  []check.Text      // what else was prepared, for the learner
}

// An opener opens an empty page of an engine, for the program at this address.
type opener func(t testing.TB, program string) (engine, *proxy)

// openPage opens a page.
func openPage(t testing.TB, program string, open opener) *Page {
	t.Helper()
	engine, proxy := open(t, program)
	return &Page{engine: engine, proxy: proxy, open: open, items: map[string]string{}}
}

// New opens another page of the same engine, with an empty storage, as if the browser had
// been installed anew.
func (p *Page) New(t testing.TB, program *check.Program) *Page {
	t.Helper()
	page := openPage(t, program.URL(), p.open)
	t.Cleanup(func() { page.engine.close() })
	return page
}

// Reload loads the page anew, as F5 does: what was stored stays.
func (p *Page) Reload(t testing.TB) {
	t.Helper()
	engine, err := p.engine.reload()
	if err != nil {
		check.Broken(t, err)
	}
	p.engine = engine
}

// InSobek says whether the page is in the checks' own engine, where a call takes less than a
// millisecond.
func (p *Page) InSobek() bool { return p.engine.name() == sobekName }

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
func runOn(t *testing.T, p *check.Program, open opener, f func(t *testing.T, page *Page)) {
	t.Helper()
	page := openPage(t, p.URL(), open)
	defer func() { page.engine.close() }()
	check.Looked()
	defer page.noteTouched()
	defer func() {
		if x := recover(); x != nil && x != errLeftToBrowser {
			panic(x)
		}
	}()
	f(t, page)
}

// noteTouched has TestAlways tell what app.js has touched on the page that is not its own.
func (p *Page) noteTouched() {
	names, err := p.engine.touched()
	if err != nil || len(names) == 0 { // a page that is gone has been judged
		return
	}
	check.Touched(p.sent, check.Verbatim(strings.Join(names, ", ")))
}

// leaveToBrowser ends a check on Sobek, if a real browser comes next.
func (p *Page) leaveToBrowser(t testing.TB) {
	t.Helper()
	if p.InSobek() && *engineFlag == "" && findBrowser(t) {
		panic(errLeftToBrowser)
	}
}

// Store puts an item into the page's localStorage, as an earlier visit would
// have left it there.
func (p *Page) Store(t testing.TB, key, value string) {
	t.Helper()
	if err := p.engine.setStored(map[string]string{key: value}); err != nil {
		check.Broken(t, err)
	}
	p.items[key] = value
}

// Answer has the proxy answer a request ("POST /token") in the program's place: the first
// with the first answer, and so on, and all that are left with the last.
func (p *Page) Answer(request string, answers ...Answer) {
	p.proxy.setAnswers(request, answers)
	var texts []check.Text
	for _, a := range answers {
		texts = append(texts, a.text())
	}
	p.about = append(p.about, check.Textf("%s answers %s", request, words.Join(texts, ", ")))
}

// Forget forgets what was prepared: the answers that were set, and what is told of them.
func (p *Page) Forget() {
	p.proxy.forgetAnswers()
	p.about, p.items = nil, map[string]string{}
}

// OtherTab puts items into localStorage as another tab does, while this page stays open; an
// empty text removes one.
func (p *Page) OtherTab(t testing.TB, items map[string]string) {
	t.Helper()
	if err := p.engine.setStored(items); err != nil {
		check.Broken(t, err)
	}
}

// Sent returns the requests that app.js has sent, in their order. If there are
// none, it waits a moment: one that nobody awaited may still be on its way.
func (p *Page) Sent() []Request {
	for range 20 {
		if len(p.proxy.sent()) > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if !p.InSobek() { // whose pictures and the like come later than its answers
		p.engine.call([]Action{{Rest: true}}, calls.Usual)
	}
	return p.proxy.sent()
}

// Stored returns what is in localStorage.
func (p *Page) Stored(t testing.TB) map[string]string {
	t.Helper()
	items, err := p.engine.stored("localStorage")
	if err != nil {
		check.Broken(t, err)
	}
	return items
}

// SentSoFar returns the requests that have come, without waiting for one.
func (p *Page) SentSoFar() []Request { return p.proxy.sent() }

// storageText returns what is in a storage as a list, for the learner.
func storageText(items map[string]string) check.Text {
	if len(items) == 0 {
		return "nothing"
	}
	var words []string
	for _, key := range slices.Sorted(maps.Keys(items)) {
		words = append(words, fmt.Sprintf("%s: %s", check.Short(key), check.Short(check.JSONText(items[key]))))
	}
	return check.Verbatim(strings.Join(words, ", "))
}

// readItems reads a storage's items from JSON.
func readItems(text string) (map[string]string, error) {
	items := map[string]string{}
	err := json.Unmarshal([]byte(text), &items)
	return items, err
}
