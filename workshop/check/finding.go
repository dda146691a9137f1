package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A Hint is what a failing check says beyond what came and what should have come.
type Hint struct {
	Why  string // why it matters, in half a sentence
	Look string // the file in the step's folder and, if there is one, its TODO: "token.go, TODO 3"
	Try  string // a command to see it again; requests have one of their own
}

// A Finding is an expectation that did not hold, in the words that the learner
// reads.
type Finding struct {
	Sent  string // what was done: a request, or "start without JWT_SECRET_KEY"
	Got   string // what came of it
	Want  string // what should have
	Notes []string
	Hint
}

// Fail fails the test. With go test -v it prints the whole finding; otherwise
// one line, and Main prints the first finding whole when all tests are over, at
// the end, where the eye falls first.
func (f Finding) Fail(t testing.TB) {
	t.Helper()
	if f.Try == "" {
		f.Try = "go test ./steps/" + stepName() + " -run " + quoteShell(t.Name())
		if *stretchFlag {
			f.Try += " -args -stretch"
		}
	}
	report.add(t.Name(), f)
	if testing.Verbose() {
		t.Fatal("\n" + f.String())
	}
	t.Fatal(f.line())
}

// String returns the finding as DESIGN of every check wants it: what was sent,
// what came, what should have come, why, where to look, how to see it again.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, f.Sent)
	part := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "    %-5s %s\n", label+":", strings.ReplaceAll(text, "\n", "\n          "))
		}
	}
	part("got", f.Got)
	part("want", f.Want)
	part("why", f.Why)
	part("look", f.place())
	part("try", f.Try)
	for _, note := range f.Notes {
		fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(note, "\n", "\n    "))
	}
	return strings.TrimRight(b.String(), "\n")
}

// line returns the finding in one line.
func (f Finding) line() string {
	got, _, _ := strings.Cut(f.Got, "\n")
	text := fmt.Sprintf("%s: got %s, want %s", f.Sent, got, f.Want)
	if f.Look != "" {
		text += " (" + f.Look + ")"
	}
	return text
}

// place returns Look with the step's folder in front.
func (f Finding) place() string {
	if f.Look == "" {
		return ""
	}
	return "steps/" + stepName() + "/" + f.Look
}

// todoNumber is the number of the TODO that a Look names.
var todoNumber = regexp.MustCompile(`TODO (\d+)`)

// todo returns the number of the finding's TODO. A finding without one comes
// first if the program did not run, since no other can be judged then, and
// else last.
func (f Finding) todo() int {
	m := todoNumber.FindStringSubmatch(f.Look)
	if m == nil {
		if f.Look == "" {
			return 0
		}
		return 1000
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// report gathers the findings of all checks.
var report findings

// findings are what failed, in the order in which it did.
type findings struct {
	mu  sync.Mutex
	all []testFinding
}

// A testFinding is the finding of one test.
type testFinding struct {
	Test string
	Finding
}

// add takes in the finding of a test.
func (r *findings) add(name string, f Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, testFinding{name, f})
}

// summarize prints what to do next, if anything failed: of all findings, the one
// with the lowest TODO, and among those the one that came first.
func (r *findings) summarize(w io.Writer) {
	if len(r.all) == 0 {
		return
	}
	first := slices.MinFunc(r.all, func(a, b testFinding) int { return cmp.Compare(a.todo(), b.todo()) })
	fmt.Fprintf(w, "\n%s.", plural(len(r.all), "check fails", "checks fail"))
	if len(r.all) > 1 {
		fmt.Fprintf(w, " Begin with this one:")
	}
	fmt.Fprintf(w, "\n\n%s\n%s\n\n", first.Test, first.Finding)
}

// save writes all findings to a file, as a JSON array of objects with the fields
// Test, Sent, Got, Want, Why, Look, Try and Notes.
func (r *findings) save(file string) error {
	text, err := json.MarshalIndent(r.all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}

// plural returns "1 one" or "n many".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// plainWord is a word that every shell reads as it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=-]+$`)

// quoteShell returns text as one word of a shell's command line; single quotes
// mean the same to a Unix shell and to PowerShell, but for quotes within.
func quoteShell(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	if onWindows {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
