package solutions

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check/browser"
)

// handful is how many more things, at most, the checks may say of a mistake than
// those that it names: who has made one mistake is not to be sent to ten places.
const handful = 5

// TestSound: every mistake is caught by the checks that it names, and every variant
// passes. With -v it prints how many of them, and where the time goes.
func TestSound(t *testing.T) {
	start := time.Now()
	changes := append(readChanges(t, "mistakes"), readChanges(t, "variants")...)
	programs := map[string]map[string][]byte{}
	unfit := map[string]error{}
	for _, c := range changes {
		programs[c.name], unfit[c.name] = c.apply(t)
		if unfit[c.name] != nil {
			delete(programs, c.name)
		}
	}
	file, broken := buildMany(t, programs)
	maps.Copy(unfit, broken)
	for _, step := range steps {
		buildTests(t, step)
	}
	browser.Share(t)
	var took stopwatch
	took.add("to build them", time.Since(start))

	for _, step := range steps {
		right, all := map[string]int{}, map[string]int{}
		var counting sync.Mutex
		t.Run(step, func(t *testing.T) {
			for _, c := range changes {
				if c.step != step {
					continue
				}
				all[c.kind()]++
				t.Run(c.kind()+"/"+path.Base(c.name), func(t *testing.T) {
					t.Parallel()
					require.NoError(t, unfit[c.name])
					c.judge(t, linkProgram(t, file, c.name), &took)
					if !t.Failed() {
						counting.Lock()
						defer counting.Unlock()
						right[c.kind()]++
					}
				})
			}
		})
		t.Logf("%-17s  mistakes: %d caught of %d   variants: %d passed of %d", step,
			right["mistakes"], all["mistakes"], right["variants"], all["variants"])
	}
	t.Logf("%d programs in %.0f s, run two at a time or more; the seconds of each part:\n%s", len(changes), time.Since(start).Seconds(), &took)
}

// kind is mistakes or variants.
func (c change) kind() string {
	kind, _, _ := strings.Cut(c.name, "/")
	return kind
}

// judge runs the checks on the program with the change, on one engine or two, and
// fails the test unless they say what is to be said.
func (c change) judge(t *testing.T, program string, took *stopwatch) {
	t.Helper()
	if c.step != steps[3] {
		c.wantVerdict(t, c.check(t, program, took))
		return
	}
	sobek := c.check(t, program, took, "-engine", "sobek")
	c.wantVerdict(t, sobek)
	chromium := c.check(t, program, took, "-engine", "chromium", "-test.run", c.concerned())
	if chromium.noBrowser {
		return
	}
	c.wantVerdict(t, chromium)
	for name, f := range chromium.findings {
		if !slices.Contains(sobek.skipped, name) {
			assert.Equal(t, sobek.findings[name], f, "Sobek and Chromium disagree on %s", name)
		}
	}
}

// concerned returns a pattern for -test.run of the checks for which a real browser is
// asked, too: of a mistake, those that it names; of a variant, those of the functions
// in app.js, and of the page only if that is another. The rest is what the finished
// program has shown.
func (c change) concerned() string {
	if c.kind() == "variants" {
		for _, f := range c.files {
			if path.Base(f.NewName) != "app.js" {
				return "."
			}
		}
		return "^(TestLogin|TestGetMyTasks|TestLogout)$"
	}
	tests, rows := map[string]bool{}, map[string]bool{}
	for _, name := range c.named() {
		test, row, _ := strings.Cut(name, "/")
		tests[regexp.QuoteMeta(test)], rows[regexp.QuoteMeta(row)] = true, true
	}
	join := func(names map[string]bool) string {
		return "^(" + strings.Join(slices.Sorted(maps.Keys(names)), "|") + ")$"
	}
	return join(tests) + "/" + join(rows)
}

// A verdict is what the checks say of a program.
type verdict struct {
	checks
	findings map[string]finding // by the names of the checks
}

// A finding is what a failing check says, as far as a mistake has to expect it.
type finding struct{ Look, Why string }

