package check

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/words"
)

// What a failing check says, in the words that the learner reads.
type (
	Advice  = report.Advice
	Finding = report.Finding
	Place   = report.Place
)

// A Text is something that people read: an English constant becomes one by itself, and is
// translated when it is printed.
type Text = words.Text

// Textf returns a text with values in it, as fmt.Sprintf does.
func Textf(format string, values ...any) Text { return words.Textf(format, values...) }

// Verbatim returns what is the same in every language, such as JSON or code, as a Text.
func Verbatim(s string) Text { return words.Verbatim(s) }

// Todo returns the place of a TODO: a file in the step's folder, and the TODO's number.
func Todo(file string, number int) Place { return Place{File: file, Todo: number} }

// File returns a file in the step's folder as a place, where none of its TODOs is meant.
func File(name string) Place { return Place{File: name} }

// said is what all checks have said so far.
var said recorder

// A recorder gathers what the checks say, in the order in which they do.
type recorder struct {
	mu sync.Mutex
	report.Report
	rules  Rules
	judges map[string][]int // the TODOs that tests have named with Judges, by the tests' names
}

// Judges says which TODOs a check is about, by their numbers: as long as it fails, none
// of them becomes done, wherever the failure tells the learner to look. (One that was done
// stays so, unless the failure looks there.) It holds for the subtests, too, unless they
// say otherwise; without numbers, the check is about none. A check that does not say it is
// about the TODO that it looks at when it fails.
func Judges(t testing.TB, todos ...int) {
	said.mu.Lock()
	defer said.mu.Unlock()
	if said.judges == nil {
		said.judges = map[string][]int{}
	}
	said.judges[t.Name()] = todos
}

// todosOf returns the TODOs that a test is about, as far as it or a test that it is a
// part of has named them. Its caller has locked r.
func (r *recorder) todosOf(name string, look Place) []int {
	for {
		if todos, named := r.judges[name]; named {
			return todos
		}
		end := strings.LastIndexByte(name, '/')
		if end < 0 {
			break
		}
		name = name[:end]
	}
	if look.Todo == 0 {
		return nil
	}
	return []int{look.Todo}
}

// Fail fails the test with a finding. With go test -v it prints the whole finding;
// otherwise one line, and Main prints the first finding whole when all tests are over,
// at the end, where the eye falls first.
func Fail(t testing.TB, f Finding) {
	t.Helper()
	if trial, ok := t.(*trial); ok {
		trial.fail(f)
	}
	if f.Try == "" {
		again := "go test ./steps/" + stepName() + " -run " + typedIn.quote(t.Name())
		if *stretchFlag {
			again += " -args -stretch"
		}
		f.Try = Verbatim(again)
	}
	f.Test, f.Rule = t.Name(), said.rules.of(t.Name())
	f = bounded(f)
	said.mu.Lock()
	f.Judges = said.todosOf(f.Test, f.Look)
	said.Findings = append(said.Findings, f)
	said.mu.Unlock()
	if isVerbose() {
		t.Fatal("\n" + inFull(f))
	}
	t.Fatal(inOneLine(f))
}

// Limits on what a finding says: a program has a hand in it, and may have much to say.
const (
	maxText  = 4 << 10 // bytes of each of its texts
	maxNotes = 20
)

// bounded returns a finding with as much of each text as anybody reads.
func bounded(f Finding) Finding {
	for _, text := range []*Text{&f.Sent, &f.Got, &f.Want, &f.Why, &f.Try} {
		*text = cut(*text)
	}
	f.Notes = slices.Clone(f.Notes[:min(len(f.Notes), maxNotes)])
	for i := range f.Notes {
		f.Notes[i] = cut(f.Notes[i])
	}
	return f
}

// cut returns the beginning of a text, if it is long.
func cut(text Text) Text {
	if len(text) <= maxText {
		return text
	}
	return Verbatim(strings.ToValidUTF8(text.String()[:maxText], "") + "…")
}

