package check

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// A watch looks at all that programs print and answer, whatever the checks are about that
// make them do so. Always tells what it has seen.
type watch struct {
	mu        sync.Mutex
	secrets   map[window]Text // what each piece of a secret is a piece of
	public    map[window]bool // pieces that a check has sent in a place that is no secret
	exchanges int
	seen      map[misdeed]sight // the first of each kind
}

// A sight is what a program has done that none may do, and what that is about: the path that
// it was asked for or, at its start, what kind of secret it has printed.
type sight struct {
	Finding
	about string
}

// watched is the watch over all programs under check.
var watched = newWatch()

// newWatch returns a watch that knows what everybody does: what the agreed answers say.
func newWatch() *watch {
	w := &watch{secrets: map[window]Text{}, public: map[window]bool{}, seen: map[misdeed]sight{}}
	for _, text := range []string{"Bad username or password", "password_hash", "username and password", "super-secret", "changeme"} {
		w.publish(text)
	}
	w.keep(passwordName, Ada.Password)
	return w
}

// A misdeed is what no program may do, whatever it is asked.
type misdeed int

// In this order they are told.
const (
	printsSecret misdeed = iota
	answersSecret
	fails
	severalValues
	panics
	touches
	misdeeds // how many there are
)

// tokenShape matches a token, hashShape a bcrypt hash, statement one of SQL.
var (
	statement  = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE)\b`)
	tokenShape = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`)
	hashShape  = regexp.MustCompile(`\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}`)
)

// note keeps the first of each kind; finding says it in words.
func (w *watch) note(what misdeed, about string, finding func() Finding) {
	w.mu.Lock()
	_, known := w.seen[what]
	w.mu.Unlock()
	if known {
		return
	}
	f := finding()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[what] = sight{f, about}
}

// doing is what a program has to do, as far as the checks know.
type doing struct {
	sync.Mutex
	now, before Text
	path        string
}

// asked notes that the program is about to get a request, or to be started.
func (p *Program) asked(about Text, request Request) {
	p.doing.Lock()
	p.doing.before, p.doing.now, p.doing.path = p.doing.now, about, request.path()
	p.doing.Unlock()
	for _, reading := range readings(request.Path) {
		watched.publish(reading)
	}
	if token := tokenShape.FindString(request.Header.Get("Authorization")); token != "" {
		watched.keepToken(token)
	}
	var login struct{ Username, Password string }
	if json.Unmarshal([]byte(request.Body), &login) == nil {
		watched.publish(login.Username)
		watched.keep(passwordName, login.Password)
	}
}

// printed looks at what the program has just printed.
func (p *Program) printed(text string) {
	p.doing.Lock()
	now, before, path := p.doing.now, p.doing.before, p.doing.path
	p.doing.Unlock()
	note := func(what misdeed, about string, got, want, why Text) {
		watched.note(what, about, func() Finding {
			f := Finding{Sent: now, Got: got, Want: want, Advice: Advice{Why: why}}
			if before != "" {
				f.Notes = []Text{Textf("what a program prints may come late; before this was: %s", before)}
			}
			return f
		})
	}
	if name, piece := watched.find(text); piece != "" {
		var why Text = "what a program prints ends up in log files, which many can read: no secret, no password, no hash and no token"
		line := hide(text, name, piece)
		if statement.MatchString(line) {
			why = Textf("%s. This is a statement of SQL with its values: GORM prints such if it is given a logger, or by db.Debug(): those that fail or are slow, or all of them", why)
		}
		note(printsSecret, cmp.Or(path, string(name)), Textf("%s, or a part of it, in what the program printed:%s", name, markLines([]string{line})),
			"nothing secret in what it prints, whole or in part, in whatever spelling", why)
	}
	if p.listens.Load() && (recovered.MatchString(text) || panicLine.MatchString(text) || strings.Contains(text, "http: panic serving")) {
		note(panics, path, Textf("a panic in what the program printed:%s", markLines(meanwhile(text))), "no panic, whatever is sent",
			"gin.Recovery hides a panic from the client, and no more; if a handler ran after a refusal, an abort is missing")
	}
}

// maxLooked is how much of what a program prints is looked at, in bytes: far more than any does. It takes a second
// for a few MiB, and a program is started many times.
const maxLooked = 1 << 20

