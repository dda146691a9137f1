package coach

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/joho/godotenv"

	"jwtworkshop/workshop/internal/attack"
)

// Inspect returns a token taken apart: its header, its claims in words, and whether it
// would be let in with the secret of the environment or of .env. It says false if that
// is no token.
func (s *Session) Inspect(token string, now time.Time, width int) (lines []string, ok bool) {
	token = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(token), "Bearer "))
	if token == "" {
		return wrap(s.Words.TokenNone, width), false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return wrap(fmt.Sprintf(s.Words.TokenMalformed, len(parts)), width), false
	}
	var decoded [2][]byte
	for i := range decoded {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || !json.Valid(text) {
			return wrap(fmt.Sprintf(s.Words.TokenPart, i+1), width), false
		}
		decoded[i] = text
	}
	lines = append(lines, bad.Render(parts[0])+"."+code.Render(parts[1])+"."+good.Render(parts[2]), "")
	lines = hang(strings.Join(lines, "\n"), width, 0)
	lines = append(lines, bold.Render(s.Words.TokenHeader), "    "+bad.Render(string(decoded[0])), "")
	lines = append(lines, bold.Render(s.Words.TokenClaims))
	lines = append(lines, hang("    "+code.Render(string(decoded[1])), width, 4)...)
	for _, text := range s.claims(decoded[1], now) {
		lines = append(lines, hang("    "+text, width, 4)...)
	}
	lines = append(append(lines, ""), wrap(s.Words.TokenAnyone, width)...)
	return append(lines, wrap(s.judgement(token, now), width)...), true
}

// claims returns the registered claims of a payload in words (RFC 7519 §4.1).
func (s *Session) claims(payload []byte, now time.Time) []string {
	claims := jwt.MapClaims{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return []string{err.Error()}
	}
	var words []string
	if sub, err := claims.GetSubject(); err == nil && sub != "" {
		words = append(words, fmt.Sprintf(s.Words.TokenFor, sub))
	}
	if iat, err := claims.GetIssuedAt(); err == nil && iat != nil {
		words = append(words, fmt.Sprintf(s.Words.TokenIssued, clock(iat.Time)))
	}
	if nbf, err := claims.GetNotBefore(); err == nil && nbf != nil {
		words = append(words, fmt.Sprintf(s.Words.TokenFrom, clock(nbf.Time)))
	}
	const far = 1e11 // seconds: the year 5138
	switch exp, err := claims.GetExpirationTime(); {
	case err != nil: // the judgement says so
	case exp != nil && claims["exp"].(float64) > far:
		words = append(words, fmt.Sprintf(s.Words.TokenFar, fmt.Sprint(claims["exp"])))
	case exp == nil:
		words = append(words, s.Words.TokenNoExpiry)
	case exp.After(now):
		words = append(words, fmt.Sprintf(s.Words.TokenExpires, clock(exp.Time), s.span(exp.Sub(now))))
	default:
		words = append(words, fmt.Sprintf(s.Words.TokenExpired, clock(exp.Time), s.span(now.Sub(exp.Time))))
	}
	return words
}

// clock returns a time as people write it.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// span returns how long something is as people say it.
func (s *Session) span(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day {
		return fmt.Sprintf(s.Words.Days, d/day)
	}
	return d.Round(time.Second).String()
}

// judgement says whether a token would be let in.
func (s *Session) judgement(token string, now time.Time) string {
	secret := s.Secret()
	if secret == "" {
		return s.Words.TokenNoSecret
	}
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithStrictDecoding())
	if err != nil {
		if parsed != nil && parsed.Method != nil && parsed.Method.Alg() != jwt.SigningMethodHS256.Alg() {
			return bad.Render(fmt.Sprintf(s.Words.TokenAlgorithm, parsed.Method.Alg()))
		}
		why := err.Error()
		for i, wrong := range []error{jwt.ErrTokenExpired, jwt.ErrTokenNotValidYet, jwt.ErrTokenRequiredClaimMissing, jwt.ErrTokenSignatureInvalid,
			jwt.ErrInvalidType, jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable} {
			if errors.Is(err, wrong) {
				why = s.Words.TokenWrong[i]
			}
		}
		return bad.Render(fmt.Sprintf(s.Words.TokenFalse, why))
	}
	return good.Render(s.Words.TokenVerifies)
}

// Secret returns the JWT_SECRET_KEY of the environment or else of .env, or "".
func (s *Session) Secret() string {
	if secret := os.Getenv("JWT_SECRET_KEY"); secret != "" {
		return secret
	}
	values, err := godotenv.Read(filepath.Join(s.Workshop.Root, ".env"))
	if err != nil {
		return ""
	}
	return values["JWT_SECRET_KEY"]
}

// Attacked returns the line on an attack.
func (s *Session) Attacked(t attack.Try) []string {
	sign, came := good.Render("✓"), s.Words.AttackRefused
	switch {
	case t.LetIn():
		sign, came = bad.Render("✗"), bad.Bold(true).Render(s.Words.AttackLetIn)
	case !t.Refused():
		sign, came = bad.Render("✗"), sprintf(s.Words.AttackOdd, t.Status)
	}
	what := s.Words.Attacks[t.Name]
	return []string{sign + " " + what + strings.Repeat(" ", max(1, 56-len([]rune(what)))) + came}
}
