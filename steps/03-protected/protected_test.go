package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// Where to look when a part of the lock is missing.
func headerAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("protected.go", 1)}
}
func verifyAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("protected.go", 2)}
}
func subjectAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("protected.go", 3)}
}
func answerAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("protected.go", 4)}
}

// newLogin adds a user and logs in.
func newLogin(t testing.TB, p *check.Program) (check.User, check.Token) {
	t.Helper()
	u := p.AddUser(t)
	return u, p.Login(t, u, loginAdvice)
}

// loginAdvice is where to look when there is no token to begin with.
var loginAdvice = check.Advice{Why: "POST /token stays public, and works as in step 2: without a token there is nothing to check", Look: check.File("main.go")}

// get sends GET /protected with an Authorization header; about says what is
// special about it, and mark names the field of the token that matters, if any.
func get(t testing.TB, p *check.Program, header string, about check.Text, mark ...string) *check.Reply {
	t.Helper()
	return p.Do(t, check.Request{
		Path:   "/protected",
		Header: http.Header{"Authorization": {header}},
		About:  about,
		Mark:   strings.Join(mark, ""),
	})
}

// errorCode matches the error in a challenge.
var errorCode = regexp.MustCompile(`(?i)(^|[\s,])error\s*=\s*"?([a-z_]+)`)

// wantChallenge expects a WWW-Authenticate header that asks for a bearer token
// and, if the token was refused, says invalid_token (RFC 6750 §3.1).
func wantChallenge(t testing.TB, reply *check.Reply, refused bool, advice check.Advice) {
	t.Helper()
	advice.Why = "a 401 comes with a challenge, so that programs know what to bring (RFC 9110 §11.6.1); refuse sends one"
	reply.WantHeader(t, "WWW-Authenticate", check.Verbatim("WWW-Authenticate: Bearer …"), advice, func(value string) bool {
		scheme, _, _ := strings.Cut(value, " ")
		return strings.EqualFold(strings.TrimSuffix(scheme, ","), "Bearer")
	})
	if refused {
		advice.Why = `a client that reads error="invalid_token" knows that a new login helps (RFC 6750 §3.1)`
		reply.WantHeader(t, "WWW-Authenticate", check.Verbatim(`WWW-Authenticate: Bearer …, error="invalid_token"`), advice, func(value string) bool {
			m := errorCode.FindStringSubmatch(value)
			return m != nil && strings.EqualFold(m[2], "invalid_token")
		})
		return
	}
	advice.Why = "nothing was wrong with a token here, there was none: no error code then (RFC 6750 §3.1). Is there a code in a variable that an earlier request has set?"
	reply.WantHeader(t, "WWW-Authenticate", "WWW-Authenticate: Bearer …, without error=", advice, func(value string) bool {
		return !errorCode.MatchString(value)
	})
}

// wantLockedOut expects 401, one JSON value with a msg, a bearer challenge, and
// nothing of what the handler behind the lock would say.
func wantLockedOut(t testing.TB, reply *check.Reply, u check.User, advice check.Advice) {
	t.Helper()
	switch reply.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity:
		advice.Why = "whoever has no good token gets 401, which means: log in. 400, 403, 404 and 422 mean something else, and clients go by the status"
	}
	reply.WantStatus(t, advice, http.StatusUnauthorized)
	leak := advice
	leak.Why = "a refusal names no user: does the middleware abort, and return, so that the handler does not answer, too?"
	reply.WantWithout(t, "the user's name", u.Username, leak)
	reply.WantMsg(t, "", advice)
	advice.Why = "a 401 comes with a challenge, so that programs know what to bring (RFC 9110 §11.6.1); refuse sends one"
	reply.WantHeader(t, "WWW-Authenticate", check.Verbatim("WWW-Authenticate: Bearer …"), advice, func(value string) bool {
		return strings.HasPrefix(strings.ToLower(value), "bearer")
	})
}

// libraryWords are pieces of what golang-jwt, GORM and Go say of an error.
var libraryWords = []string{
	"record not found", "token signature is invalid", "signature is invalid", "token is malformed", "token is unverifiable",
	"token has invalid claims", "illegal base64", "error while executing keyfunc", "signing method", "strconv.", "unexpected end of JSON",
}

