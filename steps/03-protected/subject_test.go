package main

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"jwtworkshop/workshop/check"
)

// TestSubject: a token is for one user who is there, and never for the first one.
func TestSubject(t *testing.T) {
	check.Judges(t, 3)
	p := check.Running(t)
	ada, token := newLogin(t, p)
	before := get(t, p, "Bearer "+token.Raw, "a good token")
	text := fmt.Sprint(ada.ID)
	const first = "First and Take with an empty condition, or with a text, find the first user: parse the subject with strconv.ParseUint"
	for _, tc := range []struct {
		name  check.Text
		value any
		why   check.Text
	}{
		{"no sub", check.Remove{}, first},
		{"sub empty", "", first},
		{"sub null", nil, first},
		{"sub a number", ada.ID, "a subject is a string (RFC 7519 §4.1.2)"},
		{"sub 0", "0", "no user has the id 0. Is the error of Take looked at (Find has none for nobody)? Is the id a field of a struct in Where, which GORM leaves out of the condition when it is zero?"},
		{"sub negative", "-1", "no user has the id -1"},
		{"sub with a space", " " + text, "the subject is a number written in digits alone: strconv.ParseUint takes nothing else"},
		{"sub with a plus sign", "+" + text, "the subject is a number written in digits alone: strconv.ParseUint takes nothing else, ParseInt and Atoi take a sign, too"},
		{"sub a decimal number", text + ".0", "the subject is a number written in digits alone: strconv.ParseUint takes nothing else"},
		{"sub in hexadecimal", fmt.Sprintf("0x%x", ada.ID), "the subject is a number written in digits alone: strconv.ParseUint with base 10 takes nothing else"},
		{"sub above 32 bits", fmt.Sprint(ada.ID + 1<<32), "cut down to 32 bits, this is another user's id"},
		{"sub with SQL", text + " OR 1=1", "a text as the condition becomes part of the SQL: give Take a number"},
		{"sub a word", "abc", "an error of strconv.ParseUint that is not looked at leaves the id 0"},
		{"sub above 63 bits", "9223372036854775808", "SQLite's ids have 63 bits: strconv.ParseUint(subject, 10, 63)"},
		{"sub above 64 bits", "99999999999999999999", "an error of strconv.ParseUint that is not looked at leaves the largest number"},
		{"sub of nobody", "123456789", "Take returns an error if nobody has that id: is it looked at?"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			raw := p.Forge(t, token, check.Forgery{Claims: map[string]any{"sub": tc.value}})
			reply := get(t, p, "Bearer "+raw, tc.name, "sub")
			advice := subjectAdvice(tc.why)
			text, _ := tc.value.(string)
			if _, err := strconv.ParseUint(text, 10, 63); err == nil && reply.Status == http.StatusInternalServerError {
				advice.Why = "that there is no such user is no failure of the database: errors.Is(err, gorm.ErrRecordNotFound) tells this error of Take from the others. A bad token gets 401, and only a database that fails 500"
			}
			reply.WantWithout(t, "the first user's name", `"`+check.Ada.Username+`"`, advice)
			wantRefused(t, reply, ada, advice)
		})
	}
	wantStillGood(t, p, token, ada, before)
}
