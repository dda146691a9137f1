// Package report is what the checks of a step say of a program: what fails, and what
// could not be judged. The checks write it, with -report as JSON; the coach reads it, and
// so do solutions/sound_test.go and whoever grades.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"jwtworkshop/workshop/internal/words"
)

// A Place is where a learner is to look: a file of the step and, in most cases, the
// TODO in it.
type Place struct {
	File string `json:"file"`           // its name in the step's folder, such as web/app.js
	Todo int    `json:"todo,omitempty"` // the number of the TODO, 0 for none
}

// String returns the place as people write it: "token.go, TODO 2".
func (p Place) String() string {
	if p.Todo == 0 {
		return p.File
	}
	return fmt.Sprintf("%s, TODO %d", p.File, p.Todo)
}

// An Advice is what a failing check says beyond what came and what should have come.
type Advice struct {
	Why     words.Text `json:"why"`               // why it matters, in half a sentence
	Look    Place      `json:"look,omitzero"`     // where to look; no place if the program did not run
	Running bool       `json:"running,omitempty"` // Try asks the program, which has to run for that
	Failure bool       `json:"-"`                 // Why is about a panic, or an answer that does not come, if that is so
	Try     words.Text `json:"try"`               // a command to see it again
}

// A Finding is a failing check, in the words that the learner reads.
type Finding struct {
	Test string     `json:"test"` // the check's name
	Rule string     `json:"rule"` // what it is about, as the step's README.md marks it: S1
	Sent words.Text `json:"sent"` // what was done: a request, or "start without JWT_SECRET_KEY"
	Got  words.Text `json:"got"`  // what came of it
	Want words.Text `json:"want"` // what should have
	Advice
	Notes  []words.Text `json:"notes,omitempty"`
	Judges []int        `json:"judges,omitempty"` // the numbers of the TODOs that the check is about
}

// Ran says whether the program ran, so that the check could judge what it is about.
func (f Finding) Ran() bool { return f.Look != Place{} }

// A Part is a piece of what a finding says, with its label, or with none if it goes on with the
// one before.
type Part struct{ Label, Text words.Text }

// Head returns the label as it stands before the text, as wide as all are.
func (p Part) Head() string {
	label := p.Label.String()
	if label != "" {
		label += ":"
	}
	return fmt.Sprintf("    %-*s ", LabelWidth(), label)
}

// labels are those of the parts of a finding, in the order in which they are read.
var labels = [...]words.Text{"got", "want", "why", "look", "try"}

// LabelWidth returns how wide the longest label is in the learner's language, with its
// colon.
func LabelWidth() int {
	width := 0
	for _, label := range labels {
		width = max(width, utf8.RuneCountInString(label.String())+1)
	}
	return width
}

// Parts returns what a finding says behind what was done, in the order in which it is
// read, of a program in the folder of this step. Parts with nothing in them are left out.
func (f Finding) Parts(step string) []Part {
	var look words.Text
	if f.Ran() {
		look = words.Verbatim("steps/" + step + "/" + f.Look.String())
	}
	var parts []Part
	for i, text := range []words.Text{f.Got, f.Want, f.Why, look, f.Try} {
		if text != "" {
			parts = append(parts, Part{labels[i], text})
		}
	}
	if f.Running {
		run := words.Verbatim("    go run ./steps/" + step)
		parts = append(parts, Part{"", words.Join([]words.Text{"Your program has to run for that, in another terminal:", run}, "\n")})
	}
	return parts
}

// InFull returns a finding on a program in the folder of this step as it is printed: what was done,
// the parts with their labels, and the notes.
func (f Finding) InFull(step string) string {
	var b strings.Builder
	fmt.Fprintln(&b, f.Sent)
	for _, part := range f.Parts(step) {
		label := part.Head()
		fmt.Fprintf(&b, "%s%s\n", label, indent(part.Text, utf8.RuneCountInString(label)))
	}
	for _, note := range f.Notes {
		fmt.Fprintf(&b, "    %s\n", indent(note, 4))
	}
	return strings.TrimRight(b.String(), "\n")
}