// answered looks at a reply.
func (p *Program) answered(r *Reply) {
	Looked()
	if r.err != nil {
		return
	}
	note := func(what misdeed, got func() Text, want, why Text) {
		watched.note(what, r.request.path(), func() Finding {
			try := r.try()
			return Finding{Sent: r.request.text(), Got: got(), Want: want, Advice: Advice{Why: why, Try: try, Running: try != ""}}
		})
	}
	var all strings.Builder
	all.WriteString(r.Body) // of maxReplyBytes at most, and so are the headers
	for name, values := range r.Header {
		fmt.Fprintf(&all, "\n%s: %s", name, strings.Join(values, ", "))
	}
	text := all.String()
	var own []string
	isLogin := r.request.route() == "POST /token"
	if isLogin { // its tokens are for the one who asks
		own = tokenShape.FindAllString(text, -1)
		text = tokenShape.ReplaceAllStringFunc(text, func(token string) string {
			payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
			return string(payload)
		})
	}
	name, piece := watched.find(text)
	if piece == "" { // in what net/http does not tell
		text = r.raw
		if isLogin {
			text = tokenShape.ReplaceAllString(text, " ")
		}
		if name, piece = watched.find(text); isLogin && name == tokenName { // in chunks
			piece = ""
		}
	}
	if piece != "" {
		note(answersSecret, func() Text {
			return Textf("%s, or a part of it, in the answer: %s", name, Verbatim(Short(hide(text, name, piece))))
		}, "nothing secret in an answer, whole or in part, in whatever spelling; a token only for the one who logs in",
			"an answer goes through many hands, and browsers and proxies keep it")
	}
	if r.Status >= http.StatusInternalServerError && r.Status != http.StatusNotImplemented && !p.excused.Load() { // 501 is an open TODO
		note(fails, r.summary, "no status of 500 or more, whatever is sent, as long as the database answers",
			"500 says that the program has failed: what a client sends is the client's mistake at most")
	}
	if _, err := decodeOne(r.Body); err == errSeveral && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		note(severalValues, r.summary, "one JSON value in the body, not two", severalWhy)
	}
	for _, token := range own {
		watched.keepToken(token)
	}
	if len(own) > 0 && p.process != nil {
		p.printed(p.process.output.after(r.printed)) // when nobody knew the token yet
	}
}

// Touched notes that JavaScript has changed what is not its own on a page, with what was
// done there last.
func Touched(sent, names Text) {
	watched.note(touches, "", func() Finding {
		return Finding{Sent: sent, Got: Textf("afterwards, these are not what they were: %s", names), Want: "what belongs to the browser, and cookies, as they were",
			Advice: Advice{Why: "whatever else runs in the page relies on them, and they take with them what passes through: a fetch that was replaced sees every password"}}
	})
}

// Looked notes that a check has looked at a program elsewhere, such as on a page.
func Looked() {
	watched.mu.Lock()
	defer watched.mu.Unlock()
	watched.exchanges++
}

// Always fails the test if a program has done what it may not, whatever it is asked, in any
// of the checks before: printed or answered a piece of a secret, panicked, failed with 500
// or more while its database answers, or sent two JSON values. It tells the first of each
// kind, all in one finding. Places are where to look, by what it is about (see sight), with ""
// for all others. It judges nothing if no check has asked for anything.
func Always(t testing.TB, places map[string]Place) {
	t.Helper()
	shared.stop() // then all that it has printed is here
	watched.mu.Lock()
	defer watched.mu.Unlock()
	if watched.exchanges == 0 && len(said.Unjudged) > 0 {
		NotJudged(t, said.Unjudged[0].Reason)
	}
	if watched.exchanges == 0 {
		NotJudged(t, "this is about what happens in all the other checks: run those, too")
	}
	var told *Finding
	for what := range misdeeds {
		s, seen := watched.seen[what]
		switch look, known := places[s.about]; {
		case !seen:
		case told != nil:
			told.Notes = append(told.Notes, Textf("there is more: %s: %s", s.Sent, s.Got))
		default:
			if !known {
				look = places[""]
			}
			told = &s.Finding
			told.Look = look
		}
	}
	if told == nil {
		if len(said.Unjudged) > 0 && *urlFlag == "" { // nobody has seen what those would have
			NotJudged(t, said.Unjudged[0].Reason)
		}
		return
	}
	if told.Try == "" {
		told.Try = Verbatim("go test ./steps/" + stepName())
	}
	Fail(t, *told)
}

// severalWhy says how a handler comes to answer twice.
const severalWhy = "a handler that answers goes on unless it returns, and after middleware comes the next unless it aborts: is a return missing after an answer, an abort, or is the line still there that says it is not finished?"
