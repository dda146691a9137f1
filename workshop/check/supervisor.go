package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/sandbox"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// A submission is judged by two processes. This one, the supervisor, builds it, finds the isolation
// that the machine has, and then runs this test binary once more, in that isolation, which runs the
// checks. The supervisor has a limit of time and memory for them, reads what they print, and writes
// the report when they have ended, however they have.

// supervised is set in the environment of the test binary that runs the checks: an order, as JSON.
const supervised = "JWTWORKSHOP_SUPERVISED"

// An order is what the checks of a submission are told by their supervisor.
type order struct {
	Program string // the file
	Sandbox *sandbox.Sandbox
	Report  string // the file for theirs
	Verbose bool   // as testing.Verbose, which is always true for them
}

// ordered is what this process is told, nil if it has no supervisor.
var ordered *order

// isolated is how programs under check are started, nil if they are the learner's own.
var isolated *sandbox.Sandbox

// Limits on the checks of a step: how long they may take, unless -test.timeout is over before; and how much
// memory the checks, the browser and the program may use together.
const (
	stepLimit    = 4 * time.Minute
	checksMemory = 4 << 30
	checksDisk   = 640 << 20 // what programs have there, the submission's own, and the browser
)

// timeLeft returns how long a part of the judgement may take, which has this limit, and began with the judgement
// or after it: libraries that are compiled for the first time, before, are no time of the student's.
func timeLeft(limit time.Duration, start time.Time) time.Duration {
	if asked, ok := flag.Lookup("test.timeout").Value.(flag.Getter).Get().(time.Duration); ok && asked > 0 {
		limit = min(limit, asked-time.Since(start))
	}
	return max(limit, 0)
}

// An endError is an error that says how the judgement of a submission has ended.
type endError struct {
	report.End
	error
}

// Unwrap returns the error itself.
func (e *endError) Unwrap() error { return e.error }

// Isolations returns the values of -isolation that this machine has.
func Isolations() []string {
	var all []string
	for _, rung := range sandbox.Rungs {
		if _, err := sandbox.Find(rung); err == nil {
			all = append(all, string(rung))
		}
	}
	return all
}

// takeOrder reads what a supervisor has told this process, if it has one.
func takeOrder() error {
	text := os.Getenv(supervised)
	if text == "" {
		return nil
	}
	os.Unsetenv(supervised)
	ordered = &order{}
	if err := json.Unmarshal([]byte(text), ordered); err != nil {
		return err
	}
	isolated = ordered.Sandbox
	log.SetOutput(io.Discard) // net/http quotes what nobody has asked for
	return nil
}

// isVerbose says whether findings are printed whole.
func isVerbose() bool {
	if ordered != nil {
		return ordered.Verbose
	}
	return testing.Verbose()
}

// supervise judges a submission, and returns the exit code.
func supervise() int {
	file, err := reportFile()
	if err == nil && file != "" {
		if err = os.Remove(file); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "workshop:", words.Errorf("-report: %w", err))
		return 1
	}
	result, err := judge()
	var end *endError
	switch {
	case errors.As(err, &end):
		result.End = end.End
	case err != nil:
		result.End = report.OwnError
	}
	if err != nil {
		result.Reason = err.Error()
		fmt.Fprintln(os.Stderr, "workshop:", err)
	}
	if file != "" {
		if err := result.Save(file); err != nil {
			fmt.Fprintln(os.Stderr, "workshop:", words.Errorf("-report: %w", err))
			return 1
		}
	}
	if result.End == report.Passed {
		return 0
	}
	return 1
}

// reportFile returns the file for the report, or "" if nobody wants one: that of -report or, if
// that is a folder, one of the step's name in it.
func reportFile() (string, error) {
	if ordered != nil {
		return ordered.Report, nil
	}
	if *reportFlag == "" {
		return "", nil
	}
	file := *reportFlag
	if !filepath.IsAbs(file) { // go test runs in the step's folder
		root, err := Root()
		if err != nil {
			return "", err
		}
		file = filepath.Join(root, file)
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return filepath.Join(file, stepName()+".json"), nil
	}
	return file, nil
}

// judge builds a submission and has it checked. What it returns is never nil.
func judge() (*report.Report, error) {
	result := &report.Report{Submission: &report.Submission{Step: stepName(), End: report.OwnError, Checks: map[string]report.Result{}}}
	var err error
	if workspace, err = folder.Unnamed(); err != nil {
		return result, err
	}
	defer folder.RemoveAll(workspace)
	told := make(chan os.Signal, 1)
	signal.Notify(told, folder.EndSignals...)
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	go func() {
		<-told
		end(words.Errorf("the checks were told to end"))
	}()
	submission, err := fromRoot("-submission", *submissionFlag)
	if err != nil {
		return result, err
	}
	start := time.Now()
	program, err := buildSubmission(ctx, submission, timeLeft(buildLimit, start))
	if err != nil {
		return result, err
	}
	s, err := sandbox.Find(sandbox.Rung(*isolationFlag))
	if err != nil {
		return result, err
	}
	defer s.End()
	s.Hosts = filepath.Join(workspace, "hosts")
	if err := os.WriteFile(s.Hosts, []byte(sandbox.Localhost), 0o644); err != nil {
		return result, err
	}
	result.Isolation = string(s.Rung)
	fmt.Println(s.Rung.Says())
	return result, runSupervised(ctx, order{Program: program, Sandbox: s, Report: filepath.Join(workspace, "report.json"), Verbose: testing.Verbose()}, timeLeft(stepLimit, start), result)
}

