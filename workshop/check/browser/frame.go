package browser

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"jwtworkshop/workshop/check"
)

// A tab is one of the real browser's.
type tab struct {
	ctx    context.Context
	cancel context.CancelFunc
	work   chan func(ctx context.Context) // commands that events ask for
	paused chan *debugger.EventPaused     // where a script was interrupted

	program string // its address
	proxy   *proxy // between it and the tab
	empty   bool   // the page that is open is the one with nothing on it

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
	t.ctx, t.cancel = chromedp.NewContext(b.ctx, append(b.firstTab, chromedp.WithListener(t.onEvent))...)
	b.firstTab = b.nextTab
	go t.doWork()
	err := chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		// Without it, the browser does not say in which line a loop without end is; Sobek, before, as a rule has.
		// It has every page take longer, which counts where many are checked.
		if !check.Submitted() {
			if _, err := cdp.Call(ctx, target, debugger.Enable, debugger.EnableParams{}); err != nil {
				return err
			}
		}
		if _, err := cdp.Call(ctx, target, fetch.Enable, fetch.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		// What app.js may have put between the page and the program.
		if _, err := cdp.Call(ctx, target, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}); err != nil {
			return err
		}
		// An earlier program may have had the same port.
		if _, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
	return t, err
}

// newFrame opens an empty page for the checks of app.js. That of a submission is the tab's own: whatever frames are
// in, an earlier app.js may have made anything of.
func newFrame(t testing.TB, program string) (engine, *proxy) {
	t.Helper()
	if check.Submitted() {
		page := newPage(t, program)
		return page, page.proxy
	}
	tab, err := openTab()
	if err == nil {
		err = tab.openEmpty(program)
	}
	var page *chromiumPage
	if err == nil {
		page, err = tab.openFrame()
	}
	if err != nil {
		check.Broken(t, fmt.Errorf("open a page in %s: %w", theBrowser().name, err))
	}
	return page, tab.proxy
}

// openFrame opens an empty frame in the page that is open.
func (p *tab) openFrame() (*chromiumPage, error) {
	window, err := run(p, chromedp.Evaluate[*runtime.RemoteObject](frameScript))
	p.setLeft(false) // a new frame looks like another page
	if err != nil {
		return nil, err
	}
	return &chromiumPage{tab: p, frame: window.ObjectID}, nil
}

// frameScript is JavaScript that opens a new frame, and returns its window. The frame's
// document is opened by this page, and has this page's address from then on (HTML
// §8.4.1, document.open): the browser has nothing to fetch for it.
const frameScript = `(() => {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  frame.contentDocument.open();
  frame.contentDocument.write("<!doctype html><title>empty</title>");
  frame.contentDocument.close();
  return frame.contentWindow;
})()`

// newPage opens a page of the program in the tab itself.
func newPage(t testing.TB, program string) *chromiumPage {
	t.Helper()
	tab, err := openTab()
	if err == nil {
		err = tab.openEmpty(program)
		tab.empty = false
	}
	if err != nil {
		check.Broken(t, fmt.Errorf("open a page in %s: %w", theBrowser().name, err))
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
	return theTab, nil
}

// openEmpty opens the empty page of a program, unless it is open, and removes what an earlier
// check has left. The address stays the same for all checks of a program: for another one,
// Chromium starts a process.
func (p *tab) openEmpty(program string) error {
	if p.program != program {
		p.mu.Lock()
		if p.proxy != nil {
			p.proxy.close()
		}
		p.proxy = newProxy(program)
		p.mu.Unlock()
		p.program, p.empty = program, false
	}
	if !p.empty {
		if err := p.navigate(); err != nil {
			return err
		}
		p.empty = true
	}
	_, err := run(p, chromedp.Evaluate[chromedp.Void](emptyScript))
	p.setLeft(false) // a new frame looks like another page
	p.proxy.forget()
	return err
}

// navigate opens the empty page anew; what is stored stays.
func (p *tab) navigate() error {
	_, err := run(p, chromedp.Navigate(p.proxy.address()+blankPath+"?theme=dark"))
	p.setLeft(false)
	return err
}

// removeFrame is JavaScript that removes the frame.
const removeFrame = `
  document.querySelector("iframe")?.remove();`

// emptyScript is JavaScript that removes what an earlier check has left.
const emptyScript = removeFrame + `
  localStorage.clear();
  sessionStorage.clear();
  for (const cookie of document.cookie.split("; ")) document.cookie = cookie.split("=")[0] + "=; max-age=0; path=/";`

// setLeft notes whether a script has asked for another page.
func (p *tab) setLeft(left bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = left
	if left && p.waiting != nil {
		p.waiting() // in a frame that is gone, nothing is settled any more
	}
}
