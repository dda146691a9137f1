package solutions

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withoutComments reads JSON as VS Code writes it, with lines that are comments.
func withoutComments(t *testing.T, file string, v any) {
	t.Helper()
	text := regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(document(t, file), "")
	require.NoError(t, json.Unmarshal([]byte(text), v), file)
}

// TestEditor: VS Code's tasks and launch configurations are about the steps that there are, with the
// environment that the checks ask for of a program under a debugger.
func TestEditor(t *testing.T) {
	t.Parallel()
	var tasks struct {
		Tasks  []struct{ Label, Command string }
		Inputs []struct{ Options []string }
	}
	withoutComments(t, ".vscode/tasks.json", &tasks)
	require.Len(t, tasks.Inputs, 1)
	assert.Equal(t, steps, tasks.Inputs[0].Options)
	labels := map[string]string{}
	for _, task := range tasks.Tasks {
		labels[task.Label] = task.Command
	}
	assert.Equal(t, "go run ./workshop", labels["coach"])
	assert.Contains(t, labels, "check")
	assert.Contains(t, labels, "run")
	var launch struct {
		Configurations []struct {
			Program, Cwd string
			Env          map[string]string
		}
	}
	withoutComments(t, ".vscode/launch.json", &launch)
	require.Len(t, launch.Configurations, len(steps))
	for i, c := range launch.Configurations {
		assert.Equal(t, "${workspaceFolder}/steps/"+steps[i], c.Program)
		assert.Equal(t, "${workspaceFolder}", c.Cwd, "where .env is")
		_, output := runInStep(t, steps[i], buildTests(t, steps[i]), "-url", "http://localhost:1")
		for name, value := range c.Env {
			if name == "PORT" {
				continue
			}
			want := filepath.FromSlash(strings.Replace(value, "${workspaceFolder}", filepath.ToSlash(root(t)), 1))
			assert.Contains(t, output, name+"="+want, "what the checks ask for")
		}
	}
	var settings map[string]any
	withoutComments(t, ".vscode/settings.json", &settings)
	var extensions map[string][]string
	withoutComments(t, ".vscode/extensions.json", &extensions)
	assert.Contains(t, extensions["recommendations"], "golang.go")
}

// TestContainer: the container has the Go that go.mod asks for, and what it runs while it is made is there.
func TestContainer(t *testing.T) {
	t.Parallel()
	var container struct {
		Image, OnCreateCommand string
		ForwardPorts           []int
	}
	withoutComments(t, ".devcontainer/devcontainer.json", &container)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(document(t, "go.mod"))
	require.NotNil(t, version)
	assert.Contains(t, container.Image, "-"+version[1]+"-")
	assert.Equal(t, []int{8080}, container.ForwardPorts)
	script, ok := strings.CutPrefix(container.OnCreateCommand, "bash ")
	require.True(t, ok)
	assert.Contains(t, document(t, script), "go run ./workshop grade .")
}

// TestCatalogue: learn.json has what the catalogue of 4Geeks Academy reads (breatheco-de/apiv2,
// breathecode/registry/LEARNPACK_CONFIGURATION.md), and its picture is there.
func TestCatalogue(t *testing.T) {
	var config struct {
		Slug, Repository, Preview, ProjectType, Difficulty, Grading string
		Title, Description                                          map[string]string
		Duration                                                    int
		Technologies                                                []string
		LocalhostOnly, Gitpod                                       *bool
	}
	withoutComments(t, "learn.json", &config)
	for _, texts := range []map[string]string{config.Title, config.Description} {
		assert.NotEmpty(t, texts["us"])
		assert.NotEmpty(t, texts["es"])
	}
	assert.NotEmpty(t, config.Slug)
	assert.Equal(t, []string{"exercise", "incremental"}, []string{config.ProjectType, config.Grading})
	assert.Contains(t, []string{"BEGINNER", "EASY", "INTERMEDIATE", "HARD"}, config.Difficulty)
	assert.Positive(t, config.Duration, "hours")
	assert.Contains(t, config.Technologies, "go")
	require.NotNil(t, config.LocalhostOnly)
	require.NotNil(t, config.Gitpod)
	assert.Equal(t, []bool{false, true}, []bool{*config.LocalhostOnly, *config.Gitpod}, "in the cloud, or a local clone")
	_, owner, ok := strings.Cut(config.Repository, "https://github.com/")
	require.True(t, ok)
	name, ok := strings.CutPrefix(config.Preview, "https://raw.githubusercontent.com/"+owner+"/main/")
	require.True(t, ok, config.Preview)
	file := filepath.Join(root(t), filepath.FromSlash(name))
	if *update {
		makePreview(t, file)
	}
	picture, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "\x89PNG", string(picture[:4]))
	assert.Less(t, len(picture), 300<<10, "bytes")
}

// makePreview makes the picture for catalogues: what the workshop is, beside the coach.
func makePreview(t *testing.T, file string) {
	t.Helper()
	coach, err := os.ReadFile(filepath.Join(root(t), "workshop", "coach.png"))
	require.NoError(t, err)
	page := filepath.Join(t.TempDir(), "preview.html")
	text := fmt.Sprintf(`<!doctype html><meta charset="utf-8"><style>
body { margin: 0; width: 1200px; height: 630px; display: flex; align-items: center; gap: 40px; padding: 0 40px; box-sizing: border-box; font: 22px/1.35 system-ui, sans-serif; color: #f2f4f8; background: #10141c; overflow: hidden; }
h1 { font-size: 58px; line-height: 1.05; margin: 0 0 24px; } p { margin: 0 0 14px; } .quiet { color: #aab4c5; }
img { width: 660px; border-radius: 10px; border: 1px solid #364052; }
</style><div><h1>JWT workshop</h1><p>Token authentication in Go, step by step</p><p class="quiet">Autenticación con tokens en Go, paso a paso</p><p class="quiet">Gin · golang-jwt · SQLite</p></div><img src="data:image/png;base64,%s">`,
		base64.StdEncoding.EncodeToString(coach))
	require.NoError(t, os.WriteFile(page, []byte(text), 0o600))
	browser, err := exec.LookPath("chromium")
	require.NoError(t, err, "it needs Chromium")
	printed, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,630", "--screenshot="+file, "file://"+filepath.ToSlash(page)).CombinedOutput()
	require.NoError(t, err, string(printed))
}
