package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
)

// A world is a program and what has happened to its users so far, which says what has to
// come of the next login.
type world struct {
	p          *check.Program
	ada, grace check.User // as they are in the database now, with their passwords
	passwords  []string   // ada's, of which she has one now
	hashes     []string
	deleted    bool       // ada
	kept       check.Text // what may be kept from before, as a question; empty if nothing has happened yet
}

// newWorld starts a program and adds two users.
func newWorld(t testing.TB) *world {
	p := check.New(t)
	p.Start(t)
	w := &world{p: p, ada: p.AddUser(t), grace: p.AddUserWith(t, check.RandomPassword(), 5)}
	second := p.AddUser(t)                                    // for her hash
	loginAs(t, check.Running(t), check.Running(t).AddUser(t)) // a login works at all
	p.DeleteFirst(t)
	w.passwords, w.hashes = []string{w.ada.Password, second.Password}, []string{w.ada.PasswordHash, second.PasswordHash}
	return w
}

// TestAnyOrder: what comes of a login hangs on the database as it is now, whatever happened
// before.
func TestAnyOrder(t *testing.T) {
	type step = func(t testing.TB, w *world)
	adaLogsIn := func(t testing.TB, w *world) { w.logIn(t, "ada and her password", w.ada, w.ada.Password) }
	graceLogsIn := func(t testing.TB, w *world) { w.logIn(t, "grace and her password", w.grace, w.grace.Password) }
	t.Run("names and passwords", func(t *testing.T) {
		check.Story[world]{
			New: newWorld,
			Steps: []step{
				func(t testing.TB, w *world) { w.logIn(t, "ada and her first password", w.ada, w.passwords[0]) },
				graceLogsIn,
				func(t testing.TB, w *world) { w.logIn(t, "ada and grace's password", w.ada, w.grace.Password) },
				func(t testing.TB, w *world) { w.changePassword(t) },
				func(t testing.TB, w *world) { w.logIn(t, "ada and her second password", w.ada, w.passwords[1]) },
				func(t testing.TB, w *world) { w.withoutPassword(t) },
				func(t testing.TB, w *world) {
					w.logIn(t, "ada and a password of 80 bytes", w.ada, strings.Repeat("a", 80))
				},
				func(t testing.TB, w *world) { w.swapNames(t) }, // the last: what a kill loses is seen
			},
			Once: []step{
				func(t testing.TB, w *world) { w.restart(t, true) },
				func(t testing.TB, w *world) { w.restart(t, false) },
			},
			First: true,
		}.Tell(t, 2)
	})
	t.Run("a user who is gone for a while", func(t *testing.T) {
		check.Story[world]{
			New:   newWorld,
			Steps: []step{adaLogsIn, func(t testing.TB, w *world) { w.whileDeleted(t) }, graceLogsIn},
		}.Tell(t, 2)
	})
}

// restart ends the program, gently or by force, and starts it again.
func (w *world) restart(t testing.TB, gently bool) {
	w.p.Restart(t, gently)
	w.kept = "the database is the same as before: is something about users kept in the program, which is gone when it ends?"
}

// anew is why something must not be kept from one login to the next.
const anew = "is something kept from an earlier login, such as a user, the id of a name, that nobody has a name, a password, a token, an error, the conditions of a *gorm.DB, or how many have failed? Every login asks the database anew, by the name in its own body, and compares the password anew"

// logIn sends a name and a password, and expects a token if the database has them now.
func (w *world) logIn(t testing.TB, name check.Text, u check.User, password string) {
	t.Helper()
	check.Did(t, check.Textf("POST /token with %s (%s)", name, check.Verbatim(u.Username)))
	reply := w.p.Post(t, "/token", check.LoginBody(u.Username, password))
	advice := check.Advice{Why: anew, Look: check.Todo("token.go", 2)}
	switch {
	case u.Password != password || u.ID == w.ada.ID && w.deleted:
		switch {
		case w.kept == "":
			advice.Why = "every failed login is answered with the same 401: a difference tells a stranger which names exist"
		case reply.Status == http.StatusOK:
			advice.Why = "the database has no such name with such a password: is the password compared with this user's hash, as it is now? Or is something kept from an earlier login?"
		}
		reply.WantStatus(t, advice, http.StatusUnauthorized)
		reply.WantMsg(t, "Bad username or password", advice)
	case w.kept == "":
		wantLoggedIn(t, w.p, u, reply)
		wantTokenOf(t, reply, u, replyAdvice)
	default:
		if w.kept != anew {
			advice.Why = w.kept
		}
		reply.WantStatus(t, advice, http.StatusOK)
		wantTokenOf(t, reply, u, advice)
	}
	w.kept = anew
}

// wantTokenOf expects a token for this user and no other, and her id.
func wantTokenOf(t testing.TB, reply *check.Reply, u check.User, advice check.Advice) {
	t.Helper()
	wantID(t, reply, u, advice)
	token := reply.Token(t, advice)
	if id := fmt.Sprint(u.ID); token.Claims["sub"] != id {
		failClaim(t, reply, token, "sub", check.Verbatim(fmt.Sprintf(`"sub": %q`, id)), advice)
	}
}

