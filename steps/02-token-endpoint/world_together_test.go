package main

import (
	"net/http"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/check"
)

// shared is why requests that overlap are mixed up.
var shared = check.Advice{
	Why:  "requests are answered at the same time, those of one user, too: what belongs to one, such as its credentials, its user or its claims, goes into variables inside postToken, not into a field or a variable that all share",
	Look: check.Todo("token.go", 3),
}

// slowHash is a bcrypt hash of slowPassword whose cost, 11, makes a comparison take a tenth
// of a second or more.
const (
	slowPassword = "correct horse battery staple"
	slowHash     = "$2a$11$4Dganbp3BIewDSjoO.luXOfjTTuv/IZW0FTofkn8CxN71bu65NZBm"
)

// loginRequest returns the request of a login.
func loginRequest(u check.User, about check.Text) check.Request {
	return check.Request{
		Method: http.MethodPost,
		Path:   "/token",
		Body:   check.LoginBody(u.Username, u.Password),
		Header: http.Header{"Content-Type": {"application/json"}},
		About:  about,
		NoCurl: true,
	}
}

// TestAtOnce: requests that overlap do not see each other.
func TestAtOnce(t *testing.T) {
	t.Run("many", func(t *testing.T) {
		p := check.NewForMany(t)
		p.Start(t)
		var users []check.User
		var requests []check.Request
		for range 12 {
			users = append(users, p.AddUser(t))
		}
		users = append(users, users[:2]...) // once more
		for _, u := range users {
			requests = append(requests, loginRequest(u, "12 users at once, each with her own password: two of them twice, and twice with a wrong one"))
		}
		for _, u := range users[:2] {
			u.Password = "guess"
			requests = append(requests, loginRequest(u, "a wrong password; the same user and others log in at the same time"))
		}
		loginAs(t, p, users[0]) // before many are asked for
		p.AtOnce(t, 1200, requests, func(t testing.TB, number int, reply *check.Reply) {
			if number >= len(users) {
				reply.WantStatus(t, shared, http.StatusUnauthorized)
				return
			}
			reply.WantStatus(t, shared, http.StatusOK)
			wantTokenOf(t, reply, users[number], shared)
		})
	})
	t.Run("a slow password and quick ones", func(t *testing.T) {
		t.Parallel() // with those below: they wait most of the time
		p, ada, grace := newPair(t)
		ada.Password, ada.PasswordHash = slowPassword, slowHash
		p.SetHash(t, ada, slowHash)
		wantApart(t, p, ada, grace, "ada, whose hash takes long to compare; grace logs in meanwhile", "grace; ada's hash is still being compared")
	})
	t.Run("a change during a login", func(t *testing.T) {
		t.Parallel()
		p, _, grace := newPair(t)
		ada := p.AddUserWith(t, check.RandomText(6), bcrypt.DefaultCost-1)
		loginAs(t, p, grace)
		var former string
		for range 2 { // on a busy computer, the name may have changed before the program looks for her
			former = ada.Username
			p.SetHash(t, ada, ada.PasswordHash)
			p.During(loginRequest(ada, "ada, who gets another name meanwhile"), func() {
				ada.Username = "ada-" + check.RandomText(3)
				p.RenameUser(t, ada, ada.Username)
			})
			p.WantNames(t, "POST /token as ada, and give her another name before the answer comes", check.Todo("token.go", 2), ada)
		}
		var reply *check.Reply
		slow := ada
		slow.Password = slowPassword
		p.SetHash(t, ada, slowHash)
		p.During(loginRequest(slow, "ada, who gets another password meanwhile"), func() {
			p.SetHash(t, ada, grace.PasswordHash)
			reply = p.Do(t, loginRequest(slow, "ada and the password that she had a moment ago; a login with it, from before the change, is not answered yet"))
		})
		reply.WantStatus(t, check.Advice{Why: "the password was changed before this login began: does this answer belong to it, and not to the one before? Each login reads the database itself, and what comes of that goes into variables of its own, not through a variable or a channel that all share", Look: check.Todo("token.go", 2)}, http.StatusUnauthorized)
		p.SetHash(t, ada, ada.PasswordHash)
		reply = p.During(loginRequest(ada, "ada, whose name grace gets meanwhile"), func() {
			p.RenameUser(t, ada, former)
			p.RenameUser(t, grace, ada.Username)
		})
		if reply.Status == http.StatusOK {
			wantTokenOf(t, reply, ada, check.Advice{Why: "whose hash the password fits is whose token it is: look her up once, and use what was found to the end", Look: check.Todo("token.go", 2)})
		}
	})
	t.Run("a slow body and a quick one", func(t *testing.T) {
		t.Parallel()
		p, ada, grace := newPair(t)
		loginAs(t, p, grace)
		adas, graces := p.Between(loginRequest(ada, "ada, whose body comes in two halves; grace logs in between them"), loginRequest(grace, "while half of ada's body has come"))
		waits := shared
		if graces.Status == 0 {
			waits = check.Advice{Why: "a client that is slow makes all others wait: is something locked while a body is read?", Look: check.Todo("token.go", 1)}
		}
		graces.WantStatus(t, waits, http.StatusOK)
		wantTokenOf(t, graces, grace, shared)
		adas.WantStatus(t, shared, http.StatusOK)
		wantTokenOf(t, adas, ada, shared)
	})
	t.Run("many wrong passwords and a right one", func(t *testing.T) {
		t.Parallel()
		p, ada, grace := newPair(t)
		loginAs(t, p, grace)
		ada.Password = "guess"
		wrong := loginRequest(ada, "")
		begun := time.Now()
		p.Do(t, wrong).WantStatus(t, shared, http.StatusUnauthorized)
		alone := time.Since(begun)
		reply, took := p.Besides(wrong, 12, alone, loginRequest(grace, "while 12 wrong passwords are being refused"))
		waits := check.Advice{Why: "whoever guesses passwords makes all others wait: is something locked while a login is refused, or made to wait?", Look: check.Todo("token.go", 2), Failure: true}
		if took > time.Second+3*alone {
			reply.Fail(t, check.Textf("an answer after %.1f s", took.Seconds()), "an answer at once", waits)
		}
		reply.WantStatus(t, waits, http.StatusOK)
		wantTokenOf(t, reply, grace, shared)
	})
	t.Run("a client that goes away", func(t *testing.T) {
		t.Parallel()
		p, ada, grace := newPair(t)
		ada.Password, ada.PasswordHash = slowPassword, slowHash
		p.SetHash(t, ada, slowHash)
		loginAs(t, p, grace)
		left := check.Advice{Why: "a client that goes away takes nothing with it: is something locked, counted or kept that is only undone when all went well? defer undoes it in every case", Look: check.Todo("token.go", 2), Failure: true}
		p.GoAway(t, loginRequest(ada, ""), 10)
		reply := p.Do(t, loginRequest(grace, "after a client that went away in the middle of its body"))
		reply.WantStatus(t, left, http.StatusOK)
		wantTokenOf(t, reply, grace, left)
		p.GoAway(t, loginRequest(ada, ""), 0)
		for _, u := range []check.User{grace, ada} {
			reply = p.Do(t, loginRequest(u, "after a client that went away before its answer came"))
			reply.WantStatus(t, left, http.StatusOK)
			wantTokenOf(t, reply, u, left)
		}
	})
	t.Run("a slow database and quick ones", func(t *testing.T) {
		p, ada, grace := newPair(t)
		loginAs(t, p, ada)
		p.SlowDown(t, ada, 300*time.Millisecond, loginRequest(ada, ""))
		wantApart(t, p, ada, grace, "ada, whom the database finds slowly; grace logs in meanwhile", "grace; the database is still looking for ada")
	})
}

// newPair starts a program and adds two users.
func newPair(t testing.TB) (p *check.Program, ada, grace check.User) {
	t.Helper()
	p = check.New(t)
	p.Start(t)
	return p, p.AddUser(t), p.AddUser(t)
}

// wantApart expects a slow login of ada's and the quick ones of grace's meanwhile to be
// answered each with its own token.
func wantApart(t testing.TB, p *check.Program, ada, grace check.User, slow, quick check.Text) {
	t.Helper()
	loginAs(t, p, grace)
	reply := p.While(t, loginRequest(ada, slow), loginRequest(grace, quick), func(reply *check.Reply) {
		reply.WantStatus(t, shared, http.StatusOK)
		wantTokenOf(t, reply, grace, shared)
	})
	reply.WantStatus(t, shared, http.StatusOK)
	wantTokenOf(t, reply, ada, shared)
}
