package predict

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/attack"
	"jwtworkshop/workshop/internal/words"
)

// Questions are all questions, in the order in which they are asked: two or more on each step.
var Questions = []Question{
	{
		Name: "weak-secret", Step: "01-setup", Usual: true,
		Asks:   "You set JWT_SECRET_KEY to the letter \"a\", 32 times over, and start your program. Does it start?",
		Belief: "Many believe that a program notices when a secret is easy to guess.",
		Reason: "It counts the bytes, and cannot see how they were chosen. 32 times the letter a is long enough, and one of the first things that somebody tries. So let chance make the secret: openssl rand -hex 32.",
		try: func(t *trial) (bool, error) {
			secret := strings.Repeat("a", 32)
			err := t.begin(words.Textf("your program is started with %s", words.Verbatim("JWT_SECRET_KEY="+secret)), secret)
			return t.url != "", err
		},
	},
	{
		Name: "same-hash", Step: "01-setup",
		Asks:   "Your program is started twice, each time with a new database, and adds ada, whose password is 12341234 both times. Is the hash of her password the same in both databases?",
		Belief: "Many believe that one password always has the same hash.",
		Reason: "bcrypt mixes random bytes into each hash, the salt. So nobody can see in a table who has the same password, and a list of hashes that was made before is of no use.",
		try: func(t *trial) (bool, error) {
			var hashes []string
			for _, database := range []string{"first.db", "second.db"} {
				t.database = database
				if err := t.run(words.Textf("your program is started with %s", words.Verbatim("DATABASE_PATH="+database)), ""); err != nil {
					return false, err
				}
				hash, err := t.hash()
				if err != nil {
					return false, err
				}
				t.did("password_hash of ada", words.Verbatim(hash))
				hashes = append(hashes, hash)
			}
			return hashes[0] == hashes[1], nil
		},
	},
	{
		Name: "finder-reads", Step: "02-token-endpoint", Usual: true,
		Asks:   "Somebody finds a token that your program has made for ada, and does not know the secret. Can he read in it which user it is for?",
		Belief: "Many believe that a token is encrypted.",
		Reason: "The first two parts of a token are base64url, and anybody can turn that back. The signature hides nothing: it shows whether anything was changed. So nothing secret belongs in a token.",
		try: func(t *trial) (bool, error) {
			token, err := t.logIn("POST /token as ada")
			if err != nil {
				return false, err
			}
			payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token+"..", ".")[1])
			if err != nil {
				t.did("the part between the dots, decoded", words.Verbatim(err.Error()))
				return false, nil
			}
			t.did("the part between the dots, decoded, without any secret", words.Verbatim(string(payload)))
			var claims struct{ Sub string }
			return json.Unmarshal(payload, &claims) == nil && claims.Sub == "1", nil
		},
	},
	{
		Name: "login-with-a-new-secret", Step: "02-token-endpoint", Usual: true,
		Asks:   "Your program is started again with another JWT_SECRET_KEY, and with the same database. Can ada still log in with her password?",
		Belief: "Many believe that passwords are encrypted, and that the secret decrypts them.",
		Reason: "The secret signs and verifies tokens, and does nothing else. A hash is no encryption: it was made without any secret, and no secret turns it back.",
		try: func(t *trial) (bool, error) {
			if _, err := t.logIn("POST /token as ada"); err != nil {
				return false, err
			}
			if err := t.run("your program is started again, with another secret", ""); err != nil {
				return false, err
			}
			status, _, err := t.askForToken("POST /token as ada")
			return status == http.StatusOK, err
		},
	},
	{
		Name: "new-login", Step: "03-protected", Usual: true,
		Asks:   "Ada logs in, and a moment later she logs in again. Is her first token still good?",
		Belief: "Many believe that a new login ends the token from before.",
		Reason: "Your program keeps no list of its tokens, and so it cannot see that a later one has been made. The first one is as good as before: its signature fits, its time is not over, and its user is there.",
		try: func(t *trial) (bool, error) {
			first, err := t.logIn("POST /token as ada")
			if err != nil {
				return false, err
			}
			time.Sleep(1100 * time.Millisecond) // tokens of the same second are the same
			if _, err := t.logIn("POST /token as ada, a second later"); err != nil {
				return false, err
			}
			return t.letsIn("GET /protected with her first token", first)
		},
	},
	{
		Name: "payload-of-another", Step: "03-protected",
		Asks:   "Ada writes the id of grace, user 2, into the payload of her token, and an end in a year. The signature she leaves as it is. Does the token get in?",
		Belief: "Many believe that whoever can read a token can change it, too.",
		Reason: "She can write any payload, with any sub and any exp. But the signature belongs to the old one, and only somebody with the secret can make one that fits the new.",
		try: func(t *trial) (bool, error) {
			token, err := t.logIn("POST /token as ada")
			if err != nil {
				return false, err
			}
			if err := t.addGrace(); err != nil {
				return false, err
			}
			parts := strings.Split(token, ".")
			payload, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err != nil {
				return false, err
			}
			claims := map[string]any{}
			if err := json.Unmarshal(payload, &claims); err != nil {
				return false, err
			}
			claims["sub"], claims["exp"] = "2", time.Now().AddDate(1, 0, 0).Unix()
			if payload, err = json.Marshal(claims); err != nil {
				return false, err
			}
			t.did("the payload is now", words.Verbatim(string(payload)))
			parts[1] = base64.RawURLEncoding.EncodeToString(payload)
			return t.letsIn("GET /protected with the changed token", strings.Join(parts, "."))
		},
	},
	{
		Name: "new-password", Step: "03-protected", Usual: true,
		Asks:   "Ada logs in, and then her password is changed in the database. Is the token from before still good?",
		Belief: "Many believe that a new password ends the tokens from before.",
		Reason: "The password was looked at once, when she logged in, and nothing in the token depends on it. Three things end a token: its time is over, the program gets a new secret, or its user is deleted.",
		try: func(t *trial) (bool, error) {
			token, err := t.goodToken()
			if err != nil {
				return false, err
			}
			hash, err := bcrypt.GenerateFromPassword([]byte("her new password"), bcrypt.DefaultCost)
			if err == nil {
				err = t.change("UPDATE users SET password_hash = ? WHERE id = 1", string(hash))
			}
			if err != nil {
				return false, err
			}
			if _, _, err := t.askForToken("POST /token as ada, with the old password"); err != nil {
				return false, err
			}
			return t.letsIn("GET /protected with the token from before", token)
		},
	},
	{
		Name: "new-secret", Step: "03-protected",
		Asks:   "Ada logs in, and then your program is started again with another JWT_SECRET_KEY. Is the token from before still good?",
		Belief: "Many believe that nothing but its time can end a token.",
		Reason: "With another secret, the same header and payload get another signature. So a new secret ends all tokens at once. That is what one does when others know the old one.",
		try: func(t *trial) (bool, error) {
			token, err := t.goodToken()
			if err == nil {
				err = t.run("your program is started again, with another secret", "")
			}
			if err != nil {
				return false, err
			}
			return t.letsIn("GET /protected with the token from before", token)
		},
	},
	{
		Name: "copy-after-logout", Step: "04-frontend", Usual: true,
		Asks:   "Somebody has copied ada's token out of localStorage. Now she logs out. Is the copy still good?",
		Belief: "Many believe that logging out ends a token.",
		Reason: "logout removes the token from this browser, and the server does not hear of it. The copy stays good until its time is over, the program gets a new secret, or ada is deleted. That is why tokens are given for minutes, and not for months.",
		try: func(t *trial) (bool, error) {
			token, err := t.goodToken()
			if err != nil {
				return false, err
			}
			t.did("logout", "nothing is sent")
			return t.letsIn("GET /protected with the copy", token)
		},
	},
	{
		Name: "good-token-of-another", Step: "04-frontend",
		Asks:   "Grace, user 2, has a good token of her own. With it she asks for GET /protected?id=1, since ada is user 1. Does she get ada's data?",
		Belief: "Many believe that whoever has a good token may do what he asks for.",
		Reason: "A good token says who somebody is, and nothing in it says what she may do. Your program gives everybody their own data, whatever they ask for. A program in which some may do more than others looks that up for each user; who may not is answered with 403, however good the token is.",
		try: func(t *trial) (bool, error) {
			if err := t.run("your program is started", ""); err != nil {
				return false, err
			}
			if err := t.addGrace(); err != nil {
				return false, err
			}
			token, err := t.logInAs("POST /token as grace", "grace", attack.GracesPassword)
			if err != nil {
				return false, err
			}
			if payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token+"..", ".")[1]); err == nil {
				t.did("all that her token says", words.Verbatim(string(payload)))
			}
			_, body, err := t.askWith("GET /protected?id=1 with her token", "/protected?id=1", token)
			return strings.Contains(string(body), `"ada"`), err
		},
	},
	{
		Name: "deleted-user", Step: "04-frontend",
		Asks:   "Ada logs in, and then somebody deletes her from the database. Does her token still get in?",
		Belief: "Many believe that a good signature is enough to get in.",
		Reason: "Signature and time of the token are in order, and there is nobody any more for whom it was made: jwtRequired looks for the user at every request.",
		try: func(t *trial) (bool, error) {
			token, err := t.goodToken()
			if err == nil {
				err = t.change("DELETE FROM users WHERE id = 1")
			}
			if err != nil {
				return false, err
			}
			t.did("in the table users there is now", "nobody")
			return t.letsIn("GET /protected with her token, again", token)
		},
	},
}
