package solutions

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// writeSubmission writes a student's copy of a step: the files of a program and
// the hostile ones beside them, and returns the folder for -submission.
func writeSubmission(t *testing.T, step string, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, "steps", step, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
	return dir
}

// TestSubmission: finished code passes as a submission, the starter does not, and
// neither does code with a trick, for which one step is enough. Where CI is set, the
// finished code of all steps is submitted, else that of the last one.
func TestSubmission(t *testing.T) {
	t.Parallel()
	submitted := steps[3:]
	if thorough {
		submitted = steps
	}
	const trick = "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\n"
	for _, tc := range []struct {
		name  string
		extra map[string]string
		code  func(t testing.TB, step string) map[string][]byte
		steps []string
		want  int
	}{
		{"finished", nil, finished, submitted, 0},
		{"listens on localhost", nil, func(t testing.TB, step string) map[string][]byte {
			c, err := readChange("variants/" + step + "/repository.diff")
			require.NoError(t, err)
			files, err := c.apply(t)
			require.NoError(t, err)
			return files
		}, steps[:1], 0},
		{"starter", nil, starter, submitted[len(submitted)-1:], 1},
		{"init exits", map[string]string{"trick.go": trick + "func init() { fmt.Println(\"PASS\"); os.Exit(0) }\n"}, finished, steps[1:2], 1},
		{"prints a pass", map[string]string{
			"trick.go":      trick + "func init() { fmt.Println(\"\\x16--- PASS: TestHealth (0.00s)\\nPASS\"); os.Exit(0) }\n",
			"main_test.go":  "package main\n\nimport (\"os\"; \"testing\")\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n",
			"token_test.go": "package main\n",
		}, finished, steps[1:2], 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, step := range tc.steps {
				t.Run(step, func(t *testing.T) {
					t.Parallel()
					files := maps.Clone(tc.code(t, step))
					for name, text := range tc.extra {
						files[name] = []byte(text)
					}
					got := runChecks(t, step, "-submission", writeSubmission(t, step, files))
					assert.Equal(t, tc.want, got.code, got.output)
					if tc.want == 0 {
						assert.Empty(t, got.failed)
						assert.NotEmpty(t, got.passed)
					} else {
						assert.Subset(t, alreadyTrue[step], got.passed, "a check that passes all the same")
						assert.NotEmpty(t, got.failed)
					}
				})
			}
		})
	}
}

// TestKeptSubmitted: handed in, on each rung of isolation that this machine has, every mistake is caught by the
// checks that it names, every variant passes, and the finished programs pass the stretch checks, too.
//
//	go test -timeout 3h ./solutions -run '^TestKeptSubmitted$' -args -alone
func TestKeptSubmitted(t *testing.T) {
	if !*aloneFlag {
		t.Skip("it takes half an hour for each isolation, alone, with -alone")
	}
	programs := append(readChanges(t, "mistakes"), readChanges(t, "variants")...)
	for _, step := range steps {
		programs = append(programs, change{name: "usual/" + step, step: step})
	}
	for _, rung := range check.Isolations() {
		for _, c := range programs {
			t.Run(rung+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				files, err := c.apply(t)
				require.NoError(t, err)
				report := filepath.Join(t.TempDir(), "report.json")
				args := []string{"-submission", writeSubmission(t, c.step, files), "-isolation", rung, "-report", report}
				if c.kind() != "variants" {
					args = append(args, "-stretch")
				}
				if c.kind() == "mistakes" {
					args = append(args, "-test.run", c.pattern(c.named()))
				}
				got := runChecks(t, c.step, args...)
				if c.kind() != "mistakes" {
					assert.Equal(t, 0, got.code, got.output)
					return
				}
				caught := map[string]bool{}
				for _, f := range readReport(t, report).Findings {
					caught[f.Test] = true
				}
				for _, name := range c.named() {
					assert.Contains(t, caught, name, got.output)
				}
			})
		}
	}
}

// TestSubmissionDoesNotCompile: the compiler's words reach the instructor, and
// the grade is a failure.
func TestSubmissionDoesNotCompile(t *testing.T) {
	t.Parallel()
	files := maps.Clone(finished(t, steps[1]))
	files["token.go"] = []byte("package main\n\nfunc (s *server) postToken(c *gin.Context) {}\n")
	got := runChecks(t, steps[1], "-submission", writeSubmission(t, steps[1], files))
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.output, "workshop: the submission's steps/02-token-endpoint does not compile")
	assert.Contains(t, got.output, "token.go:3:31: undefined: gin")
	assert.Empty(t, got.passed)
}

// TestSubmissionPaints: a page that shows what a check looks for, without asking app.js, is
// seen through with the page as it came.
func TestSubmissionPaints(t *testing.T) {
	t.Parallel()
	if !hasBrowser(t) {
		t.Skip("there is no browser")
	}
	files := maps.Clone(starter(t, steps[3]))
	files["web/page.js"] = []byte(`
const $ = (id) => document.getElementById(id);
$("not-started").remove();
$("log-in").disabled = false;
$("login-form").onsubmit = (event) => {
  event.preventDefault();
  $("who").textContent = $("username").value;
  $("tasks").textContent = '{"id":1,"username":"ada"}';
  $("session").hidden = false;
};
`)
	got := runChecks(t, steps[3], "-submission", writeSubmission(t, steps[3], files), "-test.run", "TestVisit")
	assert.Contains(t, got.passed, "TestVisit/log_in_as_ada")
	assert.Contains(t, got.failed, "TestVisit/with_the_page_as_it_came/log_in_as_ada")
}