// check runs the checks of the step on the program.
func (c change) check(t *testing.T, program string, took *stopwatch, args ...string) verdict {
	t.Helper()
	start, part := time.Now(), c.kind()+" of "+c.step
	if len(args) > 0 {
		part += " on " + args[1]
	}
	file := filepath.Join(t.TempDir(), "findings.json")
	args = append(args, "-program", program, "-findings", file)
	if c.kind() == "variants" || c.wantsStretch(t) {
		args = append(args, "-stretch")
	}
	v := verdict{checks: runChecks(t, c.step, args...), findings: map[string]finding{}}
	took.add(part, time.Since(start))
	text, err := os.ReadFile(file)
	require.NoError(t, err, v.output)
	var all []struct {
		Test, Sent, Got string
		finding
	}
	require.NoError(t, json.Unmarshal(text, &all))
	for _, f := range all {
		v.findings[f.Test] = f.finding
		if f.Sent == "start the program" && !slices.Contains(c.named(), f.Test) {
			assert.Fail(t, "it does not start", "%s: %s", f.Test, f.Got)
		}
	}
	for _, name := range v.failed {
		assert.Contains(t, v.findings, name, "it fails without a finding:\n%s", v.output)
	}
	return v
}

// wantVerdict fails the test unless the checks say of the program what they should.
func (c change) wantVerdict(t *testing.T, v verdict) {
	t.Helper()
	if c.kind() == "variants" {
		c.wantPass(t, v)
		return
	}
	var catches []catch
	for _, name := range c.named() {
		f, caught := v.findings[name]
		if !caught && !slices.Contains(v.skipped, name) {
			t.Errorf("%s does not catch it; these do: %s", name, strings.Join(slices.Sorted(maps.Keys(v.findings)), ", "))
		}
		catches = append(catches, catch{[]string{name}, f})
	}
	require.NotEmpty(t, catches, "it names no check; these fail: %s", strings.Join(slices.Sorted(maps.Keys(v.findings)), ", "))
	if *update && !t.Failed() {
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

// wantPass fails the test unless the program passes every check, but for a few of
// the stretch.
func (c change) wantPass(t *testing.T, v verdict) {
	t.Helper()
	core := coreChecks(t, c.step)
	var stretch, missed int
	for _, name := range append(v.passed, v.failed...) {
		if slices.Contains(core, name) {
			continue
		}
		if stretch++; slices.Contains(v.failed, name) {
			missed++
		}
	}
	assert.NotEmpty(t, v.passed, v.output)
	for _, name := range v.failed {
		assert.NotContains(t, core, name, "it fails, and the program is right:\n%s", v.output)
	}
	assert.LessOrEqual(t, 2*missed, stretch, "most of the stretch checks pass: %s", v.failed)
}

// wantsStretch says whether a stretch check is named: those are skipped otherwise.
func (c change) wantsStretch(t *testing.T) bool {
	return slices.ContainsFunc(c.named(), func(name string) bool {
		test, _, _ := strings.Cut(name, "/")
		return slices.Contains(usualChecks(t, c.step).skipped, test)
	})
}

// coreChecks returns the names of the checks that a step is finished with: those
// that run without -stretch.
func coreChecks(t *testing.T, step string) []string {
	t.Helper()
	got := usualChecks(t, step)
	require.Equal(t, 0, got.code, got.output)
	return got.passed
}

// usualChecks runs the checks on the finished program, once, as a learner does.
func usualChecks(t *testing.T, step string) checks {
	t.Helper()
	once, _ := usual.LoadOrStore(step, sync.OnceValue(func() checks {
		return runChecks(t, step, "-program", buildFinished(t, step))
	}))
	return once.(func() checks)()
}

// usual remembers what usualChecks returns for each step.
var usual sync.Map

// TestSoundNames: every core check is named by a mistake, so that TestSound fails if
// the check does not.
func TestSoundNames(t *testing.T) {
	named := map[string][]string{}
	for _, c := range readChanges(t, "mistakes") {
		named[c.step] = append(named[c.step], c.named()...)
	}
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			core := coreChecks(t, step)
			for _, name := range core {
				assert.Contains(t, named[step], name, "no mistake names it")
			}
		})
	}
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
