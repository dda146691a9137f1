package solutions

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"jwtworkshop/workshop/check"
)

// A hostile is a submission that means harm: what it tries, and how its judgement ends. The files
// in hostile/ are such, as txtar. They stand beside the finished program, or the starter.
//
//	A sentence on what it tries.
//
//	Step: the step
//	On: finished or starter
//	Ends: an end, as package report has them; several, with "or" between them
//	Run: the checks that are run, if not all are
//	Says: a regular expression that what is printed matches
//	Browser: none, if none is to be found
//	Not held on: the rungs where it does what it tries; it ends itself there, as it starts
//	Not on: the rungs where it would do harm to this machine
//
// If a file has a function wrap, the program's handler goes through that.
type hostile struct {
	step    string
	starter bool
	ends    []string
	run     string
	says    string
	alone   bool // without a browser
	notHeld []string
	notOn   []string
	files   map[string][]byte
	prepare func(t *testing.T, dir string) // does what no text can: links, folders, odd names
}

// readHostile reads a file of hostile/.
func readHostile(t *testing.T, file string) hostile {
	t.Helper()
	text, err := txtar.ParseFile(file)
	require.NoError(t, err)
	h := hostile{files: map[string][]byte{}}
	_, head, _ := strings.Cut(string(text.Comment), "\n\n")
	for line := range strings.Lines(head) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		require.True(t, ok, "%s: %s", file, line)
		switch name {
		case "Step":
			h.step = value
		case "On":
			h.starter = value == "starter"
		case "Ends":
			h.ends = strings.Split(value, " or ")
		case "Run":
			h.run = value
		case "Says":
			h.says = value
		case "Browser":
			h.alone = value == "none"
		case "Not held on":
			h.notHeld = strings.Fields(value)
		case "Not on":
			h.notOn = strings.Fields(value)
		default:
			t.Fatalf("%s: %s", file, line)
		}
	}
	for _, f := range text.Files {
		h.files[f.Name] = f.Data
	}
	require.NotEmpty(t, h.ends, file)
	return h
}

// madeHostile are those that no text can hold.
func madeHostile() map[string]hostile {
	finished := hostile{step: steps[1], ends: []string{"does not compile"}}
	link, names, folders, patterns, sparse := finished, finished, finished, finished, finished
	link.prepare = func(t *testing.T, dir string) { // the finished program of whoever grades
		require.NoError(t, os.Remove(filepath.Join(dir, "token.go")))
		require.NoError(t, os.Symlink(filepath.Join(root(t), "solutions", steps[1], "token.go"), filepath.Join(dir, "token.go")))
	}
	link.says = "Left out of the submission.*token.go"
	names.ends, names.run, names.says = []string{"passed"}, "TestPostTokenBadBody", `Left out of the submission.*\\u000a--- PASS`
	names.prepare = func(t *testing.T, dir string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "x\n--- PASS: TestPostToken (0.00s)\n\x1b[2J.c"), nil, 0o600))
	}
	folders.ends = []string{"too large"}
	folders.prepare = func(t *testing.T, dir string) {
		for i := range 10_100 {
			require.NoError(t, os.Mkdir(filepath.Join(dir, fmt.Sprint("folder", i)), 0o700))
		}
	}
	patterns.ends = []string{"too large"}
	patterns.prepare = func(t *testing.T, dir string) { // each compared with each name
		text := "package main\n\nimport _ \"embed\"\n\n"
		for i := range 40_000 {
			text += fmt.Sprintf("//go:embed */*/*%d*\n", i)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "embed.go"), []byte(text), 0o600))
		for i := range 9000 {
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint("name", i)), nil, 0o600))
		}
	}
	sparse.ends = []string{"too large"}
	sparse.prepare = func(t *testing.T, dir string) { // a hundred GiB of nothing
		for i := range 5000 {
			name := filepath.Join(dir, fmt.Sprintf("sparse%d.go", i))
			require.NoError(t, os.WriteFile(name, nil, 0o600))
			require.NoError(t, os.Truncate(name, 20<<20))
		}
	}
	return map[string]hostile{"a-link-to-the-solution": link, "names-with-lines": names, "ten-thousand-folders": folders, "patterns-and-names": patterns, "sparse-files": sparse}
}

// aloneFlag has the tests run that take all that a machine has, at which other tests look.
var aloneFlag = flag.Bool("alone", false, "run the tests that want a machine of their own")

