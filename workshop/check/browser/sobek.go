package browser

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/internal/words"

	"github.com/grafana/sobek"
)

// sobekName is what the learner calls this engine.
const sobekName check.Text = "the checks' own JavaScript engine"

//go:embed sobek_fetch.js
var fetchSource string

//go:embed sobek_page.js
var pageSource string

//go:embed sobek_lacks.js
var lacksSource string

//go:embed harness.js
var harnessSource string

// These are compiled once, and run in every page.
var (
	fetchProgram   = sobek.MustCompile("sobek_fetch.js", fetchSource, true)
	pageProgram    = sobek.MustCompile("sobek_page.js", pageSource, true)
	lacksProgram   = sobek.MustCompile("sobek_lacks.js", lacksSource, true)
	harnessProgram = sobek.MustCompile("harness.js", "("+harnessSource+")", true)
)

// A sobekPage is a page in Sobek. All of its JavaScript runs in one goroutine at
// a time; what happens outside is put into turns, as the standard's event loop
// has it (HTML §8.1.7).
type sobekPage struct {
	vm       *sobek.Runtime
	proxy    *proxy
	address  string
	client   *http.Client
	turns    chan func()
	due      []func() // turns that come before all those: of timers that are up
	closed   chan struct{}
	underWay int // requests and timers that have a turn to come
	timers   map[int64]*timer

	ask       *sobek.Object  // what sobek_page.js returns
	harness   sobek.Callable // its function call
	touches   sobek.Callable // its function touched
	mapSet    sobek.Callable // Map.prototype.set and delete, as they were before app.js
	mapDelete sobek.Callable
	host      *sobek.Object // what the harness asks of the browser, whatever app.js makes of that
	printed   []string
	left      bool   // app.js has gone to another page
	lacked    string // what app.js has asked for that browsers have and Sobek lacks
	source    string // of app.js
	app       *sobek.Object
	modules   map[string]*sobek.SourceTextModuleRecord
}

// newSobek opens an empty page for the checks of app.js.
func newSobek(t testing.TB, program string) (engine, *proxy) {
	t.Helper()
	proxy := newProxy(program)
	s, err := newSobekPage(proxy)
	if err != nil {
		check.Broken(t, err)
	}
	return s, proxy
}

// newSobekPage opens an empty page at a proxy's address.
func newSobekPage(proxy *proxy) (*sobekPage, error) {
	s := &sobekPage{
		vm:      sobek.New(),
		proxy:   proxy,
		address: proxy.address(),
		client:  &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: calls.Usual},
		turns:   make(chan func()),
		closed:  make(chan struct{}),
		timers:  map[int64]*timer{},
		modules: map[string]*sobek.SourceTextModuleRecord{},
	}
	return s, s.prepare()
}

// reload opens the page anew, with what is in its storages.
func (s *sobekPage) reload() (engine, error) {
	next, err := newSobekPage(s.proxy)
	if err != nil {
		return nil, err
	}
	for _, storage := range []string{"localStorage", "sessionStorage"} {
		items, err := s.stored(storage)
		if err != nil {
			return nil, err
		}
		if err := next.store(storage, items); err != nil {
			return nil, err
		}
	}
	s.leave()
	return next, nil
}

// prepare puts what a browser offers into the page.
func (s *sobekPage) prepare() error {
	s.vm.SetMaxCallStackSize(5000)
	host := s.vm.ToValue(map[string]any{
		"href":       s.address + blankPath,
		"origin":     s.address,
		"send":       s.send,
		"setTimer":   s.setTimer,
		"clearTimer": s.clearTimer,
		"leave":      func() { s.left = true },
		"parseURL":   s.parseURL,
		"toBase64":   toBase64,
		"fromBase64": fromBase64,
		"toBytes":    func(text string) []int { return toInts([]byte(text)) },
		"fromBytes":  func(bytes []byte) string { return string(bytes) },
		"print":      func(line string) { s.printed = append(s.printed, line) },
		"lack":       func(name string) { s.lacked = cmp.Or(s.lacked, name) },
	})
	if _, err := s.install(fetchProgram, host); err != nil {
		return err
	}
	page, err := s.install(pageProgram, host)
	if err != nil {
		return err
	}
	s.ask = page.ToObject(s.vm)
	if _, err := s.install(lacksProgram, host); err != nil {
		return err
	}
	mapPrototype := s.vm.Get("Map").ToObject(s.vm).Get("prototype").ToObject(s.vm)
	s.mapSet, _ = sobek.AssertFunction(mapPrototype.Get("set"))
	s.mapDelete, _ = sobek.AssertFunction(mapPrototype.Get("delete"))
	harness, err := s.install(harnessProgram, sobek.Undefined())
	if err != nil {
		return err
	}
	s.harness, _ = sobek.AssertFunction(harness.ToObject(s.vm).Get("call"))
	s.touches, _ = sobek.AssertFunction(harness.ToObject(s.vm).Get("touched"))
	s.host = s.vm.NewObject()
	if err := errors.Join(s.host.Set("fetch", s.vm.Get("fetch")), s.host.Set("sentPath", sentPath), s.host.Set("timers", func() int { return len(s.timers) }), s.host.Set("timersUp", s.timersUp)); err != nil {
		return err
	}
	s.vm.SetGetImportMetaProperties(func(m sobek.ModuleRecord) []sobek.MetaProperty {
		return []sobek.MetaProperty{{Key: "url", Value: s.vm.ToValue(s.addressOf(m))}}
	})
	s.vm.SetImportModuleDynamically(func(from any, specifier sobek.Value, promise any) {
		module, err := s.resolve(from, specifier.String())
		if err != nil {
			s.vm.FinishLoadingImportModule(from, specifier, promise, nil, s.vm.NewTypeError(err.Error()))
			return
		}
		s.vm.FinishLoadingImportModule(from, specifier, promise, module, nil)
	})
	return nil
}

