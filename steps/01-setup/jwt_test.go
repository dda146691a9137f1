package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// TestSecret: the program starts with a good signing secret only, and says what
// is wrong with another.
func TestSecret(t *testing.T) {
	check.Judges(t, 1)
	t.Run("missing", func(t *testing.T) {
		p := check.New(t)
		p.Unsetenv("JWT_SECRET_KEY")
		wantMissing(t, p, "start without JWT_SECRET_KEY")
	})
	t.Run("empty", func(t *testing.T) {
		p := check.New(t)
		p.Setenv("JWT_SECRET_KEY", "")
		wantMissing(t, p, "start with an empty JWT_SECRET_KEY")
	})
	t.Run("of the tutorial", func(t *testing.T) {
		p := check.New(t)
		p.Setenv("JWT_SECRET_KEY", "super-secret")
		advice := check.Advice{
			Why:  "HS256 needs a secret of 32 bytes or more (RFC 7518 §3.2), and this one stands in lists of weak secrets",
			Look: check.Todo("jwt.go", 1),
			Try:  check.StartCommand("JWT_SECRET_KEY", "super-secret"),
		}
		p.WantExit(t, "start with the JWT_SECRET_KEY super-secret", advice)
	})
	t.Run("too short", func(t *testing.T) {
		p := check.New(t)
		p.Setenv("JWT_SECRET_KEY", check.RareText(31))
		advice := check.Advice{
			Why:  "HS256 needs a secret of 32 bytes or more (RFC 7518 §3.2); a short one can be guessed",
			Look: check.Todo("jwt.go", 1),
			Try:  check.StartCommand("JWT_SECRET_KEY", "0123456789012345678901234567890"),
		}
		exit := p.WantExit(t, "start with a JWT_SECRET_KEY of 31 bytes", advice)
		advice.Why = "the one who starts the program has to know which variable to set"
		exit.WantNamed(t, "JWT_SECRET_KEY", advice)
		advice.Why = "with both lengths, the one who reads the message knows what to do"
		exit.WantNumber(t, "a message that names the length found, 31", advice, "31", "248")
		exit.WantNumber(t, "a message that names the length needed, 32", advice, "32", "256")
		advice.Why = "what a program prints ends up in log files, which many can read"
		exit.WantUnsaid(t, "the secret", p.Secret, advice)
		wantHowTo(t, exit, advice)
	})
	t.Run("too short, and not shown", func(t *testing.T) {
		p := check.New(t)
		p.Setenv("JWT_SECRET_KEY", "ԱԲԳԴԵԶԷԸԹԺԻԼ")
		advice := check.Advice{Why: "what a program prints ends up in log files, which many can read: with stars in the middle, the rest is easier to guess", Look: check.Todo("jwt.go", 1)}
		p.WantExit(t, "start with a JWT_SECRET_KEY of 12 letters", advice).WantNoLetterOf(t, "the secret", p.Secret, advice)
	})
	t.Run("placeholder", func(t *testing.T) {
		p := check.New(t)
		p.Setenv("JWT_SECRET_KEY", envExample(t))
		advice := check.Advice{
			Why:  "everyone can read that one: whoever knows the secret can make tokens",
			Look: check.Todo("jwt.go", 1),
			Try:  check.StartCommand("JWT_SECRET_KEY", envExample(t)),
		}
		exit := p.WantExit(t, "start with the JWT_SECRET_KEY of .env.example", advice)
		exit.WantNamed(t, "JWT_SECRET_KEY", advice)
		wantHowTo(t, exit, advice)
	})
	const aSentence = "all of it is the secret, with its quotes, its letters of several bytes and its spaces: nothing is trimmed or made the same, and no word is looked for"
	for _, tc := range []struct {
		name   string
		secret string
		why    check.Text
	}{
		{"32 bytes", check.RandomText(16), "32 bytes are enough (RFC 7518 §3.2), and they are the key, as they are"},
		{"33 bytes", check.RandomText(16) + "x", "more than 32 bytes are fine, and all of them count"},
		{"letters of two bytes", strings.Repeat("ñ", 16), "16 letters ñ are 32 bytes, and bytes are what counts; len(secret) counts them"},
		{"base64", base64.StdEncoding.EncodeToString([]byte(check.RandomText(16))), "how it was made does not matter: the text itself is the secret, and it is not decoded"},
		{"a sentence", ` "Wörter": passWord, changeMe, super-Secret & §` + check.RandomText(4) + ` 12345678. `, aSentence},
		{"letters in pieces", "e\u0301\u0308 ﬁ Ａ Ⅷ \u200d\u00a0\t%41 \\n $HOME &amp; '" + check.RandomText(4), aSentence},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := check.New(t)
			if tc.name == "33 bytes" {
				p.Fresh() // that ada is added must not touch the key
			}
			p.Setenv("JWT_SECRET_KEY", tc.secret)
			wantKey(t, check.Running(t), "", keyAdvice) // before anything special
			advice := check.Advice{Why: tc.why, Look: check.Todo("jwt.go", 1)}
			p.Start(t, advice)
			wantKey(t, p, "", advice)
		})
	}
	t.Run("of each program", func(t *testing.T) {
		p := check.Running(t)
		wantKey(t, p, "", keyAdvice)
		reply := p.Get(t, "/example")
		advice := check.Advice{Why: "anybody can GET /example: what it shows must let nobody in, so its time has been over for long", Look: check.File("example.go")}
		if end, ok := reply.Token(t, advice).Time("exp"); !ok || end.After(time.Now()) {
			reply.Fail(t, "a token whose exp is not over, or is missing", `a token that is good for nothing: "exp": 1`, advice)
		}
	})
	t.Run("not even a part is printed", func(t *testing.T) {
		p := check.New(t)
		p.Setenv("JWT_SECRET_KEY", check.RareText(40))
		advice := check.Advice{Why: "what a program prints ends up in log files, which many can read; with a part of the secret, the rest is easier to guess", Look: check.Todo("jwt.go", 1)}
		wantUnsaid := func(about check.Text) {
			if part := check.PartOf(p.Secret, p.Output()); part != "" {
				check.Fail(t, check.Finding{Sent: about, Got: check.Textf("a part of the secret, printed: %s", check.Verbatim(part)), Want: "a program that prints nothing of it", Advice: advice})
			}
		}
		p.Start(t, check.Advice{Why: "40 bytes are enough (RFC 7518 §3.2), whatever they are", Look: check.Todo("jwt.go", 1)})
		p.Get(t, "/health").WantStatus(t, healthAdvice, http.StatusOK)
		wantUnsaid("start with a good JWT_SECRET_KEY")
		p.Setenv("JWT_ACCESS_TOKEN_EXPIRES", "soon")
		p.Stop(t)
		p.Starts(t)
		wantUnsaid("start with a good JWT_SECRET_KEY, and JWT_ACCESS_TOKEN_EXPIRES=soon")
		p.Unsetenv("JWT_SECRET_KEY")
		advice.Look = check.File("serve.go")
		for _, line := range []string{`JWT_SECRET_KEY "` + p.Secret + `"`, `JWT_SECRET_KEY="` + p.Secret} {
			require.NoError(t, check.WriteFile(filepath.Join(p.Dir, ".env"), []byte(line+"\n")))
			p.Stop(t)
			p.Starts(t)
			wantUnsaid("start with a .env in which a line with the secret is not NAME=value, or ends too soon")
		}
	})
}