// wantRefused expects a token to be refused: locked out, told so in the
// challenge, and told no internal error.
func wantRefused(t testing.TB, reply *check.Reply, u check.User, advice check.Advice) {
	t.Helper()
	wantLockedOut(t, reply, u, advice)
	wantChallenge(t, reply, true, advice)
	advice.Why = "an error's own text tells strangers how the program works inside: send words of yours"
	for _, words := range libraryWords {
		reply.WantWithout(t, check.Textf("a library's words, %s", words), words, advice)
	}
}

// wantExpired expects a token to be refused because its time is over.
func wantExpired(t testing.TB, p *check.Program, reply *check.Reply, u check.User, advice check.Advice) {
	t.Helper()
	const msg = "Token has expired"
	wantRefused(t, reply, u, advice)
	if !reply.HasFields(map[string]any{"msg": msg}) && get(t, p, "Bearer x.y.z", "no token").Body == reply.Body {
		advice.Why = "it is answered like every other bad token. Is the error compared with ==? jwt.Parse returns one that has jwt.ErrTokenExpired in it: errors.Is finds it there"
		reply.Fail(t, "", check.Verbatim(check.JSONText(map[string]string{"msg": msg})), advice)
	}
	reply.WantMsg(t, msg, advice)
}

// right is where to look when a good token is not answered as it should be.
var right = answerAdvice("the handler answers with jwtIdentity(c), which jwtRequired left with c.Set")