// wantID expects the answer to a login to hold this user's id.
func wantID(t testing.TB, reply *check.Reply, u check.User, advice check.Advice) {
	t.Helper()
	id := fmt.Sprint(u.ID)
	if got := fmt.Sprint(reply.JSON(t, advice)["user_id"]); got != id {
		reply.Fail(t, "", check.Verbatim(`"user_id": `+id), advice)
	}
}

// changePassword gives ada her other password.
func (w *world) changePassword(t testing.TB) {
	i := 0
	if w.ada.Password == w.passwords[0] {
		i = 1
	}
	check.Did(t, []check.Text{"give ada her first password again", "give ada her second password"}[i])
	w.ada.Password, w.ada.PasswordHash = w.passwords[i], w.hashes[i]
	w.p.SetHash(t, w.ada, w.hashes[i])
}

// whileDeleted logs ada in while she is not in the database.
func (w *world) whileDeleted(t testing.TB) {
	w.deleted = true
	w.p.WithoutAda(t, w.ada, func() { w.logIn(t, "ada and her password", w.ada, w.ada.Password) })
	w.deleted = false
}

// swapNames gives ada grace's name, and grace ada's.
func (w *world) swapNames(t testing.TB) {
	w.ada, w.grace = w.p.SwapNames(t, w.ada, w.grace)
	check.Did(t, check.Textf("swap their names: ada is %s now, and grace %s", check.Verbatim(w.ada.Username), check.Verbatim(w.grace.Username)))
}

// withoutPassword sends a body that lacks the password.
func (w *world) withoutPassword(t testing.TB) {
	check.Did(t, "POST /token with ada's name alone, without a password")
	reply := w.p.Post(t, "/token", fmt.Sprintf(`{"username":%q}`, w.ada.Username))
	advice := check.Advice{Why: "there is no password in this body: is one kept from an earlier request? A field that is not in the JSON leaves in a variable what was there: each body is read into a new one, inside postToken", Look: check.Todo("token.go", 1)}
	if w.kept == "" {
		advice.Why = "an empty name or password is never right; the binding tags on credentials refuse it"
	}
	reply.WantStatus(t, advice, http.StatusBadRequest)
	w.kept = anew
}

// TestDatabaseFails: it is not the password's fault, and when the database is back, so is
// the program.
func TestDatabaseFails(t *testing.T) {
	type step = func(t testing.TB, w *world)
	check.Story[world]{
		New: newWorld,
		Steps: []step{
			func(t testing.TB, w *world) { w.logIn(t, "ada and her password", w.ada, w.ada.Password) },
			func(t testing.TB, w *world) { w.logInInVain(t, "ada and her password", w.ada.Username, w.ada.Password) },
			func(t testing.TB, w *world) { w.logIn(t, "ada and grace's password", w.ada, w.grace.Password) },
			func(t testing.TB, w *world) { w.logInInVain(t, "a name that nobody has", check.RandomText(4), "guess") },
			func(t testing.TB, w *world) { w.withoutPassword(t) },
			func(t testing.TB, w *world) { w.logIn(t, "grace and her password", w.grace, w.grace.Password) },
		},
		First: true,
	}.Tell(t, 3)
}

// backAgain is why a database that has failed works again.
const backAgain = "the database is back, and its error is over: is an error kept in a variable that all logins share, or a *gorm.DB that has failed? Does the program count failures, and stop asking for a while?"

// TestDiskFull: a database that can be read, and not changed, is enough, or it fails.
func TestDiskFull(t *testing.T) {
	w := newWorld(t)
	advice := check.Advice{Why: "the table users takes no changes. Whatever the program notes there, there is one answer: the token, or 500 from internalError and nothing else", Look: check.Todo("token.go", 2)}
	w.p.WithoutChanges(t, func() {
		reply := w.p.Do(t, loginRequest(w.ada, "while the table users takes no changes"))
		if reply.Status == http.StatusInternalServerError {
			reply.WantFailure(t, advice)
			return
		}
		reply.WantStatus(t, advice, http.StatusOK)
		wantTokenOf(t, reply, w.ada, advice)
	})
	advice.Why = backAgain
	reply := w.p.Do(t, loginRequest(w.ada, "and the table takes changes again"))
	reply.WantStatus(t, advice, http.StatusOK)
	wantTokenOf(t, reply, w.ada, advice)
}

// logInInVain sends a name and a password while the database fails.
func (w *world) logInInVain(t testing.TB, name check.Text, username, password string) {
	t.Helper()
	w.p.WithoutUsers(t, func() {
		check.Did(t, check.Textf("POST /token with %s", name))
		reply := w.p.Do(t, check.Request{Method: http.MethodPost, Path: "/token", Body: check.LoginBody(username, password), Header: http.Header{"Content-Type": {"application/json"}},
			About: "while there is no table users", NoCurl: true})
		advice := check.Advice{Why: "the database failed, so nobody knows whether the password is right: errors.Is(err, gorm.ErrRecordNotFound) is true for a name that nobody has; internalError answers every other error, with 500. Look at the error first, before RowsAffected and the like (Find returns none for a name that nobody has)", Look: check.Todo("token.go", 2)}
		if reply.Status == http.StatusOK {
			advice.Why = "the table is away, and the program still knows this user: is she kept from an earlier login? Or is the error that Take returns not looked at?"
		}
		reply.WantFailure(t, advice)
	})
	w.kept = backAgain
}
