package main

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/check"
)

// TestPostTokenBadBody: a body that is no login is the client's mistake, 400.
func TestPostTokenBadBody(t *testing.T) {
	check.Judges(t, 1)
	p := check.Running(t)
	ada := p.AddUser(t)
	const empty = "an empty name or password is never right; the binding tags on credentials refuse it"
	const kind = "the name and the password are texts, and nothing else is made into one: ShouldBindJSON returns an error for a field of another type: is it looked at?"
	for _, tc := range []struct {
		name string
		body string
		why  check.Text
	}{
		{"no body", "", "ShouldBindJSON returns an error for a body that it cannot read: is it looked at?"},
		{"broken JSON", `{`, "ShouldBindJSON returns an error for a body that it cannot read: is it looked at?"},
		{"an array", `[]`, kind},
		{"a string", `"ada"`, kind},
		{"null", `null`, empty},
		{"an empty object", `{}`, empty},
		{"no username", `{"password":"` + ada.Password + `"}`, empty},
		{"no password", `{"username":"` + ada.Username + `"}`, empty},
		{"empty username", check.LoginBody("", ada.Password), empty},
		{"empty password", check.LoginBody(ada.Username, ""), empty},
		{"a number for a username", `{"username":1,"password":"` + ada.Password + `"}`, kind},
		{"a number for a password", `{"username":"` + ada.Username + `","password":12341234}`, kind},
		{"an object for a password", `{"username":"` + ada.Username + `","password":{}}`, kind},
		{"null for a password", `{"username":"` + ada.Username + `","password":null}`, empty},
	} {
		t.Run(tc.name, func(t *testing.T) {
			advice := check.Advice{Why: tc.why, Look: check.Todo("token.go", 1)}
			reply := p.Post(t, "/token", tc.body)
			switch reply.Status {
			case http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity:
				advice.Why = "a body that is no login is answered with 400, whatever is wrong with it; 403, 404 and 422 mean something else"
			case http.StatusOK:
				if tc.why == empty {
					advice.Why = "there is no name or no password in this body, and still there is a token: where does the other come from? A field that is not in the JSON leaves in a variable what was there: each body is read into a new one, inside postToken"
					advice.Try = check.Verbatim("go test ./steps/02-token-endpoint -run TestPostTokenBadBody") // alone it may be refused
				}
			}
			reply.WantStatus(t, advice, http.StatusBadRequest)
			reply.WantMsg(t, "", advice)
		})
	}
	t.Run("the rest in the address", func(t *testing.T) {
		query := url.Values{"username": {ada.Username}, "password": {ada.Password}}.Encode()
		for _, body := range []string{`{"password":"` + ada.Password + `"}`, `{"username":"` + ada.Username + `"}`, ``} {
			advice := check.Advice{Why: empty, Look: check.Todo("token.go", 1)}
			p.Post(t, "/token", body).WantStatus(t, advice, http.StatusBadRequest)
			advice.Why = "with nothing behind the ? this body is refused: so what it lacks comes from the address, which is in logs and histories. FormValue, Query and ShouldBind read it, too"
			p.Post(t, "/token?"+query, body).WantStatus(t, advice, http.StatusBadRequest)
		}
	})
	for _, tc := range []struct {
		name   check.Text
		header http.Header
		bodies []string
		why    check.Text
	}{
		{"the rest in a header", http.Header{
			"Content-Type":  {"application/json"},
			"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(ada.Username+":"+ada.Password))},
			"Cookie":        {"username=" + ada.Username + "; password=" + url.QueryEscape(ada.Password)},
			"X-Username":    {ada.Username}, "X-Password": {ada.Password},
		}, []string{``, `{}`, `{"username":"` + ada.Username + `"}`}, "name and password come from the body alone: browsers send Authorization and Cookie by themselves, for pages of others, too"},
		{"a form", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			[]string{url.Values{"username": {ada.Username}, "password": {ada.Password}}.Encode()}, "a form can be sent by any page of anybody; a body that is no JSON is none here: c.ShouldBind reads forms, too, c.ShouldBindJSON does not"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			advice := check.Advice{Why: empty, Look: check.Todo("token.go", 1)}
			for _, body := range tc.bodies {
				p.Post(t, "/token", body).WantStatus(t, advice, http.StatusBadRequest)
				with := advice
				with.Why = tc.why
				p.Do(t, check.Request{Method: http.MethodPost, Path: "/token", Body: body, Header: tc.header, About: tc.name, NoCurl: true}).WantStatus(t, with, http.StatusBadRequest)
			}
		})
	}
	t.Run("more than 1 MiB", func(t *testing.T) {
		advice := check.Advice{Why: "a body without limit fills the memory; limitBody makes reading it an error", Look: check.Todo("token.go", 1)}
		padding := strings.Repeat("a", 1<<20)
		reply := p.Do(t, check.Request{
			Method: http.MethodPost,
			Path:   "/token",
			Header: http.Header{"Content-Type": {"application/json"}},
			Body:   strings.TrimSuffix(check.LoginBody(ada.Username, ada.Password), "}") + `,"padding":"` + padding + `"}`,
			About:  "1 MiB of padding",
		})
		reply.WantStatus(t, advice, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
		reply.WantMsg(t, "", advice)
	})
}

