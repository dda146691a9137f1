package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// claimAdvice is where to look when a token is wrong.
func claimAdvice(why check.Text) check.Advice {
	return check.Advice{Why: why, Look: check.Todo("token.go", 4)}
}

// login logs a user in and returns the token; it looks at TODO 3 as long as
// there is no answer, and at TODO 4 after that.
func login(t testing.TB, p *check.Program, u check.User) (*check.Reply, check.Token) {
	t.Helper()
	reply := p.Post(t, "/token", check.LoginBody(u.Username, u.Password))
	wantLoggedIn(t, p, u, reply)
	advice := claimAdvice("a token is three parts in base64url: header.payload.signature (RFC 7519 §3)")
	if raw, _ := reply.JSON(t, advice)["token"].(string); raw == "" {
		advice.Why = "the token is what the client came for: does createAccessToken make one, and is the error of SignedString looked at?"
	}
	return reply, reply.Token(t, advice)
}

// loginAs logs a user in, and expects the token to be hers: where that is wrong, nothing else
// is to be blamed.
func loginAs(t testing.TB, p *check.Program, u check.User) {
	t.Helper()
	reply, token := login(t, p, u)
	if id := fmt.Sprint(u.ID); token.Claims["sub"] != id {
		failClaim(t, reply, token, "sub", check.Verbatim(fmt.Sprintf(`"sub": %q`, id)), claimAdvice("the subject is how the next step knows whose token it is: the user's id, in decimal digits"))
	}
}

// TestToken: the token says who it is for and until when, and is signed.
func TestToken(t *testing.T) {
	check.Judges(t, 4)
	p := check.Running(t)
	ada, grace := p.AddUser(t), p.AddUser(t)
	other := check.New(t) // another secret, another lifetime, the same users
	other.Setenv("DATABASE_PATH", p.Database)
	other.Setenv("JWT_ACCESS_TOKEN_EXPIRES", "90s")
	other.Setenv("JWT_SECRET_KEY", check.RareText(33))

	t.Run("algorithm", func(t *testing.T) {
		reply, token := login(t, p, ada)
		if token.Header["alg"] != "HS256" {
			failClaim(t, reply, token, "alg", check.Verbatim(`"alg": "HS256"`), claimAdvice("/health promises HS256, and the next step accepts nothing else"))
		}
	})
	t.Run("subject", func(t *testing.T) {
		users := []check.User{ada, grace}
		if strconv.IntSize == 64 { // else a uint has no such id
			alan := p.AddUser(t)
			p.GiveID(t, &alan, ada.ID+1<<32)
			users = append(users, alan)
		}
		for _, u := range users {
			reply, token := login(t, p, u)
			want := fmt.Sprint(u.ID)
			if u.ID != ada.ID && token.Claims["sub"] == fmt.Sprint(ada.ID) {
				failClaim(t, reply, token, "sub", check.Textf("%s, the user's id as a string", check.Verbatim(fmt.Sprintf(`"sub": %q`, want))), claimAdvice("that is the id of another user, who is let in with it: is a large id cut down, to 32 bits for one? Or is somebody else's id kept?"))
			}
			switch token.Claims["sub"] {
			case want:
			case json.Number(want):
				failClaim(t, reply, token, "sub", check.Textf("%s, a string", check.Verbatim(fmt.Sprintf(`"sub": %q`, want))), claimAdvice("a subject is a string (RFC 7519 §4.1.2); as a number, many libraries refuse it: strconv makes a string of it"))
			default:
				failClaim(t, reply, token, "sub", check.Textf("%s, the user's id as a string", check.Verbatim(fmt.Sprintf(`"sub": %q`, want))), claimAdvice("the subject is how the next step knows whose token it is"))
			}
		}
	})
	t.Run("times", func(t *testing.T) { wantTimes(t, p, ada, 15*time.Minute) })
	t.Run("no secrets in it", func(t *testing.T) {
		reply, token := login(t, p, ada)
		payload := fmt.Sprint(token.Header, token.Claims)
		for _, tc := range []struct {
			name   check.Text
			secret string
		}{{"the password", ada.Password}, {"its hash", ada.PasswordHash}, {"the signing secret", p.Secret}} {
			if strings.Contains(payload, tc.secret) {
				failToken(t, reply, token, "", check.Textf("a token with %s in it", tc.name), check.Textf("a token without %s", tc.name), claimAdvice("a token is signed, not encrypted: everyone who has it can read it"))
			}
		}
	})
	t.Run("signature", func(t *testing.T) {
		reply, token := login(t, p, ada)
		wantSignedBy(t, reply, token, p.Secret)
	})
	t.Run("another lifetime and secret", func(t *testing.T) {
		login(t, p, ada) // before another program is started for nothing
		other.Start(t)
		wantTimes(t, other, ada, 90*time.Second)
		reply, token := login(t, other, ada)
		wantSignedBy(t, reply, token, other.Secret)
		if part := check.PartOf(other.Secret, fmt.Sprint(token.Header, token.Claims, reply.Header, reply.Body)); part != "" {
			failToken(t, reply, token, "", check.Textf("a part of the signing secret, in the token or beside it: %s", check.Verbatim(part)), "nothing of the secret", claimAdvice("a token is signed, not encrypted: everyone who has it can read it"))
		}
	})
}

