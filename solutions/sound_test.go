package solutions

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/points"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// handful is how many more things, at most, the checks may say of a mistake than
// those that it names: who has made one mistake is not to be sent to ten places.
const handful = 7

// stories are the tests that do a little of everything, and take longer: most mistakes meet
// them, too, so only those that name them do. Each of their rows has a program of its own.
var stories = []string{"TestAnyOrder", "TestAtOnce", "TestDatabaseFails", "TestTimePasses"}

// thorough says that each mistake meets all checks of its step but the stories, and in the
// real browser those that it names: so one sees whether the engines agree, and whether too
// much else is said of it. Otherwise it meets those that it names (in steps 2 and 3, their whole tests),
// and in the browser only those of them that Sobek could not make; and variants do not meet
// those that wait, or send many requests.
var thorough = os.Getenv("CI") != ""

// TestSound: every mistake is caught by the checks that it names, every variant passes,
// and every core check is named, so that this fails if one of them does not. With -v it
// prints how many mistakes and variants there are, and where the time goes.
func TestSound(t *testing.T) {
	t.Parallel()
	start := time.Now()
	changes := append(readChanges(t, "mistakes"), readChanges(t, "variants")...)
	programs := map[string]map[string][]byte{}
	unfit := map[string]error{}
	for _, step := range steps {
		programs["usual/"+step] = finished(t, step)
	}
	for _, c := range changes {
		programs[c.name], unfit[c.name] = c.apply(t)
		switch {
		case unfit[c.name] != nil:
			delete(programs, c.name)
		case !c.needsCost():
			quicken(programs[c.name])
		}
	}
	tests := map[string]func() (string, error){}
	for _, step := range steps {
		tests[step] = startTests(t, step)
	}
	file, broken := buildMany(t, "many", programs)
	maps.Copy(unfit, broken)
	with := prepare(t, file, tests)
	with.took.add("to build them, and to run the finished ones", time.Since(start))

	for _, step := range steps {
		right, all := map[string]int{}, map[string]int{}
		var counting sync.Mutex
		named := map[string]bool{}
		t.Run(step, func(t *testing.T) {
			for _, c := range changes {
				if c.step != step {
					continue
				}
				for _, name := range c.named() {
					named[name] = true
				}
				all[c.kind()]++
				t.Run(c.kind()+"/"+path.Base(c.name), func(t *testing.T) {
					t.Parallel()
					require.NoError(t, unfit[c.name])
					c.judge(t, linkProgram(t, file, c.name), with)
					if !t.Failed() {
						counting.Lock()
						defer counting.Unlock()
						right[c.kind()]++
					}
				})
			}
			for _, name := range with.finished[step].passed {
				assert.Contains(t, named, name, "no mistake names it")
			}
		})
		if judged := right["mistakes"]; judged > 0 && judged == all["mistakes"] { // all of them, and all caught
			about := slices.DeleteFunc(slices.Sorted(maps.Keys(with.rules[step])), func(rule string) bool { return slices.Contains(stretchRules, rule) })
			assert.Equal(t, markedRules(t, step, "README.md"), about, "the rules that the lesson marks, and those that checks are about")
			assert.Equal(t, markedRules(t, step, "README.es.md"), about)
		}
		t.Logf("%-17s  mistakes: %d caught of %d   variants: %d passed of %d", step,
			right["mistakes"], all["mistakes"], right["variants"], all["variants"])
	}
	t.Logf("%d mistakes cost a TODO that they are not about", with.others)
	t.Logf("%d programs in %.0f s, run four at a time; the seconds of each part:\n%s", len(changes), time.Since(start).Seconds(), &with.took)
}

// means are what all changes are judged with.
type means struct {
	tests    map[string]string // of each step, built
	finished map[string]checks // what they say of the finished programs, as a learner runs them
	errors   map[string][]course.KnownError
	took     stopwatch

	mu     sync.Mutex
	rules  map[string]map[string]bool // of each step, those that findings were about
	others int                        // mistakes that cost TODOs which they are not about
}

// stretchRules are those of checks that nobody has to pass: no task speaks of them.
var stretchRules = []string{"T8", "T9", "P10"}

// ruleMark matches how a lesson marks the words of a rule.
var ruleMark = regexp.MustCompile(`<!-- ([A-Z]\d+|always|given) -->`)

// markedRules returns the rules that a lesson marks in the task, each once.
func markedRules(t *testing.T, step, lesson string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "steps", step, lesson))
	require.NoError(t, err)
	rules := map[string]bool{}
	for _, mark := range ruleMark.FindAllStringSubmatch(string(text), -1) {
		rules[mark[1]] = true
	}
	return slices.Sorted(maps.Keys(rules))
}

