package browser

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/internal/words"
)

// A Tab is the program's own page, open in the real browser.
type Tab struct {
	page  *chromiumPage
	proxy *proxy
	done  []check.Text // what was done on it, for the learner
}

// A View is how somebody looks at a page.
type View struct {
	Width    int64  // in CSS pixels, 1024 if 0
	Language string // such as "es", English if ""
	Dark     bool
}

// Open opens the program's page in the real browser, after an earlier visit that
// has left these items in localStorage. Where there is no browser, it does not judge the
// check, or fails it if CI is set.
func Open(t testing.TB, p *check.Program, stored map[string]string) *Tab {
	t.Helper()
	if *engineFlag == "sobek" {
		check.NotJudged(t, "this check needs a real browser, and -engine sobek is none")
	}
	return Visit(t, p.URL(), View{}, stored)
}

// OpenAsItCame does as Open does, with the workshop's own page around the program's app.js:
// another one might paint what is looked for.
func OpenAsItCame(t testing.TB, p *check.Program, stored map[string]string) *Tab {
	t.Helper()
	return visit(t, p.URL(), View{}, stored, asItCame(t))
}

// IsAsItCame says whether a program serves the workshop's own page around its app.js.
func IsAsItCame(t testing.TB, p *check.Program) bool {
	t.Helper()
	client := &http.Client{Timeout: pageLimit}
	for path, want := range asItCame(t) {
		response, err := client.Get(p.URL() + path)
		if err != nil {
			return false
		}
		got, err := io.ReadAll(io.LimitReader(response.Body, int64(len(want))+1))
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
			return false
		}
	}
	return true
}

// asItCame returns the parts of the workshop's own page, by their paths, but for app.js, which is the learner's.
func asItCame(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := os.ReadDir("web")
	if err != nil {
		check.Broken(t, err)
	}
	parts := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("web", file.Name()))
		if err != nil {
			check.Broken(t, err)
		}
		parts["/"+file.Name()] = text
	}
	parts["/"] = parts["/index.html"]
	delete(parts, "/app.js")
	return parts
}

// Visit does as Open does, with the page at an address, in a view.
func Visit(t testing.TB, address string, view View, stored map[string]string) *Tab {
	t.Helper()
	return visit(t, address, view, stored, nil)
}

// visit opens a page, with these parts in the place of the program's.
func visit(t testing.TB, address string, view View, stored map[string]string, parts map[string][]byte) *Tab {
	t.Helper()
	if !findBrowser(t) {
		check.NotJudged(t, words.Of(theBrowser().err))
	}
	if check.Submitted() && pages.GivenUp() {
		check.GivenUp(t, "the page has not come to work in the browser, time and again; the failing checks say more")
	}
	tab := &Tab{page: newPage(t, address)}
	tab.proxy = tab.page.proxy
	tab.proxy.setParts(parts)
	if len(stored) > 0 {
		if err := tab.page.setStored(stored); err != nil {
			tab.fail(t, err)
		}
		tab.done = append(tab.done, check.Textf("with %s in localStorage", storageText(stored)))
	}
	tab.do(t, "open the page", chromedp.Steps(view.set(), chromedp.Navigate(tab.proxy.address()+"/")))
	if !tab.starts(t) {
		pages.Missed()
		tab.Fail(t, "the page's script has not started: page.js cannot import login, getMyTasks and logout", "a page that works",
			check.Advice{Why: "a file with a syntax error exports nothing, and what lacks export is not exported", Look: check.File("web/app.js"), Try: "go run ./steps/04-frontend, open http://localhost:8080, and press F12: the Console shows the error"})
	}
	return tab
}

// pages is how often the page of a submission did not come to work; a learner's is opened all the
// same.
var pages check.Patience

// scriptLimit is how long a page's script may take to start after the last request of the page.
const scriptLimit = 300 * time.Millisecond

// starts says whether the page's script has started, and waits for it: app.js may await
// something before it exports its functions.
func (tab *Tab) starts(t testing.TB) bool {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if !tab.True(t, `document.getElementById("not-started") !== null`) {
			return true
		}
		if min(time.Since(begun), tab.proxy.quiet()) > scriptLimit || time.Since(begun) > pageLimit {
			return false
		}
	}
}

// set has the browser show pages as in the view.
func (v View) set() chromedp.Action[chromedp.Void] {
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	return chromedp.Steps(
		chromedp.EmulateViewport(cmp.Or(v.Width, 1024), 768),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media); err != nil {
				return err
			}
			agent := emulation.SetUserAgentOverrideParams{UserAgent: theBrowser().name, AcceptLanguage: cmp.Or(v.Language, "en")}
			_, err := cdp.Call(ctx, target, emulation.SetUserAgentOverride, agent)
			return err
		}),
	)
}

// do does something on the page; a page that hinders it fails the test.
func (tab *Tab) do(t testing.TB, step check.Text, action chromedp.Action[chromedp.Void]) {
	t.Helper()
	tab.done = append(tab.done, step)
	if _, err := run(tab.page.tab, action); err != nil {
		tab.fail(t, err)
	}
}

// fail fails the test because something could not be done on the page.
func (tab *Tab) fail(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, context.DeadlineExceeded) {
		pages.Missed()
		tab.Fail(t, "the page does not react any more", "a page that reacts", check.Advice{Why: "nothing else in the page gets a turn while a script runs: is there a loop without end?", Look: check.File("web/app.js")})
	}
	tab.Fail(t, words.Of(err), "a page on which one can do that", pageAdvice)
}

