package grade

import (
	"cmp"
	_ "embed"
	"html/template"
	"io"
	"iter"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/points"
)

// page is the template of report.html. Nothing of a submission is markup in it: html/template sees to that.
//
//go:embed page.html
var page string

// maxColumns is how many checks the heat map of checks has: those that most fail.
const maxColumns = 25

// A failed is a check that students fail.
type failed struct {
	Step, Check string
	Todo        int // that it looks at with most of them
	Students    int
	Rule        string // what the lesson says of it
	Lesson      string // the file
}

// Percent returns how many of all fail, in percent.
func (f failed) Percent(all int) int {
	return int(math.Round(float64(f.Students) * 100 / float64(max(1, all))))
}

// A view is what the page shows.
type view struct {
	Lang     string
	Shard    string // of a class, such as 2/7, "" if it is the whole
	All      int    // students
	Graded   int    // of them, those who have points
	Points   int    // of these, in all
	Max      int    // of each
	Full     int    // students who have all
	Weights  []todoColumn
	Rungs    string // of isolation
	Failed   []failed
	More     words.Text // that there are more of these
	Notes    []*Student // who have one
	students iter.Seq2[*Student, error]
	err      error
}

// A todoColumn is a TODO of a step.
type todoColumn struct {
	Step  string
	Title string
	points.Todo
}

// writePage writes report.html, of a class or of a shard of it. It reads the students twice: what most of them
// fail comes first.
func writePage(w io.Writer, root, shard string, students iter.Seq2[*Student, error]) error {
	v := &view{Lang: words.Name(), Shard: shard, students: students}
	fails := map[[2]string]*failed{}
	looks := map[[2]string]map[int]int{} // with how many students it looks at which TODO
	titles := titlesOf(root)
	rungs := map[string]bool{}
	for s, err := range students {
		if err != nil {
			return err
		}
		v.All++
		if s.Note != "" {
			v.Notes = append(v.Notes, s)
		}
		v.Max = s.Max
		if s.Points != nil {
			v.Graded++
			v.Points += *s.Points
			if *s.Points == s.Max {
				v.Full++
			}
		}
		if v.Weights == nil {
			for _, step := range s.Steps {
				for _, todo := range step.Todos {
					v.Weights = append(v.Weights, todoColumn{step.Step, titles.of(step.Step, todo.Number), todo})
				}
			}
		}
		for _, step := range s.Steps {
			if step.Isolation != "" {
				rungs[step.Isolation] = true
			}
			seen := map[string]bool{}
			for _, f := range step.Failing {
				key := [2]string{step.Step, f.Check}
				if seen[f.Check] {
					continue
				}
				seen[f.Check] = true
				if fails[key] == nil {
					fails[key] = &failed{Step: step.Step, Check: f.Check, Rule: course.Rule(root, step.Step, f.Rule), Lesson: path.Join("steps", step.Step, lesson())}
					looks[key] = map[int]int{}
				}
				fails[key].Students++
				looks[key][f.Todo]++
			}
		}
	}
	v.Rungs = strings.Join(slices.Sorted(maps.Keys(rungs)), ", ")
	for key, f := range fails {
		f.Todo = slices.MaxFunc(slices.Sorted(maps.Keys(looks[key])), func(a, b int) int { return cmp.Compare(looks[key][a], looks[key][b]) })
		v.Failed = append(v.Failed, *f)
	}
	slices.SortFunc(v.Failed, func(a, b failed) int {
		return cmp.Or(cmp.Compare(b.Students, a.Students), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Check, b.Check))
	})
	if len(v.Failed) > maxColumns {
		v.More = words.Textf("The %d checks that most students fail, of %d that anybody fails.", maxColumns, len(v.Failed))
		v.Failed = v.Failed[:maxColumns]
	}
	t, err := template.New("page").Option("missingkey=error").Funcs(template.FuncMap{
		"unjudged":  unjudged,
		"untold":    func(s Step) string { return strings.Join(s.untold(), ", ") },
		"shade":     shade,
		"todo":      titles.of,
		"lines":     func(f report.Finding, step string) string { return printableLines(f.InFull(step)) },
		"whyNot":    func(s Step, t points.Todo) string { return s.whyNot(t).String() },
		"elsewhere": func(s Step) string { return s.elsewhere().String() },
		"verdict":   func(v Verdict) string { return v.Text().String() },
		"score":     func(n *int, most int) string { return score(n, most).String() },
		"points":    func(n *int) string { return cmp.Or(number(n), "–") },
		"sort":      func(n *int) int { return pointsOr(n, -1) },
		"fails":     func(s *Student, f failed) bool { return s.fails(f) },
		"others":    func(s *Student) int { return s.others(v.Failed) },
		"anchor":    func(i int) string { return "student-" + strconv.Itoa(i+1) },
	}).Parse(page)
	if err != nil {
		return err
	}
	if err := t.Execute(w, v); err != nil {
		return err
	}
	return v.err
}