// TestPostTokenBadLogin: whatever is wrong about a login, the answer is the same 401.
func TestPostTokenBadLogin(t *testing.T) {
	check.Judges(t, 2)
	p := check.Running(t)
	ada := p.AddUser(t)
	long := p.AddUserWith(t, strings.Repeat("long", 18), bcrypt.MinCost) // 72 bytes
	letters := p.AddUserWith(t, strings.Repeat("ñ", 36), bcrypt.MinCost)
	const wrong = "a login that takes any password protects nothing"
	const unknown = "Take returns an error if nobody has that name: is it looked at?"
	for _, tc := range []struct {
		name     string
		username string
		password string
		why      check.Text
	}{
		{"wrong password", ada.Username, "guess", wrong},
		{"the hash as the password", ada.Username, ada.PasswordHash, "who has stolen the hashes must not be able to log in with them; bcrypt compares, == does not"},
		{"unknown user", check.RandomText(5), ada.Password, unknown},
		{"the first user's password", ada.Username, check.Ada.Password, wrong},
		{"a quote as a name", "'", "guess", "with Where(\"username = ?\", name) a name stays a name, whatever is in it"},
		{"a name in capitals", strings.ToUpper(ada.Username), ada.Password, "ada and ADA are two names, and may be two people"},
		{"a name with a wildcard", ada.Username[:len(ada.Username)-1] + "%", ada.Password, "LIKE takes % for anything; = does not"},
		{"the password in capitals", ada.Username, strings.ToUpper(ada.Password), "a password is compared as it was typed"},
		{"the password and a space", ada.Username, ada.Password + " ", "a password is compared as it was typed; a space belongs to it"},
		{"SQL behind the name", ada.Username + "' --", ada.Password, "with Where(\"username = ?\", name) a name stays a name, whatever is in it"},
		{"SQL as a password", ada.Username, "' OR '1'='1", "what is put into SQL as text can change the question"},
		{"SQL as a name", "' OR username = '" + ada.Username, ada.Password, "with Where(\"username = ?\", name) a name stays a name, whatever is in it"},
		{"80 bytes for a password", ada.Username, strings.Repeat("a", 80), "bcrypt takes 72 bytes at most; more is a wrong password, not a failure of yours"},
		{"72 right bytes and 1 more", long.Username, long.Password + "1", "bcrypt compares the first 72 bytes only: look at len(password) too"},
		{"36 right letters of two bytes and more", letters.Username, letters.Password + "12345678", "bcrypt compares the first 72 bytes only, and 36 letters ñ are 72; len counts bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.name != "wrong password" { // that one comes first
				t.Parallel()
			}
			advice := check.Advice{Why: tc.why, Look: check.Todo("token.go", 2)}
			if strings.HasPrefix(tc.password, "longlong") || strings.HasPrefix(tc.password, "ñ") {
				advice.Try = check.Verbatim("go test ./steps/02-token-endpoint -run TestPostTokenBadLogin/" + strings.Fields(tc.name)[0]) // ada has a short one
			}
			reply := p.Post(t, "/token", check.LoginBody(tc.username, tc.password))
			switch reply.Status {
			case http.StatusOK:
				if !strings.Contains(reply.Body, `"token"`) {
					advice.Why = "200 says that all went well: clients go by the status, not by what stands in the body"
				}
			case http.StatusBadRequest:
				if advice.Why = "the body is as it should be: a password that is too long is a wrong one, like any other"; len(tc.password) <= 72 {
					advice = bodyRefused
				}
			case http.StatusTooManyRequests:
				advice.Why = locked
			case http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity:
				advice.Why = "every failed login is answered with the same 401: a difference tells a stranger which names exist"
			}
			reply.WantStatus(t, advice, http.StatusUnauthorized)
			reply.WantMsg(t, "Bad username or password", advice)
			advice.Why = "a difference tells a stranger which names exist"
			usual := p.Post(t, "/token", check.LoginBody(ada.Username, "guess"))
			if usual.Status == http.StatusTooManyRequests {
				advice.Why = locked
			}
			usual.WantStatus(t, advice, http.StatusUnauthorized)
			if reply.Body != usual.Body {
				reply.Fail(t, "", check.Textf("the same bytes, whatever is wrong with a login. A wrong password got %s", check.Verbatim(usual.Body)), advice)
			}
			if got, want := headerNames(reply), headerNames(usual); got != want {
				reply.Fail(t, check.Textf("the headers %s", check.Verbatim(got)), check.Textf("the same headers, whatever is wrong with a login. A wrong password got %s", check.Verbatim(want)), advice)
			}
		})
	}
}

