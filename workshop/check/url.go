package check

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jwtworkshop/workshop/internal/words"
)

// The environment that a program must have which -url names. It is the same
// every time, so that a debugger can be set up for it once.
const debugSecret = "only-for-the-debugger-0123456789abcdef"

// debugDatabase returns the database file of a program that -url names: one in the workshop's folder,
// where .vscode/launch.json can name it on every system.
func debugDatabase() string {
	root, err := Root()
	if err != nil {
		root = os.TempDir()
	}
	return filepath.Join(root, "debugger-"+stepName()+".db")
}

// checkURL says how to start the program that -url names, unless it is there.
func checkURL() error {
	u, err := url.Parse(*urlFlag)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return words.Errorf("-url wants the program's address, such as http://localhost:8080")
	}
	environment := words.Textf("hint: start it with this environment:\nPORT=%s\nJWT_SECRET_KEY=%s\nJWT_ACCESS_TOKEN_EXPIRES=15m\nDATABASE_PATH=%s",
		u.Port(), debugSecret, debugDatabase())
	client := http.Client{Timeout: replies.Usual}
	reply, err := client.Get(strings.TrimSuffix(*urlFlag, "/") + "/health")
	if err != nil {
		return words.Errorf("no program answers at %s\n%s", *urlFlag, environment)
	}
	reply.Body.Close()
	if _, err := os.Stat(debugDatabase()); err != nil {
		return words.Errorf("what answers at %s is another program, or has another database\n%s", *urlFlag, environment)
	}
	return nil
}

// ownProgramOnly does not judge what needs a program of its own, if -url names
// one that is running.
func ownProgramOnly(t testing.TB) {
	t.Helper()
	if *urlFlag != "" {
		NotJudged(t, "this check starts a program of its own; -url checks the one that you started")
	}
}