// letIn lets the user that the program is, if that is another, come to its folders in the workspace.
func letIn(s *sandbox.Sandbox) error {
	if s == nil || s.Rung != sandbox.User {
		return nil
	}
	return os.Chmod(workspace, 0o711)
}

// runSupervised runs the checks, which have this long, and fills in the result.
func runSupervised(ctx context.Context, o order, limit time.Duration, result *report.Report) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := letIn(o.Sandbox); err != nil {
		return err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	// Its own lines are marked then, and no program can print that mark: see Fail.
	args := []string{"-test.v=test2json"}
	for _, arg := range os.Args[1:] {
		if arg != "-test.v" && !strings.HasPrefix(arg, "-test.v=") && !strings.HasPrefix(arg, "-test.timeout=") {
			args = append(args, arg)
		}
	}
	cmd := o.Sandbox.Checks(self, args...)
	cmd.Env = append(os.Environ(), supervised+"="+string(text), "TMPDIR="+workspace, "TMP="+workspace, "TEMP="+workspace)
	lines := &testLines{all: o.Verbose, events: flag.Lookup("test.v").Value.String() == "test2json", results: result.Checks}
	trouble := &output{}
	cmd.Stdout, cmd.Stderr = lines, trouble
	checks, err := tree.Start(cmd, false)
	if err != nil {
		return err
	}
	if o.Sandbox.Rung == sandbox.Bubblewrap {
		checks.InterruptWith(func() error { return o.Sandbox.Interrupt(checks.Pid()) })
	}
	o.Sandbox.Guard(checks, sandbox.Box{Memory: checksMemory, Disk: checksDisk, Folders: []string{workspace}}, said.exceed)
	const tidy = 10 * time.Second
	var ended error
	select {
	case <-checks.Ended:
	case <-ctx.Done():
		ended = context.Cause(ctx)
		checks.Stop(tidy)
	case <-time.After(limit):
		ended = &endError{report.TimedOut, words.Errorf("the checks of steps/%s did not come to an end within %v; what they have said so far stands above", stepName(), limit.Round(time.Second))}
		checks.Stop(tidy)
	}
	lines.flush()
	crash, _, _ := strings.Cut(trouble.String(), "\ngoroutine ")
	fmt.Fprint(os.Stderr, crash)
	theirs, err := report.Load(o.Report)
	if err == nil {
		theirs.Submission = result.Submission
		*result = *theirs
	}
	result.Exceeded = append(result.Exceeded, said.exceeded()...)
	addNotRun(self, result.Checks)
	switch {
	case ended != nil:
		return ended
	case len(result.Exceeded) > 0:
		return &endError{report.TooLarge, words.Errorf("the program was ended by the checks: %s", result.Exceeded[0])}
	case err != nil && engine.MatchString(trouble.String()):
		return &endError{report.TooLarge, words.Errorf("app.js is nested so deeply, or wants so much memory, that the checks' own JavaScript engine cannot go on")}
	case err != nil:
		return words.Errorf("the checks did not come to an end: %w", cmp.Or(checks.Err(), err))
	}
	result.End = endOf(result, checks.Code)
	return nil
}

// endOf returns how checks have ended that have come to their end, with this exit code.
func endOf(r *report.Report, code int) report.End {
	notRan := 0
	for _, f := range r.Findings {
		if !f.Ran() {
			notRan++
		}
	}
	switch {
	case notRan > len(r.Findings)/2: // and not only in some circumstances
		return report.DoesNotStart
	case code == 0 && slices.Contains(slices.Collect(maps.Values(r.Checks)), report.CheckPassed): // and not: no check was run
		return report.Passed
	}
	return report.Failed
}

// addNotRun adds the tests that have not come to run.
func addNotRun(self string, results map[string]report.Result) {
	listed, err := exec.Command(self, "-test.list", ".").Output()
	if err != nil {
		return
	}
	for name := range strings.FieldsSeq(string(listed)) {
		if !strings.HasPrefix(name, "Test") {
			continue
		}
		known := false
		for check := range results {
			known = known || check == name || strings.HasPrefix(check, name+"/")
		}
		if !known {
			results[name] = report.NotRun
		}
	}
}

// engine matches how Go says that the JavaScript engine has brought the checks down.
var engine = regexp.MustCompile(`(?s)(stack exceeds |out of memory|makeslice: |cannot allocate ).*grafana/sobek`)