// prepare runs the tests, when they are built, on the finished programs in the file of
// many.
func prepare(t *testing.T, many string, tests map[string]func() (string, error)) *means {
	t.Helper()
	with := &means{tests: map[string]string{}, finished: map[string]checks{}, errors: map[string][]course.KnownError{}, rules: map[string]map[string]bool{}}
	for _, step := range steps {
		var err error
		with.rules[step] = map[string]bool{}
		with.errors[step] = course.KnownErrors(root(t), step)
		with.tests[step], err = tests[step]()
		require.NoError(t, err)
		with.finished[step] = runTests(t, step, with.tests[step], "-program", linkProgram(t, many, "usual/"+step))
		require.Equal(t, 0, with.finished[step].code, with.finished[step].output)
	}
	return with
}

// needsCost says whether checks are to look at the cost of the program's hashes: in step 1
// it is what they judge, the stretch check of time needs it, and who makes hashes anew at a
// login does so by their cost.
func (c change) needsCost() bool {
	return c.step == steps[0] || c.kind() == "variants" && thorough ||
		slices.ContainsFunc(c.named(), func(name string) bool {
			return strings.HasPrefix(name, "TestPostTokenTiming") || name == "TestAtOnce/a_change_during_a_login"
		})
}

// kind is mistakes or variants.
func (c change) kind() string {
	kind, _, _ := strings.Cut(c.name, "/")
	return kind
}

// judge runs the checks on the program with the change, on one engine or two, and
// fails the test unless they say what is to be said.
func (c change) judge(t *testing.T, program string, with *means) {
	t.Helper()
	var some []string // of the checks
	switch {
	case c.kind() == "mistakes" && (thorough || slices.Contains(c.named(), "TestAlways")):
		others := slices.DeleteFunc(slices.Clone(stories), func(test string) bool {
			return slices.ContainsFunc(c.named(), func(name string) bool { return name == test || strings.HasPrefix(name, test+"/") })
		})
		some = []string{"-test.skip", "^(" + strings.Join(others, "|") + ")$"}
	case c.kind() == "mistakes" && !slices.Contains(c.named(), "TestAlways"):
		some = []string{"-test.run", c.pattern(c.named())}
	case !thorough:
		some = []string{"-test.skip", "^(TestTimePasses|TestAtOnce)$"}
	}
	if c.step != steps[3] {
		v := c.check(t, program, with, some...)
		c.wantVerdict(t, v, c.named(), with)
		c.wantPoints(t, v.findings, with)
		if c.step == steps[2] {
			c.wantAttacked(t, program, v)
		}
		return
	}
	sobek := c.check(t, program, with, append(some, "-engine", "sobek")...)
	c.wantVerdict(t, sobek, c.named(), with)
	asked, names := c.asked(sobek)
	if asked == "" || !hasBrowser(t) {
		c.wantPoints(t, sobek.findings, with)
		return
	}
	chromium := c.check(t, program, with, "-engine", "chromium", "-test.run", asked)
	c.wantVerdict(t, chromium, names, with)
	all := maps.Clone(sobek.findings)
	maps.Copy(all, chromium.findings)
	c.wantPoints(t, all, with)
	for name, f := range chromium.findings {
		if !slices.Contains(sobek.skipped, name) {
			assert.Equal(t, sobek.findings[name], f, "Sobek and Chromium disagree on %s", name)
		}
	}
}

// inSobekOnly are checks in which an hour passes, which only Sobek can make pass, or for which
// only Sobek is quick enough, or which a browser may end otherwise.
var inSobekOnly = []string{"TestAtOnce/a_login_that_takes_an_hour", "TestAtOnce/a_timer_of_an_earlier_login", "TestAtOnce/an_hour_after_a_login", "TestAtOnce/two_getMyTasks:_no_answer_to_the_second", "TestLogin/every_other_status", "TestGetMyTasks/every_other_status"}

// asked returns which checks are made again in the real browser, as a pattern for -test.run
// ("" for none), and those of them that have to catch a mistake there:
//
//	a mistake, thorough   those that it names
//	a mistake             those of them that Sobek could not make
//	a variant, thorough   all if it has another page, else those of the functions in app.js
//	a variant             those of the page if it has another
func (c change) asked(sobek verdict) (pattern string, names []string) {
	page := slices.ContainsFunc(c.files, func(f *gitdiff.File) bool { return path.Base(f.NewName) != "app.js" })
	switch {
	case c.kind() == "variants" && thorough && page:
		return ".", nil
	case c.kind() == "variants" && thorough:
		return "^(TestLogin|TestGetMyTasks|TestLogout)$", nil
	case c.kind() == "variants" && page:
		return "^(TestVisit|TestPageServed)$", nil
	case c.kind() == "variants":
		return "", nil
	}
	names = slices.DeleteFunc(c.named(), func(name string) bool { return slices.Contains(inSobekOnly, name) })
	if !thorough {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(sobek.skipped, name) })
	}
	return c.pattern(names), names
}

