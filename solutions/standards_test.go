package solutions

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStandards: the finished programs do what the standards ask for where no check does.
func TestStandards(t *testing.T) {
	for i, step := range steps {
		t.Run(step, func(t *testing.T) {
			p := startFinished(t, step)
			paths := []string{"/health"}
			if i == 3 {
				paths = append(paths, "/", "/app.js")
			}
			for _, path := range paths {
				got := ask(t, p, http.MethodGet, path, "")
				head := ask(t, p, http.MethodHead, path, "")
				assert.Equal(t, got.StatusCode, head.StatusCode, "HEAD %s (RFC 9110 §9.3.2)", path)
				assert.Equal(t, got.Header.Get("Content-Type"), head.Header.Get("Content-Type"))
				assert.Empty(t, body(t, head))
			}
			if i < 2 {
				return
			}
			for header, wantsCode := range map[string]bool{"": false, "Basic eDp4": false, "Bearer": false, "Bearer x.y.z": true} {
				reply := ask(t, p, http.MethodGet, "/protected", header)
				assert.Equal(t, http.StatusUnauthorized, reply.StatusCode, header)
				assert.Equal(t, wantsCode, strings.Contains(reply.Header.Get("WWW-Authenticate"), "error="), "%q: a code is for a token that was bad (RFC 6750 §3.1)", header)
			}
			reply := ask(t, p, http.MethodGet, "/protected", "Bearer "+tokenOf(t, p))
			assert.Equal(t, http.StatusOK, reply.StatusCode)
			assert.Equal(t, "no-store", reply.Header.Get("Cache-Control"), "what is one user's is nobody else's (RFC 9111 §5.2.2.5)")
		})
	}
}

// ask sends a request with this header Authorization, or none.
func ask(t *testing.T, p *program, method, path, authorization string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.address+path, nil)
	require.NoError(t, err)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	reply, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { reply.Body.Close() })
	return reply
}

// body returns the body of a reply.
func body(t *testing.T, reply *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	return string(text)
}

// TestFirstStarts: finished programs that start at the same time, with one database that none
// of them has seen before, all come to listen.
func TestFirstStarts(t *testing.T) {
	for range 5 {
		database := filepath.Join(t.TempDir(), "new.db")
		var programs []*program
		for range 3 {
			programs = append(programs, launchFile(t, buildFinished(t, steps[1]), "DATABASE_PATH="+database))
		}
		for _, p := range programs {
			p.wantListening(t)
			tokenOf(t, p)
		}
	}
}
