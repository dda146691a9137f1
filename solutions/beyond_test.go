package solutions

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// beyondBlock is a piece of code or a session in steps/beyond.md, with what the comment above it
// names: a diff of beyond/, and the environment in which the changed program is started.
var beyondBlock = regexp.MustCompile("(?s)<!-- solutions/(beyond/\\S+)\\.diff ?([^\n]*) -->\n```(go|console)\n(.*?)```")

// TestBeyond: each change that steps/beyond.md speaks of applies to the finished program and is what is
// shown of it; and the program that it makes answers as the sessions say.
func TestBeyond(t *testing.T) {
	t.Parallel()
	text := document(t, "steps/beyond.md")
	blocks := beyondBlock.FindAllStringSubmatch(text, -1)
	assert.Len(t, blocks, strings.Count(text, "```go\n")+strings.Count(text, "```console\n"), "a comment above each names a diff")
	for _, c := range readChanges(t, "beyond") {
		t.Run(path.Base(c.name), func(t *testing.T) {
			program := buildChange(t, c)
			files, err := c.apply(t)
			require.NoError(t, err)
			var code strings.Builder
			for _, file := range files {
				code.Write(file)
			}
			kinds := map[string]bool{}
			sessions := map[string]string{} // by their environment
			for _, block := range blocks {
				if block[1] != c.name {
					continue
				}
				kinds[block[3]] = true
				if block[3] == "console" {
					sessions[block[2]] += block[4]
					continue
				}
				assert.Contains(t, code.String(), block[4], "the code that is shown")
			}
			assert.Len(t, kinds, 2, "code and a session are shown")
			for environment, session := range sessions {
				startFile(t, program, strings.Fields(environment)...).wantSession(t, session)
			}
		})
	}
}

// buildChange builds the program that a change makes.
func buildChange(t *testing.T, c change) string {
	t.Helper()
	files, err := c.apply(t)
	require.NoError(t, err)
	overlay := writeOverlay(t, inStep(t, c.step, files))
	return build(t, strings.ReplaceAll(c.name, "/", "-"), "build", "-overlay", overlay, "./steps/"+c.step)
}

// TestBeyondConfusion: the public key that the program gives to everybody is no secret for HS256.
func TestBeyondConfusion(t *testing.T) {
	t.Parallel()
	changes := readChanges(t, "beyond")
	i := slices.IndexFunc(changes, func(c change) bool { return path.Base(c.name) == "rs256" })
	require.GreaterOrEqual(t, i, 0)
	p := startFile(t, buildChange(t, changes[i]))
	resp, err := http.Get("http://" + p.address + "/.well-known/jwks.json")
	require.NoError(t, err)
	defer resp.Body.Close()
	var set struct {
		Keys []struct{ Kid, N, E string }
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&set))
	require.Len(t, set.Keys, 1)
	number := func(text string) *big.Int {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		require.NoError(t, err)
		return new(big.Int).SetBytes(raw)
	}
	public := &rsa.PublicKey{N: number(set.Keys[0].N), E: int(number(set.Keys[0].E).Int64())}
	good, err := jwt.Parse(tokenOf(t, p), func(token *jwt.Token) (any, error) {
		assert.Equal(t, set.Keys[0].Kid, token.Header["kid"])
		return public, nil
	}, jwt.WithValidMethods([]string{"RS256"}))
	require.NoError(t, err, "others can verify the program's tokens")
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	claims := jwt.MapClaims{"sub": "1", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	for _, key := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), public.N.Bytes(), []byte(set.Keys[0].N)} {
		forged := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
		forged.Header["kid"] = set.Keys[0].Kid
		raw, err := forged.SignedString(key)
		require.NoError(t, err)
		status, body := getProtected(t, p.address, raw)
		assert.Equal(t, http.StatusUnauthorized, status, body)
	}
	status, body := getProtected(t, p.address, good.Raw)
	assert.Equal(t, http.StatusOK, status, body)
}