// keyAdvice is where to look when a token is signed with another key than the secret.
var keyAdvice = check.Advice{Why: "the key is the secret that the environment holds, its bytes as they are", Look: check.Todo("jwt.go", 1)}

// wantKey expects GET /example to answer with a token that is signed with the program's
// secret, just as it is in the environment; about says what is special about the program.
func wantKey(t testing.TB, p *check.Program, about check.Text, advice check.Advice) {
	t.Helper()
	reply := p.Do(t, check.Request{Path: "/example", About: about})
	reply.WantStatus(t, check.Advice{Why: "example.go shows a token that is made by hand; it is complete", Look: check.File("example.go")}, http.StatusOK)
	token := reply.Token(t, check.Advice{Why: "example.go shows a token that is made by hand; it is complete", Look: check.File("example.go")})
	if err := token.Verify(p.Secret); err != nil {
		fits := func(p *check.Program) bool { return p.Get(t, "/example").Token(t, advice).Verify(p.Secret) == nil }
		switch anew := p.Again(t); {
		case anew == nil || !fits(anew):
		case fits(anew):
			advice = check.Advice{Why: "this program has added ada at its start; started again with the same file, it signs with the right key: does the key lie in memory that is used for her password, too?", Look: check.Todo("database.go", 4)}
		default:
			advice = check.Advice{Why: "the first token of a program that has just started fits JWT_SECRET_KEY, and this one, a later one, does not: is something kept from one signature to the next, such as an HMAC that is not reset?", Look: check.File("example.go")}
		}
		reply.Fail(t, check.Textf("a token whose signature does not fit JWT_SECRET_KEY: %s", check.Verbatim(check.Short(token.Raw))), "a token that is signed with the bytes of JWT_SECRET_KEY", advice)
	}
}

// wantMissing expects the program to miss its secret and to say how to make one.
func wantMissing(t *testing.T, p *check.Program, about check.Text) {
	t.Helper()
	advice := check.Advice{
		Why:  "with a secret that stands in the code, everyone who reads the code can make tokens",
		Look: check.Todo("jwt.go", 1),
		Try:  check.StartCommand("JWT_SECRET_KEY", ""),
	}
	exit := p.WantExit(t, about, advice)
	advice.Why = "the one who starts the program has to know which variable to set"
	exit.WantNamed(t, "JWT_SECRET_KEY", advice)
	wantHowTo(t, exit, advice)
}

