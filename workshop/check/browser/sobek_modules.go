package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/internal/words"

	"github.com/grafana/sobek"
	"github.com/grafana/sobek/parser"
)

// load loads app.js and what it imports.
func (s *sobekPage) load(limit time.Duration) error {
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
		err = s.settle(s.vm.ToValue(promise), limit)
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
	if strings.Contains(specifier, "://") {
		return nil, words.Errorf("it imports %s: the page's policy lets scripts come from its own server alone", specifier)
	}
	if !strings.HasPrefix(specifier, "./") && !strings.HasPrefix(specifier, "../") && !strings.HasPrefix(specifier, "/") {
		return nil, words.Errorf("it imports %q: a browser imports files, such as \"./other.js\", and no packages", specifier)
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

// addressOf returns the address of a module.
func (s *sobekPage) addressOf(m sobek.ModuleRecord) string {
	for address, module := range s.modules {
		if module == m {
			return address
		}
	}
	return ""
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
		modules.Missed()
		return "", words.Errorf("GET %s: no answer", r.URL.Path)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, maxPart))
	if err != nil {
		modules.Missed()
	} else {
		modules.Came(0)
	}
	if err == nil && reply.StatusCode != http.StatusOK {
		err = words.Errorf("GET %s answers %s", r.URL.Path, reply.Status)
	}
	if err == nil && (bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))) {
		err = words.Errorf("%s is in UTF-16: have the editor save it in UTF-8", r.URL.Path)
	}
	return string(text), err
}

// modules is how often app.js, or what it imports, did not come whole.
var modules check.Patience

// syntaxError matches what Sobek's parser says of a file.
var syntaxError = regexp.MustCompile(`^(/[\w/.-]+\.js): Line (\d+):\d+ (.+?)(?: \(and \d+ more errors\))?$`)

// notLoaded words an error that kept app.js from being loaded.
func (s *sobekPage) notLoaded(err error) trouble {
	var syntax *sobek.CompilerSyntaxError
	var thrown *sobek.Exception
	var loop *sobek.InterruptedError
	switch {
	case s.lacked != "":
		return trouble{Lacks: s.lacked}
	case errors.As(err, &loop):
		return endless(s.loopNear(loop.String()))
	case errors.Is(err, errUnsettled):
		return notLoaded("it awaits a promise that is never settled", "")
	case errors.As(err, &syntax):
		if m := syntaxError.FindStringSubmatch(syntax.Message); m != nil {
			if lacks := s.unknownSyntax(m[2]); lacks != "" {
				return trouble{Lacks: lacks}
			}
			return notLoaded(check.Textf("SyntaxError: %s", s.plainer(m[3], m[2])), "web"+m[1]+":"+m[2])
		}
		at := ""
		if syntax.File != nil {
			at = fmt.Sprintf("web%s:%d", syntax.File.Name(), syntax.File.Position(syntax.Offset).Line)
		}
		return notLoaded(check.Verbatim("SyntaxError: "+check.Short(syntax.Message)), at)
	case errors.As(err, &thrown):
		return notLoaded(check.Verbatim(check.Short(thrown.Value().String())), place(thrown.String()))
	}
	message, stack, _ := strings.Cut(err.Error(), "\n")
	return notLoaded(check.Verbatim(check.Short(message)), place(stack))
}

// plainer returns what Sobek says of a syntax error at a line of app.js, in words
// that say more of what is usually wrong.
func (s *sobekPage) plainer(message, line string) check.Text {
	number, _ := strconv.Atoi(line)
	lines := strings.Split(s.source, "\n")
	switch {
	case message == "export only allowed in global scope":
		return "export inside of a function, so a { before it has no }"
	case message == "Unexpected identifier" && number <= len(lines) && strings.Contains(lines[number-1], "await "):
		return check.Textf("%s; await needs async before its function", check.Verbatim(message))
	}
	return check.Verbatim(message)
}

// newSyntax are parts of JavaScript that browsers know and Sobek's parser does not, each
// with what a line that has it looks like.
var newSyntax = []struct {
	name string
	line *regexp.Regexp
}{
	{"for await", regexp.MustCompile(`\bfor\s+await\b`)},
	{"async * methods", regexp.MustCompile(`\basync\s*\*`)},
	{"import … with", regexp.MustCompile(`\b(import|export)\b.*\bwith\s*\{`)},
	{"using", regexp.MustCompile(`\busing\s+[\w$]+\s*=`)},
}

// unknownSyntax returns the name of what Sobek does not know at a line of app.js at which
// its parser gave up, or "".
func (s *sobekPage) unknownSyntax(line string) string {
	number, _ := strconv.Atoi(line)
	lines := strings.Split(s.source, "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	for _, syntax := range newSyntax {
		if syntax.line.MatchString(lines[number-1]) {
			return syntax.name
		}
	}
	return ""
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