// Students returns the students with their numbers, for the template.
func (v *view) Students() iter.Seq2[int, *Student] {
	return func(yield func(int, *Student) bool) {
		i := 0
		for s, err := range v.students {
			if err != nil {
				v.err = err
				return
			}
			if !yield(i, s) {
				return
			}
			i++
		}
	}
}

// Sum says how the class does.
func (v *view) Sum() string {
	of := ""
	if v.Shard != "" {
		of = words.Textf("Part %s of a class.", v.Shard).String() + " "
	}
	average := strconv.FormatFloat(float64(v.Points)/float64(max(1, v.Graded)), 'f', 1, 64)
	return of + words.Counted(v.All, "%d student", "%d students").String() + ". " +
		words.Textf("On average %s of %d points; all points: %d.", average, v.Max, v.Full).String()
}

// Isolation says what has kept the programs from the machine.
func (v *view) Isolation() words.Text {
	if v.Rungs == "" {
		return ""
	}
	return words.Textf("Isolation of the programs: %s.", v.Rungs)
}

// Ungraded says how many could not be graded, "" if all could.
func (v *view) Ungraded() words.Text {
	if v.Graded == v.All {
		return ""
	}
	return words.Textf("%d could not be graded: an error of the grader's own, and no 0.", v.All-v.Graded)
}

// T returns the texts that the page has, by how the template names them.
func (v *view) T() map[string]words.Text {
	return map[string]words.Text{
		"title":    "Results of the JWT workshop",
		"points":   "Points, TODO by TODO",
		"all":      "all points",
		"none":     "none",
		"empty":    "not begun, or not handed in",
		"unknown":  "not graded",
		"student":  "Student",
		"sum":      "Points",
		"columns":  "A column is a step and a TODO: 02-3 is TODO 3 of step 2. What failing checks cost that look at no TODO is taken from the sum.",
		"most":     "What the class fails most",
		"students": "Students",
		"check":    "Check",
		"rule":     "What the lesson says",
		"who":      "Who fails which check",
		"each":     "Each student",
		"more":     "And these:",
		"others":   "others",
		"notes":    "Look at these yourself",
		"stretch":  "Stretch checks:",
	}
}

// lesson returns the name of a lesson's file in the language that was chosen.
func lesson() string {
	if words.Name() == "en" {
		return "README.md"
	}
	return "README." + words.Name() + ".md"
}

// shade returns the class of a TODO's cell.
func shade(todo points.Todo, verdict Verdict) string {
	switch {
	case verdict == OwnError:
		return "unknown"
	case verdict == Unchanged || verdict == Missing:
		return "empty"
	case todo.Why == "":
		return "all"
	}
	return "none"
}

// pointsOr returns points, or another number if there are none.
func pointsOr(n *int, other int) int {
	if n == nil {
		return other
	}
	return *n
}

// others returns how many checks a student fails that are not among these.
func (s *Student) others(these []failed) (n int) {
	for _, step := range s.Steps {
		for _, failing := range step.Failing {
			if !slices.ContainsFunc(these, func(f failed) bool { return f.Step == step.Step && f.Check == failing.Check }) {
				n++
			}
		}
	}
	return n
}

// untold returns the failing checks whose findings are not shown.
func (s Step) untold() (checks []string) {
	for _, failing := range s.Failing {
		if !slices.ContainsFunc(s.Findings, func(f report.Finding) bool { return f.Test == failing.Check }) {
			checks = append(checks, failing.Check)
		}
	}
	return checks
}

// fails says whether a student fails a check.
func (s *Student) fails(f failed) bool {
	for _, step := range s.Steps {
		if step.Step == f.Step {
			return slices.ContainsFunc(step.Failing, func(failing Failing) bool { return failing.Check == f.Check })
		}
	}
	return false
}
