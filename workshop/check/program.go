package check

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/loopback"
)

// How long the checks wait; variables, so that the tests of this package need
// not wait as long.
var (
	starts    = Patience{Usual: 10 * time.Second} // for the program to listen
	exits     = Patience{Usual: 5 * time.Second}  // for the program to refuse to start
	replies   = Patiences{Usual: 5 * time.Second} // for the whole reply to a request, by method and path
	stopGrace = 2 * time.Second                   // for the program to end when it is told to
)

// A Program is the program under check: not yet started, running or stopped.
// Before Start, its environment and folder may be changed.
type Program struct {
	Dir      string // its working folder, empty at first
	Database string // its SQLite file, in another folder
	Secret   string // what it signs its tokens with

	env     map[string]string
	special bool // the environment was changed
	fresh   bool // it makes its database itself
	url     string
	process *process
	started time.Time   // when it came to listen
	failed  atomic.Bool // it has answered 500 or more: a panic may be on its way through the pipe
	db      *gorm.DB
	client  *http.Client
	mu      sync.Mutex // for db
}

// New returns a program that is not running yet: with an empty working folder,
// a database file that does not exist, a secret of 64 random characters and a
// free port.
func New(t testing.TB) *Program {
	t.Helper()
	p, err := newProgram()
	if err != nil {
		t.Fatalf("workshop: %v", err)
	}
	t.Cleanup(p.stop)
	return p
}

// newProgram does the work of New; its caller stops the program.
func newProgram() (*Program, error) {
	base, err := os.MkdirTemp(workspace, "program-")
	if err != nil {
		return nil, err
	}
	p := &Program{
		Dir:      filepath.Join(base, "work"),
		Database: filepath.Join(base, "data", "users-"+RandomText(4)+".db"),
		Secret:   RandomText(32),
		env:      map[string]string{},
	}
	for _, dir := range []string{p.Dir, filepath.Dir(p.Database)} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"PATH", "SystemRoot", "SYSTEMROOT", "LANG"} {
		if value, ok := os.LookupEnv(name); ok {
			p.env[name] = value
		}
	}
	for _, name := range []string{"HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"} {
		p.env[name] = base
	}
	p.env["JWT_SECRET_KEY"] = p.Secret
	p.env["DATABASE_PATH"] = p.Database
	p.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableCompression: true},
	}
	if *urlFlag != "" {
		p.url = strings.TrimSuffix(*urlFlag, "/")
		p.Secret, p.Database = debugSecret, debugDatabase()
		return p, nil
	}
	return p, p.choosePort()
}

// RandomText returns n random bytes as 2n hexadecimal digits.
func RandomText(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// keepPort gives the program another port if somebody has taken its own since
// it was chosen: who listens there would be taken for the program.
func (p *Program) keepPort() error {
	l, err := net.Listen("tcp", p.address())
	if err != nil {
		return p.choosePort()
	}
	return l.Close()
}

// URL returns the program's address, such as http://127.0.0.1:40123.
func (p *Program) URL() string { return p.url }

// address returns the host and port that the program is told to listen on.
func (p *Program) address() string { return strings.TrimPrefix(p.url, "http://") }

// choosePort gives the program a port on which nobody listens.
func (p *Program) choosePort() error {
	address, err := loopback.FreeAddress()
	if err != nil {
		return err
	}
	_, p.env["PORT"], _ = net.SplitHostPort(address)
	p.url = "http://" + address
	return nil
}

// Setenv sets a variable in the environment that the program will start in.
func (p *Program) Setenv(name, value string) {
	p.env[name] = value
	p.special = true
	switch name {
	case "JWT_SECRET_KEY":
		p.Secret = value
	case "DATABASE_PATH":
		p.Database = value
	}
}

// Unsetenv takes a variable out of the environment that the program will start in.
func (p *Program) Unsetenv(name string) {
	delete(p.env, name)
	p.special = true
}

// Port returns the port that the program is told to listen on.
func (p *Program) Port() string {
	u, err := url.Parse(p.url)
	if err != nil {
		return ""
	}
	return u.Port()
}

// Start starts the program and waits until it listens. It fails the test if
// the program does not, with the advice if there is one, and does not judge it if -url
// names a program that is already running with another environment.
func (p *Program) Start(t testing.TB, advice ...Advice) {
	t.Helper()
	if *urlFlag != "" {
		if p.special {
			ownProgramOnly(t)
		}
		return
	}
	wantPatience(t, &starts, "the program has not come to listen, time and again")
	if f := p.start(); f != nil {
		if len(advice) > 0 {
			f.Advice = advice[0]
		}
		Fail(t, *f)
	}
}

// wantPatience skips a check that would wait for what has not come time and again.
func wantPatience(t testing.TB, p *Patience, reason Text) {
	t.Helper()
	if p.GivenUp() {
		NotJudged(t, Textf("%s; the failing checks say more", reason))
	}
}

// start does the work of Start.
func (p *Program) start() *Finding {
	for range 3 {
		f := p.tryStart()
		if f == nil || p.process == nil || p.process.Running() || !portTaken(p.Output()) {
			return f
		}
		// Somebody took the port between choosePort and now.
		if err := p.choosePort(); err != nil {
			return &Finding{Sent: "start the program", Got: Verbatim(err.Error()), Want: "a free port"}
		}
	}
	return p.tryStart()
}

// portTaken says whether a program's output complains of a port in use, in the
// words of Unix or of Windows.
func portTaken(text string) bool {
	return strings.Contains(text, "address already in use") || strings.Contains(text, "Only one usage of each socket address")
}

// tryStart starts the program once.
func (p *Program) tryStart() *Finding {
	f := &Finding{
		Sent:   "start the program",
		Advice: Advice{Why: "nothing else can be checked while the program does not run", Try: Verbatim("go run ./steps/" + stepName())},
	}
	err := p.launch()
	f.Want = Textf("it listens on 127.0.0.1, at the port in PORT, here %s", p.Port())
	if err != nil {
		f.Got = Verbatim(err.Error())
		return f
	}
	limit, begun := starts.Limit(), time.Now()
	deadline := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := net.DialTimeout("tcp", p.address(), time.Second); err == nil {
			conn.Close()
			p.started = time.Now()
			starts.Came(time.Since(begun))
			exits.Slow(time.Since(begun)) // it takes as long to refuse
			return nil
		}
		select {
		case <-p.process.Ended:
			f.Got = Textf("it ended, with exit code %d", p.process.Code)
			f.Notes = []Text{quoteOutput(p.Output(), 12)}
			return f
		case <-deadline:
			starts.Missed()
			f.Got = Textf("after %v it runs, but does not listen on the port in PORT", limit)
			f.Notes = []Text{quoteOutput(p.Output(), 12)}
			p.process.Stop(0)
			return f
		case <-tick.C:
		}
	}
}

