package coach

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/joho/godotenv"

	"jwtworkshop/workshop/attack"
	"jwtworkshop/workshop/internal/words"
)

// aroundToken matches what a token is often copied with: its header's name, Bearer, and the quotes and the comma
// of JSON, of JavaScript or of a shell.
var aroundToken = regexp.MustCompile("^(?i:[\\s'\"`“”‘’]|authorization:|bearer\\s)+|[\\s'\"`“”‘’,;]+$")

// bare returns a token without what it was copied with.
func bare(token string) string { return aroundToken.ReplaceAllString(token, "") }

// Inspect returns a token taken apart: its header, its claims in words, and whether it
// would be let in with the secret of the environment or of .env. It says false if that
// is no token.
func (s *Session) Inspect(token string, now time.Time, width int) (lines []string, ok bool) {
	token = bare(token)
	if token == "" {
		return wrap(say("There is no token: give one, as in\n    go run ./workshop inspect eyJhbGciOi…"), width), false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return wrap(say(words.Textf("That is no token: a token has 3 parts with dots between them, and this has %d.", len(parts))), width), false
	}
	var decoded [2][]byte
	for i := range decoded {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || !json.Valid(text) {
			return wrap(say(words.Textf("That is no token, or a damaged one: its part %d is not JSON in base64url.", i+1)), width), false
		}
		decoded[i] = text
	}
	lines = append(lines, bad.Render(parts[0])+"."+code.Render(parts[1])+"."+good.Render(parts[2]), "")
	lines = hang(strings.Join(lines, "\n"), width, 0)
	lines = append(lines, bold.Render(say("Header, how it is signed:")), "    "+bad.Render(string(decoded[0])), "")
	lines = append(lines, bold.Render(say("Claims, what it says:")))
	lines = append(lines, hang("    "+code.Render(string(decoded[1])), width, 4)...)
	for _, text := range s.claims(decoded[1], now) {
		lines = append(lines, hang("    "+text, width, 4)...)
	}
	lines = append(append(lines, ""), wrap(say("Nothing in it is secret: anyone who has the token can read this."), width)...)
	return append(lines, wrap(s.judgement(token, now), width)...), true
}

// claims returns the registered claims of a payload in words (RFC 7519 §4.1).
func (s *Session) claims(payload []byte, now time.Time) []string {
	claims := jwt.MapClaims{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return []string{err.Error()}
	}
	var said []string
	if sub, err := claims.GetSubject(); err == nil && sub != "" {
		said = append(said, say(words.Textf("whose it is: the user with the id %s", sub)))
	}
	if iat, err := claims.GetIssuedAt(); err == nil && iat != nil {
		said = append(said, say(words.Textf("made at %s", clock(iat.Time))))
	}
	if nbf, err := claims.GetNotBefore(); err == nil && nbf != nil {
		said = append(said, say(words.Textf("good from %s on", clock(nbf.Time))))
	}
	const far = 1e11 // seconds: the year 5138
	switch exp, err := claims.GetExpirationTime(); {
	case err != nil: // the judgement says so
	case exp != nil && claims["exp"].(float64) > far:
		said = append(said, say(words.Textf("exp is %s: thousands of years from now. Was it counted in milliseconds?", fmt.Sprint(claims["exp"]))))
	case exp == nil:
		said = append(said, say("no exp: it would never expire"))
	case exp.After(now):
		said = append(said, say(words.Textf("good until %s, %s from now", clock(exp.Time), s.span(exp.Sub(now)))))
	default:
		said = append(said, say(words.Textf("expired at %s, %s ago", clock(exp.Time), s.span(now.Sub(exp.Time)))))
	}
	return said
}

// clock returns a time as people write it.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// span returns how long something is as people say it.
func (s *Session) span(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day {
		return say(words.Textf("%d days", d/day))
	}
	return d.Round(time.Second).String()
}

