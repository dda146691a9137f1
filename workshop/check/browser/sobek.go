package browser

import (
	"cmp"
	_ "embed"
	"errors"
	"net/http"
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
	closed   chan struct{}
	underWay int // requests and timers that have a turn to come
	timers   map[int64]*time.Timer

	ask     *sobek.Object // what sobek_page.js returns
	harness sobek.Callable
	printed []string
	left    bool   // app.js has gone to another page
	lacked  string // what app.js has asked for that browsers have and Sobek lacks
	source  string // of app.js
	app     *sobek.Object
	modules map[string]*sobek.SourceTextModuleRecord
}

// newSobek opens an empty page for the checks of app.js.
func newSobek(t testing.TB, program string) (engine, *proxy) {
	t.Helper()
	proxy := newProxy(program)
	s := &sobekPage{
		vm:      sobek.New(),
		proxy:   proxy,
		address: proxy.address(),
		client:  &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: calls.Usual},
		turns:   make(chan func()),
		closed:  make(chan struct{}),
		timers:  map[int64]*time.Timer{},
		modules: map[string]*sobek.SourceTextModuleRecord{},
	}
	if err := s.prepare(); err != nil {
		t.Fatalf("workshop: %v", err)
	}
	return s, proxy
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
	harness, err := s.vm.RunProgram(harnessProgram)
	if err != nil {
		return err
	}
	s.harness, _ = sobek.AssertFunction(harness)
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

// close ends the page and all its timers.
func (s *sobekPage) close() {
	close(s.closed)
	s.client.CloseIdleConnections()
	s.proxy.close()
}

// call calls a function of app.js. A call that not even an interruption ends, in
// a regular expression without end for one, is left to itself.
func (s *sobekPage) call(function string, args []any, limit time.Duration) outcome {
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if x := recover(); x != nil {
				done <- outcome{trouble: trouble{Trouble: check.Textf("%s gave up: %v", sobekName, x), Want: "an end: it returns, or it throws"}}
			}
		}()
		done <- s.callHere(function, args, limit)
	}()
	select {
	case o := <-done:
		return o
	case <-time.After(limit + 2*loopLimit):
		return outcome{trouble: endless("")}
	}
}

// callHere does the work of call.
func (s *sobekPage) callHere(function string, args []any, limit time.Duration) outcome {
	if s.app == nil {
		if err := s.load(limit); err != nil {
			return outcome{trouble: s.notLoaded(err)}
		}
	}
	var result sobek.Value
	err := s.turn(func() (err error) {
		result, err = s.harness(sobek.Undefined(), s.app, s.vm.ToValue(function), s.toArray(args), s.vm.NewArray())
		return err
	})
	if err == nil {
		err = s.settle(result, limit)
	}
	o := outcome{}
	var loop *sobek.InterruptedError
	var overflow *sobek.StackOverflowError
	switch {
	case errors.As(err, &loop):
		o.trouble = endless(s.loopNear(loop.String()))
	case errors.As(err, &overflow):
		o.Called = true
		o.Thrown = &value{Type: "RangeError", IsError: true, Message: "Maximum call stack size exceeded", Stack: overflow.String()}
	case errors.Is(err, errUnsettled):
		o.trouble = neverSettles(function, s.source)
	case err != nil:
		o.trouble = trouble{Trouble: words.Of(err), Want: "an end: it returns, or it throws", Why: "the call ended in a way that no program can catch"}
	case s.left:
		o.trouble = leaves()
	default:
		o = readOutcome(result.Export().(*sobek.Promise).Result().String(), function, s.source)
	}
	if s.lacked != "" { // then whatever came of it is not the learner's doing
		o.trouble = trouble{Lacks: s.lacked}
	}
	o.Printed, s.printed = s.printed, nil
	return o
}

// toArray returns arguments as JavaScript's own.
func (s *sobekPage) toArray(args []any) sobek.Value {
	var values []any
	for _, arg := range args {
		values = append(values, s.vm.ToValue(arg))
	}
	return s.vm.NewArray(values...)
}

// setStored puts items into localStorage.
func (s *sobekPage) setStored(items map[string]string) error {
	store, _ := sobek.AssertFunction(s.ask.Get("store"))
	for key, text := range items {
		if _, err := store(sobek.Undefined(), s.vm.ToValue(key), s.vm.ToValue(text)); err != nil {
			return err
		}
	}
	return nil
}

// stored returns what is in a storage.
func (s *sobekPage) stored(storage string) (map[string]string, error) {
	stored, _ := sobek.AssertFunction(s.ask.Get("stored"))
	text, err := stored(sobek.Undefined(), s.vm.ToValue(storage))
	if err != nil {
		return nil, err
	}
	return readItems(text.String())
}
