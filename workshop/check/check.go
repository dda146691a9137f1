// Package check has the tools for the tests in steps/. It starts the program under
// check as a process of its own, in an empty folder with a fresh database and a fresh
// secret. It adds users to the program's database, sends the program requests, and
// says what is wrong with the replies. It never calls a function of the program, and
// the program never runs in the process that makes the verdict.
//
// The program under check is the main function of the tested package, unless a flag
// names another program (after -args):
//
//	go test ./steps/02-token-endpoint
//	go test ./steps/02-token-endpoint -args -program /tmp/alice
//	go test ./steps/... -args -submission ../alice
//	go test ./steps/02-token-endpoint -v -args -url http://localhost:8080
//
// With -stretch, the stretch checks run too. With -report FILE, what the checks say is
// also written to that file, as JSON: see package report.
//
// To add a check to a step, write a test, or a subtest, in that step's folder:
//
//	p := check.Running(t)                            // the program that most checks share,
//	p := check.New(t); p.Setenv(…); p.Start(t)       // or one of the check's own (program.go)
//	u := p.AddUser(t)                                // through the database file (users.go)
//	reply := p.Post(t, "/token", body)               // a request (request.go)
//	reply.WantStatus(t, advice, http.StatusOK)       // an expectation (reply.go, token.go, exit.go)
//	check.Fail(t, check.Finding{…})                  // or one in your own words (finding.go)
//
// What hangs on what happened before is a Story: steps and a world that says what has to
// come of each, in every order (story.go). What overlaps is sent by AtOnce, While, During,
// InHalves and GoAway (atonce.go).
//
// An Advice says why it matters and where to look; Judges says which TODOs the check
// is about. Write check.Todo with plain values: TestTODOs reads them. The rule belongs into
// the step's README.md, too, in words that a learner reads as a part of her task, and the
// check's name into Rules.
//
// Then add a wrong program that the check catches to solutions/mistakes: a diff, with its
// header as far as the line Caught by. The rest of the header and the list of them are
// written by: go test ./solutions -run 'Sound|Lists' -update
package check

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/sandbox"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/internal/words/catalogue"
)

// The flags of a step's tests.
var (
	programFlag    = flag.String("program", "", "check the program in this `file`, built elsewhere")
	submissionFlag = flag.String("submission", "", "build and check the step in this `folder`, a copy of the workshop")
	urlFlag        = flag.String("url", "", "check the program that listens at this `URL`, started by you")
	optimizeFlag   = flag.Bool("optimize", false, "build the submission optimized, as for a class: libraries take longer to compile, once")
	isolationFlag  = flag.String("isolation", "", "isolate a submission with `bubblewrap`, user or none (else with the first of them that this machine has)")
	stretchFlag    = flag.Bool("stretch", false, "run the stretch checks too")
	langFlag       = flag.String("lang", "", "say what fails in this `language`: en or es (else as go run ./workshop does)")
	seedFlag       = flag.Uint64("seed", 0, "make names, passwords and secrets from this `number`, which a report holds, too")
	reportFlag     = flag.String("report", "", "write what fails, and what was not judged, to this `file`, as JSON; to a file of the step's name, if it is a folder")
)

// asProgram is set in the environment of a test binary that is to be the
// program under check instead of its tests: to itself, or to the file that holds
// the program.
const asProgram = "JWTWORKSHOP_AS_PROGRAM"

// itself is the value of asProgram for the test binary's own main.
const itself = "itself"

// programFile is the file that holds the program under check, or "" for this
// test binary's own main.
var programFile string

// workspace is the folder in which programs under check are built and run. It
// is removed when the tests are over.
var workspace string

// ending is held by what ends this process, and tidies up before: the end of the tests, or a
// signal in the middle of them; and by what may not be ended half-way.
var ending sync.Mutex

// Rules are the rules of a step's task that its checks are about, by how the checks' names
// begin; the longest beginning counts. The step's README.md marks the words of each rule with
// a comment, such as <!-- S1 -->.
type Rules map[string]string

// of returns the rule that the check of this name is about, or "".
func (r Rules) of(name string) string {
	longest := ""
	for beginning := range r {
		if strings.HasPrefix(name, beginning) && len(beginning) > len(longest) {
			longest = beginning
		}
	}
	return r[longest]
}

