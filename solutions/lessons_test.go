package solutions

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lesson returns a step's README.md.
func lesson(t *testing.T, step string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "steps", step, "README.md"))
	require.NoError(t, err)
	return string(text)
}

// codeBlock is a piece of the workshop's code in a lesson, and the line before it.
// What the tutorial writes stands under another name of its language.
var codeBlock = regexp.MustCompile("(?s)([^\n]*)\n```(?:go|js)\n(.*?)```")

// TestLessonCode: code in a lesson is copied from the file that a comment
// above it names, line by line; an … of its own leaves lines out.
func TestLessonCode(t *testing.T) {
	source := regexp.MustCompile(`^<!-- (\S+\.(?:go|js)) -->$`)
	for _, step := range steps {
		blocks := codeBlock.FindAllStringSubmatch(lesson(t, step), -1)
		require.NotEmpty(t, blocks, "a lesson without code")
		for _, block := range blocks {
			m := source.FindStringSubmatch(block[1])
			require.NotNil(t, m, "no comment names the file of this code: %s", block[2])
			text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m[1])))
			require.NoError(t, err)
			for piece := range strings.SplitSeq(block[2], "…\n") {
				assert.Contains(t, string(text), strings.TrimRight(piece, " \t"), m[1])
			}
		}
	}
}

// consoleBlock is a session in a lesson: commands after "$ ", and what they print.
var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// TestLessonSessions: what a lesson shows of a session with curl is what the
// finished program answers. An … stands for anything.
func TestLessonSessions(t *testing.T) {
	t.Parallel()
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			var session strings.Builder
			for _, block := range consoleBlock.FindAllStringSubmatch(lesson(t, step), -1) {
				session.WriteString(block[1])
			}
			require.NotEmpty(t, session.String(), "a lesson without a session")
			startFinished(t, step).wantSession(t, session.String())
		})
	}
}

// wantSession expects what a session shows: that of its commands, each after "$ ", a program prints
// these lines. An … stands for anything.
func (p *program) wantSession(t *testing.T, session string) {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here", tool)
		}
	}
	var script, want strings.Builder
	for line := range strings.Lines(session) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			fmt.Fprint(&script, "\necho\n", strings.ReplaceAll(command, "localhost:8080", p.address))
			continue
		}
		want.WriteString(line)
	}
	script.WriteString("\necho\n")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(script.String(), "curl ", "curl -s "))
	cmd.Dir = p.cmd.Dir // where the session may leave files
	printed, err := cmd.CombinedOutput()
	require.NoError(t, err, string(printed))
	got := strings.ReplaceAll(string(printed), "\r", "")
	for line := range strings.Lines(want.String()) {
		line = strings.TrimSpace(line)
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		assert.Regexp(t, "(?m)^"+pattern+"$", got, "this line of the session")
	}
}

// TestLessonToken: the token that step 1 takes apart is a real one: signed with
// the secret beside it, with the header and the payload that are shown.
func TestLessonToken(t *testing.T) {
	text := lesson(t, steps[0])
	raw := regexp.MustCompile(`eyJ[\w-]+\.\s*eyJ[\w-]+\.\s*[\w-]{43}`).FindString(text)
	raw = strings.Join(strings.Fields(raw), "")
	secret := regexp.MustCompile("secret\\s+`([^`]+)`").FindStringSubmatch(text)
	require.NotEmpty(t, raw, "no token in the lesson")
	require.NotNil(t, secret, "no secret in the lesson")
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return []byte(secret[1]), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
	require.NoError(t, err)
	var shown []map[string]any
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(text, -1) {
		var object map[string]any
		require.NoError(t, json.Unmarshal([]byte(block[1]), &object), block[1])
		shown = append(shown, object)
	}
	assert.Contains(t, shown, token.Header)
	assert.Contains(t, shown, map[string]any(claims))
}

// TestReadmeSession: what the front page shows is what happens, in its language: the
// first failing check of step 1, the edit, and the pass.
func TestReadmeSession(t *testing.T) {
	t.Parallel()
	step := steps[0]
	tests := buildTests(t, step)
	for file, lang := range map[string]string{"README.md": "en", "README.es.md": "es"} {
		_, shown, _ := strings.Cut(consoleBlock.FindStringSubmatch(document(t, file))[1], "…\n")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(shown), "…", `\d+`)
		_, output := runInStep(t, step, tests, "-lang", lang)
		assert.Regexp(t, pattern, output, file)
	}

	page := document(t, "README.md")
	sessions := consoleBlock.FindAllStringSubmatch(page, -1)
	edit := codeBlock.FindStringSubmatch(page)
	require.Len(t, sessions, 2)
	require.NotNil(t, edit)
	files := starter(t, step)
	code := string(files["jwt.go"])
	todo := strings.Index(code, "\t// TODO 1")
	require.Positive(t, todo)
	code = code[:todo] + edit[2] + code[todo:]
	files["jwt.go"] = []byte(strings.Replace(code, `import "time"`, `import ("errors"; "time")`, 1))
	tests = build(t, "edited-"+step, "test", "-c", "-overlay", writeOverlay(t, inStep(t, step, files)), "./steps/"+step)
	name := regexp.MustCompile(`-run (\S+)`).FindStringSubmatch(sessions[1][1])
	require.NotNil(t, name)
	exit, output := run(t, filepath.Join(root(t), "steps", step), tests, "-test.run", name[1], "-test.v")
	assert.Equal(t, 0, exit, output)
	assert.Contains(t, output, "--- PASS: "+name[1])
}

// TestVariables: a command with a variable set is there for each shell, for this one command: a variable
// that stays set in PowerShell or cmd.exe spoils what follows. What checks show is check.StartCommand's.
func TestVariables(t *testing.T) {
	command := regexp.MustCompile("\\b([A-Z_]{3,}=[^'\\s&][^\\s&]*) (go (?:run|test) [^\\s`\"]+)")
	stays := regexp.MustCompile(`(?im)\$env:\w+ *=|^[\s>]*(?:set|export|setx) \w+[= ]`)
	seen := 0
	for _, pattern := range []string{"../*.md", "../steps/*.md", "../steps/*/*.md", "../steps/*/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			found := command.FindAllStringSubmatch(string(text), -1)
			if strings.HasSuffix(file, ".go") {
				assert.Empty(t, found, file)
				continue
			}
			assert.Empty(t, stays.FindString(string(text)), file)
			for _, m := range found {
				seen++
				windows := `cmd /c "set ` + m[1] + "&& " + m[2] + `"`
				assert.True(t, strings.Contains(string(text), windows), "%s lacks %s", file, windows)
			}
		}
	}
	assert.NotZero(t, seen)
}
