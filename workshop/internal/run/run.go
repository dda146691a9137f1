// Package run builds the program of a step and runs the step's checks on it.
//
// It is quicker than go test. It compiles the checks once, with the starter in the place
// of the learner's code. After an edit, it compiles only the program again. To save
// time, it leaves out of both what nobody needs here: C, Gin's msgpack, what debuggers
// read, and vet.
package run

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// limit is how long the checks of a step may take, far more than they do.
const limit = 5 * time.Minute

// A Result is what the checks say of a program.
type Result struct {
	Compile string   `json:"compile,omitempty"` // what the compiler says, if that is not nothing
	Passed  []string `json:"passed"`
	Failed  []string `json:"failed"`
	report.Report
	Output string `json:"-"` // all that the checks have printed
	Early  bool   `json:"-"` // those that take time are still to come
}

// OK says whether every check has passed, but for those that are about no TODO and were
// not judged.
func (r *Result) OK() bool {
	return !r.Early && r.Compile == "" && len(r.Failed) == 0 && len(r.Passed) > 0 && !r.Incomplete()
}

// Ran says whether the program could be judged: whether it compiles, and comes to listen.
func (r *Result) Ran() bool {
	return r.Compile == "" && !slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return !f.Ran() })
}

// A Workshop is one that is built and checked in its folder.
type Workshop struct {
	Root      string
	Optimized bool // what is built
}

// takesTime is the check that waits for tokens to end and seconds to pass, in the steps that
// have one; with it comes the one that looks at what happens in all others.
const (
	takesTime = "^TestTimePasses$"
	withTime  = "^(TestTimePasses|TestAlways)$"
)

// TakesTime says whether a check is one that the coach makes last, when all others pass.
func TakesTime(check string) bool {
	test, _, _ := strings.Cut(check, "/")
	return regexp.MustCompile(takesTime).MatchString(test)
}

// Check builds the program of a step and runs the checks on it, which Prepare has
// compiled. With stretch, it runs the stretch checks too. The check that takes time comes
// last, and only if all others pass; before it, early is called with what those have said.
func (w Workshop) Check(ctx context.Context, step string, stretch bool, early func(*Result)) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	dir, err := folder.Temporary()
	if err != nil {
		return nil, err
	}
	defer folder.RemoveAll(dir)
	program := filepath.Join(dir, "program.exe")
	printed, err := w.buildProgram(ctx, step, program)
	if err != nil {
		if ctx.Err() != nil || !didNotCompile(err, printed) {
			return nil, errors.Join(ctx.Err(), explain(err, string(printed)))
		}
		return &Result{Compile: shorten(string(printed))}, nil
	}
	var args []string
	if stretch {
		args = append(args, "-stretch")
	}
	result, err := w.runChecks(ctx, step, program, append(args, "-test.skip", takesTime)...)
	if err != nil || !result.OK() || !w.hasOneThatTakesTime(ctx, step) {
		return result, err
	}
	soon := *result
	soon.Early = true
	early(&soon)
	last, err := w.runChecks(ctx, step, program, append(args, "-test.run", withTime)...)
	if err != nil {
		return nil, err
	}
	return result.and(last), nil
}

// didNotCompile says whether the code is why the program could not be built.
func didNotCompile(err error, printed []byte) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && compiler.Match(printed) && gobuild.Trouble(err, string(printed)) == nil
}

// hasOneThatTakesTime says whether the checks of a step have one that takes time.
func (w Workshop) hasOneThatTakesTime(ctx context.Context, step string) bool {
	cmd := exec.CommandContext(ctx, w.ChecksFile(step), "-test.list", takesTime)
	cmd.Dir = filepath.Join(w.Root, "steps", step)
	listed, err := cmd.Output()
	return err == nil && bytes.Contains(listed, []byte("Test"))
}

// and returns both results as one; a check may be in both.
func (r *Result) and(other *Result) *Result {
	return &Result{
		Passed: slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.Passed, other.Passed)))),
		Failed: slices.Concat(r.Failed, other.Failed),
		Report: report.Report{
			Findings: slices.Concat(r.Findings, other.Findings),
			Unjudged: slices.Concat(r.Unjudged, other.Unjudged),
			Stretch:  slices.Concat(r.Stretch, other.Stretch),
			Seed:     r.Seed,
		},
		Output: r.Output + other.Output,
	}
}

