package solutions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// TestOtherLibraries: the finished program of step 3 and libraries that have nothing
// in common with it agree on tokens. It takes theirs, and refuses their bad ones; they
// take its own, and under no other secret.
func TestOtherLibraries(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		command func(t *testing.T) *exec.Cmd
	}{
		{"jose", func(t *testing.T) *exec.Cmd { return nodeScript(t, "jose.mjs") }},
		{"jsonwebtoken", func(t *testing.T) *exec.Cmd { return nodeScript(t, "jsonwebtoken.mjs") }},
		{"PyJWT", pythonScript},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := tc.command(t)
			p := startFinished(t, steps[2])
			input, err := json.Marshal(map[string]string{"secret": secret, "sub": "1", "token": tokenOf(t, p)})
			require.NoError(t, err)
			cmd.Stdin = bytes.NewReader(input)
			cmd.Stderr = os.Stderr
			printed, err := cmd.Output()
			require.NoError(t, err, string(printed))
			var library struct {
				Tokens   [][]any // name, token, the status that it should be answered with, and perhaps the message
				Verified map[string]any
				Refused  bool
			}
			require.NoError(t, json.Unmarshal(printed, &library))

			require.Greater(t, len(library.Tokens), 10)
			for _, token := range library.Tokens {
				status, body := getProtected(t, p.address, token[1].(string))
				assert.EqualValues(t, token[2], status, "%s: %s", token[0], body)
				if len(token) > 3 {
					assert.JSONEq(t, fmt.Sprintf(`{"msg":%q}`, token[3]), body, token[0])
				}
			}
			assert.Equal(t, "1", library.Verified["sub"])
			assert.True(t, library.Refused, "it verifies under another secret")
		})
	}
}

// getProtected sends GET /protected with a token.
func getProtected(t *testing.T, address, token string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+address+"/protected", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	reply, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	return reply.StatusCode, string(text)
}

// libraries is the folder of the scripts that use other libraries.
var libraries = filepath.Join("testdata", "libraries")

// nodeScript returns the command that runs a script in Node.js, with its libraries
// from npm. It skips the test where they are not to be had.
func nodeScript(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			skipUnlessCI(t, err)
		}
	}
	dir := filepath.Join(check.Workspace(), "npm")
	if _, err := os.Stat(dir); err != nil {
		require.NoError(t, os.CopyFS(dir, os.DirFS(libraries)))
		install := exec.Command("npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = dir
		if printed, err := install.CombinedOutput(); err != nil {
			skipUnlessCI(t, fmt.Errorf("npm ci: %w: %s", err, printed))
		}
	}
	return exec.Command("node", filepath.Join(dir, name))
}

// pythonScript returns the command that runs the script in a Python that has PyJWT.
// It skips the test where there is none, and fails it where CI is set.
func pythonScript(t *testing.T) *exec.Cmd {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3", "python"} {
		if exec.Command(python, "-c", "import jwt").Run() == nil {
			return exec.Command(python, filepath.Join(libraries, "pyjwt.py"))
		}
	}
	skipUnlessCI(t, errors.New("no Python with PyJWT"))
	return nil
}

// skipUnlessCI skips a test for want of a program, or fails it where CI is set.
func skipUnlessCI(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}
