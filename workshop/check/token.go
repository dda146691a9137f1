package check

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/words"

	"github.com/golang-jwt/jwt/v5"
)

// A Token is a JSON Web Token taken apart, but not verified (RFC 7519 §3).
type Token struct {
	Raw    string
	Header map[string]any
	Claims map[string]any // numbers are json.Number
}

// DecodeToken takes a token apart without looking at its signature: anyone can.
func DecodeToken(raw string) (Token, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return Token{}, words.Errorf("a token has three parts with a dot between them, this has %d", len(parts))
	}
	header, err := decodePart(parts[0])
	if err != nil {
		return Token{}, words.Errorf("header: %w", err)
	}
	claims, err := decodePart(parts[1])
	if err != nil {
		return Token{}, words.Errorf("payload: %w", err)
	}
	return Token{Raw: raw, Header: header, Claims: claims}, nil
}

// decodePart reads a JSON object that was written in base64url.
func decodePart(part string) (map[string]any, error) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, words.Errorf("not base64url")
	}
	value, err := decodeOne(string(text))
	if err != nil {
		return nil, words.Errorf("not JSON")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, words.Errorf("not a JSON object")
	}
	return object, nil
}

// Describe returns the token taken apart, a line for each field, with a mark at
// the field that matters.
func (t Token) Describe(mark string) Text {
	var b strings.Builder
	for _, part := range []struct {
		name   string
		fields map[string]any
	}{{"header", t.Header}, {"payload", t.Claims}} {
		fmt.Fprintf(&b, "\n    %s", part.name)
		for _, name := range slices.Sorted(maps.Keys(part.fields)) {
			pointer := " "
			if name == mark {
				pointer = ">"
			}
			fmt.Fprintf(&b, "\n    %s %-4s %s", pointer, name, printable(JSONText(part.fields[name]), 60))
		}
	}
	_, inHeader := t.Header[mark]
	if _, ok := t.Claims[mark]; mark != "" && !ok && !inHeader {
		return Textf("the token, taken apart:%s\n    > no %s", Verbatim(b.String()), mark)
	}
	return Textf("the token, taken apart:%s", Verbatim(b.String()))
}

// A Forgery is a change to a good token. What it leaves empty stays as it was.
type Forgery struct {
	Header map[string]any    // fields to set in the header, or to Remove
	Claims map[string]any    // fields to set in the payload, or to Remove
	Method jwt.SigningMethod // the algorithm, HS256 if nil; the header's alg follows it unless Header sets it
	Key    any               // what to sign with, the program's secret if nil
}

// Remove, as a value in a Forgery, takes a field out. A nil value writes null.
type Remove struct{}

// Forge returns the token changed and signed anew. The key may be of any kind
// that golang-jwt's signing methods take.
func (p *Program) Forge(t testing.TB, token Token, f Forgery) string {
	t.Helper()
	if f.Method == nil {
		f.Method = jwt.SigningMethodHS256
	}
	if f.Key == nil {
		f.Key = []byte(p.Secret)
	}
	header := maps.Clone(token.Header)
	header["alg"] = f.Method.Alg()
	text := encodePart(change(header, f.Header)) + "." + encodePart(change(maps.Clone(token.Claims), f.Claims))
	signature, err := f.Method.Sign(text, f.Key)
	if err != nil {
		t.Fatalf("workshop: sign a token with %s: %v", f.Method.Alg(), err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// change sets and removes fields.
func change(fields, changes map[string]any) map[string]any {
	for name, value := range changes {
		if value == (Remove{}) {
			delete(fields, name)
		} else {
			fields[name] = value
		}
	}
	return fields
}

// encodePart writes a JSON object in base64url.
func encodePart(fields map[string]any) string {
	return base64.RawURLEncoding.EncodeToString([]byte(JSONText(fields)))
}

// Verify returns an error unless the token is signed by HS256 with this secret.
func (t Token) Verify(secret string) error {
	_, err := jwt.Parse(t.Raw, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
	return err
}

// Login sends POST /token for a user and returns the token. It fails the test
// unless the program answers 200 with a token that can be taken apart.
func (p *Program) Login(t testing.TB, u User, advice Advice) Token {
	t.Helper()
	reply := p.Post(t, "/token", LoginBody(u.Username, u.Password))
	reply.WantStatus(t, advice, http.StatusOK)
	return reply.Token(t, advice)
}

// Token returns the token in the reply to POST /token, taken apart.
func (r *Reply) Token(t testing.TB, advice Advice) Token {
	t.Helper()
	raw, ok := r.JSON(t, advice)["token"].(string)
	if !ok || raw == "" {
		r.Fail(t, "", Textf("%s, with a token in it", Verbatim(`{"token": "…", …}`)), advice)
	}
	token, err := DecodeToken(raw)
	if err != nil {
		r.Fail(t, Textf("%s\n(%s)", r.summary(), err), "a JSON Web Token: header.payload.signature", advice)
	}
	return token
}

// Time returns a claim that holds a time as RFC 7519 §2 wants it: a number of
// seconds since 1970.
func (t Token) Time(name string) (time.Time, bool) {
	number, ok := t.Claims[name].(interface{ Float64() (float64, error) })
	if !ok {
		return time.Time{}, false
	}
	seconds, err := number.Float64()
	if err != nil || seconds < -1e11 || seconds > 1e11 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)), true
}

// longToken matches a token, or what was made of one.
var longToken = regexp.MustCompile(`eyJ[A-Za-z0-9_.-]{30,}`)

// shortenTokens cuts the middle out of the tokens in text, for reading.
func shortenTokens(text string) string {
	return longToken.ReplaceAllStringFunc(text, func(token string) string {
		return token[:10] + "…" + token[len(token)-6:]
	})
}