// headerNames returns the names of the headers of an answer.
func headerNames(reply *check.Reply) string {
	return strings.Join(slices.Sorted(maps.Keys(reply.Header)), ", ")
}

// locked is why a login is answered with 429.
const locked = "429 says that there were too many requests: does the program count failed logins, and lock? Nobody has asked for that here, and who knows the right password would be locked out, too"

// TestPostTokenNoHash: what stands in the place of a hash and is none fits no password.
func TestPostTokenNoHash(t *testing.T) {
	check.Judges(t, 2)
	p := check.Running(t)
	ada := p.AddUser(t)
	wantUsual(t, p, ada)
	for _, hash := range []string{"!", "", ada.Password, ada.PasswordHash[:40], "$2a$99$" + ada.PasswordHash[7:]} {
		p.WithoutHash(t, ada, hash, func() {
			request := loginRequest(ada, check.Textf("with her password, while %s stands in password_hash", check.Verbatim(fmt.Sprintf("%.12q", hash))))
			advice := check.Advice{Why: "no password fits what stands in the place of the hash, and somebody got in: is bcrypt asked at every login, and is only nil taken for a yes? Or is it kept that the password was right before?", Look: check.Todo("token.go", 2)}
			p.Do(t, request).WantStatus(t, advice, http.StatusUnauthorized, http.StatusInternalServerError)
		})
	}
}

// bodyRefused is where to look when a body that is right is answered with 400.
var bodyRefused = check.Advice{Why: "the body is right, and is refused: is it read once, does ShouldBindJSON get &in, do the fields of credentials begin with a capital letter, and do the tags ask for no more than required?", Look: check.Todo("token.go", 1)}

// replyAdvice is where to look when the answer to a right login is wrong.
var replyAdvice = check.Advice{Why: "the front end takes the token from here", Look: check.Todo("token.go", 3)}

// wantLoggedIn expects 200 for a right login. What came instead tells where to
// look.
func wantLoggedIn(t testing.TB, p *check.Program, u check.User, reply *check.Reply) {
	t.Helper()
	advice := replyAdvice
	switch reply.Status {
	case http.StatusBadRequest:
		advice = bodyRefused
	case http.StatusInternalServerError:
		advice.Why = "500 is a failure of the program, in bcrypt or in the database; what it printed says where, if it printed the error"
		if p.Post(t, "/token", check.LoginBody(u.Username, "guess")).Status == http.StatusUnauthorized {
			advice = claimAdvice("a wrong password is refused as it should be, so this failure comes behind that: what does createAccessToken return as its error? For HS256, SignedString wants the key as bytes")
		}
	case http.StatusUnauthorized:
		advice = check.Advice{Why: "the password is right, and is refused. Is the user found: username = ?, and .Error behind Take? Then: the hash comes first, and the password second; two hashes of one password are never equal", Look: check.Todo("token.go", 2)}
	}
	reply.WantStatus(t, advice, http.StatusOK)
}