// pattern returns a pattern for -test.run of these checks, and perhaps some more, or "".
// In steps 2 and 3 it is that of whole tests: some of their rows are about what the others
// have left behind. Those of the stories are not.
func (c change) pattern(names []string) string {
	if len(names) == 0 {
		return ""
	}
	tests, rows, whole := map[string]bool{}, map[string]bool{}, false
	for _, name := range names {
		test, row, _ := strings.Cut(name, "/")
		tests[regexp.QuoteMeta(test)], rows[regexp.QuoteMeta(row)] = true, true
		whole = whole || !slices.Contains(stories, test)
	}
	join := func(names map[string]bool) string {
		return "^(" + strings.Join(slices.Sorted(maps.Keys(names)), "|") + ")$"
	}
	if slices.Contains(names, "TestAlways") {
		return "." // which it is about
	}
	if whole && (c.step == steps[1] || c.step == steps[2]) {
		return join(tests)
	}
	return join(tests) + "/" + join(rows)
}

// A verdict is what the checks say of a program.
type verdict struct {
	checks
	findings map[string]finding // by the names of the checks
	letsIn   bool               // somebody who should be refused
}

// A finding is what a failing check says, as far as a mistake has to expect it, and the
// section of hints.md on an error message that the coach shows with it, or "".
type finding struct{ Look, Why, Opens string }

// check runs the checks of the step on the program.
func (c change) check(t *testing.T, program string, with *means, args ...string) verdict {
	t.Helper()
	start, part := time.Now(), c.kind()+" of "+c.step
	if i := slices.Index(args, "-engine"); i >= 0 {
		part += " on " + args[i+1]
	}
	file := filepath.Join(t.TempDir(), "report.json")
	args = append(args, "-program", program, "-report", file, "-lang", "marked")
	if c.kind() == "variants" && thorough || c.wantsStretch(with) {
		args = append(args, "-stretch")
	}
	v := verdict{checks: runTests(t, c.step, with.tests[c.step], args...), findings: map[string]finding{}}
	with.took.add(part, time.Since(start))
	for _, f := range readReport(t, file).Findings {
		v.letsIn = v.letsIn || !strings.HasPrefix(f.Test, "TestAtOnce/") && letsIn(f.Got, f.Want)
		with.mu.Lock()
		with.rules[c.step][f.Rule] = true
		with.mu.Unlock()
		for _, said := range append(f.Notes, f.Sent, f.Got, f.Want, f.Why, f.Try) {
			assert.NotRegexp(t, `\pL`, outsideMarks(said), "%s: words that nobody can translate: %s", f.Test, said)
		}
		v.findings[f.Test] = finding{f.Look.String(), marks.Replace(f.Why), with.opened(c.step, marks.Replace(f.Got), marks.Replace(strings.Join(f.Notes, "\n")), f.Look.File != "")}
		if f.Look.File == "" && !slices.Contains(c.named(), f.Test) {
			assert.Fail(t, "it does not start", "%s: %s", f.Test, f.Got)
		}
	}
	for _, name := range v.failed {
		assert.Contains(t, v.findings, name, "it fails without a finding:\n%s", v.output)
	}
	return v
}

// opened returns the title of the section on an error message that the coach shows.
func (with *means) opened(step, got, printed string, ran bool) string {
	if e := course.Opened(with.errors[step], got, printed, ran); e != nil {
		return e.Title
	}
	return ""
}

// marks takes out the marks of the language marked, in which each text that can be translated
// stands between the first two, and what is the same in every language between the others.
var marks = strings.NewReplacer("⟦", "", "⟧", "", "⟪", "", "⟫", "")