// install runs a program that is a function, and calls that.
func (s *sobekPage) install(program *sobek.Program, arg sobek.Value) (sobek.Value, error) {
	value, err := s.vm.RunProgram(program)
	if err != nil {
		return nil, err
	}
	function, _ := sobek.AssertFunction(value)
	return function(sobek.Undefined(), arg)
}

// name is what the learner calls this engine.
func (s *sobekPage) name() check.Text { return sobekName }

// close ends the page.
func (s *sobekPage) close() {
	s.leave()
	s.proxy.close()
}

// leave ends all that the page has under way.
func (s *sobekPage) leave() {
	close(s.closed)
	s.client.CloseIdleConnections()
}

// lost says that a call is left to itself, and takes the time of all others.
var lost atomic.Bool

// call has actions happen. A call that not even an interruption ends, in a regular
// expression without end for one, is left to itself.
func (s *sobekPage) call(actions []Action, limit time.Duration) []outcome {
	done := make(chan []outcome, 1)
	go func() {
		defer func() {
			if x := recover(); x != nil {
				done <- inTrouble(actions, trouble{Trouble: check.Textf("%s gave up: %v", sobekName, x), Want: "an end: it returns, or it throws"})
			}
		}()
		done <- s.callHere(actions, limit)
	}()
	deadline, stop := check.Over(limit + 2*loopLimit)
	defer stop()
	select {
	case outcomes := <-done:
		return outcomes
	case <-deadline:
		lost.Store(true)
		return inTrouble(actions, endless(""))
	}
}

// callHere does the work of call.
func (s *sobekPage) callHere(actions []Action, limit time.Duration) []outcome {
	if s.app == nil {
		if err := s.load(limit); err != nil {
			return inTrouble(actions, s.notLoaded(err))
		}
	}
	var result sobek.Value
	err := s.turn(func() (err error) {
		result, err = s.harness(sobek.Undefined(), s.app, s.vm.ToValue(check.JSONText(actions)), s.vm.NewArray(), s.host)
		return err
	})
	if err == nil {
		err = s.settle(result, limit)
	}
	function := firstOf(actions)
	outcomes := inTrouble(actions, trouble{})
	fail := func(t trouble) { outcomes = inTrouble(actions, t) }
	var loop *sobek.InterruptedError
	var overflow *sobek.StackOverflowError
	switch {
	case errors.As(err, &loop):
		fail(endless(s.loopNear(loop.String())))
	case errors.As(err, &overflow):
		thrown := &value{Type: "RangeError", IsError: true, Message: "Maximum call stack size exceeded", Stack: overflow.String()}
		for i := range outcomes {
			outcomes[i].Called, outcomes[i].Thrown = true, thrown
		}
	case errors.Is(err, errUnsettled):
		fail(neverSettles(function, s.source))
	case err != nil:
		fail(trouble{Trouble: words.Of(err), Want: "an end: it returns, or it throws", Why: "the call ended in a way that no program can catch"})
	case s.left:
		fail(leaves())
	default:
		ended := result.Export().(*sobek.Promise)
		text, isText := ended.Result().Export().(string)
		if !isText || ended.State() != sobek.PromiseStateFulfilled {
			fail(notTold())
			break
		}
		outcomes = readOutcomes(text, actions, s.source)
	}
	if s.lacked != "" { // then whatever came of it is not the learner's doing
		fail(trouble{Lacks: s.lacked})
	}
	for i := range outcomes {
		outcomes[i].Printed = s.printed
	}
	s.printed = nil
	return outcomes
}

// touched returns the names of what app.js has changed that is not its own.
func (s *sobekPage) touched() (names []string, err error) {
	var text string
	err = s.turn(func() error {
		value, err := s.touches(sobek.Undefined())
		if err == nil {
			text = value.String()
		}
		return err
	})
	return strings.Fields(text), err
}

// setStored puts items into localStorage.
func (s *sobekPage) setStored(items map[string]string) error { return s.store("localStorage", items) }

// store puts items into a storage, or removes those that are empty.
func (s *sobekPage) store(storage string, items map[string]string) error {
	kept, err := s.items(storage)
	if err != nil {
		return err
	}
	for key, text := range items {
		change, args := s.mapSet, []sobek.Value{s.vm.ToValue(key), s.vm.ToValue(text)}
		if text == "" {
			change, args = s.mapDelete, args[:1]
		}
		if _, err := change(kept, args...); err != nil {
			return err
		}
	}
	return nil
}

// items returns the Map with the items of a storage. Nothing of app.js runs meanwhile, whatever it has replaced.
func (s *sobekPage) items(storage string) (sobek.Value, error) {
	items, _ := sobek.AssertFunction(s.ask.Get("items"))
	return items(sobek.Undefined(), s.vm.ToValue(storage))
}

// stored returns what is in a storage.
func (s *sobekPage) stored(storage string) (map[string]string, error) {
	kept, err := s.items(storage)
	if err != nil {
		return nil, err
	}
	items := map[string]string{}
	pairs, _ := kept.Export().([][2]any)
	for _, pair := range pairs {
		items[fmt.Sprint(pair[0])] = fmt.Sprint(pair[1])
	}
	return items, nil
}