// indent returns a text with n spaces before each line but the first.
func indent(text words.Text, n int) string {
	return strings.ReplaceAll(text.String(), "\n", "\n"+strings.Repeat(" ", n))
}

// An Unjudged is a check that was not made, so that it neither passes nor fails.
type Unjudged struct {
	Test   string     `json:"test"`
	Reason words.Text `json:"reason"`
	Judges []int      `json:"judges,omitempty"` // as in a Finding
	Own    bool       `json:"own,omitempty"`    // the program's doing, and not that of this computer
}

// A Reason is why checks were not judged, and how many.
type Reason struct {
	Text   words.Text `json:"text"`
	Checks int        `json:"checks"`
}

// A Report is what the checks of a step say of a program. What passes is not in it, but in that of
// a submission.
type Report struct {
	Findings []Finding    `json:"findings"`
	Unjudged []Unjudged   `json:"unjudged"`
	Stretch  []string     `json:"stretch"`            // the stretch checks that nobody asked for
	Asked    []string     `json:"asked,omitempty"`    // and those that somebody did
	Seed     uint64       `json:"seed"`               // of the random values
	Exceeded []words.Text `json:"exceeded,omitempty"` // the limits that the program went beyond
	*Submission
}

// A Submission is what else is said of a program that was submitted.
type Submission struct {
	Step      string            `json:"step"`
	End       End               `json:"end"`
	Reason    string            `json:"reason,omitempty"` // of the end, for people, if the checks did not come to run
	Isolation string            `json:"isolation"`        // the rung that held, "" if it did not come to that
	Checks    map[string]Result `json:"checks"`           // by their names
}

// An End is how the judgement of a submission ended.
type End string

// The ends.
const (
	Passed         End = "passed"
	Failed         End = "failed"
	DoesNotCompile End = "does not compile"
	DoesNotStart   End = "does not start"
	TimedOut       End = "timed out"
	TooLarge       End = "too large"
	NoSuchStep     End = "no such step"
	OwnError       End = "the checks' own error"
)

// A Result is what became of a check.
type Result string

// The results.
const (
	CheckPassed Result = "passed"
	CheckFailed Result = "failed"
	NotRun      Result = "not run"
)

// First returns the finding that the learner should begin with, or nil.
func (r *Report) First() *Finding {
	if len(r.Findings) == 0 {
		return nil
	}
	return &r.InOrder()[0]
}

// InOrder returns the findings in the order in which the learner should look at them: those of a
// program that did not run, since nothing else can be judged then; then by the TODO that they look
// at, the lowest first; and last, those that look at none.
func (r *Report) InOrder() []Finding {
	order := func(f Finding) int {
		switch {
		case !f.Ran():
			return 0
		case f.Look.Todo == 0:
			return math.MaxInt
		}
		return f.Look.Todo
	}
	return slices.SortedStableFunc(slices.Values(r.Findings), func(a, b Finding) int { return cmp.Compare(order(a), order(b)) })
}

// Reasons returns why checks were not judged, each reason once, in the order in which
// they came up.
func (r *Report) Reasons() []Reason {
	var reasons []Reason
	for _, u := range r.Unjudged {
		i := slices.IndexFunc(reasons, func(known Reason) bool { return known.Text == u.Reason })
		if i < 0 {
			i = len(reasons)
			reasons = append(reasons, Reason{Text: u.Reason})
		}
		reasons[i].Checks++
	}
	return reasons
}

// Incomplete says whether a check was not judged that is about a TODO, or because of what the
// program does: it has not passed then, even if nothing fails.
func (r *Report) Incomplete() bool {
	return slices.ContainsFunc(r.Unjudged, func(u Unjudged) bool { return len(u.Judges) > 0 || u.Own })
}

// Save writes the report to a file, as JSON: the whole of it, or nothing.
func (r *Report) Save(file string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(file), ".report-") // no name that somebody may have made a link of
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.Write(append(text, '\n'))
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(part.Name(), file)
}

// Load reads a report that Save has written.
func Load(file string) (*Report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	return r, json.Unmarshal(text, r)
}
