package course

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"github.com/grafana/sobek"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"

	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/sqlite"
)

// TestKnownErrorsAreReal: each message that the hints explain is one that the libraries of
// today, Go or the engines of JavaScript really print, and it opens its own section.
func TestKnownErrorsAreReal(t *testing.T) {
	said := append(compiled(t), libraries(t)...)
	engines, browser := scripts(t)
	said = append(said, engines...)
	for _, step := range Steps {
		known := KnownErrors(root, step)
		for _, e := range known {
			for i, message := range e.messages {
				if ownWords[messages(e.Title)[i]] {
					continue
				}
				real := ""
				for _, text := range said {
					if message.MatchString(text) {
						real = text
						break
					}
				}
				if real == "" && step == "04-frontend" && !browser {
					continue // a browser's, of which there is none
				}
				if real == "" && runtime.GOOS == "windows" && messages(e.Title)[i] == "address already in use" {
					continue // Windows has words of its own, in the reader's language
				}
				if assert.NotEmpty(t, real, "%s: nothing prints %s", step, message) {
					assert.Equal(t, e.Title, Opened(known, real, "", true).Title, "%s: %s opens another section", step, real)
				}
			}
		}
	}
	for _, harmless := range []string{"see .env.example", "the token has no iat", `{"exp":1767225600,"iat":1767225600}`, "jwt-token is empty", "POST /token 200"} {
		for _, step := range Steps {
			assert.Nil(t, Opened(KnownErrors(root, step), harmless, "", true), "%s: %s", step, harmless)
		}
	}
}

// TestPortInUse: that a port is in use is known in whatever language the system says it, by what the
// program says before it.
func TestPortInUse(t *testing.T) {
	for _, step := range Steps {
		serve, err := os.ReadFile(filepath.Join(root, "steps", step, "serve.go"))
		require.NoError(t, err)
		require.Contains(t, string(serve), `fmt.Errorf("cannot listen on %s (`)
	}
	const said = "error: cannot listen on 127.0.0.1:8080 (…): listen tcp 127.0.0.1:8080: bind: Solo se permite un uso de cada dirección de socket"
	section := Opened(KnownErrors(root, Steps[0]), "it ended, with exit code 1", said, false)
	require.NotNil(t, section)
	assert.Contains(t, section.Title, "address already in use")
}

// ownWords are messages of the workshop itself, and what its checks see, which other tests hold.
var ownWords = map[string]bool{
	"cannot listen on": true, "cannot read .env": true, "JWT_SECRET_KEY is not set": true,
	"app.js cannot be loaded: SyntaxError": true, "app.js exports no function login": true,
	"Failed to fetch": true, "body stream already read": true, // of sobek_fetch.js
	"Authorization: Bearer ${token}": true, `"undefined"`: true, `"[object Promise]"`: true, `"[object Object]"`: true, // what app.js sends and stores
	"database table is locked": true, // of two connections that share a cache
}

// compiled returns what Go says of code as learners write it.
func compiled(t *testing.T) (said []string) {
	t.Helper()
	for _, body := range []string{
		`import "golang.org/x/crypto/bcript"`,
		`import "bcrypt"`,
		`import "errors"`,
		`func f() { x := 1 }`,
		"func f() {}\n\nfunc f() {}",
		`func f() { f(y) }`,
		"func g() (int, error) { return 0, nil }\n\nfunc f() { x := g() }",
		"func f(secret string) []byte { return secret }",
		"import \"github.com/golang-jwt/jwt/v5\"\n\nfunc f(token *jwt.Token) any { return token.Claims[\"sub\"] }",
		"import \"golang.org/x/crypto/bcrypt\"\n\nvar _, _ = bcrypt.GenerateFromPassword(\"12341234\", 10)",
		"import (\n\t\"time\"\n\n\t\"github.com/golang-jwt/jwt/v5\"\n)\n\nvar _ = jwt.RegisteredClaims{IssuedAt: time.Now()}",
		"import \"github.com/golang-jwt/jwt/v5\"\n\nvar id uint\n\nvar _ = jwt.RegisteredClaims{Subject: id}",
		"import \"github.com/golang-jwt/jwt/v5\"\n\ntype server struct{ jwt *manager }\n\ntype manager struct{ key []byte }\n\nfunc f(s *server) { jwt.Parse(\"\", s.jwt.key) }",
		"var id uint\n\nvar _ = string(id)",
		"import \"github.com/golang-jwt/jwt/v5\"\n\nvar _ = jwt.WithValidMethods(\"HS256\")",
		"import \"github.com/golang-jwt/jwt/v5\"\n\nvar _ = jwt.NewWithClaims(\"HS256\", jwt.MapClaims{})",
	} {
		said = append(said, goSays(t, "package loopback\n\n"+body+"\n", "vet"))
	}
	for _, text := range []string{
		"package loopback\n\nfunc f() {\n<<<<<<< HEAD\n}\n",
		"package loopback\n\nfunc f() {\n\u00a0x := 1\n}\n",
		"package loopback\n\nimport “time”\n",
		"package loopback\n\nvar x = \"\xf1\"\n",
		"\xff\xfep\x00",
		"p\x00",
		"",
	} {
		said = append(said, goSays(t, text, "build"))
	}
	return said
}