// wantHowTo expects the message of a program that has refused its secret to say how to make a
// good one.
func wantHowTo(t *testing.T, exit check.Exit, advice check.Advice) {
	t.Helper()
	advice.Why = "the one who starts the program has to know how to get a good secret"
	exit.WantSaid(t, "a message with a way to make one, such as: openssl rand -hex 32", advice,
		"openssl", "rand", "generat", "make", "create", "uuid", ".env", "crea", "gener", "aleator", "haz", "python", "print", "secrets", "base64", "head -c", "password manager", "ejecuta", "imprime")
}

// envExample returns the JWT_SECRET_KEY of .env.example.
func envExample(t *testing.T) string {
	t.Helper()
	root, err := check.Root()
	require.NoError(t, err)
	file, err := os.Open(filepath.Join(root, ".env.example"))
	require.NoError(t, err)
	defer file.Close()
	values, err := godotenv.Parse(file)
	require.NoError(t, err)
	require.NotEmpty(t, values["JWT_SECRET_KEY"])
	return values["JWT_SECRET_KEY"]
}

// lifetimeAdvice is where to look when /health shows another lifetime.
var lifetimeAdvice = check.Advice{
	Why:  "whoever finds a token can use it until it expires: how long that is must be a decision",
	Look: check.Todo("jwt.go", 2),
}

// TestLifetime: a token lives as long as the configuration says.
func TestLifetime(t *testing.T) {
	check.Judges(t, 2)
	t.Run("15 minutes if unset", func(t *testing.T) {
		wantLifetime(t, check.Running(t).Get(t, "/health"), 900, lifetimeAdvice)
	})
	for _, tc := range []struct {
		text    string
		seconds int
	}{
		{"60s", 60}, {"1h30m", 5400}, {"1.5h", 5400}, {"+5m", 300}, {"36h", 129600},
		{"1s", 1}, {"1001ms", 1}, {"2562047h47m16s", 9223372036}, // from a second to the longest
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			p := check.New(t)
			p.Setenv("JWT_ACCESS_TOKEN_EXPIRES", tc.text)
			p.Start(t, check.Advice{Why: check.Textf("%s is a good time: time.ParseDuration reads it", tc.text), Look: check.Todo("jwt.go", 2)})
			advice := lifetimeAdvice
			advice.Try = check.StartCommand("JWT_ACCESS_TOKEN_EXPIRES", tc.text)
			wantLifetime(t, p.Do(t, check.Request{Path: "/health", About: check.Textf("started with JWT_ACCESS_TOKEN_EXPIRES=%s", tc.text)}), tc.seconds, advice)
		})
	}
	for _, text := range []string{"0", "0s", "999ms", "600ms", "-1m", "soon", "60", "2099-12-31"} {
		t.Run("refuses "+text, func(t *testing.T) {
			t.Parallel()
			p := check.New(t)
			p.Setenv("JWT_ACCESS_TOKEN_EXPIRES", text)
			advice := check.Advice{
				Why:  "whoever sets this has to learn that it cannot be: it is refused, and not replaced by a lifetime that nobody has chosen",
				Look: check.Todo("jwt.go", 2),
				Try:  check.StartCommand("JWT_ACCESS_TOKEN_EXPIRES", text),
			}
			starts := advice // and does not end
			switch text {
			case "60":
				starts.Why = "60 of what? Without a unit, one reads seconds and another nanoseconds; time.ParseDuration refuses it"
			case "0", "0s", "-1m":
				starts.Why = "no token can live so long. time.ParseDuration can read this, and so its error is nil here: the program needs an error of its own, or it starts"
			case "999ms", "600ms":
				starts.Why = "exp counts whole seconds, so a token that lives for less may be over when it is made; compare what ParseDuration returns with time.Second, before anything is rounded"
			}
			p.WantExit(t, check.Textf("start with JWT_ACCESS_TOKEN_EXPIRES=%s", text), starts).
				WantNamed(t, "JWT_ACCESS_TOKEN_EXPIRES", advice)
		})
	}
}

// wantLifetime expects the answer of /health to show this lifetime, in seconds.
func wantLifetime(t testing.TB, reply *check.Reply, seconds int, advice check.Advice) {
	t.Helper()
	reply.WantStatus(t, healthAdvice, http.StatusOK)
	settings, _ := reply.JSON(t, healthAdvice)["jwt"].(map[string]any)
	number, _ := settings["expires_in"].(json.Number)
	shown, err := number.Float64()
	if err != nil || math.Floor(shown) != float64(seconds) {
		left := float64(seconds) - shown
		switch {
		case err == nil && shown == 0:
			advice.Why = "a time.Duration counts nanoseconds, and 900 of them are no second: multiply by the unit, 15 * time.Minute"
		case err == nil && left > 0 && left <= 5:
			advice.Why = fromTheStart
		}
		reply.Fail(t, "", check.Textf("%s, in seconds", check.Verbatim(fmt.Sprintf(`"expires_in": %d`, seconds))), advice)
	}
}
