package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	chromebrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"jwtworkshop/workshop/check"
)

// sharedVar names the variable with the address of a browser that runs already, for
// tests that are to use that one.
const sharedVar = "JWTWORKSHOP_BROWSER"

// Share starts a browser for all the step's tests that t starts as processes of their
// own, if there is one: to start it anew takes longer than most of them. It is closed
// when all tests are over.
func Share(t *testing.T) {
	t.Helper()
	const profile = "shared-browser"
	if b := findOne(profile, remote.WebSocket); b.err != nil {
		return
	}
	// Chromium writes the port and the path of its address into this file.
	lines, err := os.ReadFile(filepath.Join(check.Workspace(), profile, "DevToolsActivePort"))
	if err != nil {
		t.Fatalf("workshop: find the browser's address: %v", err)
	}
	port, path, _ := strings.Cut(strings.TrimSpace(string(lines)), "\n")
	t.Setenv(sharedVar, "ws://127.0.0.1:"+port+path)
}

// attach connects to a browser that runs already; a tab there has a profile of its
// own.
func attach(address string) realBrowser {
	allocator, leave := remote.NewAllocator(context.Background(), address)
	quiet := func(string, ...any) {}
	whole, closeWhole := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	version, err := chromedp.CallBrowser(whole, chromebrowser.GetVersion, cdp.Empty{})
	if err != nil {
		closeWhole()
		leave()
		return realBrowser{err: err}
	}
	check.AtEnd(func() {
		closeWhole()
		leave()
	})
	own := chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) { p.DisposeOnDetach = new(true) })
	return realBrowser{ctx: whole, name: productName(version), tab: []chromedp.ContextOption{own}}
}
