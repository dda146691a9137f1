package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/check"
)

// A world is a program and what has happened to it so far, which says what has to come of
// the next request.
type world struct {
	p                     *check.Program
	ada, grace            check.User // as they are in the database now
	first, second, graces string     // two tokens of ada's, and one of grace's
	forged                string     // ada's, signed with another secret
	expired               string     // hers, an hour ago
	replaced              bool       // the secret, since the tokens were made
	kept                  check.Text // what may be kept from before, as a question; empty if nothing has happened yet
}

// newWorld starts a program, adds two users and logs them in.
func newWorld(t testing.TB) *world {
	p := check.New(t)
	p.Start(t)
	w := &world{p: p}
	ada, token := newLogin(t, p)
	grace, graces := newLogin(t, p)
	p.DeleteFirst(t)
	w.ada, w.grace, w.first, w.graces = ada, grace, token.Raw, graces.Raw
	w.second = p.Forge(t, token, check.Forgery{Claims: map[string]any{"jti": check.RandomText(4)}})
	w.forged = p.Forge(t, token, check.Forgery{Key: []byte(check.RandomText(32))})
	w.expired = p.Forge(t, token, check.Forgery{Claims: map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}})
	return w
}

// TestAnyOrder: what comes of a request hangs on its token and on the database as it is
// now, whatever happened before.
func TestAnyOrder(t *testing.T) {
	type step = func(t testing.TB, w *world)
	check.Story[world]{
		New: newWorld,
		Steps: []step{
			func(t testing.TB, w *world) { w.ask(t, "ada's token", w.first, w.ada, false) },
			func(t testing.TB, w *world) { w.ask(t, "grace's token", w.graces, w.grace, false) },
			func(t testing.TB, w *world) {
				w.p.WithoutAda(t, w.ada, func() { w.ask(t, "ada's token", w.first, w.ada, true) })
			},
			func(t testing.TB, w *world) { w.ask(t, "another token of ada's", w.second, w.ada, false) },
			func(t testing.TB, w *world) { w.askWithForged(t, "a token that is signed with another secret") },
			func(t testing.TB, w *world) { w.askWithExpired(t, "a token that has expired") },
			func(t testing.TB, w *world) { w.askWithNone(t) },
			func(t testing.TB, w *world) { w.changePassword(t) },
			func(t testing.TB, w *world) { w.graceLogsIn(t) },
			func(t testing.TB, w *world) { w.p.GiveNewName(t, &w.ada) }, // the last: what a kill loses is seen
		},
		Once: []step{
			func(t testing.TB, w *world) { w.restart(t, true) },
			func(t testing.TB, w *world) { w.restart(t, false) },
		},
	}.Tell(t, 3)
}

// restart ends the program, gently or by force, and starts it again.
func (w *world) restart(t testing.TB, gently bool) {
	w.p.Restart(t, gently)
	w.kept = "the secret and the database are the same as before: is something about tokens or users kept in the program, which is gone when it ends?"
}

// anew is why something must not be kept from one request to the next.
const anew = "is something kept from an earlier request, such as a user, a token, an answer, an error, the conditions of a *gorm.DB, or how many have failed? Every request asks the token and the database anew"

// ask brings a user's token, and expects the user as she is now, or a refusal if she is gone.
func (w *world) ask(t testing.TB, name check.Text, token string, u check.User, gone bool) {
	t.Helper()
	check.Did(t, check.Textf("GET /protected with %s", name))
	reply := get(t, w.p, "Bearer "+token, name)
	switch {
	case gone && reply.Status == http.StatusOK:
		wantRefused(t, reply, u, subjectAdvice("the user is gone from the database, and so the token is worth nothing: is Take asked at each request, and its error looked at? Or is something kept from an earlier request?"))
	case gone:
		wantRefused(t, reply, u, subjectAdvice("the user is gone from the database: that is a bad token, like any other"))
	case w.kept != "":
		wantUser(t, reply, u, subjectAdvice(w.kept))
	default:
		wantUser(t, reply, u, right)
	}
	w.kept = anew
}

