// Package predict has questions on what a learner's program does. The answers stand nowhere:
// the program is started and asked.
package predict

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm"

	"jwtworkshop/workshop/attack"
	"jwtworkshop/workshop/internal/words"
)

// A Question is one that is answered with yes or no.
type Question struct {
	Name   string     // by which it is remembered
	Step   string     // it is asked when this has passed
	Asks   words.Text // the question
	Usual  bool       // the answer of a program that does what the task asks for
	Belief words.Text // what somebody may believe who says otherwise
	Reason words.Text // why it is as it is

	try func(t *trial) (yes bool, err error)
}

// Of returns the questions on a step.
func Of(step string) []Question {
	var some []Question
	for _, q := range Questions {
		if q.Step == step {
			some = append(some, q)
		}
	}
	return some
}

// An Answer is a program's.
type Answer struct {
	Yes       bool
	Exchanges []Exchange
}

// An Exchange is a thing that was done, and what came of it.
type Exchange struct{ Did, Came words.Text }

// A Starter starts a program with a secret, a new one if it is empty, and with a database file
// of that name in an empty folder, the same each time. It returns the program's address, such as
// http://127.0.0.1:1234, and what stops it; if it has ended by itself, neither, but what it said.
type Starter func(ctx context.Context, secret, database string) (url string, stop func(), said string, err error)

// Ask has a program answer, with its databases in the folder dir.
func (q Question) Ask(ctx context.Context, dir string, start Starter) (Answer, error) {
	t := &trial{ctx: ctx, step: q.Step, dir: dir, start: start, database: "workshop.db"}
	defer t.end()
	yes, err := q.try(t)
	return Answer{yes, t.exchanges}, err
}

// A trial is a program that is asked.
type trial struct {
	ctx      context.Context
	step     string
	dir      string
	start    Starter
	database string // the name of its file

	url       string // of the program, empty while it does not run
	stop      func() // nil before the first start
	said      string // by a program that has ended by itself
	exchanges []Exchange
}

// did notes an exchange.
func (t *trial) did(what, came words.Text) { t.exchanges = append(t.exchanges, Exchange{what, came}) }

// end stops the program, if it runs.
func (t *trial) end() {
	if t.stop != nil {
		t.stop()
	}
}

// begin starts the program, again if it runs, with a secret.
func (t *trial) begin(did words.Text, secret string) (err error) {
	t.end()
	t.url, t.stop, t.said, err = t.start(t.ctx, secret, t.database)
	came := words.Text("it listens")
	if t.url == "" {
		came = "it ends at once"
	}
	t.did(did, came)
	return err
}

// askForToken asks for a token as ada.
func (t *trial) askForToken(did words.Text) (status int, token string, err error) {
	return t.askAs(did, "ada", "12341234")
}

// askAs asks for a token of a program, which is started if it does not run.
func (t *trial) askAs(did words.Text, name, password string) (status int, token string, err error) {
	if t.url == "" {
		if err := t.run("your program is started", ""); err != nil {
			return 0, "", err
		}
	}
	request, err := http.NewRequestWithContext(t.ctx, http.MethodPost, t.url+"/token", strings.NewReader(fmt.Sprintf(`{"username":%q,"password":%q}`, name, password)))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	status, body, err := t.send(did, request)
	var answer struct{ Token string }
	if json.Unmarshal(body, &answer) != nil {
		return status, "", err
	}
	return status, answer.Token, err
}

// logIn returns a token for ada, without which nothing can be asked.
func (t *trial) logIn(did words.Text) (token string, err error) {
	return t.logInAs(did, "ada", "12341234")
}

// logInAs returns a token for somebody.
func (t *trial) logInAs(did words.Text, name, password string) (token string, err error) {
	status, token, err := t.askAs(did, name, password)
	if err == nil && token == "" {
		err = words.Errorf("%s: %d, and no token\nhint: go run ./workshop check %s", did, status, t.step)
	}
	return token, err
}

// addGrace adds grace to the table users.
func (t *trial) addGrace() error {
	err := attack.AddGrace(filepath.Join(t.dir, t.database))
	t.did("in the table users there is now", words.Verbatim("1 ada, 2 grace"))
	return err
}

// goodToken returns a token for ada that was let in once.
func (t *trial) goodToken() (string, error) {
	token, err := t.logIn("POST /token as ada")
	if err == nil {
		_, err = t.letsIn("GET /protected with her token", token)
	}
	return token, err
}

// letsIn says whether GET /protected lets a token in.
func (t *trial) letsIn(did words.Text, token string) (bool, error) {
	status, _, err := t.askWith(did, "/protected", token)
	return status == http.StatusOK, err
}

// askWith asks for what is at a path, with a token.
func (t *trial) askWith(did words.Text, path, token string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(t.ctx, http.MethodGet, t.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	return t.send(did, request)
}

// client does not wait long: the programs answer in milliseconds.
var client = &http.Client{Timeout: 5 * time.Second}

// token is one in an answer: how it begins and ends is enough to know it again.
var token = regexp.MustCompile(`(eyJ[\w-]{8})[\w-]*\.[\w-]+\.[\w-]*([\w-]{6})`)

// send sends a request, and notes it.
func (t *trial) send(did words.Text, request *http.Request) (status int, body []byte, err error) {
	reply, err := client.Do(request)
	if err != nil {
		return 0, nil, words.Errorf("%s: no answer: %w\nhint: go run ./workshop check %s", did, err, t.step)
	}
	defer reply.Body.Close()
	body, err = io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	t.did(did, words.Verbatim(reply.Status+" "+token.ReplaceAllString(string(bytes.TrimSpace(body[:min(len(body), 500)])), "$1…$2")))
	return reply.StatusCode, body, err
}

// run does as begin does, and takes a program that ends for an error.
func (t *trial) run(did words.Text, secret string) error {
	err := t.begin(did, secret)
	if err == nil && t.url == "" {
		err = words.Errorf("your program does not start; it says:\n%s\nhint: go run ./workshop check %s", t.said, t.step)
	}
	return err
}

// use has the use of the database.
func (t *trial) use(f func(db *gorm.DB) error) error {
	return attack.Database(filepath.Join(t.dir, t.database), f)
}

// change changes the database.
func (t *trial) change(sql string, values ...any) error {
	return t.use(func(db *gorm.DB) error { return db.Exec(sql, values...).Error })
}

// hash returns the hash of ada's password.
func (t *trial) hash() (hash string, err error) {
	err = t.use(func(db *gorm.DB) error {
		return db.Raw("SELECT password_hash FROM users WHERE username = 'ada'").Scan(&hash).Error
	})
	return hash, err
}
