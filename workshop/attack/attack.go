// Package attack tries to get into GET /protected without a good token, as somebody
// would who has read about the usual attacks.
package attack

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"jwtworkshop/workshop/internal/words"
)

// A Try is one attack, and what came of it.
type Try struct {
	What   words.Text
	Inside bool // only somebody with the program's secret can make it
	Status int  // of the answer, 0 for none
	Told   bool // a user's data is in the answer, whatever the status
}

// LetIn says whether the attack got in; anything but 401 is no clean refusal, but only
// this is a hole.
func (t Try) LetIn() bool { return t.Told || t.Status >= 200 && t.Status < 300 }

// Refused says whether the attack was refused as it should be (RFC 6750 §3.1).
func (t Try) Refused() bool { return t.Status == http.StatusUnauthorized && !t.Told }

// Stretch says whether only the stretch checks ask for refusing it.
func (t Try) Stretch() bool { return strings.HasSuffix(string(t.What), star) }

// star is behind what is for whoever has done the stretch checks.
const star = "★"

// A target is the program that is attacked.
type target struct {
	url    string
	secret []byte
	token  string // a good one
	claims jwt.MapClaims

	cookies []*http.Cookie // that the program has set when it let the token in
	keys    *keys          // of the attacker's own
}

// Run logs in as ada at a program and makes the attacks, one after the other. It tells
// each as it is over. Secret is what the program signs its tokens with.
func Run(ctx context.Context, url, secret string, told func(Try)) error {
	t := &target{url: strings.TrimSuffix(url, "/"), secret: []byte(secret)}
	if err := t.logIn(ctx); err != nil {
		return err
	}
	var err error
	if t.keys, err = serveKeys(); err != nil {
		return err
	}
	defer t.keys.server.Close()
	for _, a := range attacks {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+"/protected", nil)
		if err != nil {
			return err
		}
		a.prepare(t, request)
		status, body, _ := send(request)
		told(Try{What: a.what, Inside: a.inside, Status: status, Told: strings.Contains(body, `"ada"`) || strings.Contains(body, `"grace"`)})
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// client does not wait long: the programs answer in milliseconds.
var client = &http.Client{Timeout: 5 * time.Second}

// send sends a request and returns the status of the answer, 0 if there is none, its body and
// its cookies.
func send(request *http.Request) (status int, body string, cookies []*http.Cookie) {
	reply, err := client.Do(request)
	if err != nil {
		return 0, "", nil
	}
	defer reply.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	return reply.StatusCode, string(text), reply.Cookies()
}

// logIn gets a good token, and sees that it is let in: a lock that refuses everybody
// proves nothing.
func (t *target) logIn(ctx context.Context) error {
	body := `{"username":"ada","password":"12341234"}`
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/token", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	reply, err := client.Do(request)
	if err != nil {
		return words.Errorf("nobody answers at %s\nhint: start your program first, in another terminal: go run ./steps/03-protected", t.url)
	}
	defer reply.Body.Close()
	var answer struct{ Token string }
	text, err := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Token == "" {
		return words.Errorf("POST /token as ada: %s %s\nhint: is that your program? The attacks need a good token to begin with: finish step 2 first", reply.Status, bytes.TrimSpace(text))
	}
	t.token = answer.Token
	_, err = jwt.ParseWithClaims(t.token, &t.claims, func(*jwt.Token) (any, error) { return t.secret, nil }, jwt.WithValidMethods([]string{"HS256"}))
	if err != nil {
		return words.Errorf("the token does not verify under JWT_SECRET_KEY: %w\nhint: does the program run with the secret of .env?", err)
	}
	request, err = http.NewRequestWithContext(ctx, http.MethodGet, t.url+"/protected", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+t.token)
	status, _, cookies := send(request)
	t.cookies = cookies
	if status != http.StatusOK {
		return words.Errorf("a good token gets %d at /protected\nhint: a lock that refuses everybody proves nothing: finish step 3 first", status)
	}
	return nil
}

// forge returns a token with some claims changed, nil for one that is taken out,
// signed with the method and the key.
func (t *target) forge(changes jwt.MapClaims, method jwt.SigningMethod, key any) string {
	claims := jwt.MapClaims{}
	for name, value := range t.claims {
		claims[name] = value
	}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	signed, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		panic(err) // all keys here fit
	}
	return signed
}

// sign returns a token with more in its header, signed with a key by HS256.
func (t *target) sign(header map[string]any, key []byte) string {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, t.claims)
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(key)
	if err != nil {
		panic(err) // a key of bytes fits
	}
	return signed
}

// bearer returns an attack with a token.
func bearer(what words.Text, token func(t *target) string) attack {
	return attack{what: what, prepare: func(t *target, r *http.Request) { r.Header.Set("Authorization", "Bearer "+token(t)) }}
}

// inside returns an attack with a token that only somebody with the secret can make.
func inside(what words.Text, token func(t *target) string) attack {
	a := bearer(what, token)
	a.inside = true
	return a
}

// claim returns an attack with a token that is signed as it should be, with one claim
// changed.
func claim(what words.Text, key string, value func() any) attack {
	return inside(what, func(t *target) string {
		return t.forge(jwt.MapClaims{key: value()}, jwt.SigningMethodHS256, t.secret)
	})
}

// part returns a JSON value as a part of a token.
func part(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
