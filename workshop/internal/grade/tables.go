package grade

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/points"
)

// Tables writes everything that is made of results.json in a folder: grades.csv, junit.xml, report.html, and
// a file for each student in feedback. The lessons are those of the workshop in the folder root.
func Tables(dir, root string) error {
	students := readResults(dir)
	if err := write(filepath.Join(dir, "grades.csv"), func(w io.Writer) error { return writeCSV(w, students) }); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "junit.xml"), func(w io.Writer) error { return writeJUnit(w, root, students) }); err != nil {
		return err
	}
	if err := writeFeedback(filepath.Join(dir, "feedback"), root, students); err != nil {
		return err
	}
	return write(filepath.Join(dir, "report.html"), func(w io.Writer) error { return writePage(w, root, shardOf(dir), students) })
}

// writeCSV writes the grades, a student a line, so that spreadsheets take them for text and numbers. They
// begin with a byte order mark: without it, Excel takes ñ for two letters.
func writeCSV(w io.Writer, students iter.Seq2[*Student, error]) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	to := csv.NewWriter(w)
	to.UseCRLF = true
	first := true
	for s, err := range students {
		if err != nil {
			return err
		}
		header, row := []string{"id", "name", "points", "max"}, []string{inert(s.ID), inert(s.Name), number(s.Points), fmt.Sprint(s.Max)}
		for _, step := range s.Steps {
			header = append(header, step.Step, step.Step+" verdict")
			row = append(row, number(step.Points), inert(step.Verdict.Text().String()))
		}
		if first {
			to.Write(header)
			first = false
		}
		to.Write(row)
	}
	to.Flush()
	return to.Error()
}

// inert returns a text that no spreadsheet takes for a formula.
func inert(text string) string {
	if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r|%") || strings.HasPrefix(text, "＝") {
		return "'" + text
	}
	return text
}

// number returns a number, "" for none: 0 would be a grade.
func number(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// The elements of JUnit's XML, as far as Jenkins, GitLab and others read them.
type (
	suite struct {
		XMLName    xml.Name   `xml:"testsuite"`
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Properties []property `xml:"properties>property"`
		Cases      []testcase `xml:"testcase"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *trouble `xml:"failure,omitempty"`
		Error   *trouble `xml:"error,omitempty"`
		Skipped *trouble `xml:"skipped,omitempty"`
	}
	trouble struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes the results as JUnit's XML: a suite a student, a case a TODO.
func writeJUnit(w io.Writer, root string, students iter.Seq2[*Student, error]) error {
	if _, err := io.WriteString(w, xml.Header+"<testsuites name=\"jwtworkshop\">\n"); err != nil {
		return err
	}
	to := xml.NewEncoder(w)
	to.Indent("  ", "  ")
	titles := titlesOf(root)
	for s, err := range students {
		if err != nil {
			return err
		}
		if err := to.Encode(suiteOf(s, titles)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\n</testsuites>\n")
	return err
}

// suiteOf returns a student's suite.
func suiteOf(s *Student, titles titles) suite {
	result := suite{Name: s.ID, Properties: []property{{"points", number(s.Points)}, {"max", fmt.Sprint(s.Max)}}}
	for _, step := range s.Steps {
		for _, todo := range step.Todos {
			c := testcase{Class: step.Step, Name: titles.of(step.Step, todo.Number)}
			switch text := (&trouble{Message: step.whyNot(todo).String(), Text: step.findingOf(todo.Number)}); {
			case todo.Points == todo.Max && todo.Why == "":
			case step.Verdict == OwnError:
				c.Error = text
				result.Errors++
			case step.Verdict == Missing || step.Verdict == Unchanged:
				c.Skipped = text
				result.Skipped++
			default:
				c.Failure = text
				result.Failures++
			}
			result.Cases = append(result.Cases, c)
		}
		if step.Elsewhere > 0 {
			result.Cases = append(result.Cases, testcase{Class: step.Step, Name: elsewhere.String(), Failure: &trouble{step.elsewhere().String(), step.findingOf(0)}})
			result.Failures++
		}
	}
	result.Tests = len(result.Cases)
	return result
}

// elsewhere is what is about no TODO.
const elsewhere words.Text = "What was complete, and should have stayed so"

// elsewhere says what failing checks cost that look at no TODO.
func (s *Step) elsewhere() words.Text {
	return words.Textf("%d points less: checks fail that look at no TODO", s.Elsewhere)
}

// whyNot says why a TODO has no points.
func (s *Step) whyNot(todo points.Todo) words.Text {
	switch todo.Why {
	case points.Fails:
		return words.Counted(s.countOf(todo.Number), "%d failing check looks at it", "%d failing checks look at it")
	case points.Behind:
		return "the main case fails before it"
	case points.Unjudged:
		return "it could not be judged"
	case points.NotRun:
		return s.Verdict.Text()
	}
	return ""
}

// countOf returns how many failing checks look at a TODO.
func (s *Step) countOf(todo int) (n int) {
	for _, f := range s.Failing {
		if f.Todo == todo {
			n++
		}
	}
	return n
}

// findingOf returns what the first failing check says that looks at a TODO, as far as it was kept, or the
// reason of the verdict.
func (s *Step) findingOf(todo int) string {
	for _, f := range s.Findings {
		if f.Look.Todo == todo {
			return f.Test + "\n" + printableLines(f.InFull(s.Step))
		}
	}
	return s.Reason
}

// titles are those of the TODOs of each step.
type titles map[string]map[int]string

// titlesOf returns the titles of the TODOs of all steps.
func titlesOf(root string) titles {
	all := titles{}
	for _, step := range course.Steps {
		all[step] = map[int]string{}
		for _, todo := range course.Todos(root, step) {
			all[step][todo.Number] = strings.ReplaceAll(todo.Title, "`", "")
		}
	}
	return all
}

