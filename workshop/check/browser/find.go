package browser

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	chromebrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/internal/words"
)

// tabFlag names a tab that is open already.
var tabFlag = flag.String("tab", "", "use the tab at this `address`, in a browser that runs already")

// howToGetOne ends every message about a browser that is not there.
const howToGetOne check.Text = "install Chromium, Chrome or Edge, or name one with the variable CHROME_PATH"

// errNoBrowser says that there is none.
var errNoBrowser = words.Errorf("no real browser is found; %s", howToGetOne)

// startLimit is how long a browser may take to start: the first time, on a laptop
// with a virus scanner, it takes long.
const startLimit = 30 * time.Second

// A realBrowser is Chromium, Chrome or Edge, as it runs on this computer.
type realBrowser struct {
	ctx  context.Context // of chromedp
	name string          // such as Chromium 156.0.8078.79
	err  error           // why there is none

	firstTab, nextTab []chromedp.ContextOption // for the next tab, and for those after it
}

// theBrowser is the browser that all checks use. It is started at the first need,
// and closed when they are over.
var theBrowser = sync.OnceValue(func() *realBrowser {
	if *tabFlag != "" {
		return new(attach(*tabFlag))
	}
	return new(findOne("browser"))
})

// Start starts the browser that the checks would use, with a new profile of this name in
// the workspace. It is closed when all checks are over.
func Start(profile string, options ...chromedp.ExecAllocatorOption) (context.Context, error) {
	b := findOne(profile, options...)
	return b.ctx, b.err
}

// findOne starts the browser that CHROME_PATH names or, if that is not set, the
// first that is found. Its profile is a new folder of this name.
func findOne(profile string, options ...chromedp.ExecAllocatorOption) (b realBrowser) {
	// Before chromedp's own list, Chromium without what shows it: it needs half the
	// time. After it, Edge elsewhere than on Windows.
	paths := []string{"chromium-headless-shell", "chrome-headless-shell", "", "microsoft-edge", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"}
	if path := os.Getenv("CHROME_PATH"); path != "" {
		if b = startBrowser(path, profile, options...); b.err == errNoBrowser {
			b.err = words.Errorf("CHROME_PATH names %s, where no browser is; %s", path, howToGetOne)
		}
		return b
	}
	for _, path := range paths {
		if b = startBrowser(path, profile, options...); b.err != errNoBrowser {
			break
		}
	}
	return b
}

// startBrowser starts the browser in this file or, if that is "", one that
// chromedp finds.
func startBrowser(path, profile string, more ...chromedp.ExecAllocatorOption) realBrowser {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(filepath.Join(check.Workspace(), profile)),
		chromedp.DisableGPU, // what is drawn is little, and the process for it costs more
		chromedp.Flag("disable-software-rasterizer", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"), // nothing leaves this computer
	)
	if path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // for root there is none
	}
	options = append(options, more...)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	quiet := func(string, ...any) {}
	ctx, stop := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	timer := time.AfterFunc(startLimit, stop)
	version, err := chromedp.CallBrowser(ctx, chromebrowser.GetVersion, cdp.Empty{})
	if !timer.Stop() {
		err = words.Errorf("it did not start within %v", startLimit)
	}
	if err != nil {
		stop()
		stopAllocator()
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			return realBrowser{err: errNoBrowser}
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		return realBrowser{err: words.Errorf("the browser does not start: %s; %s", first, howToGetOne)}
	}
	check.AtEnd(func() {
		chromedp.Cancel(ctx)
		stopAllocator()
	})
	return realBrowser{ctx: ctx, name: productName(version)}
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

// productName returns what people call a browser: "Chromium 156.0.8078.79".
func productName(version chromebrowser.GetVersionResult) string {
	return strings.Replace(strings.Replace(version.Product, "/", " ", 1), "Headless", "", 1)
}

// findBrowser says whether there is a real browser. Where CI is set, it fails the
// test if there is none: a grade must not depend on what is installed.
func findBrowser(t testing.TB) bool {
	t.Helper()
	err := theBrowser().err
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("workshop: %v (CI is set, so there must be one)", err)
	}
	return err == nil
}