// failClaim fails the test because of a field of a token.
func failClaim(t testing.TB, reply *check.Reply, token check.Token, mark string, want check.Text, advice check.Advice) {
	t.Helper()
	got := check.Textf("no %s", mark)
	for _, fields := range []map[string]any{token.Header, token.Claims} {
		if value, ok := fields[mark]; ok {
			got = check.Verbatim(fmt.Sprintf("%q: %s", mark, check.JSONText(value)))
		}
	}
	failToken(t, reply, token, mark, got, want, advice)
}

// failToken fails the test because of a token, shown taken apart.
func failToken(t testing.TB, reply *check.Reply, token check.Token, mark string, got, want check.Text, advice check.Advice) {
	t.Helper()
	reply.Fail(t, got, want, advice, token.Describe(mark))
}

// wantSignedBy expects a token that this secret verifies.
func wantSignedBy(t testing.TB, reply *check.Reply, token check.Token, secret string) {
	t.Helper()
	if err := token.Verify(secret); err != nil {
		advice := claimAdvice("whoever has JWT_SECRET_KEY must be able to verify it; its text is the key, as bytes: not decoded, not hashed")
		failToken(t, reply, token, "", "a signature that JWT_SECRET_KEY does not verify", "a signature that JWT_SECRET_KEY verifies with HS256", advice)
	}
}

// wantTimes expects a token that was made now and expires after lifetime.
func wantTimes(t testing.TB, p *check.Program, u check.User, lifetime time.Duration) {
	t.Helper()
	before := time.Now()
	reply, token := login(t, p, u)
	after := time.Now()
	fail := func(claim string, want, why check.Text) {
		t.Helper()
		failClaim(t, reply, token, claim, want, claimAdvice(why))
	}
	const seconds = "times are numbers of seconds since 1970 (RFC 7519 §2); jwt.NewNumericDate makes them"
	const early = "a token from the future is refused, be it by half a second: is the time rounded? jwt.NewNumericDate cuts it"
	clock := func(now time.Time) check.Text {
		return check.Verbatim(fmt.Sprintf("%.1f", float64(now.UnixMilli())/1000))
	}
	issued, ok := token.Time("iat")
	now := check.Textf("%s, now", check.Verbatim(fmt.Sprintf(`"iat": %d`, before.Unix())))
	if !ok {
		fail("iat", now, seconds)
	}
	if issued.Before(before.Truncate(time.Second)) {
		fail("iat", now, "iat is when this token was made: is the clock read at every login, or was it read once? Is a token kept from an earlier login?")
	}
	if _, ok := token.Claims["nbf"]; ok {
		if start, ok := token.Time("nbf"); !ok || start.After(after) {
			fail("nbf", check.Textf("no nbf, or one that the clock has reached: it was %s", clock(after)), early)
		}
	}
	if issued.After(after) {
		advice := claimAdvice(early)
		if issued.Sub(after) > time.Second {
			advice = claimAdvice("a token from the future is refused: is iat the clock's time, as in UTC, or counted on from the token before?")
			advice.Failure = true
		}
		failClaim(t, reply, token, "iat", check.Textf("%s: the clock said %s", now, clock(after)), advice)
	}
	want := check.Textf("%s, which is iat + %d seconds", check.Verbatim(fmt.Sprintf(`"exp": %d`, issued.Add(lifetime).Unix())), int(lifetime.Seconds()))
	expires, ok := token.Time("exp")
	if _, there := token.Claims["exp"]; !there {
		fail("exp", want, "a token without a time of expiry is good for ever")
	}
	if !ok {
		fail("exp", want, seconds)
	}
	if difference := expires.Sub(issued) - lifetime; difference.Abs() > time.Second {
		fail("exp", want, check.Textf("the configured lifetime is %v, and /health says so", lifetime))
	}
}