// Main runs a step's tests, and program in a process of its own for as long as
// they need it. It is all that a step's TestMain does, and does not return:
//
//	func TestMain(m *testing.M) { check.Main(m, main, rules) }
func Main(m *testing.M, program func(), rules Rules) {
	if file := os.Getenv(asProgram); file != "" {
		runAsProgram(file, program)
	}
	if os.Getenv(asDatabases) != "" {
		sandbox.Secretive()
		serveDatabases()
	}
	if os.Getenv(supervised) != "" {
		sandbox.Apart()
	}
	debug.SetGCPercent(400) // they are over before they need much
	flag.Parse()
	said.rules = rules
	if *seedFlag != 0 {
		random = newGenerator(*seedFlag)
	}
	said.Seed = random.seed
	code := 1
	err := useLanguage()
	if err == nil {
		err = takeOrder()
	}
	if err == nil {
		err = onlyOne()
	}
	switch {
	case err != nil:
	case *submissionFlag != "" && ordered == nil:
		code = supervise()
	default:
		code, err = runTests(m)
	}
	ending.Lock()
	if err != nil {
		fmt.Fprintln(os.Stderr, "workshop:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// runAsProgram is the program under check: program itself, as if it had been
// built alone, or the one in file. It ends with that or with the tests that
// started it, whichever is first, so that nothing stays behind.
func runAsProgram(file string, program func()) {
	os.Unsetenv(asProgram)
	cmd := exec.Command(file)
	go func() {
		io.Copy(io.Discard, os.Stdin) // returns when the tests close their end, or die
		tree.EndOwn(cmd)
	}()
	if file == itself {
		os.Args = os.Args[:1]
		program()
		os.Exit(0)
	}
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // that one is for the program
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "cannot start the program:", err)
		os.Exit(127)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

// newCommand returns the command that starts the program under check in dir. This test
// binary starts itself, as asProgram says, in two cases: it is the program, or the program
// is another file, on a system where that would outlive the tests.
func newCommand(dir string, env []string) (*exec.Cmd, error) {
	if programFile != "" && tree.NoOrphans {
		cmd := exec.Command(programFile)
		cmd.Dir, cmd.Env = dir, env
		return cmd, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Dir = dir
	cmd.Env = append(env, asProgram+"="+cmp.Or(programFile, itself))
	return cmd, nil
}

// useLanguage has the checks speak the language that is asked for, or else the learner's.
func useLanguage() error {
	kept := ""
	if root, err := Root(); err == nil {
		kept = filepath.Join(root, folder.Kept)
	}
	err := catalogue.Use(words.Language(*langFlag, kept, os.Getenv))
	if *langFlag == "" {
		return nil // a language that is not there is English
	}
	return err
}

// runTests finds the program under check, runs the tests and sums them up.
func runTests(m *testing.M) (code int, err error) {
	if isolated != nil {
		workspace, err = folder.Unnamed()
	} else {
		workspace, err = folder.Temporary()
	}
	if err != nil {
		return 0, err
	}
	defer folder.RemoveAll(workspace)
	if err := letIn(isolated); err != nil {
		return 0, err
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, folder.EndSignals...)
	go func() {
		<-told
		ending.Lock()
		if ordered != nil {
			said.save(ordered.Report) // as far as it has come
		}
		tree.KillAll()
		ended := workspace + "-ended" // in which the checks, still under way, make nothing more
		if os.Rename(workspace, ended) != nil {
			ended = workspace // Windows renames no folder in which a file is open
		}
		folder.RemoveAll(ended)
		os.Exit(1)
	}()
	programFile, err = findProgram()
	if err != nil {
		return 0, err
	}
	watched.publishFiles()
	code = m.Run()
	shared.stop()
	databases.Stop()
	said.summarize(os.Stdout)
	if isVerbose() && len(said.Findings) > 0 {
		fmt.Println(Textf("the same names and passwords again: %s", Verbatim(fmt.Sprintf("-args -seed %d", random.seed))))
	}
	file, err := reportFile()
	if err == nil && file != "" {
		err = said.save(file)
	}
	if err != nil {
		return 0, words.Errorf("-report: %w", err)
	}
	if said.Incomplete() && *urlFlag == "" {
		code = max(code, 1) // what was not judged is not passed
	}
	for _, f := range atEnd {
		f()
	}
	return code, nil
}

// atEnd are the functions that AtEnd was given.
var atEnd []func()

// Submitted says whether the program is a submission, by somebody who may wish it to look
// right.
func Submitted() bool { return *submissionFlag != "" }

// AtEnd has f called when all checks are over, before the workspace is removed.
func AtEnd(f func()) { atEnd = append(atEnd, f) }

// Workspace returns the folder for what the checks write. It is removed when they
// are over.
func Workspace() string { return workspace }

// onlyOne returns an error if the flags name more than one program.
func onlyOne() error {
	set := 0
	for _, value := range []string{*programFlag, *submissionFlag, *urlFlag} {
		if value != "" {
			set++
		}
	}
	if set > 1 {
		return words.Errorf("-program, -submission and -url exclude each other\nhint: give one of them")
	}
	return nil
}

// findProgram returns the file with the program that the flags ask for, or "".
func findProgram() (string, error) {
	switch {
	case ordered != nil:
		return ordered.Program, nil
	case *urlFlag != "":
		return "", checkURL()
	case *programFlag != "":
		return fromRoot("-program", *programFlag)
	}
	own, err := source.In(".")
	if err == nil {
		err = own.Unfit() // here, that would pass, and nowhere else
	}
	return "", err
}

// stepName returns the name of the folder whose tests these are, such as
// 02-token-endpoint: go test runs them in it.
func stepName() string {
	dir, err := os.Getwd()
	if err != nil {
		return "..."
	}
	return filepath.Base(dir)
}

// Root returns the workshop's folder.
func Root() (string, error) { return folder.Find() }

// fromRoot returns the absolute path of a file or folder that was named on the
// command line of go test. Tests run in their own folder, so a relative name is
// looked for in the workshop's folder, where go test was started, and then here.
func fromRoot(option, name string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	candidates := []string{filepath.Join(root, name), name}
	if filepath.IsAbs(name) {
		candidates = candidates[1:]
	}
	for _, path := range candidates {
		if _, err = os.Stat(path); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", words.Errorf("%s: there is no %s\nhint: a relative name starts at %s", option, name, root)
}