// outsideMarks returns what stands between no marks.
func outsideMarks(text string) string {
	var b strings.Builder
	depth := 0
	for _, r := range text {
		switch r {
		case '⟦', '⟪':
			depth++
		case '⟧', '⟫':
			depth--
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// wantVerdict fails the test unless the checks say of the program what they should: of a
// mistake, those with these names catch it.
func (c change) wantVerdict(t *testing.T, v verdict, names []string, with *means) {
	t.Helper()
	if c.kind() == "variants" {
		c.wantPass(t, v, with)
		return
	}
	var catches []catch
	for _, name := range names {
		f, caught := v.findings[name]
		if !caught && !slices.Contains(v.skipped, name) {
			t.Errorf("%s does not catch it; these do: %s", name, strings.Join(slices.Sorted(maps.Keys(v.findings)), ", "))
		}
		catches = append(catches, catch{[]string{name}, f})
	}
	require.NotEmpty(t, catches, "it names no check; these fail: %s", strings.Join(slices.Sorted(maps.Keys(v.findings)), ", "))
	judged := !slices.ContainsFunc(c.named(), func(name string) bool { _, caught := v.findings[name]; return !caught })
	if *update && !t.Failed() && judged {
		require.NoError(t, c.writeHeader(catches))
	}
	for _, want := range c.catches {
		for _, name := range want.checks {
			if f, caught := v.findings[name]; caught && !*update {
				assert.Equal(t, want.finding, f, "what %s says", name)
			}
		}
	}
	others := map[finding]string{}
	for name, f := range v.findings {
		if !slices.ContainsFunc(catches, func(c catch) bool { return c.finding == f }) {
			others[f] = name
		}
	}
	assert.LessOrEqual(t, len(others), handful, "as many other things are said of it: %s", slices.Sorted(maps.Values(others)))
}

// lookedAt is the number of the TODO in what a finding looks at.
var lookedAt = regexp.MustCompile(`, TODO (\d+)$`)

// todo returns the number of the TODO that a finding looks at, 0 for none.
func (f finding) todo() int {
	m := lookedAt.FindStringSubmatch(f.Look)
	if m == nil {
		return 0
	}
	number, _ := strconv.Atoi(m[1])
	return number
}

// maxOthers is how many TODOs a mistake may cost, at most, that its header does not look at: some break more
// than one thing.
const maxOthers = 2

// wantPoints fails the test unless the mistake, when all its checks have been made, costs the points of the
// TODOs that its header looks at; and of few others, but those behind while the step's main case fails.
func (c change) wantPoints(t *testing.T, findings map[string]finding, with *means) {
	t.Helper()
	if c.kind() != "mistakes" || !thorough {
		return
	}
	var failures []points.Failure
	for name, f := range findings {
		test, _, _ := strings.Cut(name, "/")
		if !slices.Contains(with.finished[c.step].skipped, test) { // no stretch check
			failures = append(failures, points.Failure{Check: name, Todo: f.todo()})
		}
	}
	if len(failures) == 0 {
		return
	}
	todos, total := points.Of(c.step, points.Usual()[c.step], failures, nil)
	others := 0
	for _, todo := range todos {
		named := slices.ContainsFunc(c.catches, func(want catch) bool {
			return want.finding.todo() == todo.Number && slices.ContainsFunc(want.checks, func(name string) bool { _, made := findings[name]; return made })
		})
		switch {
		case named:
			assert.Zero(t, todo.Points, "TODO %d, which it is about", todo.Number)
		case todo.Why == points.Fails:
			others++
		}
	}
	assert.LessOrEqual(t, others, maxOthers, "it costs TODOs that it is not about: %v", todos)
	assert.Less(t, total, 25)
	if others > 0 {
		with.mu.Lock()
		defer with.mu.Unlock()
		with.others++
	}
}

// wantPass fails the test unless the program passes every check, but for those of the
// stretch.
func (c change) wantPass(t *testing.T, v verdict, with *means) {
	t.Helper()
	core := with.finished[c.step].passed
	assert.NotEmpty(t, v.passed, v.output)
	for _, name := range v.failed {
		if slices.Contains(core, name) {
			t.Errorf("%s fails, and the program is right:\n%s", name, v.output)
		}
	}
}

// wantsStretch says whether a stretch check is named: those are skipped otherwise.
func (c change) wantsStretch(with *means) bool {
	return slices.ContainsFunc(c.named(), func(name string) bool {
		test, _, _ := strings.Cut(name, "/")
		return slices.Contains(with.finished[c.step].skipped, test)
	})
}

// A stopwatch sums up how long things take.
type stopwatch struct {
	mu    sync.Mutex
	parts map[string]time.Duration
}

// add adds what a part has taken.
func (s *stopwatch) add(part string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts == nil {
		s.parts = map[string]time.Duration{}
	}
	s.parts[part] += d
}

// String lists the parts, the longest first.
func (s *stopwatch) String() string {
	var b strings.Builder
	parts := slices.SortedFunc(maps.Keys(s.parts), func(x, y string) int { return cmp.Compare(s.parts[y], s.parts[x]) })
	for _, part := range parts {
		fmt.Fprintf(&b, "%6.1f  %s\n", s.parts[part].Seconds(), part)
	}
	return b.String()
}
