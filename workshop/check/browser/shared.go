package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	chromebrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"jwtworkshop/workshop/check"
)

// tabFlag names a tab that is open already, as Tabs.Lend does.
var tabFlag = flag.String("tab", "", "use the tab at this `address`, in a browser that runs already")

// Tabs are those of one browser, for tests that are started as processes of their
// own: to start a browser takes longer than most of them, and so does a new tab.
type Tabs struct {
	browser context.Context // nil if there is none
	address string          // where it listens for those who drive it

	mu   sync.Mutex
	free []target.ID
}

// Share starts a browser, if there is one. It is closed when all tests are over.
func Share() (*Tabs, error) {
	const profile = "shared-browser"
	b := findOne(profile, remote.WebSocket)
	if b.err != nil {
		return &Tabs{}, nil
	}
	// Chromium writes the port and the path of its address into this file.
	lines, err := os.ReadFile(filepath.Join(check.Workspace(), profile, "DevToolsActivePort"))
	if err != nil {
		return nil, fmt.Errorf("find the browser's address: %w", err)
	}
	port, path, _ := strings.Cut(strings.TrimSpace(string(lines)), "\n")
	return &Tabs{browser: b.ctx, address: "ws://127.0.0.1:" + port + path}, nil
}

// Lend returns the arguments with which a step's tests use a tab of the browser, none
// if there is no browser. The tab is lent until giveBack is called; each has cookies
// and storages of its own.
func (s *Tabs) Lend(t testing.TB) (args []string, giveBack func()) {
	t.Helper()
	if s.browser == nil {
		return nil, func() {}
	}
	id, err := s.take()
	if err != nil {
		t.Fatalf("workshop: open a tab: %v", err)
	}
	return []string{"-tab", s.address + "#" + string(id)}, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free = append(s.free, id)
	}
}

// take returns a tab that nobody uses and nobody has closed, a new one if need be.
func (s *Tabs) take() (target.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.free) > 0 {
		last := len(s.free) - 1
		id := s.free[last]
		s.free = s.free[:last]
		if _, err := chromedp.CallBrowser(s.browser, target.GetTargetInfo, target.GetTargetInfoParams{TargetID: id}); err == nil {
			return id, nil
		}
	}
	own, err := chromedp.CallBrowser(s.browser, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		return "", err
	}
	made, err := chromedp.CallBrowser(s.browser, target.CreateTarget, target.CreateTargetParams{URL: "about:blank", BrowserContextID: own.BrowserContextID})
	return made.TargetID, err
}

// attach connects to the browser of a tab that is lent. That is the first that the
// checks use; it stays open, unless a check has made it useless.
func attach(address string) realBrowser {
	browser, tab, _ := strings.Cut(address, "#")
	allocator, _ := remote.NewAllocator(context.Background(), browser)
	quiet := func(string, ...any) {}
	whole, _ := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	version, err := chromedp.CallBrowser(whole, chromebrowser.GetVersion, cdp.Empty{})
	if err != nil {
		return realBrowser{err: err}
	}
	own := chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) { p.DisposeOnDetach = new(true) })
	return realBrowser{ctx: whole, name: productName(version),
		firstTab: []chromedp.ContextOption{chromedp.WithTargetID(target.ID(tab))}, nextTab: []chromedp.ContextOption{own}}
}
