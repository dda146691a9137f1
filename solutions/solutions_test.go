// Package solutions tests the workshop itself: the finished programs pass every check,
// each starter fails the checks that it should fail, wrong programs are caught and right
// ones pass, and lessons, hints and TODOs fit together.
package solutions

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"jwtworkshop/workshop/check"
)

var update = flag.Bool("update", false, "write anew what the tests that run can write: the picture of the page, the lists of mistakes and variants, what checks say of mistakes")

// steps are the names of the steps' folders.
var steps = []string{"01-setup", "02-token-endpoint", "03-protected", "04-frontend"}

// alreadyTrue lists the checks that a starter passes: they hold what a learner
// must not break. Every other check has a TODO to wait for.
var alreadyTrue = map[string][]string{
	"01-setup":          {"TestSecret/not_even_a_part_is_printed", "TestHealth", "TestAtOnce/a_slow_body_and_a_quick_one", "TestListens", "TestPortTaken", "TestAlways"},
	"02-token-endpoint": {"TestAlways"},
	"03-protected":      {"TestPublic", "TestPublicWithBadToken", "TestAlways"},
	"04-frontend": {"TestPageServed/the_page", "TestPageServed/its_script", "TestPageServed/your_script", "TestPageServed/its_style",
		"TestPageServed/its_words", "TestPageServed/its_reader_of_tokens", "TestPageServed/the_form",
		"TestPageServed/no_inline_script", "TestPageServed/no_inline_script_in_the_browser", "TestAlways"},
}

// TestMain gives the tests a folder to build in, and closes the browser after them. Four
// tests run at a time: much of their time they wait, for programs and for the browser.
func TestMain(m *testing.M) {
	flag.Set("test.parallel", "4")
	check.Main(m, func() {}, nil)
}

// TestFinished: each finished program passes every check of its step, those of
// the stretch too.
func TestFinished(t *testing.T) {
	t.Parallel()
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			got := runChecks(t, step, "-program", buildFinished(t, step), "-stretch")
			require.Equal(t, 0, got.code, got.output)
			assert.Empty(t, got.failed)
			if step != steps[3] { // nothing there has an end that one could wait for
				assert.Contains(t, got.passed, "TestTimePasses", "the coach looks for it by its name, and has it come last") // workshop/internal/run
			}
			if hasBrowser(t) {
				assert.Empty(t, got.skipped, "a check that is skipped proves nothing")
			}
			assert.Subset(t, append(got.passed, got.skipped...), alreadyTrue[step], "checks that are not there any more")
		})
	}
}

// TestStarters: each starter runs and fails all its checks but those that are
// listed, each with a message that names a TODO, TODO 1 at the end. For each TODO, there
// is a failing check that is about it: none is done.
func TestStarters(t *testing.T) {
	t.Parallel()
	look := regexp.MustCompile(`\n +look: +steps/(\S+), TODO \d`)
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report.json")
			got := runChecks(t, step, "-report", file)
			require.Equal(t, 1, got.code, got.output)
			wantJudged(t, step, readReport(t, file))
			assert.Subset(t, alreadyTrue[step], got.passed, "a check that passes before its TODO is done")
			assert.Subset(t, append(got.passed, got.skipped...), alreadyTrue[step])
			assert.False(t, strings.Contains(got.output, "it ended"), "a starter that ends or panics")
			assert.GreaterOrEqual(t, len(look.FindAllString(got.output, -1)), len(got.failed), "a failing check that names no TODO")

			short := runStarterShort(t, step)
			_, last, found := strings.Cut(short, "Begin with this one:")
			require.True(t, found, short)
			assert.Contains(t, last, ", TODO 1\n", "what to do first")
		})
	}
}

// wantJudged expects each TODO of a step to be what some failing check is about, and each
// failing check that looks at a TODO to be about one, but for those on the page as a whole.
func wantJudged(t *testing.T, step string, said report) {
	t.Helper()
	judged := map[int]bool{}
	for _, f := range said.Findings {
		for _, todo := range f.Judges {
			judged[todo] = true
		}
		if f.Look.Todo > 0 && !strings.HasPrefix(f.Test, "TestVisit/") {
			assert.NotEmpty(t, f.Judges, f.Test)
		}
	}
	for _, text := range starter(t, step) {
		for _, n := range todos(text) {
			number, err := strconv.Atoi(n)
			require.NoError(t, err)
			assert.True(t, judged[number], "no check is about TODO %s", n)
		}
	}
}

// A report is what a step's tests write with -report, as far as these tests need it.
type report struct {
	Findings []struct {
		Test, Rule, Sent, Got, Want, Why, Try string
		Notes                                 []string
		Look                                  check.Place
		Judges                                []int
	}
}

// readReport reads what a step's tests have written.
func readReport(t *testing.T, file string) (said report) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &said))
	return said
}

// checks are the results of a run of a step's tests, by name; a test that has
// subtests is left out.
type checks struct {
	code                    int
	passed, failed, skipped []string
	output                  string
}