// Broken ends a test because the checks themselves cannot go on. What the error says may come from the program.
func Broken(t testing.TB, err error) {
	t.Helper()
	t.Fatalf("workshop: %s", printable(err.Error(), maxText))
}

// withoutControls returns a text with nothing in it that moves the cursor, or that test2json takes for
// a mark: what a program has said may stand in it.
func withoutControls(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) || r == '\t' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// exceed notes that the program went beyond a limit.
func (r *recorder) exceed(what Text) {
	r.mu.Lock()
	defer r.mu.Unlock()
	excesses.Missed()
	if !slices.Contains(r.Exceeded, what) {
		r.Exceeded = append(r.Exceeded, what)
	}
}

// exceeded returns the limits that the program went beyond.
func (r *recorder) exceeded() []Text {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.Exceeded)
}

// save saves the report.
func (r *recorder) save(file string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Save(file)
}

// NotJudged skips a check that cannot be made, for a reason that its reader can do
// something about. It is neither passed nor failed.
func NotJudged(t testing.TB, reason Text) {
	t.Helper()
	notJudged(t, reason, false)
}

// GivenUp does as NotJudged does where the reason is what the program does: it has not passed then,
// whatever the check is about.
func GivenUp(t testing.TB, reason Text) {
	t.Helper()
	notJudged(t, reason, true)
}

// notJudged skips a check, and notes why.
func notJudged(t testing.TB, reason Text, own bool) {
	t.Helper()
	said.mu.Lock()
	said.Unjudged = append(said.Unjudged, report.Unjudged{Test: t.Name(), Reason: cut(reason), Judges: said.todosOf(t.Name(), Place{}), Own: own})
	said.mu.Unlock()
	t.Skip(Textf("not judged: %s", reason))
}

// Stretch skips a stretch check unless -stretch asks for it.
func Stretch(t testing.TB) {
	t.Helper()
	said.mu.Lock()
	if *stretchFlag {
		said.Asked = append(said.Asked, t.Name())
		said.mu.Unlock()
		return
	}
	said.Stretch = append(said.Stretch, t.Name())
	said.mu.Unlock()
	t.Skip(Textf("a stretch check; run it with: %s", Verbatim("go test ./steps/"+stepName()+" -args -stretch")))
}

// inFull returns a finding as the learner reads it: what was sent, what came, what
// should have come, why, where to look, how to see it again; then the notes.
func inFull(f Finding) string { return withoutControls(f.InFull(stepName())) }

// inOneLine returns the beginning of a finding.
func inOneLine(f Finding) string {
	got, _, _ := strings.Cut(f.Got.String(), "\n")
	sent := strings.ReplaceAll(f.Sent.String(), "\n", "; ") // those of a story
	text := withoutControls(strings.ReplaceAll(Textf("%s: got %s, want %s", sent, got, f.Want).String(), "\n", " "))
	if f.Ran() {
		text += " (" + f.Look.String() + ")"
	}
	return text
}

// summarize prints how many checks were not judged, and why; then, if anything failed,
// what to do first.
func (r *recorder) summarize(w io.Writer) {
	for _, reason := range r.Reasons() {
		fmt.Fprintf(w, "\n%s %s\n", words.Counted(reason.Checks, "%d check was not judged:", "%d checks were not judged:"), reason.Text)
	}
	for _, what := range r.Exceeded {
		fmt.Fprintf(w, "\n%s\n", Textf("The checks have ended the program: %s.", what))
	}
	first := r.First()
	if first == nil {
		return
	}
	fmt.Fprintf(w, "\n%s.", words.Counted(len(r.Findings), "%d check fails", "%d checks fail"))
	if len(r.Findings) > 1 {
		fmt.Fprintf(w, " %s", Text("Begin with this one:"))
	}
	fmt.Fprintf(w, "\n\n%s\n%s\n\n", first.Test, inFull(*first))
}