// pageAdvice is where to look when the page lacks what it came with.
var pageAdvice = check.Advice{Why: "the page is complete as it came: only web/app.js is yours", Look: check.File("web/index.html")}

// need fails the test unless there is an element with this id.
func (tab *Tab) need(t testing.TB, id string) {
	t.Helper()
	if !tab.True(t, `document.getElementById(`+check.JSONText(id)+`) !== null`) {
		tab.Fail(t, check.Textf("nothing on the page has the id %s", id), "a page on which one can do that", pageAdvice)
	}
}

// Type types a text into the field with this id.
func (tab *Tab) Type(t testing.TB, id, text string) {
	t.Helper()
	tab.need(t, id)
	tab.do(t, check.Textf("type %s as %s", check.Verbatim(check.JSONText(check.AdasOwn(text))), id), chromedp.SendKeys(chromedp.ID(id), text))
}

// Press presses the button with this id; the learner reads its label.
func (tab *Tab) Press(t testing.TB, id string, label check.Text) {
	t.Helper()
	tab.need(t, id)
	tab.do(t, check.Textf("press %s", label), chromedp.Click(chromedp.ID(id)))
}

// Reload loads the page anew.
func (tab *Tab) Reload(t testing.TB) {
	t.Helper()
	tab.do(t, "reload it", chromedp.Reload())
}

// shown is JavaScript that returns what the elements with these ids show.
const shown = `JSON.stringify(Object.fromEntries(%s.map((id) => {
  const place = document.getElementById(id);
  return [id, place?.checkVisibility() ? place.innerText : ""];
})))`

// WantShown fails the test unless the element with this id comes to show a text
// that begins with want.
func (tab *Tab) WantShown(t testing.TB, id, want string, advice check.Advice) {
	t.Helper()
	if !tab.Shows(t, id, want) {
		tab.Fail(t, "", check.Textf("the page shows %s", check.Verbatim(check.JSONText(want))), advice)
	}
}

// texts is how long a text may take to be shown after the last request of the page.
var texts = check.Patience{Usual: time.Second}

// Shows waits until the element with this id shows a text that begins with want,
// and says whether it does. It does not wait longer once the page shows a message, or
// asks the program for nothing any more.
func (tab *Tab) Shows(t testing.TB, id, want string) bool {
	t.Helper()
	begun := time.Now()
	for ; ; time.Sleep(10 * time.Millisecond) {
		text, err := run(tab.page.tab, chromedp.Evaluate[string](fmt.Sprintf(shown, check.JSONText([]string{id, "message"}))))
		if err != nil {
			tab.fail(t, err)
		}
		got, err := readItems(text)
		if err != nil {
			tab.fail(t, err)
		}
		waited := min(time.Since(begun), tab.proxy.quiet())
		if strings.HasPrefix(got[id], want) {
			texts.Came(waited)
			return true
		}
		if got["message"] != "" || waited > texts.Limit() || time.Since(begun) > pageLimit {
			return false
		}
	}
}

// Sent returns the requests that the page has sent, in their order.
func (tab *Tab) Sent() []Request { return tab.proxy.sent() }

// says returns what the page says, for the learner: its message, if it has one.
func (tab *Tab) says() check.Text {
	text, err := run(tab.page.tab, chromedp.Evaluate[string](`
		document.getElementById("message")?.innerText || document.body.innerText`))
	if err != nil {
		return words.Of(err)
	}
	return check.Textf("the page says %s", check.Verbatim(check.JSONText(check.Short(strings.Join(strings.Fields(text), " ")))))
}

// Keys presses keys, one after the other; "\t" and "\r" are Tab and Enter.
func (tab *Tab) Keys(t testing.TB, keys string) {
	t.Helper()
	tab.do(t, check.Textf("press %s", check.Verbatim(check.JSONText(keys))), chromedp.KeyEvent(keys))
}

// Screenshot returns a picture of the whole page, as a PNG file.
func (tab *Tab) Screenshot(t testing.TB) []byte {
	t.Helper()
	picture, err := run(tab.page.tab, chromedp.FullScreenshot(100))
	if err != nil {
		tab.fail(t, err)
	}
	return picture
}

// Evaluate returns what a promise on the page comes to, as text.
func (tab *Tab) Evaluate(t testing.TB, expression string) string {
	t.Helper()
	text, err := run(tab.page.tab, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.fail(t, err)
	}
	return text
}

// True says whether an expression is true on the page.
func (tab *Tab) True(t testing.TB, expression string) bool {
	t.Helper()
	result, err := run(tab.page.tab, chromedp.Evaluate[bool](expression))
	if err != nil {
		tab.fail(t, err)
	}
	return result
}

// Stored returns what is in the page's localStorage.
func (tab *Tab) Stored(t testing.TB) map[string]string {
	t.Helper()
	items, err := tab.page.stored("localStorage")
	if err != nil {
		tab.fail(t, err)
	}
	return items
}

// Fail fails the test because of what was done on the page. An empty got stands
// for what the page says.
func (tab *Tab) Fail(t testing.TB, got, want check.Text, advice check.Advice) {
	t.Helper()
	if got == "" {
		got = tab.says()
	}
	sent := words.Join(tab.done, ", ")
	if advice.Try == "" {
		advice.Try = "go run ./steps/04-frontend, open http://localhost:8080, and do the same"
	}
	check.Fail(t, check.Finding{Sent: sent, Got: got, Want: want, Advice: advice, Notes: []check.Text{check.Textf("seen in %s", tab.page.name())}})
}
