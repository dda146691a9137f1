package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newRoutes returns the program's routes, over a new database with ada in it,
// and a good token for her.
func newRoutes(t testing.TB) (routes *gin.Engine, token string) {
	t.Helper()
	manager, err := newJWTManager(strings.Repeat("s", minSecretBytes), "")
	require.NoError(t, err)
	db, err := openDatabase(filepath.Join(t.TempDir(), "users.db"))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { pool.Close() })
	// The fuzzer's processes must agree on the token, so it is the same every time.
	claims := jwt.RegisteredClaims{Subject: "1", ExpiresAt: jwt.NewNumericDate(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))}
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(manager.key)
	require.NoError(t, err)
	return (&server{db: db, jwt: manager}).routes(), token
}

// answer has the routes answer a request, and expects one JSON object.
func answer(t *testing.T, routes *gin.Engine, request *http.Request) (status int, header http.Header, body map[string]any) {
	t.Helper()
	recorder := httptest.NewRecorder()
	routes.ServeHTTP(recorder, request)
	decoder := json.NewDecoder(recorder.Body)
	require.NoError(t, decoder.Decode(&body))
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF, "something follows the JSON value")
	return recorder.Code, recorder.Header(), body
}

// FuzzAuthorization: whatever the header says, the answer is 401 with a
// challenge, unless it holds the good token in the right form.
func FuzzAuthorization(f *testing.F) {
	routes, token := newRoutes(f)
	parts := strings.Split(token, ".")
	for _, header := range []string{
		"", "Bearer", "Bearer ", "bearer  " + token, "Bearer " + token + " x", "Basic YTpi", token, "Bearer a.b.c", "Bearer ...",
		"Bearer " + parts[0] + "." + parts[1] + ".", "Bearer eyJhbGciOiJub25lIn0.e30.", "\xff", "Bearer \x00", strings.Repeat("Bearer ", 100),
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		request := httptest.NewRequest(http.MethodGet, "/protected", nil)
		request.Header["Authorization"] = []string{header}
		status, reply, body := answer(t, routes, request)
		if words := strings.Fields(header); len(words) == 2 && strings.EqualFold(words[0], "bearer") && words[1] == token {
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, map[string]any{"id": 1.0, "username": "ada"}, body)
			return
		}
		assert.Equal(t, http.StatusUnauthorized, status)
		assert.True(t, strings.HasPrefix(reply.Get("WWW-Authenticate"), "Bearer "), "a challenge")
		assert.Len(t, body, 1)
		assert.NotEmpty(t, body["msg"])
	})
}

// FuzzToken: whatever the body says, the answer is 400 or 401, unless it is one
// object with ada's name and password.
func FuzzToken(f *testing.F) {
	routes, _ := newRoutes(f)
	for _, body := range []string{
		"", "{", "[]", "null", `"ada"`, "1e999", `{}`, `{"username":"ada","password":"12341234"}`, `{"username":"ada","password":"12341234"}{}`,
		`{"username":"ada"}`, `{"username":1,"password":2}`, `{"USERNAME":"ada","password":"x"}`, `{"username":"\ud800","password":"\u0000"}`,
		`{"username":"ada","password":"` + strings.Repeat("a", 80) + `"}`, strings.Repeat("[", 20000), "\xff\xfe", "\xef\xbb\xbf{}",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, text string) {
		request := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(text))
		status, _, body := answer(t, routes, request)
		if status == http.StatusOK {
			var in credentials
			require.NoError(t, json.Unmarshal([]byte(text), &in), "a body that is not one JSON value")
			assert.Equal(t, credentials{"ada", "12341234"}, in)
			assert.Equal(t, 1.0, body["user_id"])
			return
		}
		assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, status)
		assert.Len(t, body, 1)
		assert.NotEmpty(t, body["msg"])
	})
}