// askWithForged brings a token of ada's that is signed with another secret.
func (w *world) askWithForged(t testing.TB, name check.Text) {
	t.Helper()
	check.Did(t, check.Textf("GET /protected with %s", name))
	reply := get(t, w.p, "Bearer "+w.forged, name)
	advice := verifyAdvice("the signature shows who made the token: only JWT_SECRET_KEY may verify it, whatever was verified before")
	if reply.Status == http.StatusInternalServerError {
		advice.Why = first
	}
	wantRefused(t, reply, w.ada, advice)
	advice.Why = "only a token whose signature is right is told that it has expired: a new login would not help the other. Is the message one that an earlier request has left behind?"
	reply.WantWithout(t, "the message of an expired token", "Token has expired", advice)
	w.kept = anew
}

// askWithExpired brings a token of ada's whose time is over.
func (w *world) askWithExpired(t testing.TB, name check.Text) {
	t.Helper()
	check.Did(t, check.Textf("GET /protected with %s", name))
	reply := get(t, w.p, "Bearer "+w.expired, name, "exp")
	advice := verifyAdvice("errors.Is(err, jwt.ErrTokenExpired) tells this case from the others; the client shows the login again")
	if reply.Status == http.StatusInternalServerError {
		advice.Why = first
	}
	wantExpired(t, w.p, reply, w.ada, advice)
	w.kept = anew
}

// first is why the database has nothing to do with a bad token.
const first = "a token is verified first, its signature and its exp, and the database is asked only for whom a good one was made: all others are 401, whatever the database does"

// askWithNone brings no token.
func (w *world) askWithNone(t testing.TB) {
	t.Helper()
	check.Did(t, "GET /protected without the header Authorization")
	advice := headerAdvice("whoever has no token must not get in, and is told what to bring, whoever was there before: is a header, a token or a message kept from an earlier request?")
	const msg = "Missing Authorization Header"
	reply := w.p.Do(t, check.Request{Path: "/protected"})
	if w.kept != "" && !strings.Contains(reply.Body, msg) { // the words were right before
		reply.Fail(t, "", check.Verbatim(check.JSONText(map[string]string{"msg": msg})), advice)
	}
	wantToldWhatToBring(t, reply, advice)
}

