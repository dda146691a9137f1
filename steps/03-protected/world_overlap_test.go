package main

import (
	"net/http"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// shared is why requests that overlap are mixed up.
var shared = subjectAdvice("requests are answered at the same time: what belongs to one, such as its token, its claims or its user, goes into variables inside the function or into c.Set, not into a variable that all share")

// TestAtOnce: requests that overlap do not see each other.
func TestAtOnce(t *testing.T) {
	t.Run("many", func(t *testing.T) {
		p := check.NewForMany(t)
		p.Start(t)
		var users []check.User
		var requests []check.Request
		for range 16 {
			u, token := newLogin(t, p)
			users = append(users, u)
			requests = append(requests, check.Request{Path: "/protected", Header: http.Header{"Authorization": {"Bearer " + token.Raw}}, About: "16 users at once, each with her own token"})
		}
		wantUser(t, p.Do(t, requests[0]), users[0], right)
		p.AtOnce(t, 4000, requests, func(t testing.TB, number int, reply *check.Reply) {
			wantUser(t, reply, users[number], shared)
		})
	})
	t.Run("a slow one and quick ones", func(t *testing.T) {
		p := check.New(t)
		p.Start(t)
		ada, token := newLogin(t, p)
		grace, other := newLogin(t, p)
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
		p.SlowDown(t, ada, 100*time.Millisecond)
		request := func(token check.Token, about check.Text) check.Request {
			return check.Request{Path: "/protected", Header: http.Header{"Authorization": {"Bearer " + token.Raw}}, About: about}
		}
		slow := p.While(t, request(token, "ada, whom the database finds slowly; grace asks meanwhile"), request(other, "grace; the database is still looking for ada"), func(quick *check.Reply) {
			wantUser(t, quick, grace, shared)
		})
		wantUser(t, slow, ada, shared)
	})
}