// Fresh has the program make its database itself at its first start, which a check needs
// that is about that. Others may get a copy of one that the program has made before: most
// of a first start goes into ada's hash.
func (p *Program) Fresh() { p.fresh = true }

// launch starts the process, whatever comes of it.
func (p *Program) launch() error {
	if !p.fresh && p.env["DATABASE_PATH"] == p.Database {
		if err := copySeed(p.Database); err != nil {
			return err
		}
	}
	if err := p.keepPort(); err != nil {
		return err
	}
	var env []string
	for name, value := range p.env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	cmd, err := newCommand(p.Dir, env)
	if err != nil {
		return err
	}
	p.process, err = startProcess(cmd)
	return err
}

// StartCommand returns the command that starts the step with a variable set, for
// Advice.Try.
func StartCommand(name, value string) Text {
	run := "go run ./steps/" + stepName()
	if onWindows {
		return Verbatim(fmt.Sprintf("$env:%s = %s; %s", name, "'"+value+"'", run))
	}
	return Verbatim(fmt.Sprintf("%s=%s %s", name, quoteShell(value), run))
}

// Started returns when the program came to listen; the zero time if -url names it.
func (p *Program) Started() time.Time { return p.started }

// Output returns what the program has printed since it was started.
func (p *Program) Output() string {
	if p.process == nil {
		return ""
	}
	return p.process.output.String()
}

// WantNoPanic fails the test if the program has printed a panic since it was
// started, be it one that something recovered from. What made it panic is
// described by about.
func (p *Program) WantNoPanic(t testing.TB, about Text, advice Advice) {
	t.Helper()
	deadline := time.Now().Add(lastWordsLimit)
	for p.failed.Load() && !strings.Contains(p.Output(), "panic") && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if _, said, found := strings.Cut(p.Output(), "panic"); found {
		Fail(t, Finding{Sent: about, Got: "a panic in what the program printed", Want: "no panic, whatever is sent",
			Advice: advice, Notes: []Text{Textf("the program printed:%s", markLines(meanwhile("panic"+said)))}})
	}
}

// Stop ends the program as Ctrl-C does, or by force where that has no effect;
// Start starts it again. It skips the test if -url names a running program.
func (p *Program) Stop(t testing.TB) {
	t.Helper()
	ownProgramOnly(t)
	p.end(stopGrace)
}

// Kill ends the program by force: it has no time to do anything. It skips the test if -url
// names a running program.
func (p *Program) Kill(t testing.TB) {
	t.Helper()
	ownProgramOnly(t)
	p.end(0)
}

// end ends the program, by force if it takes longer than grace; the database is no longer
// open here either, so that what is in its files is all that there is.
func (p *Program) end(grace time.Duration) {
	p.closeDatabase()
	p.client.CloseIdleConnections()
	if p.process != nil {
		p.process.Stop(grace)
	}
}

// stop ends the program and removes its files.
func (p *Program) stop() {
	p.end(0)
	if *urlFlag == "" {
		folder.RemoveAll(filepath.Dir(p.Dir))
	}
}

// Restart stops the program and starts it again, as a step of a story, and fails the test
// if that changes the users. It does nothing if -url names a running program.
func (p *Program) Restart(t testing.TB) {
	t.Helper()
	if *urlFlag != "" {
		return
	}
	Did(t, "stop the program, and start it again")
	before := p.Users(t, usersAdvice)
	p.Stop(t)
	p.Start(t)
	if after := p.Users(t, usersAdvice); !slices.Equal(before, after) {
		Fail(t, Finding{Sent: "stop the program, and start it again", Got: "other users in the table users than before", Want: "the same users, unchanged",
			Advice: Advice{Why: "as in step 1: where there is any user, whatever her name and id, a start changes nothing", Look: File("database.go")}})
	}
}
