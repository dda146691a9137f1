package browser

import (
	"context"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// A tab is one of the real browser's.
type tab struct {
	ctx    context.Context
	cancel context.CancelFunc
	work   chan func(ctx context.Context) // commands that events ask for
	paused chan *debugger.EventPaused     // where a script was interrupted

	program string // whose frames are in it, by turns, or "": then it has a page of its own
	proxy   *proxy // of the page that is open

	mu      sync.Mutex
	left    bool                    // a script has asked for another page
	waiting context.CancelFunc      // ends the call that is under way
	scripts map[cdp.ScriptID]string // their addresses
}

// theTab is the tab that all checks use, nil while there is none.
var theTab *tab

// newTab opens a tab.
func newTab() (*tab, error) {
	t := &tab{work: make(chan func(context.Context), 64), paused: make(chan *debugger.EventPaused, 1), scripts: map[cdp.ScriptID]string{}}
	b := theBrowser()
	t.ctx, t.cancel = chromedp.NewContext(b.ctx, append(b.tab, chromedp.WithListener(t.onEvent))...)
	go t.doWork()
	err := chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, debugger.Enable, debugger.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, fetch.Enable, fetch.EnableParams{})
		return err
	}))
	return t, err
}

// newFrame opens an empty page for the checks of app.js.
func newFrame(t testing.TB, program string) (engine, *proxy) {
	t.Helper()
	tab, err := openTab()
	if err == nil && tab.program != program {
		err = tab.navigate(program, blankPath)
		tab.program = program
	}
	if err == nil {
		_, err = run(tab, chromedp.Evaluate[chromedp.Void](frameScript, chromedp.EvalAwaitPromise))
		tab.setLeft(false)
		tab.proxy.forget()
	}
	if err != nil {
		t.Fatalf("workshop: open a page in %s: %v", theBrowser().name, err)
	}
	return &chromiumPage{tab: tab, framed: true}, tab.proxy
}

// frameScript is JavaScript that opens a new frame in the place of the last one,
// and resolves when it is loaded.
const frameScript = `new Promise((resolve) => {
  document.querySelector("iframe")?.remove();
  localStorage.clear();
  sessionStorage.clear();
  const frame = document.createElement("iframe");
  frame.onload = () => { frame.onload = null; resolve() };
  frame.src = location.href;
  document.body.append(frame);
})`

// newPage opens a page of the program in the tab itself.
func newPage(t testing.TB, program string) *chromiumPage {
	t.Helper()
	tab, err := openTab()
	if err == nil {
		tab.program = ""
		err = tab.navigate(program, blankPath)
	}
	if err == nil { // another check may have had the same port before
		_, err = run(tab, chromedp.Evaluate[chromedp.Void]("localStorage.clear(); sessionStorage.clear()"))
	}
	if err != nil {
		t.Fatalf("workshop: open a page in %s: %v", theBrowser().name, err)
	}
	return &chromiumPage{tab: tab}
}

// openTab returns the tab that all checks use.
func openTab() (_ *tab, err error) {
	if theTab == nil {
		if theTab, err = newTab(); err != nil {
			theTab = nil
			return nil, err
		}
	}
	theTab.setLeft(false)
	return theTab, nil
}

// navigate opens a page of a program, behind a new proxy.
func (p *tab) navigate(program, path string) error {
	p.mu.Lock()
	if p.proxy != nil {
		p.proxy.close()
	}
	p.proxy = newProxy(program)
	p.mu.Unlock()
	_, err := run(p, chromedp.Navigate(p.proxy.address()+path))
	return err
}

// setLeft notes whether a script has asked for another page.
func (p *tab) setLeft(left bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = left
	if left && p.waiting != nil {
		p.waiting() // in a frame that is gone, nothing is settled any more
	}
}