// TestHostile: submissions that mean harm end as they have to, on each rung of isolation that this
// machine has, in a time that is bounded, and nothing is left behind.
//
//	go test ./solutions -run '^TestHostile$' -args -alone
func TestHostile(t *testing.T) {
	if !*aloneFlag {
		t.Skip("it is run alone, with -alone")
	}
	if runtime.GOOS == "windows" {
		t.Skip("most of them are made for Unix")
	}
	cases := madeHostile()
	files, err := filepath.Glob("hostile/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		cases[strings.TrimSuffix(filepath.Base(file), ".txtar")] = readHostile(t, file)
	}
	for _, rung := range check.Isolations() {
		for name, h := range cases {
			if slices.Contains(h.notOn, rung) {
				continue
			}
			t.Run(rung+"/"+name, func(t *testing.T) {
				t.Parallel()
				h.try(t, rung)
			})
		}
	}
}

// hostileLimit is how long the judgement of one may take, its build included, on a busy machine.
const hostileLimit = 4 * time.Minute

// try has a submission judged.
func (h hostile) try(t *testing.T, rung string) {
	program := finished
	if h.starter {
		program = starter
	}
	files := maps.Clone(program(t, h.step))
	maps.Copy(files, h.files)
	if bytes.Contains(files["trick.go"], []byte("\nfunc wrap(")) {
		files["main.go"] = bytes.Replace(files["main.go"], []byte("s.routes())"), []byte("wrap(s.routes()))"), 1)
	}
	dir := writeSubmission(t, h.step, files)
	if h.prepare != nil {
		h.prepare(t, filepath.Join(dir, "steps", h.step))
	}
	temp, err := os.MkdirTemp("", "") // t.TempDir's name tells the program where it is
	require.NoError(t, err)
	defer os.RemoveAll(temp)
	require.NoError(t, os.Chmod(temp, 0o711))
	args := []string{"-lang", "en", "-submission", dir, "-isolation", rung, "-report", filepath.Join(temp, "report.json")}
	if h.run != "" {
		args = append(args, "-test.run", h.run)
	}
	cmd := exec.CommandContext(t.Context(), buildTests(t, h.step), args...)
	cmd.Dir = filepath.Join(root(t), "steps", h.step)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	if h.alone {
		cmd.Env = append(cmd.Env, "CHROME_PATH="+filepath.Join(temp, "none"))
	}
	untouched := atInstructors(t, cmd)
	begun := time.Now()
	printed, err := cmd.CombinedOutput()
	took := time.Since(begun)
	require.NotNil(t, cmd.ProcessState, err)
	var said struct {
		End, Isolation string
		Checks         map[string]string
	}
	untouched()
	text, err := os.ReadFile(filepath.Join(temp, "report.json"))
	require.NoError(t, err, string(printed))
	require.NoError(t, json.Unmarshal(text, &said))

	assert.Less(t, len(printed), 512<<10, "what whoever grades has to read")
	assert.Less(t, len(text), 4<<20, "the report")
	ends := h.ends
	if slices.Contains(h.notHeld, rung) {
		ends = []string{"does not start"}
	}
	assert.Contains(t, ends, said.End, string(printed))
	assert.Equal(t, said.End == "passed", cmd.ProcessState.ExitCode() == 0)
	assert.Less(t, took, hostileLimit)
	if h.says != "" {
		assert.Regexp(t, regexp.MustCompile(h.says), string(printed))
	}
	for _, line := range strings.Split(string(printed), "\n") { // nothing that it prints looks like the checks' own
		assert.NotContains(t, line, "\x16")
		assert.NotContains(t, line, "\x1b")
		assert.NotRegexp(t, `^\s*--- PASS`, line)
	}
	if h.starter {
		for name, result := range said.Checks {
			if result == "passed" {
				assert.Contains(t, alreadyTrue[h.step], name, "an undeserved pass")
			}
		}
	}
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	for _, entry := range entries {
		assert.Equal(t, "report.json", entry.Name(), "left behind")
	}
	assert.Eventually(t, func() bool { return len(runningFrom(temp)) == 0 }, 5*time.Second, 20*time.Millisecond, "left running")
	_, err = os.Stat("/tmp/jwt-hostile-daemon")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Eventually(t, func() bool { // on another rung, it may be under way
		left, err := filepath.Glob("/tmp/jwt-hostile-" + filepath.Base(t.Name()) + "*")
		return err == nil && len(left) == 0
	}, hostileLimit, 100*time.Millisecond, "left behind")
}

// runningFrom returns the processes whose program is in a folder.
func runningFrom(dir string) []string {
	var left []string
	processes, _ := filepath.Glob("/proc/[0-9]*/task/[0-9]*/exe") // the first thread may have ended
	for _, p := range processes {
		if file, err := os.Readlink(p); err == nil && strings.HasPrefix(file, dir) {
			left = append(left, p)
		}
	}
	return left
}
