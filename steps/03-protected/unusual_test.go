package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// TestPublic: what was public stays public.
func TestPublic(t *testing.T) {
	p := check.Running(t)
	ada := p.AddUser(t)
	advice := check.Advice{Why: "who has no token yet must be able to get one", Look: check.File("main.go")}
	p.Get(t, "/health").WantStatus(t, advice, http.StatusOK)
	p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password)).WantStatus(t, advice, http.StatusOK)
}

// TestPublicWithBadToken: who brings a token that is not good to what is public gets in.
func TestPublicWithBadToken(t *testing.T) {
	p := check.Running(t)
	ada, token := newLogin(t, p)
	expired := p.Forge(t, token, check.Forgery{Claims: map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}})
	advice := check.Advice{Why: "whose token is over must be able to log in again, and a client may send it along: jwtRequired stands before /protected alone", Look: check.File("main.go")}
	for _, header := range []string{"Bearer " + expired, "Bearer x.y.z", "Bearer", "Basic eDp4"} {
		p.Get(t, "/health", "Authorization: "+header).WantStatus(t, advice, http.StatusOK)
		p.Post(t, "/token", check.LoginBody(ada.Username, ada.Password), "Authorization: "+header).WantStatus(t, advice, http.StatusOK)
	}
}

// TestNothingPanics: the strangest header is a wrong header, not a failure.
func TestNothingPanics(t *testing.T) {
	check.Judges(t, 2)
	p := check.Running(t)
	for _, tc := range []struct {
		name   check.Text
		header string
	}{
		{"spaces and dots", "Bearer . . ."},
		{"four dots", "Bearer ...."},
		{"bytes that are no text", "Bearer \xff\xfe.\xff.\xff"},
		{"8 KiB", "Bearer " + strings.Repeat("a.", 4096)},
		{"null as the header", "Bearer bnVsbA.bnVsbA.bnVsbA"},
		{"a list as the header", "Bearer W10.W10.W10"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			advice := verifyAdvice("whatever a client sends is the client's mistake: 401, never 500")
			get(t, p, tc.header, tc.name).WantStatus(t, advice, http.StatusUnauthorized)
		})
	}
}
