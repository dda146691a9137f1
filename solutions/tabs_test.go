package solutions

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// A tabs is those of one browser, for tests that are started as processes of their
// own: to start a browser takes longer than most of them, and so does a new tab.
type tabs struct {
	browser context.Context // nil if there is none
	address string          // where it listens for those who drive it

	mu   sync.Mutex
	free []target.ID
}

// theTabs are those that all step's tests use which are run here; the browser is
// started at the first need, and closed when all tests are over.
var theTabs = sync.OnceValues(func() (*tabs, error) {
	const profile = "shared-browser"
	ctx, err := browser.Start(profile, remote.WebSocket)
	if err != nil {
		return &tabs{}, nil // there is none
	}
	// Chromium writes the port and the path of its address into this file.
	lines, err := os.ReadFile(filepath.Join(check.Workspace(), profile, "DevToolsActivePort"))
	if err != nil {
		return nil, fmt.Errorf("find the browser's address: %w", err)
	}
	port, path, _ := strings.Cut(strings.TrimSpace(string(lines)), "\n")
	return &tabs{browser: ctx, address: "ws://127.0.0.1:" + port + path}, nil
})

// hasBrowser says whether there is a real browser.
func hasBrowser(t testing.TB) bool {
	t.Helper()
	tabs, err := theTabs()
	require.NoError(t, err)
	return tabs.browser != nil
}

// lend returns the arguments with which a step's tests use a tab of the browser, none
// if there is no browser. The tab is lent until giveBack is called; each has cookies
// and storages of its own.
func (s *tabs) lend(t testing.TB) (args []string, giveBack func()) {
	t.Helper()
	if s.browser == nil {
		return nil, func() {}
	}
	id, err := s.take()
	require.NoError(t, err, "open a tab")
	return []string{"-tab", s.address + "#" + string(id)}, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free = append(s.free, id)
	}
}

// take returns a tab that nobody uses and nobody has closed, a new one if need be.
func (s *tabs) take() (target.ID, error) {
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