// resultLine is what go test -v prints when a test is over; unremarkable are the lines of
// its output without which one finds what failed.
var (
	resultLine   = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): (\S+)`)
	unremarkable = regexp.MustCompile(`(?m)^(=== (RUN|PAUSE|CONT) .*| *--- (PASS|SKIP): .*)\n`)
)

// runChecks runs the tests of a step, with every file but the tests as in the
// starter, on the program that the arguments name.
func runChecks(t *testing.T, step string, args ...string) checks {
	t.Helper()
	return runTests(t, step, buildTests(t, step), args...)
}

// runTests runs tests of a step that are built already.
func runTests(t *testing.T, step, tests string, args ...string) checks {
	t.Helper()
	code, output := runInStep(t, step, tests, append([]string{"-test.v"}, args...)...)
	result := checks{code: code, output: unremarkable.ReplaceAllString(output, "")}
	lines := resultLine.FindAllStringSubmatch(output, -1)
	for _, line := range lines {
		if slices.ContainsFunc(lines, func(other []string) bool { return strings.HasPrefix(other[2], line[2]+"/") }) {
			continue // its subtests count
		}
		switch line[1] {
		case "PASS":
			result.passed = append(result.passed, line[2])
		case "FAIL":
			result.failed = append(result.failed, line[2])
		case "SKIP":
			result.skipped = append(result.skipped, line[2])
		}
	}
	return result
}

// runStarterShort returns what a learner sees: the output without -v.
func runStarterShort(t *testing.T, step string) string {
	t.Helper()
	_, output := runInStep(t, step, buildTests(t, step))
	return output
}

// runInStep runs tests of a step in its folder, and returns their exit code and what
// they printed: in English, unless the arguments say otherwise.
func runInStep(t *testing.T, step, tests string, args ...string) (code int, output string) {
	t.Helper()
	if !slices.Contains(args, "-lang") {
		args = append(args, "-lang", "en")
	}
	if step == steps[3] && !slices.Contains(args, "sobek") && !slices.Contains(args, "-submission") { // which has a network of its own
		tabs, err := theTabs()
		require.NoError(t, err)
		tab, giveBack := tabs.lend(t)
		defer giveBack()
		args = append(args, tab...)
	}
	return run(t, filepath.Join(root(t), "steps", step), tests, args...)
}

// run runs a program in dir and returns its exit code and what it printed.
func run(t testing.TB, dir, program string, args ...string) (code int, output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	printed, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), string(printed)
}

// root returns the workshop's folder.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	require.NoError(t, err)
	return dir
}

// built remembers what was built, so that each thing is built once.
var built sync.Map

// build runs go build or go test -c with these arguments once, and returns the
// file that it made.
func build(t testing.TB, name string, args ...string) string {
	t.Helper()
	file, err := startBuild(t, name, args...)()
	require.NoError(t, err, "go %s", strings.Join(args, " "))
	return file
}

// startBuild returns a function that does as build does, for builds side by side.
func startBuild(t testing.TB, name string, args ...string) func() (string, error) {
	once, _ := built.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		file := filepath.Join(check.Workspace(), name+".exe") // Windows wants the .exe
		last := len(args) - 1
		cmd := exec.Command("go", append(args[:last:last], "-ldflags", "-s -w", "-o", file, args[last])...) // without what debuggers need: quicker
		cmd.Dir = root(t)
		printed, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(printed))
		}
		return file, err
	}))
	return once.(func() (string, error))
}

// buildFinished builds the finished program of a step.
func buildFinished(t testing.TB, step string) string {
	t.Helper()
	return build(t, "finished-"+step, "build", "./solutions/"+step)
}

// buildTests builds the tests of a step together with its starter, whatever a
// learner has made of that in steps/.
func buildTests(t testing.TB, step string) string {
	t.Helper()
	file, err := startTests(t, step)()
	require.NoError(t, err)
	return file
}

// startTests does as buildTests does, without waiting for the file.
func startTests(t testing.TB, step string) func() (string, error) {
	t.Helper()
	overlay := writeOverlay(t, inStep(t, step, starter(t, step)))
	built := startBuild(t, "tests-"+step, "test", "-c", "-overlay", overlay, "./steps/"+step)
	go built()
	return built
}

// starter returns the original files of a step by their names in its folder.
func starter(t testing.TB, step string) map[string][]byte {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join(root(t), "workshop", "course", "starters.txtar"))
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "steps/"+step+"/"); ok {
			files[name] = f.Data
		}
	}
	require.NotEmpty(t, files, step)
	return files
}

// programFiles returns the files in dir that a program is made of: Go files but for
// tests, and those of its page, by their names in dir with '/' between the parts.
func programFiles(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"*.go", "web/*"} {
		names, err := fs.Glob(os.DirFS(dir), pattern)
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			require.NoError(t, err)
			files[name] = text
		}
	}
	return files
}