// of returns the number and the title of a TODO.
func (t titles) of(step string, todo int) string {
	return fmt.Sprintf("TODO %d: %s", todo, t[step][todo])
}

// writeFeedback writes a file for each student, in Markdown, into a folder that has no others then.
func writeFeedback(dir, root string, students iter.Seq2[*Student, error]) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	titles := titlesOf(root)
	for s, err := range students {
		if err != nil {
			return err
		}
		text := []byte(s.feedback(titles))
		if err := os.WriteFile(filepath.Join(dir, fileName(s.ID)+".md"), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fileName returns a name for a file that every system takes, another one for each ID.
func fileName(id string) string {
	const longest = 60
	safe := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/\|?*'`+"`", r) || r < ' ' || r == '\uFFFD' {
			return '_'
		}
		return r
	}, id))
	name := strings.TrimRight(string(safe[:min(len(safe), longest)]), " .")
	if name == id && !reserved(name) {
		return name
	}
	hash := fnv.New32a()
	io.WriteString(hash, id)
	return fmt.Sprintf("%s-%08x", name, hash.Sum32())
}

// reserved says whether Windows has another use for a name.
func reserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch base {
	case "", "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT"))
}

// markdown takes signs out of a text that mean something in Markdown.
var markdown = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "#", "\\#", "|", "\\|", "&", "&amp;", "!", "\\!", "~", "\\~", "\n", " ")

// fenced returns a text as a block of code, whatever stands in it.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + text + "\n" + fence + "\n"
}

// score returns points of a maximum in words.
func score(n *int, most int) words.Text {
	if n == nil {
		return "not graded"
	}
	return words.Textf("%d of %d points", *n, most)
}

// Score returns the student's points in words.
func (s *Student) Score() words.Text { return score(s.Points, s.Max) }

// feedback returns what a student is told, in Markdown: the points and why, and of each step what to
// begin with, as the coach would say it.
func (s *Student) feedback(titles titles) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n**%s**\n", markdown.Replace(s.Name), score(s.Points, s.Max))
	if s.Note != "" {
		fmt.Fprintf(&b, "\n%s", fenced(s.Note))
	}
	for _, step := range s.Steps {
		fmt.Fprintf(&b, "\n## %s: %s, %s\n\n", step.Step, step.Verdict.Text(), score(step.Points, step.Max))
		for _, todo := range step.Todos {
			fmt.Fprintf(&b, "- %s **%d/%d**", titles.of(step.Step, todo.Number), todo.Points, todo.Max)
			if why := step.whyNot(todo); why != "" && step.Verdict == Failed {
				fmt.Fprintf(&b, " (%s)", why)
			}
			fmt.Fprintln(&b)
		}
		if step.Elsewhere > 0 {
			fmt.Fprintf(&b, "- %s\n", step.elsewhere())
		}
		switch {
		case len(step.Findings) > 0:
			fmt.Fprintf(&b, "\n%s.", words.Counted(len(step.Failing), "%d check fails", "%d checks fail"))
			if len(step.Failing) > 1 {
				fmt.Fprintf(&b, " %s", words.Text("Begin with this one:"))
			}
			fmt.Fprint(&b, "\n")
			for _, f := range step.Findings { // one of each TODO
				fmt.Fprintf(&b, "\n%s", fenced(f.Test+"\n\n"+printableLines(f.InFull(step.Step))))
			}
			fmt.Fprintf(&b, "\n%s\n", words.Textf("To see it on your own computer: `go run ./workshop check %s`", step.Step))
		case step.Reason != "":
			fmt.Fprintf(&b, "\n%s", fenced(step.Reason))
		}
		for _, reason := range step.Unjudged {
			fmt.Fprintf(&b, "\n%s %s\n", unjudged(reason), markdown.Replace(reason.Text.String()))
		}
		if len(step.Stretch) > 0 {
			passed := 0
			for _, ok := range step.Stretch {
				if ok {
					passed++
				}
			}
			fmt.Fprintf(&b, "\n%s\n", words.Textf("Stretch checks, which count for nothing: %d of %d pass (%s)", passed, len(step.Stretch), strings.Join(slices.Sorted(maps.Keys(step.Stretch)), ", ")))
		}
	}
	return b.String()
}

// unjudged says how many checks were not judged, before it is said why.
func unjudged(r report.Reason) string {
	return words.Counted(r.Checks, "%d check was not judged:", "%d checks were not judged:").String()
}
