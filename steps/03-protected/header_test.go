package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
)

// TestNoToken: who brings no token is told what to bring.
func TestNoToken(t *testing.T) {
	check.Judges(t, 1)
	p := check.Running(t)
	advice := headerAdvice("whoever has no token must not get in, and is told what to bring")
	t.Run("no header", func(t *testing.T) {
		wantToldWhatToBring(t, p.Do(t, check.Request{Path: "/protected"}), advice)
	})
	t.Run("an empty header", func(t *testing.T) {
		reply := get(t, p, "", "an empty header")
		reply.WantStatus(t, advice, http.StatusUnauthorized)
		reply.WantMsg(t, "", advice)
	})
}

// wantToldWhatToBring expects the answer to a request without a token.
func wantToldWhatToBring(t testing.TB, reply *check.Reply, advice check.Advice) {
	t.Helper()
	reply.WantStatus(t, advice, http.StatusUnauthorized)
	reply.WantMsg(t, "Missing Authorization Header", advice)
	wantChallenge(t, reply, false, advice)
}

// TestHeader: one scheme, one token, in one header.
func TestHeader(t *testing.T) {
	check.Judges(t, 1)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	for _, tc := range []struct {
		name   check.Text
		header string
		why    check.Text
	}{
		{"another scheme", "Basic " + token.Raw, "whoever sends another scheme means something else; only Bearer is spoken here"},
		{"a scheme that begins like it", "BearerX " + token.Raw, "the whole first word is the scheme"},
		{"a bare token", token.Raw, "the first word has to be the scheme, Bearer"},
		{"no space", "Bearer" + token.Raw, "a space ends the scheme"},
		{"Bearer alone", "Bearer", "how many words are there? An index that is not there is a panic"},
		{"Bearer and a space", "Bearer ", "how many words are there? An index that is not there is a panic"},
		{"the token twice", "Bearer " + token.Raw + " " + token.Raw, "two words, no more: what is behind them would be ignored"},
		{"a word too many", "Bearer " + token.Raw + " x", "two words, no more: what is behind them would be ignored"},
		{"a comma", "Bearer " + token.Raw + ", Basic eDp4", "two words, no more: what is behind them would be ignored"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			advice := headerAdvice(tc.why)
			advice.Failure = strings.TrimSpace(tc.header) == "Bearer"
			wantLockedOut(t, get(t, p, tc.header, tc.name), ada, advice)
		})
	}
	t.Run("signs around the token", func(t *testing.T) {
		advice := headerAdvice("a token consists of letters, digits, - and _, with dots between its parts (RFC 7515 §2): nothing is taken off it, cut or ignored")
		wantUser(t, get(t, p, "Bearer "+token.Raw, "a good token"), ada, right)
		const signs = "!\"#$%&'()*+,/:;<=>?@[]^`{|}~.-_\\"
		for i := range check.Spread(3 * len(signs)) {
			sign := signs[i/3 : i/3+1]
			around := []string{sign + token.Raw, token.Raw + sign, sign + token.Raw + sign}[i%3]
			wantLockedOut(t, get(t, p, "Bearer "+around, check.Textf("%s at the ends of the token", check.Verbatim(sign))), ada, advice)
		}
		for _, around := range []string{"<" + token.Raw + ">", "{" + token.Raw + "}", "token=" + token.Raw, "Bearer:" + token.Raw, token.Raw[:len(token.Raw)/2] + "\t" + token.Raw[len(token.Raw)/2:]} {
			wantLockedOut(t, get(t, p, "Bearer "+around, "something else around the token, or in it"), ada, advice)
		}
	})
	t.Run("the program's own cookie", func(t *testing.T) {
		reply := get(t, p, "Bearer "+token.Raw, "a good token")
		wantUser(t, reply, ada, right)
		own := (&http.Response{Header: reply.Header}).Cookies()
		if len(own) == 0 {
			return
		}
		header := http.Header{}
		for _, cookie := range own {
			header.Add("Cookie", cookie.Name+"="+cookie.Value)
		}
		wantLockedOut(t, p.Do(t, check.Request{Path: "/protected", Header: header, About: "without a token, and with the cookie that the program has set when the token was good"}), ada,
			headerAdvice("every request brings its token in the header: a cookie that lets its bearer in is a second token, which browsers send by themselves, for other sites' pages, too"))
	})
	elsewhere := headerAdvice("addresses stand in logs and histories, cookies are sent by other sites' pages: the token is looked for in one place")
	for _, tc := range []struct {
		name    string
		request check.Request
	}{
		{"token in the query", check.Request{Path: "/protected?token=" + token.Raw}},
		{"access_token in the query", check.Request{Path: "/protected?access_token=" + token.Raw}},
		{"jwt in the query", check.Request{Path: "/protected?jwt=" + token.Raw + "&jwt-token=" + token.Raw + "&auth=" + token.Raw + "&Authorization=" + token.Raw}},
		{"token in another header", check.Request{Path: "/protected", Header: http.Header{"X-Access-Token": {token.Raw}, "X-Auth-Token": {token.Raw}}, About: "the token in X-Access-Token"}},
		{"token in a cookie", check.Request{Path: "/protected", Header: http.Header{"Cookie": {"token=" + token.Raw + "; access_token=" + token.Raw + "; jwt-token=" + token.Raw}}}},
		{"token in the body", check.Request{Path: "/protected", Body: url.Values{"access_token": {token.Raw}, "token": {token.Raw}}.Encode(), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantLockedOut(t, p.Do(t, tc.request), ada, elsewhere)
		})
	}
}