// changePassword gives ada another password, which ends none of her tokens.
func (w *world) changePassword(t testing.TB) {
	check.Did(t, "give ada another password")
	hash, err := bcrypt.GenerateFromPassword([]byte(check.RandomText(6)), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	w.p.SetHash(t, w.ada, string(hash))
	w.kept = "a new password ends no token: it is good until exp, and the database is asked only whether the user is there"
}

// graceLogsIn makes a new token of grace's, which ends none of the old ones.
func (w *world) graceLogsIn(t testing.TB) {
	check.Did(t, "POST /token with grace and her password")
	w.p.Login(t, w.grace, loginAdvice)
	w.kept = "a new login ends no token: the older one is good until its exp"
}

// TestDiskFull: a database that can be read, and not changed, is enough, or it fails.
func TestDiskFull(t *testing.T) {
	w := newWorld(t)
	wantUser(t, get(t, w.p, "Bearer "+w.first, "a good token"), w.ada, right)
	advice := subjectAdvice("the table users takes no changes. Whatever the program notes there, there is one answer: the user, or 500 from internalError and nothing else; behind c.Next() everything has been said")
	w.p.WithoutChanges(t, func() {
		reply := get(t, w.p, "Bearer "+w.first, "a good token, while the table users takes no changes")
		if reply.Status == http.StatusInternalServerError {
			reply.WantFailure(t, advice)
		} else {
			wantUser(t, reply, w.ada, advice)
		}
	})
	wantUser(t, get(t, w.p, "Bearer "+w.first, "a good token, and the table takes changes again"), w.ada, subjectAdvice(backAgain))
}

// TestSecretAnew: a new secret ends all tokens of the old one.
func TestSecretAnew(t *testing.T) {
	check.Judges(t, 2)
	type step = func(t testing.TB, w *world)
	check.Story[world]{
		New: newWorld,
		Steps: []step{func(t testing.TB, w *world) {
			if !w.replaced {
				w.ask(t, "ada's token", w.first, w.ada, false)
				return
			}
			check.Did(t, "GET /protected with ada's token, which was signed with the secret of before")
			wantRefused(t, get(t, w.p, "Bearer "+w.first, "signed with the secret of before"), w.ada, verifyAdvice("the secret was replaced, perhaps because somebody had stolen it: only the one that JWT_SECRET_KEY holds now verifies a token. Is an earlier one kept, in a file or in the database?"))
		}},
		Once: []step{func(t testing.TB, w *world) {
			check.Did(t, "stop the program, and start it again with another JWT_SECRET_KEY")
			w.p.Stop(t)
			w.p.Setenv("JWT_SECRET_KEY", check.RandomText(32))
			w.p.Start(t)
			w.replaced = true
		}},
	}.Tell(t, 1)
}

// TestDatabaseFails: it is not the token's fault, and when the database is back, so is the
// program.
func TestDatabaseFails(t *testing.T) {
	type step = func(t testing.TB, w *world)
	check.Story[world]{
		New: newWorld,
		Steps: []step{
			func(t testing.TB, w *world) { w.logInInVain(t) },
			func(t testing.TB, w *world) { w.askInVain(t, "ada's token", w.first) },
			func(t testing.TB, w *world) { w.ask(t, "ada's token", w.first, w.ada, false) },
			func(t testing.TB, w *world) { w.ask(t, "grace's token", w.graces, w.grace, false) },
			func(t testing.TB, w *world) { w.askInVain(t, "grace's token", w.graces) },
			func(t testing.TB, w *world) {
				w.p.WithoutUsers(t, func() {
					w.askWithForged(t, "a token that is signed with another secret")
				})
			},
			func(t testing.TB, w *world) {
				w.p.WithoutUsers(t, func() {
					w.askWithExpired(t, "a token that has expired")
				})
			},
		},
		First: true,
	}.Tell(t, 3)
}

// backAgain is why a database that has failed works again.
const backAgain = "the database is back, and its error is over: is an error kept in a variable that all requests share, or a *gorm.DB that has failed? Does the program count failures, and stop asking for a while?"

// logInInVain sends grace's password while the database fails.
func (w *world) logInInVain(t testing.TB) {
	w.p.WithoutUsers(t, func() {
		check.Did(t, "POST /token with grace and her password")
		w.p.Post(t, "/token", check.LoginBody(w.grace.Username, w.grace.Password)).WantFailure(t, loginAdvice)
	})
	w.kept = backAgain
}

// askInVain brings a good token while the database fails.
func (w *world) askInVain(t testing.TB, name check.Text, token string) {
	t.Helper()
	w.p.WithoutUsers(t, func() {
		check.Did(t, check.Textf("GET /protected with %s", name))
		reply := get(t, w.p, "Bearer "+token, "a good token, while there is no table users")
		advice := subjectAdvice("the database cannot say who the user is, and nobody has said that the token is bad: errors.Is(err, gorm.ErrRecordNotFound) is true for a user who is gone; internalError answers every other error, with 500. Look at the error first, before RowsAffected and the like (Find returns none for a user who is gone)")
		switch reply.Status {
		case http.StatusOK:
			advice.Why = "the database failed, and somebody got in: is Take asked at each request, and its error looked at? Or is a user kept from an earlier request?"
		case http.StatusUnauthorized:
			advice.Why = "a client that reads 401 throws its token away, and this one is good: only the database failed. errors.Is(err, gorm.ErrRecordNotFound) is true for a user who is gone; internalError answers every other error, with 500. Look at the error first, before RowsAffected and the like (Find returns none for a user who is gone)"
		}
		reply.WantFailure(t, advice)
	})
	w.kept = backAgain
}