// wrongs are what may be wrong with a token, by the errors of golang-jwt; of several that
// fit, the last one is said.
var wrongs = []struct {
	err error
	why words.Text
}{
	{jwt.ErrTokenExpired, "JWT_SECRET_KEY made its signature, but it has expired"},
	{jwt.ErrTokenNotValidYet, "JWT_SECRET_KEY made its signature, but it is not good yet (nbf)"},
	{jwt.ErrTokenRequiredClaimMissing, "a claim is missing, such as exp"},
	{jwt.ErrTokenSignatureInvalid, "JWT_SECRET_KEY did not make this signature"},
	{jwt.ErrInvalidType, "a claim is not of the type that it should be"},
	{jwt.ErrTokenMalformed, "it is damaged; copy all of it"},
	{jwt.ErrTokenUnverifiable, "its header names no algorithm"},
}

// judgement says whether a token would be let in.
func (s *Session) judgement(token string, now time.Time) string {
	secret := s.Secret()
	if secret == "" {
		return say("The signature was not looked at: there is no JWT_SECRET_KEY, neither in the environment nor in .env.")
	}
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithStrictDecoding())
	if err != nil {
		if parsed != nil && parsed.Method != nil && parsed.Method.Alg() != jwt.SigningMethodHS256.Alg() {
			return bad.Render(say(words.Textf("It would be refused: its alg is %s, and only HS256 is accepted.", parsed.Method.Alg())))
		}
		why := err.Error()
		for _, wrong := range wrongs {
			if errors.Is(err, wrong.err) {
				why = say(wrong.why)
			}
		}
		return bad.Render(say(words.Textf("It would be refused: %s.", why)))
	}
	return good.Render(say("The signature is good: it was made with the JWT_SECRET_KEY of .env."))
}

// Secret returns the JWT_SECRET_KEY of the environment or else of .env, or "".
func (s *Session) Secret() string {
	if secret := os.Getenv("JWT_SECRET_KEY"); secret != "" {
		return secret
	}
	values, err := ReadEnv(s.Workshop.Root)
	if err != nil {
		return ""
	}
	return values["JWT_SECRET_KEY"]
}

// ReadEnv returns the variables in the file .env in the workshop's folder, as the programs
// read it.
func ReadEnv(root string) (map[string]string, error) {
	file := filepath.Join(root, ".env")
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() { // a pipe may never end
		return nil, &fs.PathError{Op: "read", Path: file, Err: words.Errorf("no regular file, but %s", info.Mode().Type())}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	values, err := godotenv.UnmarshalBytes(bytes.TrimPrefix(text, []byte("\uFEFF")))
	for name := range values {
		if strings.ContainsAny(name, " \t") {
			err = errors.New("a name with a blank")
		}
	}
	return values, err
}

// Attacked returns the line on an attack.
func (s *Session) Attacked(t attack.Try) []string {
	sign, came := good.Render(tick), say("refused")
	switch {
	case t.Told && t.Status != http.StatusOK:
		sign, came = bad.Render(cross), bad.Bold(true).Render(say(words.Textf("LET IN: a user's data, below a %d", t.Status)))
	case t.LetIn():
		sign, came = bad.Render(cross), bad.Bold(true).Render(say("LET IN"))
	case !t.Refused():
		sign, came = bad.Render(cross), say(words.Textf("answered with %d, not 401", t.Status))
	}
	what := say(t.What)
	return []string{sign + " " + what + strings.Repeat(" ", max(1, 56-len([]rune(what)))) + came}
}

// AttackGroup returns what is above the attacks of outsiders, or of those who have the secret.
func (s *Session) AttackGroup(inside bool, width int) []string {
	if inside {
		return wrap(say("What only somebody with your secret can make, such as an older version of your program:"), width)
	}
	return wrap(say("What anybody can send:"), width)
}

// AttackSum returns what is below all attacks.
func (s *Session) AttackSum(refused, all, width int) []string {
	lines := wrap(say(words.Textf("%d of %d attacks were refused. ★ is for whoever wants more.", refused, all)), width)
	return append(lines, wrap(say("These are some ways to get in, and not all. Nobody has tried, for one, whether an id in the address brings another user's data."), width)...)
}
