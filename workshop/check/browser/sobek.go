package browser

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/sobek"
	"github.com/grafana/sobek/parser"
)

// sobekName is what the learner calls this engine.
const sobekName = "the checks' own JavaScript engine"

//go:embed sobek.js
var sobekSource string

//go:embed harness.js
var harnessSource string

// These are compiled once, and run in every page.
var (
	sobekProgram   = sobek.MustCompile("sobek.js", sobekSource, true)
	harnessProgram = sobek.MustCompile("harness.js", "("+harnessSource+")", true)
)

// A sobekPage is a page in Sobek. All of its JavaScript runs in one goroutine at
// a time; what happens outside is put into turns, as the standard's event loop
// has it (HTML §8.1.7).
type sobekPage struct {
	vm       *sobek.Runtime
	address  string
	client   *http.Client
	turns    chan func()
	closed   chan struct{}
	underWay int // requests and timers that have a turn to come
	timers   map[int64]*time.Timer

	ask     *sobek.Object // what sobek.js returns
	harness sobek.Callable
	printed []string
	source  string // of app.js
	app     *sobek.Object
	modules map[string]*sobek.SourceTextModuleRecord
}

// newSobek opens a page at an address.
func newSobek(t testing.TB, address string) engine {
	t.Helper()
	s := &sobekPage{
		vm:      sobek.New(),
		address: address,
		client:  &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: settleLimit},
		turns:   make(chan func()),
		closed:  make(chan struct{}),
		timers:  map[int64]*time.Timer{},
		modules: map[string]*sobek.SourceTextModuleRecord{},
	}
	if err := s.prepare(); err != nil {
		t.Fatalf("workshop: %v", err)
	}
	return s
}

// prepare puts what a browser offers into the page.
func (s *sobekPage) prepare() error {
	s.vm.SetMaxCallStackSize(5000)
	s.vm.SetFieldNameMapper(sobek.UncapFieldNameMapper())
	setUp, err := s.vm.RunProgram(sobekProgram)
	if err != nil {
		return err
	}
	harness, err := s.vm.RunProgram(harnessProgram)
	if err != nil {
		return err
	}
	s.harness, _ = sobek.AssertFunction(harness)
	install, _ := sobek.AssertFunction(setUp)
	asked, err := install(sobek.Undefined(), s.vm.ToValue(map[string]any{
		"href":       s.address + blankPath,
		"origin":     s.address,
		"send":       s.send,
		"setTimer":   s.setTimer,
		"clearTimer": s.clearTimer,
		"parseURL":   s.parseURL,
		"toBase64":   toBase64,
		"fromBase64": s.fromBase64,
		"print":      func(line string) { s.printed = append(s.printed, line) },
	}))
	if err != nil {
		return err
	}
	s.ask = asked.ToObject(s.vm)
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

// name is what the learner calls this engine.
func (s *sobekPage) name() string { return sobekName }

// close ends the page and all its timers.
func (s *sobekPage) close() {
	close(s.closed)
	s.client.CloseIdleConnections()
}

// call calls a function of app.js. A call that not even an interruption ends, in
// a regular expression without end for one, is left to itself.
func (s *sobekPage) call(function string, args []any) outcome {
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if x := recover(); x != nil {
				done <- outcome{trouble: trouble{Trouble: fmt.Sprintf("%s gave up: %v", sobekName, x), Want: "an end: it returns, or it throws"}}
			}
		}()
		done <- s.callHere(function, args)
	}()
	select {
	case o := <-done:
		return o
	case <-time.After(settleLimit + 2*loopLimit):
		return outcome{trouble: endless("")}
	}
}

