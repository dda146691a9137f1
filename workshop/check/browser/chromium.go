package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/domstorage"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/internal/words"
)

// A chromiumPage is a page in the real browser: in a frame of the one tab that all
// checks use, since a new frame costs less than a new page, or, for the program's
// own page and for submissions, in the tab itself. What an earlier check has left is cleared away.
type chromiumPage struct {
	*tab
	frame  runtime.RemoteObjectID // its window, "" if the page is the tab's own
	source string                 // of app.js
}

// pageLimit is how long the browser may take for anything but a call of a learner's
// function.
const pageLimit = 5 * time.Second

// run does something in a tab, and drops the tab if that takes too long.
func run[T any](t *tab, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	defer check.WhenOver(pageLimit, cancel)()
	value, err := chromedp.Run(ctx, action)
	if ctx.Err() != nil {
		t.drop()
		return value, words.Errorf("nothing, for %v: %w", pageLimit, context.DeadlineExceeded)
	}
	return value, err
}

// drop closes a tab that is of no use any more.
func (t *tab) drop() {
	t.cancel()
	t.proxy.close()
	if theTab == t {
		theTab = nil
	}
}

// onEvent takes in what the browser tells; it must not wait.
func (p *tab) onEvent(event any) {
	switch e := event.(type) {
	case *debugger.EventScriptParsed:
		p.mu.Lock()
		p.scripts[e.ScriptID] = e.URL
		p.mu.Unlock()
	case *debugger.EventPaused:
		select {
		case p.paused <- e:
		default:
		}
	case *fetch.EventRequestPaused:
		p.work <- func(ctx context.Context) { chromedp.Call(ctx, fetch.ContinueRequest, p.direct(e)) }
	case *network.EventWebSocketCreated: // which fetch does not see
		p.noteElsewhere(e.URL)
	case *page.EventWindowOpen:
		p.noteElsewhere(e.URL)
	case *page.EventFrameRequestedNavigation:
		p.setLeft(true)
	case *page.EventJavascriptDialogOpening: // alert would wait for somebody
		p.work <- func(ctx context.Context) {
			chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}
	}
}

// noteElsewhere notes that a script has turned to an address past the proxy.
func (p *tab) noteElsewhere(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	p.mu.Lock()
	proxy := p.proxy
	p.mu.Unlock()
	if proxy != nil {
		proxy.note(Request{Method: http.MethodGet, Path: u.RequestURI(), Elsewhere: u.Scheme + "://" + u.Host, Header: http.Header{}})
	}
}

// doWork sends the commands that events ask for.
func (p *tab) doWork() {
	for {
		select {
		case f := <-p.work:
			f(p.ctx)
		case <-p.ctx.Done():
			return
		}
	}
}

// direct lets a request go on, to the proxy wherever it is meant to go.
func (p *tab) direct(e *fetch.EventRequestPaused) fetch.ContinueRequestParams {
	params := fetch.ContinueRequestParams{RequestID: e.RequestID}
	p.mu.Lock()
	address := p.proxy.address()
	p.mu.Unlock()
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || strings.HasPrefix(e.Request.URL, address+"/") {
		return params
	}
	params.URL = address + u.RequestURI()
	params.Headers = []*fetch.HeaderEntry{{Name: elsewhereHeader, Value: u.Scheme + "://" + u.Host}}
	for name, value := range e.Request.Headers {
		params.Headers = append(params.Headers, &fetch.HeaderEntry{Name: name, Value: fmt.Sprint(value)})
	}
	return params
}

// name is what the learner calls this engine.
func (p *chromiumPage) name() check.Text { return check.Verbatim(theBrowser().name) }

// close leaves the page as it is: the next check opens another in the same tab.
func (p *chromiumPage) close() {}

// loadScript is JavaScript that loads app.js as a page does, and returns what is
// wrong with it as JSON, or "". It has the harness in the place of %s, and leaves it in the
// page, where app.js cannot replace it.
const loadScript = `new Promise((resolve) => {
  let failure = null, app = null;
  document.cookie = "theme=dark; path=/"; // somebody else's
  const own = fetch.bind(window);
  addEventListener("error", (e) => { if (e.message) failure ??= { message: e.message, place: e.filename + ":" + e.lineno }; });
  const printed = [];
  const show = (value) => {
    try {
      return typeof value === "string" || value instanceof Error ? String(value) : JSON.stringify(value) ?? String(value);
    } catch {
      return typeof value; // it has no JSON, or no text
    }
  };
  for (const level of ["log", "info", "warn", "error", "debug"]) console[level] = (...args) => printed.push(args.map(show).join(" "));
  window.alert = (text) => printed.push("alert: " + text);
  const fixed = { writable: false, configurable: false };
  Object.defineProperty(window, "eval", fixed);
  const harness = (%s)();
  const call = (actions, sentPath) => {
    printed.length = 0;
    return harness.call(app, actions, printed, { fetch: own, sentPath });
  };
  Object.defineProperty(window, "checked", { ...fixed, value: Object.freeze({ call, touched: harness.touched }) });
  const script = document.createElement("script");
  script.type = "module";
  script.src = "/app.js";
  script.onload = async () => {
    if (failure === null) app = await import("/app.js");
    resolve(failure === null ? "" : JSON.stringify(failure));
  };
  script.onerror = () => resolve(JSON.stringify(failure ?? { message: "it, or a file that it imports, cannot be fetched", place: "" }));
  document.head.append(script);
})`

// call has actions happen.
func (p *chromiumPage) call(actions []Action, limit time.Duration) []outcome {
	if p.source == "" {
		if t := p.load(limit); t.Trouble != "" {
			return inTrouble(actions, t)
		}
	}
	script := fmt.Sprintf("checked.call(%s, %s)", check.JSONText(check.JSONText(actions)), check.JSONText(sentPath))
	text, t := p.evaluate(firstOf(actions), script, limit)
	if t.Trouble != "" {
		return inTrouble(actions, t)
	}
	return readOutcomes(text, actions, p.source)
}