// compiler is a line of the compiler's, the linker's or go build's on the step.
var compiler = regexp.MustCompile(`(?m)^((\./)?steps[/\\]|# jwtworkshop/steps/)|(^|: )no (non-test )?Go files in |^found packages `)

// notRead is a line on an import of a file that is right, when Go cannot read another one.
var notRead = regexp.MustCompile(`(?m)^.*: cannot find package$\n?`)

// shorten leaves out of the compiler's output what does not help, and all but the
// first lines.
func shorten(text string) string {
	const enough = 12
	if rest := notRead.ReplaceAllString(text, ""); strings.TrimSpace(rest) != "" {
		text = rest
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "# ") {
			lines = append(lines, line)
		}
	}
	if len(lines) > enough {
		lines = append(lines[:enough], "…")
	}
	return strings.Join(lines, "\n")
}

// resultLine is what go test -v prints when a test is over.
var resultLine = regexp.MustCompile(`^ *--- (PASS|FAIL|SKIP): (\S+)`)

// runChecks runs checks of a step on a program, in a folder of its own.
func (w Workshop) runChecks(ctx context.Context, step, program string, args ...string) (*Result, error) {
	if _, err := os.Stat(w.ChecksFile(step)); errors.Is(err, fs.ErrNotExist) { // cleaned away
		if err := w.Prepare(ctx, step, func(int, int) {}); err != nil {
			return nil, err
		}
	}
	said, output, err := w.execute(ctx, time.Second, step, filepath.Dir(program), append([]string{"-test.v", "-program", program}, args...)...)
	if err != nil {
		return nil, err
	}
	result := &Result{Report: *said, Output: output}
	result.Passed, result.Failed = results(result.Output)
	return result, nil
}

// execute executes the checks of a step, which work in the folder dir, and returns their report and
// what they have printed. When they are told to end, they have the time tidy to end what they have
// started.
func (w Workshop) execute(ctx context.Context, tidy time.Duration, step, dir string, args ...string) (*report.Report, string, error) {
	file := filepath.Join(dir, "report.json")
	cmd := exec.Command(w.ChecksFile(step), append(args, "-report", file, "-lang", words.Name())...)
	cmd.Dir = filepath.Join(w.Root, "steps", step)
	// PWD, since the step's folder may be a link; Gin panics at a GIN_MODE that it does not know. Windows
	// has no way to ask the checks to end, and so to tidy up: they do it all in dir.
	cmd.Env = append(os.Environ(), "PWD="+cmd.Dir, "TMP="+dir, "TEMP="+dir, "GIN_MODE=")
	output := &capped{limit: 1 << 20}
	cmd.Stdout, cmd.Stderr = output, output
	checks, err := tree.Start(cmd, false)
	if err != nil {
		return nil, "", err
	}
	select {
	case <-checks.Ended:
	case <-ctx.Done():
		checks.Stop(tidy)
		return nil, "", ctx.Err()
	}
	said, err := report.Load(file)
	if err != nil {
		ended := checks.Err()
		if ended == nil { // and no report
			ended = errors.New("exit status 0")
		}
		printed, _, _ := strings.Cut(output.String(), "\ngoroutine ")
		return nil, "", explain(words.Errorf("the checks did not come to an end: %w", ended), lastLines(printed, 10))
	}
	return said, output.String(), nil
}

// results returns the names of the tests that have passed and failed by what go test -v
// has printed. A test with subtests is not counted itself.
func results(output string) (passed, failed []string) {
	names := map[string][]string{}
	parents := map[string]bool{}
	for line := range strings.Lines(output) {
		if m := resultLine.FindStringSubmatch(line); m != nil {
			names[m[1]] = append(names[m[1]], m[2])
			if test, _, sub := strings.Cut(m[2], "/"); sub {
				parents[test] = true
			}
		}
	}
	isParent := func(name string) bool { return parents[name] }
	return slices.DeleteFunc(names["PASS"], isParent), slices.DeleteFunc(names["FAIL"], isParent)
}

// lastLines returns the last n lines of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// capped keeps the first bytes that are written to it.
type capped struct {
	bytes.Buffer
	limit int
}

// Write drops what goes beyond the limit.
func (c *capped) Write(p []byte) (int, error) {
	if room := c.limit - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
