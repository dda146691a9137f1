package course

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jwtworkshop/workshop/internal/words"
)

// A Todo is a task of a step.
type Todo struct {
	Number int
	File   string // in the step's folder, such as web/app.js
	Text   string // what its comment says, in the learner's language
	Title  string // what its hints are headed
	Hints  []Hint // from a question to nearly the line
	Learnt string // what somebody knows who has done it, in a sentence
}

// A Hint is a rung of a TODO's ladder, in Markdown.
type Hint struct{ Title, Text string }

// todoComment is the comment that is a TODO.
var todoComment = regexp.MustCompile(`(?m)^\s*// TODO (\d+): (.*)$`)

// Todos returns the TODOs of a step in the order of their numbers, with the hints of
// the workshop in this folder, as far as they can be read.
func Todos(root, step string) []Todo {
	hints, _ := document(root, step, "hints") // whoever wants one is told that there is none
	var todos []Todo
	for name, text := range Starter(step) {
		for _, m := range todoComment.FindAllStringSubmatch(string(text), -1) {
			number, _ := strconv.Atoi(m[1])
			todo := ladder(hints, number)
			todo.Number, todo.File, todo.Text = number, name, cmp.Or(todo.Text, strings.TrimSpace(m[2]))
			todo.Title = cmp.Or(todo.Title, todo.Text)
			todos = append(todos, todo)
		}
	}
	slices.SortFunc(todos, func(a, b Todo) int { return a.Number - b.Number })
	return todos
}

var (
	todoHeading = regexp.MustCompile(`(?m)^##[ \t]+TODO[ \t]+(\d+)[ \t]*:[ \t]*(.*?)[ \t#]*$`)
	anyHeading  = regexp.MustCompile(`(?m)^##[ \t]`)
	learnt      = regexp.MustCompile(`(?m)^✓ (.*(?:\n.+)*)`)
	inWords     = regexp.MustCompile(`(?m)^>[ \t]*(.*?)[ \t]*$`)
	rung        = regexp.MustCompile(`(?s)<details>\s*<summary>(.*?)</summary>(.*?)</details>`)
)

// ladder returns the title and the hints of a TODO in the text of hints.md and, if it is in
// another language than the comment in the code, what that says.
func ladder(text string, number int) (todo Todo) {
	for _, at := range todoHeading.FindAllStringSubmatchIndex(text, -1) {
		if text[at[2]:at[3]] != strconv.Itoa(number) {
			continue
		}
		todo.Title = strings.TrimSpace(text[at[4]:at[5]])
		section := text[at[1]:]
		if next := anyHeading.FindStringIndex(section); next != nil {
			section = section[:next[0]]
		}
		if m := inWords.FindStringSubmatch(section); m != nil {
			todo.Text = m[1]
		}
		todo.Hints = rungs(section)
		if m := learnt.FindStringSubmatch(section); m != nil {
			todo.Learnt = strings.Join(strings.Fields(m[1]), " ")
		}
	}
	return todo
}

// A KnownError is a section of hints.md on an error message.
type KnownError struct {
	Hint
	messages []*regexp.Regexp
}

var (
	errorHeading = regexp.MustCompile(`(?m)^###[ \t]+(.*?)[ \t#]*$`)
	quoted       = regexp.MustCompile("`([^`]+)`")
	differs      = regexp.MustCompile(` *… *`)                // from one such message to another
	answered     = regexp.MustCompile(`\{".*\}`)              // a JSON object
	between      = regexp.MustCompile(`^(,? ?(or|o|ou)? ?)$`) // two messages of one section
)

// KnownErrors returns what hints.md of a step says about error messages, as far as it can
// be read.
func KnownErrors(root, step string) []KnownError {
	text, _ := document(root, step, "hints")
	var known []KnownError
	headings := errorHeading.FindAllStringSubmatchIndex(text, -1)
	for i, at := range headings {
		end := len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		e := KnownError{Hint: Hint{Title: text[at[2]:at[3]], Text: strings.TrimSpace(text[at[1]:end])}}
		for _, message := range messages(e.Title) {
			pattern := differs.ReplaceAllString(regexp.QuoteMeta(message), ".*")
			e.messages = append(e.messages, regexp.MustCompile(pattern))
		}
		known = append(known, e)
	}
	return known
}

// messages returns the messages that a heading begins with. What stands behind other words is
// none: `JWT_SECRET_KEY is not set`, although it stands in `.env`.
func messages(title string) (all []string) {
	end := 0
	for _, at := range quoted.FindAllStringSubmatchIndex(title, -1) {
		if !between.MatchString(title[end:at[0]]) {
			break
		}
		all, end = append(all, title[at[2]:at[3]]), at[1]
	}
	return all
}

// Opened returns the first section on a message that is in what came of a check, or nil. If
// the program did not run, or panicked, what it printed counts, too; else that is what is
// checked, as is what it answers.
func Opened(known []KnownError, got, printed string, ran bool) *KnownError {
	text := answered.ReplaceAllString(got, "")
	if !ran || strings.Contains(printed, "panic") {
		text += "\n" + printed
	}
	for _, e := range known {
		if slices.ContainsFunc(e.messages, func(m *regexp.Regexp) bool { return m.MatchString(text) }) {
			return &e
		}
	}
	return nil
}

// rungs returns the hints that can be opened in a text.
func rungs(text string) []Hint {
	var hints []Hint
	for _, m := range rung.FindAllStringSubmatch(text, -1) {
		hints = append(hints, Hint{Title: strings.TrimSpace(m[1]), Text: strings.TrimSpace(m[2])})
	}
	return hints
}

// Lesson returns the text of a step's lesson, in Markdown.
func Lesson(root, step string) (string, error) {
	text, err := document(root, step, "README")
	if err == nil && strings.TrimSpace(text) == "" {
		err = words.Errorf("steps/%s/README.md is empty\nhint: take it from a fresh copy of the workshop", step)
	}
	return text, err
}

// otherLanguage is the first line of a document, which leads to it in another language.
var otherLanguage = regexp.MustCompile(`^\s*\[[^\]]*\]\([^)]*\.md\)\s+`)

// newlines are those of Windows and of old Macs, and a byte order mark is none.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\uFEFF", "")

// document returns the text of a step's document in the learner's language, or in English
// if there is none in that, whatever an editor has made of its lines.
func document(root, step, name string) (string, error) {
	file := filepath.Join(root, "steps", step, name)
	text, err := os.ReadFile(file + "." + words.Name() + ".md")
	if errors.Is(err, fs.ErrNotExist) {
		text, err = os.ReadFile(file + ".md")
	}
	return otherLanguage.ReplaceAllString(newlines.Replace(string(text)), ""), err
}