// reload opens a new frame in the place of this one, or the tab's page anew.
func (p *chromiumPage) reload() (engine, error) {
	if p.frame == "" {
		return &chromiumPage{tab: p.tab}, p.navigate()
	}
	if _, err := run(p.tab, chromedp.Evaluate[chromedp.Void](removeFrame)); err != nil {
		return nil, err
	}
	return p.openFrame()
}

// load loads app.js.
func (p *chromiumPage) load(limit time.Duration) trouble {
	source, err := fetchModule(&http.Client{Timeout: calls.Usual}, p.proxy.address()+"/app.js")
	if err != nil {
		return notLoaded(words.Of(err), "")
	}
	p.source = source
	text, t := p.evaluate("", fmt.Sprintf(loadScript, harnessSource), limit)
	if t.Trouble != "" || text == "" {
		return t
	}
	var failure struct{ Message, Place string }
	if err := json.Unmarshal([]byte(text), &failure); err != nil {
		return notLoaded(check.Verbatim(text), "")
	}
	return notLoaded(check.Verbatim(strings.TrimPrefix(failure.Message, "Uncaught ")), place(failure.Place))
}

// inside returns an action that evaluates an expression in the page, a text or a promise of one. It asks the
// frame itself, whatever app.js has made of the page around it.
func (p *chromiumPage) inside(expression string) chromedp.Action[string] {
	if p.frame == "" {
		return chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise)
	}
	yes := true
	params := runtime.CallFunctionOnParams{
		FunctionDeclaration: "function(text) { return this.eval(text); }", ObjectID: p.frame,
		Arguments: []*runtime.CallArgument{{Value: []byte(check.JSONText(expression))}}, ReturnByValue: &yes, AwaitPromise: &yes,
	}
	return func(ctx context.Context, target *chromedp.Target) (text string, err error) {
		r, err := cdp.Call(ctx, target, runtime.CallFunctionOn, params)
		switch {
		case err != nil:
			return "", err
		case r.ExceptionDetails != nil:
			return "", &chromedp.ExceptionError{ExceptionDetails: r.ExceptionDetails}
		case len(r.Result.Value) == 0: // undefined
			return "", nil
		}
		return text, json.Unmarshal(r.Result.Value, &text)
	}
}

// evaluate evaluates an expression that is a promise of a text, and says what
// keeps it from being settled within the limit, if something does.
func (p *chromiumPage) evaluate(function, expression string, limit time.Duration) (string, trouble) {
	ctx, end := context.WithCancelCause(p.ctx)
	cancel := func() { end(nil) }
	defer cancel()
	defer check.WhenOver(limit, func() { end(context.DeadlineExceeded) })()
	p.mu.Lock()
	p.waiting = cancel
	p.mu.Unlock()
	text, err := chromedp.Run(ctx, p.inside(expression))
	p.mu.Lock()
	left := p.left
	p.waiting = nil
	p.mu.Unlock()
	switch {
	case left:
		p.drop()
		return "", leaves()
	case err == nil:
		return text, trouble{}
	case errors.As(err, new(*chromedp.ExceptionError)):
		return "", notTold()
	case !errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return "", trouble{Trouble: words.Of(err), Want: "an end: it returns, or it throws", Why: "the browser could not say what came of the call"}
	}
	at, loops := p.interrupt()
	p.drop()
	if loops {
		return "", endless(at)
	}
	return "", neverSettles(function, p.source)
}

// interrupt stops the script that is running, if there is one, and returns where
// in app.js it was.
func (p *chromiumPage) interrupt() (at string, running bool) {
	ctx, cancel := context.WithTimeout(p.ctx, loopLimit/2)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int]("1")); err == nil {
		return "", false // the page has time for that: no script is running
	}
	ctx, cancel = context.WithTimeout(p.ctx, loopLimit/2)
	defer cancel()
	go chromedp.Call(ctx, debugger.Pause, cdp.Empty{})
	select {
	case <-ctx.Done():
		return "", true
	case e := <-p.paused:
		p.mu.Lock()
		for _, frame := range e.CallFrames {
			if at == "" {
				at = place(fmt.Sprintf("%s:%d", p.scripts[frame.Location.ScriptID], frame.Location.LineNumber+1))
			}
		}
		p.mu.Unlock()
		return at, true
	}
}

// touched returns the names of what app.js has changed that is not its own.
func (p *chromiumPage) touched() ([]string, error) {
	if p.source == "" { // it is not loaded
		return nil, nil
	}
	text, err := run(p.tab, p.inside("checked.touched()"))
	return strings.Fields(text), err
}

// setStored puts items into localStorage.
func (p *chromiumPage) setStored(items map[string]string) error {
	const script = "for (const [key, text] of Object.entries(%s)) text === '' ? localStorage.removeItem(key) : localStorage.setItem(key, text); ''"
	_, err := run(p.tab, p.inside(fmt.Sprintf(script, check.JSONText(items))))
	return err
}

// stored returns what is in a storage. The browser says it, not the page.
func (p *chromiumPage) stored(storage string) (map[string]string, error) {
	items := map[string]string{}
	_, err := run(p.tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		id := &domstorage.StorageID{SecurityOrigin: p.proxy.address(), IsLocalStorage: storage == "localStorage"}
		result, err := cdp.Call(ctx, target, domstorage.GetDOMStorageItems, domstorage.GetDOMStorageItemsParams{StorageID: id})
		for _, item := range result.Entries {
			items[item[0]] = item[1]
		}
		return err
	}))
	return items, err
}
