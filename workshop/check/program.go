package check

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"jwtworkshop/workshop/internal/loopback"
)

// How long the checks wait; variables, so that the tests of this package need
// not wait as long.
var (
	starts    = Patience{Usual: 10 * time.Second} // for the program to listen
	exits     = Patience{Usual: 5 * time.Second}  // for the program to refuse to start
	replies   = Patiences{Usual: 5 * time.Second} // for the whole reply to a request, by method and path
	answers   Patience                            // for any reply of a submission's
	excesses  Patience                            // for a submission's program that goes beyond a limit
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
	listens atomic.Bool // it has come to listen
	excused atomic.Bool // its database fails, so that it may answer 500
	doing   doing
	db      *gorm.DB
	client  *http.Client
	mu      sync.Mutex // for db and added
	added   int        // users, by AddUser

	statements int // that SQL has executed
	sending    sync.Mutex
	sent       []Request
}

// New returns a program that is not running yet: with an empty working folder,
// a database file that does not exist, a secret of 80 random characters, which is more than
// a block of SHA-256, and a free port. Nothing is as on the checks' own computer: it is in
// another time zone, and files that are not the program's lie in the folder above and at home.
func New(t testing.TB) *Program {
	t.Helper()
	p, err := newProgram()
	if err != nil {
		Broken(t, err)
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
		Secret:   RandomText(40),
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
	elsewhere := "JWT_SECRET_KEY=" + RandomText(32) + "\nJWT_ACCESS_TOKEN_EXPIRES=7h\n"
	if err := os.WriteFile(filepath.Join(base, ".env"), []byte(elsewhere), 0o600); err != nil {
		return nil, err
	}
	if err := give(base); err != nil {
		return nil, err
	}
	p.env["TZ"] = "Asia/Kolkata" // five and a half hours east
	p.env["JWT_SECRET_KEY"] = p.Secret
	watched.keep(secretName, p.Secret)
	p.env["DATABASE_PATH"] = p.Database
	p.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialHeard, DisableCompression: true, MaxResponseHeaderBytes: maxReplyBytes,
			IdleConnTimeout: 4 * time.Second, // sooner than a server with a limit of 5 s: else it may close a connection on which the next request is under way
		},
	}
	if *urlFlag != "" {
		p.url = strings.TrimSuffix(*urlFlag, "/")
		p.Secret, p.Database = debugSecret, debugDatabase()
		return p, nil
	}
	return p, p.choosePort()
}

// remember keeps a request, and says how many came before.
func (p *Program) remember(request Request) int {
	p.sending.Lock()
	defer p.sending.Unlock()
	p.sent = append(p.sent, request)
	return len(p.sent) - 1
}

// keepPort gives the program another port if somebody has taken its own since
// it was chosen: who listens there would be taken for the program.
func (p *Program) keepPort() error {
	if loopback.Taken(p.address()) {
		return p.choosePort()
	}
	return nil
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
		watched.keep(secretName, value)
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

// Output returns what the program has printed since it was started.
func (p *Program) Output() string {
	if p.process == nil {
		return ""
	}
	return p.process.output.String()
}
