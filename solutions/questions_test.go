package solutions

import (
	"bytes"
	"context"
	"crypto/rand"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/attack"
	"jwtworkshop/workshop/predict"
	"jwtworkshop/workshop/spot"
)

// otherwise are programs whose answers are not those of a right one, by the questions: kept
// mistakes, or, where there is none, the finished program with one text in the place of another.
var otherwise = map[string]struct{ mistake, file, old, new string }{
	"weak-secret":  {mistake: "01-setup/refuses-32-bytes"},
	"same-hash":    {file: "database.go", old: "string(hash)", new: `string(hash[:0]) + "$2a$10$dJTCTtHvk.Dvj3jLLyDlt.h6Z9W91A2vxn3d9lZbBCIF9oiu2kQge"`},
	"finder-reads": {mistake: "02-token-endpoint/constant-token"},
	"login-with-a-new-secret": {
		file: "main.go", old: "	s := &server{",
		new: `	db.Exec("CREATE TABLE IF NOT EXISTS secrets (secret TEXT)")
	db.Exec("UPDATE users SET password_hash = '' WHERE EXISTS (SELECT * FROM secrets WHERE secret <> ?)", os.Getenv("JWT_SECRET_KEY"))
	db.Exec("INSERT INTO secrets VALUES (?)", os.Getenv("JWT_SECRET_KEY"))
	s := &server{`,
	},
	"new-login":             {mistake: "03-protected/new-login-ends-the-token"},
	"payload-of-another":    {mistake: "03-protected/parse-unverified"},
	"new-password":          {mistake: "03-protected/new-password-ends-the-token"},
	"new-secret":            {mistake: "03-protected/former-secrets"},
	"good-token-of-another": {mistake: "03-protected/id-from-the-address"},
	"copy-after-logout":     {mistake: "03-protected/each-token-once"},
	"deleted-user":          {mistake: "03-protected/users-kept"},
}

// TestQuestions: a finished program answers each question of predict as a right one does, and
// another one otherwise.
func TestQuestions(t *testing.T) {
	t.Parallel()
	programs := map[string]map[string][]byte{}
	for _, step := range steps {
		programs["right/"+step] = finished(t, step)
	}
	for _, q := range predict.Questions {
		other := otherwise[q.Name]
		if other.mistake != "" {
			c, err := readChange("mistakes/" + other.mistake + ".diff")
			require.NoError(t, err)
			programs[q.Name], err = c.apply(t)
			require.NoError(t, err)
			continue
		}
		files := maps.Clone(finished(t, q.Step))
		require.Equal(t, 1, bytes.Count(files[other.file], []byte(other.old)), q.Name)
		files[other.file] = bytes.Replace(files[other.file], []byte(other.old), []byte(other.new), 1)
		programs[q.Name] = files
	}
	file, broken := buildMany(t, "questions", programs)
	require.Empty(t, broken)
	right := map[string]string{}
	for _, step := range steps {
		right[step] = linkProgram(t, file, "right/"+step)
	}
	for _, q := range predict.Questions {
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			answer := answerOf(t, q, right[q.Step])
			assert.Equal(t, q.Usual, answer.Yes, "%v", answer.Exchanges)
			answer = answerOf(t, q, linkProgram(t, file, q.Name))
			assert.Equal(t, !q.Usual, answer.Yes, "%v", answer.Exchanges)
		})
	}
	for _, step := range steps {
		assert.GreaterOrEqual(t, len(predict.Of(step)), 2, step)
	}
}

// answerOf has a program answer a question.
func answerOf(t *testing.T, q predict.Question, file string) predict.Answer {
	t.Helper()
	dir := t.TempDir()
	answer, err := q.Ask(t.Context(), dir, func(_ context.Context, secret, database string) (string, func(), string, error) {
		if secret == "" {
			secret = rand.Text() + rand.Text()
		}
		p := launchFile(t, file, "JWT_SECRET_KEY="+secret, "DATABASE_PATH="+filepath.Join(dir, database))
		for !canConnect(p.address) {
			select {
			case <-p.ended:
				return "", nil, p.printed.String(), nil
			case <-time.After(5 * time.Millisecond):
			}
		}
		return "http://" + p.address, func() { p.cmd.Process.Kill(); <-p.ended }, "", nil
	})
	require.NoError(t, err)
	return answer
}

// TestSpot: each program of spot is a kept one, and says so in its words; of the attacks that are
// asked about some get into the wrong ones, and none into the right one.
func TestSpot(t *testing.T) {
	t.Parallel()
	programs := map[string]map[string][]byte{}
	for _, p := range spot.Programs {
		c, err := readChange(p.Name + ".diff")
		require.NoError(t, err)
		assert.Equal(t, strings.ReplaceAll(c.says, "\n", " "), string(p.Says))
		shown, files, err := p.Load(os.DirFS(root(t)))
		require.NoError(t, err)
		programs[p.Name], err = c.apply(t)
		require.NoError(t, err)
		whole := maps.Clone(finished(t, spot.Step))
		maps.Copy(whole, files)
		assert.Equal(t, programs[p.Name], whole, p.Name)
		assert.Equal(t, p.AsDiff, strings.Contains(shown, "\n-\t"), shown)
		assert.LessOrEqual(t, strings.Count(shown, "\n"), 60, "%s: long to read", p.Name)
	}
	file, broken := buildMany(t, "spot", programs)
	require.Empty(t, broken)
	for _, p := range spot.Programs {
		t.Run(path.Base(p.Name), func(t *testing.T) {
			t.Parallel()
			running := startFile(t, linkProgram(t, file, p.Name))
			require.NoError(t, attack.AddGrace(filepath.Join(running.cmd.Dir, "test.db")))
			into := map[string]bool{}
			require.NoError(t, attack.Run(t.Context(), "http://"+running.address, secret, func(try attack.Try) { into[string(try.What)] = try.LetIn() }))
			if strings.HasPrefix(p.Name, "variants/") {
				assert.NotContains(t, slices.Collect(maps.Values(into)), true, "it is a right one: %v", into)
				return
			}
			some := false
			for _, what := range p.Attacks {
				letIn, known := into[string(what)]
				assert.True(t, known, "there is no such attack: %s", what)
				some = some || letIn
			}
			assert.True(t, some, "it is a wrong one")
		})
	}
}