// TestPostToken: a right login is answered with a token.
func TestPostToken(t *testing.T) {
	check.Judges(t, 1, 2, 3)
	p := check.Running(t)
	ada, grace := p.AddUser(t), p.AddUser(t)
	t.Run("right password", func(t *testing.T) { wantToken(t, p, ada) })
	t.Run("another user", func(t *testing.T) { wantToken(t, p, grace) })
	t.Run("password of 72 bytes", func(t *testing.T) {
		check.Judges(t, 2)
		wantUsual(t, p, ada)
		u := p.AddUserWith(t, strings.Repeat("long", 18), bcrypt.MinCost)
		wantTaken(t, p, u, check.Request{Body: check.LoginBody(u.Username, u.Password)}, "bcrypt takes 72 bytes: a password of exactly 72 is as good as any other, one of 73 is too long")
	})
	t.Run("ada with 12341234", func(t *testing.T) {
		first := check.Ada
		first.ID = p.UserID(t, first.Username)
		wantToken(t, p, first)
	})
	t.Run("without a Content-Type", func(t *testing.T) {
		check.Judges(t, 1)
		advice := check.Advice{Why: "c.ShouldBind goes by the Content-Type; c.ShouldBindJSON reads JSON whatever it says", Look: check.Todo("token.go", 1)}
		wantLoggedIn(t, p, ada, p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password)))
		p.Do(t, check.Request{
			Method: http.MethodPost,
			Path:   "/token",
			Body:   check.LoginBody(ada.Username, ada.Password),
			About:  "no Content-Type",
			NoCurl: true,
		}).WantStatus(t, advice, http.StatusOK)
	})
	for _, tc := range []struct {
		name     string
		username string
		password string
		why      check.Text
	}{
		{"every sign of a keyboard", characters(' ', '~') + check.RandomText(3), characters('!', '/') + characters(':', '@') + characters('[', '`') + characters('{', '~') + ` \n%s <b>&lt;é`, "name and password are taken exactly as they are sent: nothing is escaped, cut or refused because of a character in it"},
		{"spaces at the ends", "  ada " + check.RandomText(3) + " ", " " + check.RandomPassword() + " ", "spaces belong to a name and to a password, at their ends, too"},
		{"nothing but spaces", "  \t" + strings.Repeat(" ", 1+int(ada.ID%50)), "   ", "a name or a password of spaces is there, and is no empty one: nothing is trimmed before it is looked at"},
		{"letters of several bytes", "Zoë 日本 " + check.RandomText(3), "ключ € ñandú " + check.RandomPassword(), "a name and a password may be in any language"},
		{"a letter and its accent apart", "Zoe\u0308 日本 " + check.RandomText(3), "n\u0303andu\u0301-" + check.RandomPassword(), "n and ~ together look like ñ, and are other bytes: they are compared as they are sent"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			check.Judges(t, 1, 2)
			wantUsual(t, p, ada)
			u := p.AddUserWith(t, tc.password, bcrypt.MinCost)
			p.RenameUser(t, u, tc.username)
			u.Username = tc.username
			wantTaken(t, p, u, check.Request{Body: check.LoginBody(tc.username, tc.password)}, tc.why)
		})
	}
	t.Run("escapes", func(t *testing.T) {
		check.Judges(t, 1)
		wantUsual(t, p, ada)
		u := p.AddUserWith(t, "/😀\"\\\b\f\n\r\t"+check.RandomPassword(), bcrypt.MinCost)
		u.Username = "Zoë/😀" + check.RandomText(3)
		p.RenameUser(t, u, u.Username)
		short := strings.NewReplacer("/", `\/`, `"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
		const why = "JSON may write any character as an escape, one of two halves, too: encoding/json, and ShouldBindJSON with it, reads them all. What it has read is compared as it is: no character is taken out, a tab or a line break neither"
		wantTaken(t, p, u, check.Request{Body: fmt.Sprintf(`{"username":"%s","password":"%s"}`, short.Replace(u.Username), short.Replace(u.Password))}, why)
		wantTaken(t, p, u, check.Request{Body: fmt.Sprintf(`{"username":"%s","password":"%s"}`, escaped(u.Username), escaped(u.Password))}, why)
	})
	for _, tc := range []struct {
		name   check.Text
		header http.Header
	}{
		{"asked for XML", http.Header{"Accept": {"application/xml, text/plain;q=0.9"}}},
		{"asked by a browser", http.Header{"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, "Accept-Language": {"es-MX,es;q=0.9"}, "Origin": {"null"}, "Cookie": {"theme=dark"}, "User-Agent": {"Mozilla/5.0"}}},
		{"through a proxy", http.Header{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}, "X-Http-Method-Override": {"GET"}, "X-Original-Url": {"/health"}, "Authorization": {"Bearer x.y.z"}}},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			check.Judges(t, 3)
			wantUsual(t, p, ada)
			tc.header.Set("Content-Type", "application/json")
			for _, password := range []string{ada.Password, "guess"} {
				reply := p.Do(t, check.Request{Method: http.MethodPost, Path: "/token", Body: check.LoginBody(ada.Username, password), Header: tc.header, About: tc.name, NoCurl: true})
				advice := check.Advice{Why: asked, Look: check.Todo("token.go", 3)}
				if password == "guess" {
					reply.WantStatus(t, advice, http.StatusUnauthorized)
					reply.WantMsg(t, "Bad username or password", advice)
					continue
				}
				reply.WantStatus(t, advice, http.StatusOK)
				wantID(t, reply, ada, advice)
			}
		})
	}
	body := check.LoginBody(ada.Username, ada.Password)
	for _, tc := range []struct {
		name    string
		request check.Request
		why     check.Text
	}{
		{"other spacing and order", check.Request{Body: fmt.Sprintf("\r\n{\n\t\"password\" :%s , \"username\":\"\\u0061%s\" }\n", check.JSONText(ada.Password), ada.Username[1:])}, "JSON may be written in many ways, with spaces, escapes and in any order: ShouldBindJSON reads them all"},
		{"in chunks", check.Request{Body: body, Chunks: true, About: "in chunks, without a Content-Length"}, "who does not know how long a body will be sends it in chunks (RFC 9112 §7.1), and Gin reads it as any other: look at the body, not at Content-Length"},
		{"in two packets", check.Request{Body: padded(body, 1500), Piece: 1000, About: "1500 bytes, in two packets"}, "what comes over the network comes in pieces: one Read returns what is there, and ShouldBindJSON reads to the end"},
		{"byte by byte", check.Request{Body: body, Piece: 1, About: "byte by byte"}, "what comes over the network comes in pieces: one Read returns what is there, and ShouldBindJSON reads to the end"},
		{"nearly 1 MiB", check.Request{Body: padded(body, 1<<20-1), About: "nearly 1 MiB, most of it spaces"}, "limitBody lets through up to 1 MiB: no other limit is needed"},
		{"another user in the address", check.Request{Path: "/token?" + url.Values{"username": {grace.Username}, "password": {grace.Password}}.Encode(), Body: body}, "what stands in the address is in logs and histories, and anybody can put it into a link: name and password come from the body alone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			check.Judges(t, 1)
			wantUsual(t, p, ada)
			wantTaken(t, p, ada, tc.request, tc.why)
		})
	}
	t.Run("not to be stored", func(t *testing.T) {
		check.Judges(t, 3)
		reply := p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password))
		wantLoggedIn(t, p, ada, reply)
		advice := check.Advice{Why: "a token in a cache is a token for whoever reads the cache (RFC 6749 §5.1); c.JSON sends the headers: does c.Header stand before it, with this value?", Look: check.Todo("token.go", 3)}
		reply.WantHeader(t, "Cache-Control", check.Verbatim("Cache-Control: no-store"), advice, func(value string) bool {
			return strings.Contains(strings.ToLower(value), "no-store")
		})
	})
	t.Run("no hash in the answer", func(t *testing.T) {
		check.Judges(t, 3)
		reply := p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password))
		wantLoggedIn(t, p, ada, reply)
		advice := check.Advice{Why: "hashes stay in the database: with one, passwords can be guessed without asking you", Look: check.Todo("token.go", 3)}
		reply.WantWithout(t, "the password", ada.Password, advice)
		reply.WantWithout(t, "the password's hash", ada.PasswordHash, advice)
	})
}

// asked is why other headers change nothing.
const asked = "the answer is the same JSON, whatever else a client says about itself or would like to have: c.JSON sends it, c.Negotiate and the like choose"

// escaped returns a text with each of its characters as JSON's \u….
func escaped(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, `\u%04X`, unit)
	}
	return b.String()
}

// characters returns the characters from first to last.
func characters(first, last rune) string {
	var b strings.Builder
	for r := first; r <= last; r++ {
		b.WriteRune(r)
	}
	return b.String()
}

// padded returns an object in JSON with spaces in it, so that it has so many bytes.
func padded(object string, bytes int) string {
	return "{" + strings.Repeat(" ", bytes-len(object)) + object[1:]
}

// wantUsual expects the usual login to be answered with the user's id, before a check tries
// an unusual one.
func wantUsual(t testing.TB, p *check.Program, u check.User) {
	t.Helper()
	reply := p.Post(t, "/token", check.LoginBody(u.Username, u.Password))
	wantLoggedIn(t, p, u, reply)
	wantID(t, reply, u, replyAdvice)
}

// wantTaken expects a login that is right to be taken, in whatever form it comes.
func wantTaken(t testing.TB, p *check.Program, u check.User, request check.Request, why check.Text) {
	t.Helper()
	request.Method, request.Path = http.MethodPost, cmp.Or(request.Path, "/token")
	request.Header = http.Header{"Content-Type": {"application/json"}}
	request.NoCurl = true
	reply := p.Do(t, request)
	advice := check.Advice{Why: why, Look: check.Todo("token.go", 1)}
	if reply.Status == http.StatusUnauthorized {
		advice.Look = check.Todo("token.go", 2)
	}
	reply.WantStatus(t, advice, http.StatusOK)
	wantID(t, reply, u, advice)
}

// wantToken expects the right answer to this user's login.
func wantToken(t testing.TB, p *check.Program, u check.User) {
	t.Helper()
	reply := p.Post(t, "/token", check.LoginBody(u.Username, u.Password))
	wantLoggedIn(t, p, u, reply)
	token, isText := reply.JSON(t, replyAdvice)["token"].(string)
	advice := check.Advice{Why: "clients read these two fields, and a user_id that is a number", Look: check.Todo("token.go", 3)}
	if want := (map[string]any{"token": token, "user_id": u.ID}); !isText || !reply.HasFields(want) {
		reply.Fail(t, "", check.Textf("%s, with these two fields", check.Verbatim(fmt.Sprintf(`{"token":"…","user_id":%d}`, u.ID))), advice)
	}
}

// TestPostTokenTrailingText: what follows the JSON value is not ignored. A
// stretch check.
func TestPostTokenTrailingText(t *testing.T) {
	check.Stretch(t)
	p := check.Running(t)
	ada := p.AddUser(t)
	for _, tc := range []struct{ name, rest string }{{"another object", `{"x":1}`}, {"a word", ` x`}, {"a bracket", `]`}} {
		t.Run(tc.name, func(t *testing.T) {
			advice := check.Advice{Why: "ShouldBindJSON reads one value and stops; what one program ignores, another may read and trust", Look: check.File("token.go")}
			reply := p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password)+tc.rest)
			reply.WantStatus(t, advice, http.StatusBadRequest)
			reply.WantMsg(t, "", advice)
		})
	}
}

// TestPostTokenTiming: an unknown user takes as long to refuse as a wrong
// password. A stretch check.
func TestPostTokenTiming(t *testing.T) {
	check.Stretch(t)
	p := check.Running(t)
	ada := p.AddUserWith(t, check.RandomText(6), bcrypt.DefaultCost)
	advice := check.Advice{Why: "who measures the time learns which names exist: compare with some hash even if there is no user, and refuse even if it fits", Look: check.File("token.go")}
	quickest := [2]time.Duration{time.Hour, time.Hour} // for a wrong password, for an unknown name
	less, more := 0, 0                                 // pairs in which the unknown name took less than half as long, or more than twice
	for n := range 15 {
		var took [2]time.Duration
		for i := range took {
			i = (i + n) % 2 // on a busy computer, the first of two waits less: each is it in its turn
			took[i] = timeLogin(t, p, []string{ada.Username, check.RandomText(5)}[i], advice)
			quickest[i] = min(quickest[i], took[i])
		}
		if took[1] < took[0]/2 {
			less++
		}
		if took[1] > took[0]*2 {
			more++
		}
		if n-max(less, more) > 2 { // too many are alike
			return
		}
	}
	check.Fail(t, check.Finding{
		Sent:   "POST /token fifteen times with a wrong password, and fifteen times with an unknown name",
		Got:    check.Textf("nearly each time, the one took more than twice as long as the other: at best %v for a wrong password, %v for an unknown name", quickest[0].Round(100*time.Microsecond), quickest[1].Round(100*time.Microsecond)),
		Want:   "about the same, within a factor of two",
		Advice: advice,
	})
}

// timeLogin returns how long a wrong login takes to refuse.
func timeLogin(t *testing.T, p *check.Program, username string, advice check.Advice) time.Duration {
	t.Helper()
	start := time.Now()
	p.Post(t, "/token", check.LoginBody(username, "guess")).WantStatus(t, advice, http.StatusUnauthorized)
	return time.Since(start)
}