// TestProtected: who brings a good token gets the user it was made for.
func TestProtected(t *testing.T) {
	check.Judges(t, 1, 2, 3, 4)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	grace, other := newLogin(t, p)
	t.Run("good token", func(t *testing.T) {
		reply, advice := get(t, p, "Bearer "+token.Raw, "a good token"), right
		if reply.Status == http.StatusInternalServerError && get(t, p, "Bearer x.y.z", "no token").Status == http.StatusInternalServerError {
			advice = verifyAdvice("the program fails with a good token, and with a bad one, too: so before it knows whose the token is. What it printed, below, says where")
		}
		wantUser(t, reply, ada, advice)
	})
	t.Run("another user", func(t *testing.T) {
		wantUser(t, get(t, p, "Bearer "+other.Raw, "a good token"), grace, right)
	})
	t.Run("signed anew", func(t *testing.T) {
		check.Judges(t, 2)
		advice := verifyAdvice("a token is known by its signature, not by having been seen before")
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
		wantUser(t, get(t, p, "Bearer "+p.Forge(t, token, check.Forgery{Claims: map[string]any{"jti": check.RandomText(4)}}), "one more claim, signed with the right secret"), ada, advice)
	})
	for _, tc := range []struct {
		name check.Text
		iat  any
	}{
		{"made a year ago", time.Now().AddDate(-1, 0, 0).Unix()},
		{"without iat", check.Remove{}},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			check.Judges(t, 2)
			advice := verifyAdvice("how long a token is good, its exp says, and nothing else: another lifetime may have been configured when it was made")
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
			wantUser(t, get(t, p, "Bearer "+p.Forge(t, token, check.Forgery{Claims: map[string]any{"iat": tc.iat}}), tc.name, "iat"), ada, advice)
		})
	}
	for _, tc := range []struct {
		name    check.Text
		forgery check.Forgery
	}{
		{"claims that nobody knows", check.Forgery{Claims: map[string]any{"name": strings.Repeat("Ada ", 500), "roles": []any{"admin", 1, nil}, "id": "2", "x": map[string]any{"sub": "2"}}}},
		{"without typ", check.Forgery{Header: map[string]any{"typ": check.Remove{}}}},
		{"another typ, and more in the header", check.Forgery{Header: map[string]any{"typ": "jwt", "cty": "x", "x": []any{}}}},
		{"good for a hundred years", check.Forgery{Claims: map[string]any{"exp": time.Now().AddDate(100, 0, 0).Unix(), "nbf": time.Now().AddDate(-1, 0, 0).Unix()}}},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			check.Judges(t, 2)
			advice := verifyAdvice("the signature is right, and exp and sub are: what else stands in a token is nobody's business, however long it is, and it may be written in many ways")
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
			wantUser(t, get(t, p, "Bearer "+p.Forge(t, token, tc.forgery), tc.name), ada, advice)
		})
	}
	for _, tc := range []struct {
		name   check.Text
		header http.Header
	}{
		{"asked for XML", http.Header{"Accept": {"application/xml, text/plain;q=0.9"}}},
		{"asked by a browser", http.Header{"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, "Accept-Language": {"es-MX,es;q=0.9"}, "Origin": {"null"}, "Cookie": {"theme=dark"}, "User-Agent": {"Mozilla/5.0"}}},
		{"through a proxy", http.Header{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}, "X-Http-Method-Override": {"DELETE"}, "X-Original-Url": {"/health"}}},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			check.Judges(t, 4)
			advice := answerAdvice("the answer is the same JSON, whatever else a client says about itself or would like to have: c.JSON sends it, c.Negotiate and the like choose")
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
			request := check.Request{Path: "/protected", Header: tc.header.Clone(), About: tc.name}
			wantLockedOut(t, p.Do(t, request), ada, advice)
			request.Header.Set("Authorization", "Bearer "+token.Raw)
			wantUser(t, p.Do(t, request), ada, advice)
		})
	}
	t.Run("every letter in the name", func(t *testing.T) {
		check.Judges(t, 4)
		advice := answerAdvice("the name is answered as it stands in the database, whatever characters are in it: c.JSON writes them all as JSON, in one way or another")
		u, token := newLogin(t, p)
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), u, right)
		for _, name := range []string{"Zoë 日本 😀 ", "\"'\\/<b>&lt;%s%20", " \t\r\n\u2028\u0001 ", "e\u0301 ﬁ Ａ"} {
			u.Username = name + check.RandomText(3)
			p.RenameUser(t, u, u.Username)
			wantUser(t, get(t, p, "Bearer "+token.Raw, check.Textf("the user has a name with %s", check.Verbatim(fmt.Sprintf("%q", name)))), u, advice)
		}
	})
	t.Run("another user in the query", func(t *testing.T) {
		advice := answerAdvice("who the user is, only the token says: everything else in a request is anybody's guess")
		id := fmt.Sprint(grace.ID)
		request := check.Request{Path: "/protected?id=" + id + "&user_id=" + id + "&sub=" + id, Header: http.Header{"Authorization": {"Bearer " + token.Raw}, "X-User-Id": {id}, "Cookie": {"user_id=" + id}}}
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
		wantUser(t, p.Do(t, request), ada, advice)
	})
	for _, tc := range []struct {
		name   check.Text
		scheme string
	}{
		{"bearer in small letters", "bearer "},
		{"BEARER in capitals", "BEARER "},
		{"several spaces", "Bearer   "},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			check.Judges(t, 1)
			advice := headerAdvice("the scheme may be written in any case (RFC 9110 §11.1), and several spaces may follow (§11.4): strings.EqualFold, strings.Fields")
			wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
			wantUser(t, get(t, p, tc.scheme+token.Raw, tc.name), ada, advice)
		})
	}
}

// wantUser expects the answer to a good token: the user as she is now.
func wantUser(t testing.TB, reply *check.Reply, u check.User, advice check.Advice) {
	t.Helper()
	if reply.Status == http.StatusUnauthorized && advice == right {
		advice = verifyAdvice("a good token is refused: by TODO 1, which takes it out of the header, by TODO 2, which verifies it, or by TODO 3, which reads the user? What does err say there?")
		if reply.HasFields(map[string]any{"msg": "Missing Authorization Header"}) {
			advice = headerAdvice("a header is there, and the program does not see it: is its name right, Authorization?")
		}
		if strings.Contains(reply.Body, "token is malformed") {
			advice = headerAdvice("what jwt.Parse was given is no token: it is the second word of the header, whole, which strings.Fields takes out. strings.Trim and strings.TrimLeft take away letters of the token, too")
		}
	}
	reply.WantStatus(t, advice, http.StatusOK)
	if advice == right {
		advice.Why = "the answer has the fields id and username, so spelled, and what is in them is of the user whose token it was: jwtIdentity(c) returns her, if jwtRequired has left her there with c.Set"
	}
	reply.WantFields(t, map[string]any{"id": u.ID, "username": u.Username}, advice)
}
