package main

import (
	"net/http"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// shared is why requests that overlap are mixed up.
var shared = subjectAdvice("requests are answered at the same time, those of one user, too: what belongs to one, such as its token, its claims, the hash that verifies it or its user, goes into variables inside func(c *gin.Context), or into c.Set. What jwtRequired declares before that is there once, for all requests, like a field of s")

// request brings a token.
func request(token string, about check.Text) check.Request {
	return check.Request{Path: "/protected", Header: http.Header{"Authorization": {"Bearer " + token}}, About: about}
}

// TestAtOnce: requests that overlap do not see each other.
func TestAtOnce(t *testing.T) {
	t.Run("many", func(t *testing.T) {
		p := check.NewForMany(t)
		p.Start(t)
		var users []check.User
		var tokens []check.Token
		for range 12 {
			u, token := newLogin(t, p)
			users, tokens = append(users, u), append(tokens, token)
		}
		gone, hers := newLogin(t, p)
		p.DeleteUser(t, gone)
		var requests []check.Request
		var wants []func(t testing.TB, reply *check.Reply)
		add := func(token string, want func(t testing.TB, reply *check.Reply)) {
			requests = append(requests, request(token, "12 users at once, each with her own token, two of them twice; two expired tokens, two forged ones, and two of a user who is gone"))
			wants = append(wants, want)
		}
		for i, u := range append(users, users[:2]...) {
			add(tokens[i%12].Raw, func(t testing.TB, reply *check.Reply) { wantUser(t, reply, u, shared) })
		}
		for i, token := range tokens[:2] {
			add(p.Forge(t, token, check.Forgery{Claims: map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}}), func(t testing.TB, reply *check.Reply) {
				wantRefused(t, reply, users[i], shared)
				reply.WantMsg(t, "Token has expired", shared)
			})
			add(p.Forge(t, token, check.Forgery{Key: []byte(check.RandomText(32))}), func(t testing.TB, reply *check.Reply) {
				wantRefused(t, reply, users[i], shared)
				reply.WantWithout(t, "the message of an expired token", "Token has expired", shared)
			})
			add(hers.Raw, func(t testing.TB, reply *check.Reply) { wantRefused(t, reply, gone, shared) })
		}
		wantUser(t, p.Do(t, requests[0]), users[0], right)
		p.AtOnce(t, 6000, requests, func(t testing.TB, number int, reply *check.Reply) { wants[number](t, reply) })
	})
	t.Run("a slow one and quick ones", func(t *testing.T) {
		p, ada, grace, token, other := newPair(t)
		p.SlowDown(t, ada, 300*time.Millisecond, request(token, ""))
		slow := p.While(t, request(token, "ada, whom the database finds slowly; grace asks meanwhile"), request(other, "grace; the database is still looking for ada"), func(quick *check.Reply) {
			wantUser(t, quick, grace, shared)
		})
		wantUser(t, slow, ada, shared)
	})
	t.Run("a slow body and a quick one", func(t *testing.T) {
		p, ada, grace, _, other := newPair(t)
		adas, graces := p.Between(
			check.Request{Method: http.MethodPost, Path: "/token", Header: http.Header{"Content-Type": {"application/json"}}, Body: check.LoginBody(ada.Username, ada.Password), About: "ada logs in, and her body comes in two halves; grace asks meanwhile"},
			request(other, "grace, while half of the body of ada's login has come"))
		slow := subjectAdvice("a client that is slow makes all others wait: is something locked while a request is read or answered?")
		if graces.Status != 0 {
			slow = shared
		}
		wantUser(t, graces, grace, slow)
		adas.WantStatus(t, slow, http.StatusOK)
	})
	t.Run("many bad ones and a good one", func(t *testing.T) {
		p, ada, grace, token, other := newPair(t)
		bad, err := check.DecodeToken(token)
		if err != nil {
			t.Fatal(err)
		}
		forged := request(p.Forge(t, bad, check.Forgery{Key: []byte(check.RandomText(32))}), "")
		begun := time.Now()
		wantRefused(t, p.Do(t, forged), ada, shared)
		alone := time.Since(begun)
		reply, took := p.Besides(forged, 12, alone, request(other, "grace, while 12 bad tokens are being refused"))
		waits := subjectAdvice("whoever brings bad tokens makes all others wait: is something locked while a request is verified, refused or made to wait?")
		waits.Failure = true
		if took > time.Second+3*alone {
			reply.Fail(t, check.Textf("an answer after %.1f s", took.Seconds()), "an answer at once", waits)
		}
		wantUser(t, reply, grace, waits)
	})
	t.Run("a client that goes away", func(t *testing.T) {
		p, ada, grace, token, other := newPair(t)
		p.SlowDown(t, ada, 300*time.Millisecond, request(token, ""))
		p.GoAway(t, request(token, ""), 0)
		left := subjectAdvice("a client that goes away takes nothing with it: is something locked, counted or kept that is only undone when all went well? defer undoes it in every case")
		left.Failure = true
		wantUser(t, p.Do(t, request(other, "grace, after a client that went away before its answer came")), grace, left)
		wantUser(t, p.Do(t, request(token, "ada, after a client that went away before its answer came")), ada, left)
	})
}

// newPair starts a program, adds two users, and logs them in.
func newPair(t testing.TB) (p *check.Program, ada, grace check.User, token, other string) {
	t.Helper()
	p = check.New(t)
	p.Start(t)
	ada, adas := newLogin(t, p)
	grace, graces := newLogin(t, p)
	wantUser(t, get(t, p, "Bearer "+adas.Raw, "a good token"), ada, right)
	return p, ada, grace, adas.Raw, graces.Raw
}