// callHere does the work of call.
func (s *sobekPage) callHere(function string, args []any) outcome {
	if s.app == nil {
		if err := s.load(); err != nil {
			return outcome{trouble: s.notLoaded(err)}
		}
	}
	var result sobek.Value
	err := s.turn(func() (err error) {
		result, err = s.harness(sobek.Undefined(), s.app, s.vm.ToValue(function), s.toArray(args), s.vm.NewArray())
		return err
	})
	if err == nil {
		err = s.settle(result)
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
		o.trouble = trouble{Trouble: err.Error(), Want: "an end: it returns, or it throws", Why: "the call ended in a way that no program can catch"}
	default:
		o = readOutcome(result.Export().(*sobek.Promise).Result().String(), function, s.source)
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

// turn runs JavaScript, and interrupts it when it takes too long.
func (s *sobekPage) turn(f func() error) (err error) {
	timer := time.AfterFunc(loopLimit, func() { s.vm.Interrupt("too long") })
	defer func() {
		timer.Stop()
		s.vm.ClearInterrupt()
		if x := recover(); x != nil { // an interruption in what a promise has set off
			loop, ok := x.(*sobek.InterruptedError)
			if !ok {
				panic(x)
			}
			err = loop
		}
	}()
	return f()
}

// errUnsettled says that nothing will settle a promise any more.
var errUnsettled = errors.New("the promise is never settled")

// settle gives turns to what is under way until a promise is settled.
func (s *sobekPage) settle(v sobek.Value) error {
	promise := v.Export().(*sobek.Promise)
	deadline := time.After(settleLimit)
	for promise.State() == sobek.PromiseStatePending {
		if s.underWay == 0 {
			return errUnsettled
		}
		select {
		case next := <-s.turns:
			s.underWay--
			if err := s.turn(func() error { next(); return nil }); err != nil {
				return err
			}
		case <-deadline:
			return errUnsettled
		}
	}
	return nil
}

// later has f run in a turn of its own; underWay was raised before.
func (s *sobekPage) later(f func()) {
	select {
	case s.turns <- f:
	case <-s.closed:
	}
}

// setTimer is setTimeout or, if again, setInterval.
func (s *sobekPage) setTimer(f func(), ms int64, again bool) int64 {
	id := int64(len(s.timers) + 1)
	wait := time.Duration(ms) * time.Millisecond
	var arm func()
	arm = func() {
		s.underWay++
		s.timers[id] = time.AfterFunc(wait, func() {
			s.later(func() {
				if s.timers[id] == nil {
					return // cleared meanwhile
				}
				if again {
					arm()
				}
				f()
			})
		})
	}
	arm()
	return id
}

// clearTimer is clearTimeout and clearInterval.
func (s *sobekPage) clearTimer(id int64) {
	if timer := s.timers[id]; timer != nil && timer.Stop() {
		s.underWay--
	}
	if _, ok := s.timers[id]; ok {
		s.timers[id] = nil
	}
}

// send sends a request, to the proxy wherever it is meant to go, and returns a
// promise of the reply.
func (s *sobekPage) send(method, address string, headers [][]string, body string) *sobek.Promise {
	promise, resolve, reject := s.vm.NewPromise()
	s.underWay++
	go func() {
		reply, err := s.exchange(method, address, headers, body)
		s.later(func() {
			if err != nil {
				reject(sobek.Undefined())
				return
			}
			resolve(reply)
		})
	}()
	return promise
}

// exchange sends a request and reads the whole reply.
func (s *sobekPage) exchange(method, address string, headers [][]string, body string) (map[string]any, error) {
	path, own := strings.CutPrefix(address, s.address)
	elsewhere := ""
	if !own {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		elsewhere, path = u.Scheme+"://"+u.Host, u.RequestURI()
	}
	r, err := http.NewRequest(method, s.address+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, pair := range headers {
		r.Header.Set(pair[0], pair[1])
	}
	kind := "basic"
	if elsewhere != "" {
		r.Header.Set(elsewhereHeader, elsewhere)
		kind = "cors"
	}
	got, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	var list [][]string
	for name, values := range got.Header {
		list = append(list, []string{name, strings.Join(values, ", ")})
	}
	return map[string]any{
		"status": got.StatusCode, "statusText": http.StatusText(got.StatusCode), "headers": list, "body": string(text),
		"url": address, "redirected": got.Request.URL.String() != r.URL.String(), "type": kind,
	}, nil
}

// parseURL takes a URL apart, or returns null if it is none.
func (s *sobekPage) parseURL(text, base string) any {
	u, err := url.Parse(strings.TrimSpace(text))
	if err == nil && base != "" {
		var b *url.URL
		if b, err = url.Parse(base); err == nil {
			u = b.ResolveReference(u)
		}
	}
	if err != nil || u.Scheme == "" || u.Host == "" {
		return nil
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment = ""
	search := u.RawQuery
	if search != "" {
		search = "?" + search
	}
	return map[string]any{
		"href": u.String(), "origin": u.Scheme + "://" + u.Host, "host": u.Host,
		"pathname": u.EscapedPath(), "search": search, "credentials": u.User != nil,
	}
}

// toBase64 encodes a text of which each character is a byte.
func toBase64(text string) string {
	var bytes []byte
	for _, r := range text {
		bytes = append(bytes, byte(r))
	}
	return base64.StdEncoding.EncodeToString(bytes)
}

// fromBase64 decodes to a text of which each character is a byte, or to null.
func (s *sobekPage) fromBase64(text string) any {
	bytes, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	var b strings.Builder
	for _, c := range bytes {
		b.WriteRune(rune(c))
	}
	return b.String()
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

// load loads app.js and what it imports.
func (s *sobekPage) load() error {
	record, err := s.resolve(nil, "./app.js")
	if err != nil {
		return err
	}
	module := record.(*sobek.SourceTextModuleRecord)
	if err := module.Link(); err != nil {
		return err
	}
	var promise *sobek.Promise
	err = s.turn(func() error {
		promise = s.vm.CyclicModuleRecordEvaluate(module, s.resolve)
		return nil
	})
	if err == nil {
		err = s.settle(s.vm.ToValue(promise))
	}
	if err == nil && promise.State() == sobek.PromiseStateRejected {
		err = rejection(promise.Result())
	}
	s.app = s.vm.NamespaceObjectFor(module)
	return err
}

// rejection returns the reason of a promise that was rejected as an error.
func rejection(reason sobek.Value) error {
	if err, ok := reason.Export().(error); ok {
		return err
	}
	if object, ok := reason.(*sobek.Object); ok && object.Get("stack") != nil {
		return errors.New(object.Get("stack").String())
	}
	return errors.New(reason.String())
}

// resolve fetches a module that another imports, and parses it, once.
func (s *sobekPage) resolve(from any, specifier string) (sobek.ModuleRecord, error) {
	if !strings.HasPrefix(specifier, "./") && !strings.HasPrefix(specifier, "../") && !strings.HasPrefix(specifier, "/") {
		return nil, fmt.Errorf("Failed to resolve module specifier %q. Relative references must start with either \"/\", \"./\", or \"../\".", specifier)
	}
	u, err := url.Parse(s.address + "/")
	if err != nil {
		return nil, err
	}
	if u, err = u.Parse(specifier); err != nil {
		return nil, err
	}
	address := u.String()
	if module, ok := s.modules[address]; ok {
		return module, nil
	}
	source, err := fetchModule(s.client, address)
	if err != nil {
		return nil, err
	}
	if u.Path == "/app.js" {
		s.source = source
	}
	module, err := sobek.ParseModule(u.Path, source, s.resolve, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, err
	}
	s.modules[address] = module
	return module, nil
}

// fetchModule returns the text of a JavaScript file.
func fetchModule(client *http.Client, address string) (string, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Sec-Fetch-Dest", "script")
	reply, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("GET %s: no answer", r.URL.Path)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s answers %s", r.URL.Path, reply.Status)
	}
	return string(text), err
}

// syntaxError matches what Sobek's parser says of a file.
var syntaxError = regexp.MustCompile(`^(/[\w/.-]+\.js): Line (\d+):\d+ (.+?)(?: \(and \d+ more errors\))?$`)

// notLoaded words an error that kept app.js from being loaded.
func (s *sobekPage) notLoaded(err error) trouble {
	var syntax *sobek.CompilerSyntaxError
	var thrown *sobek.Exception
	var loop *sobek.InterruptedError
	switch {
	case errors.As(err, &loop):
		return endless(s.loopNear(loop.String()))
	case errors.Is(err, errUnsettled):
		return notLoaded("it awaits a promise that is never settled", "")
	case errors.As(err, &syntax):
		if m := syntaxError.FindStringSubmatch(syntax.Message); m != nil {
			return notLoaded("SyntaxError: "+m[3], "web"+m[1]+":"+m[2])
		}
		at := ""
		if syntax.File != nil {
			at = fmt.Sprintf("web%s:%d", syntax.File.Name(), syntax.File.Position(syntax.Offset).Line)
		}
		return notLoaded("SyntaxError: "+syntax.Message, at)
	case errors.As(err, &thrown):
		return notLoaded(thrown.Value().String(), place(thrown.String()))
	}
	message, stack, _ := strings.Cut(err.Error(), "\n")
	return notLoaded(message, place(stack))
}

// loopNear returns the place of the loop that was interrupted. A stack of Sobek's
// names the last place before it that it knows; the loop is the next one there.
func (s *sobekPage) loopNear(stack string) string {
	at := place(stack)
	name, number, _ := strings.Cut(at, ":")
	first, err := strconv.Atoi(number)
	if err != nil || name != "web/app.js" {
		return at
	}
	for i, line := range strings.Split(s.source, "\n") {
		if i+1 >= first && loopWord.MatchString(line) {
			return fmt.Sprintf("%s:%d", name, i+1)
		}
	}
	return at
}

// loopWord matches the words that begin a loop.
var loopWord = regexp.MustCompile(`\b(for|while|do)\b`)