// goSays returns what a go command, of vet or build, says of a file with this text in a package loopback.
func goSays(t *testing.T, text, verb string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.go")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	at, err := filepath.Abs(filepath.Join(root, "workshop", "internal", "loopback", "wrong.go")) // go vet wants a folder that is there
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{at: file}})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o644))
	printed, err := gobuild.Plain(t.Context(), root, verb, "-overlay", list, "./workshop/internal/loopback").CombinedOutput()
	require.Error(t, err, text)
	return string(printed)
}

// libraries returns what the libraries say when they are used as learners use them.
func libraries(t *testing.T) (said []string) {
	t.Helper()
	failed := func(err error) {
		t.Helper()
		require.Error(t, err)
		said = append(said, err.Error())
	}
	panics := func(f func()) {
		t.Helper()
		defer func() { said = append(said, fmt.Sprint(recover())) }()
		f()
		t.Error("no panic")
	}
	_, err := time.ParseDuration("")
	failed(err)
	_, err = gorm.Open(sqlite.Open(t.TempDir()))
	failed(err)
	path := filepath.Join(t.TempDir(), "users.db")
	db, err := gorm.Open(sqlite.Open(path))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	defer pool.Close()
	type user struct {
		ID       uint
		Username string `gorm:"uniqueIndex"`
	}
	failed(db.Take(&user{}).Error) // no such table
	require.NoError(t, db.AutoMigrate(&user{}))
	failed(db.Take(&user{}).Error)
	require.NoError(t, db.Create(&user{Username: "ada"}).Error)
	failed(db.Create(&user{Username: "ada"}).Error)
	require.NoError(t, db.Exec("BEGIN IMMEDIATE").Error)
	said = append(said, locked(t, path)...)
	failed(bcrypt.CompareHashAndPassword(nil, []byte("x")))
	token := jwt.New(jwt.SigningMethodHS256)
	_, err = token.SignedString("text")
	failed(err)
	key := func(*jwt.Token) (any, error) { return []byte("k"), nil }
	_, err = jwt.Parse("x", key)
	failed(err)
	signed, err := token.SignedString([]byte("other"))
	require.NoError(t, err)
	_, err = jwt.Parse(signed, key)
	failed(err)
	_, err = jwt.Parse(signed, func(*jwt.Token) (any, error) { return "k", nil })
	failed(err)
	failed(&http.MaxBytesError{Limit: 1})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, err = net.Listen("tcp", l.Addr().String())
	failed(err)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	panics(func() { c.MustGet("user") })
	words := strings.Fields("Bearer")
	panics(func() { _ = words[len(words)] })
	var none *jwt.Token
	panics(func() { _ = none.Raw })
	var claim any
	panics(func() { _ = claim.(string) })
	type User struct{}
	claim = &User{}
	panics(func() { _ = claim.(User) })
	said[len(said)-1] = strings.ReplaceAll(said[len(said)-1], "course.", "main.")
	return said
}

// locked returns what a second program is told of a database that one holds.
func locked(t *testing.T, path string) []string {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(path))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	defer pool.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err = db.WithContext(ctx).Exec("PRAGMA busy_timeout = 1").Exec("INSERT INTO users (username) VALUES ('grace')").Error
	require.Error(t, err)
	return []string{err.Error()}
}

// snippets are faulty scripts as learners write them.
var snippets = []string{
	"function f() { await g() }", "const data = undefined; data.token", "const resp = Promise.resolve(); resp.json()",
	"data", "resp", "document.title", "JSON.parse('<')", "JSON.parse('')",
}

// scripts returns what the engines say of the snippets: Sobek, and a browser if there is one.
func scripts(t *testing.T) (said []string, browser bool) {
	t.Helper()
	for _, snippet := range snippets {
		_, err := sobek.New().RunString(snippet)
		require.Error(t, err, snippet)
		said = append(said, err.Error())
	}
	for _, name := range []string{"chromium-headless-shell", "chromium", "google-chrome"} {
		browser, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		list, err := json.Marshal(snippets)
		require.NoError(t, err)
		page := filepath.Join(t.TempDir(), "page.html")
		script := "<script>for (const s of " + strings.ReplaceAll(string(list), "<", `\u003c`) + ") try { (0, eval)('{' + s + '}') } catch (e) { document.write(e.name + ': ' + e.message + '<br>') }</script>"
		require.NoError(t, os.WriteFile(page, []byte(script), 0o644))
		printed, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--dump-dom", "file://"+page).Output()
		require.NoError(t, err)
		_, body, _ := strings.Cut(string(printed), "<body>")
		return append(said, strings.Split(html.UnescapeString(body), "<br>")...), true
	}
	return said, false
}
