package grade

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/points"
)

// hostile is a text that is markup, a formula or the end of something wherever it is taken for that.
const hostile = "=1+1<script>alert(1)</script>\"'`*_[x](y)|&amp;\x1b[31m]]>```"

// made returns a class of so many students, each of another kind.
func made(n int) []*Student {
	g := &Grader{Weights: points.Usual()}
	var class []*Student
	for i := range n {
		s := &Student{ID: fmt.Sprintf("%04d-%s", i, printable("student"+hostile)), Name: printable(hostile + strconv.Itoa(i))}
		for at, step := range course.Steps {
			said := &report.Report{Submission: &report.Submission{End: report.Passed, Isolation: "bubblewrap", Checks: map[string]report.Result{"TestA": report.CheckPassed, "TestFineprint": report.CheckPassed}}, Asked: []string{"TestFineprint"}}
			switch (i + at) % 7 {
			case 1:
				s.add(g.none(step, Unchanged, ""))
				continue
			case 2:
				s.add(g.none(step, Missing, ""))
				continue
			case 3:
				said.End, said.Reason = report.DoesNotCompile, hostile
			case 4:
				said.End = report.Failed
				for todo := range 3 {
					said.Findings = append(said.Findings, report.Finding{Test: fmt.Sprintf("TestB/%d", todo), Rule: "S1", Sent: words.Text(hostile), Got: "a", Want: words.Text(hostile), Advice: report.Advice{Why: "w", Look: report.Place{File: "x.go", Todo: todo}}})
				}
			case 5:
				said.End = report.Failed
				for range 9 {
					said.Findings = append(said.Findings, report.Finding{Test: "TestC/" + hostile, Sent: "s", Got: "a", Want: "b", Advice: report.Advice{Look: report.Place{File: "x.go", Todo: 2}}})
				}
				said.Unjudged = []report.Unjudged{{Test: "TestD", Reason: words.Text(hostile), Judges: []int{3}}}
			case 6:
				if i%2 == 0 {
					said.End, said.Reason = report.OwnError, "the disk is full"
				}
			}
			s.add(g.graded(step, said))
		}
		class = append(class, s)
	}
	return class
}

// written writes the results and the tables of a class into a new folder.
func written(t *testing.T, class []*Student) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, writeResults(dir, "", all(class)))
	require.NoError(t, Tables(dir, root(t)))
	return dir
}

// all returns students one after another.
func all(class []*Student) iter.Seq2[*Student, error] {
	return func(yield func(*Student, error) bool) {
		for _, s := range class {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// root returns the workshop's folder.
func root(t *testing.T) string {
	t.Helper()
	root, err := folder.Find()
	require.NoError(t, err)
	return root
}

// TestTablesAgree: every table has the same students with the same points.
func TestTablesAgree(t *testing.T) {
	class := made(20)
	dir := written(t, class)
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return text
	}
	var results struct{ Students []*Student }
	require.NoError(t, json.Unmarshal(read("results.json"), &results))
	assert.Equal(t, class, results.Students)

	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(read("grades.csv"), []byte("\uFEFF")))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(class))
	var suites struct {
		Suites []suite `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(read("junit.xml"), &suites))
	require.Len(t, suites.Suites, len(class))
	page := string(read("report.html"))
	feedback, err := os.ReadDir(filepath.Join(dir, "feedback"))
	require.NoError(t, err)
	assert.Len(t, feedback, len(class))
	graded := 0
	for i, s := range class {
		sum := 0
		row, suite := rows[i+1], suites.Suites[i]
		assert.Equal(t, s.ID, strings.TrimPrefix(row[0], "'"))
		assert.Equal(t, s.ID, suite.Name)
		assert.Equal(t, number(s.Points), row[2])
		assert.Equal(t, []property{{"points", number(s.Points)}, {"max", "100"}}, suite.Properties)
		assert.Len(t, suite.Cases, suite.Tests)
		lost := 0
		for at, step := range s.Steps {
			todos := 0
			for _, todo := range step.Todos {
				todos += todo.Points
				if todo.Why != "" {
					lost++
				}
			}
			assert.Equal(t, number(step.Points), row[4+2*at])
			if step.Points == nil {
				assert.Nil(t, s.Points)
				continue
			}
			assert.Equal(t, todos-step.Elsewhere, *step.Points)
			sum += *step.Points
			if step.Elsewhere > 0 {
				lost++
			}
		}
		assert.Equal(t, lost, suite.Failures+suite.Errors+suite.Skipped, "every TODO without points is a case that does not pass, and no other")
		if s.Points != nil {
			assert.Equal(t, sum, *s.Points)
			graded++
		}
		text := string(read("feedback/" + fileName(s.ID) + ".md"))
		assert.Contains(t, text, "**"+s.Score().String()+"**")
		assert.Contains(t, page, `data-sort="`+strconv.Itoa(pointsOr(s.Points, -1))+`"><strong>`)
	}
	assert.NotZero(t, graded)
	assert.NotEqual(t, len(class), graded)
	assert.Equal(t, 2*len(class), strings.Count(page, `<th scope="row"`), "a row for each student in both tables")
	assert.Contains(t, page, fmt.Sprintf("%d could not be graded", len(class)-graded))
}

// TestNothingIsMarkup: what comes from a submission is text in every table, no markup, no formula, no sign that
// moves a cursor.
func TestNothingIsMarkup(t *testing.T) {
	dir := written(t, made(14))
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	assert.Equal(t, 1, bytes.Count(page, []byte("<script")), "the page's own")
	for _, name := range []string{"report.html", "grades.csv", "junit.xml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.NotContains(t, string(text), "\x1b", name)
	}
	rows, err := os.ReadFile(filepath.Join(dir, "grades.csv"))
	require.NoError(t, err)
	assert.NotRegexp(t, `(?m)(^|,)"?[=+@-]`, string(rows))
	for _, formula := range []string{"=1", "+1", "-1", "@x", "\tx", "|x", "%x"} {
		assert.Equal(t, "'"+formula, inert(formula))
	}
	assert.Equal(t, "", inert(""))
	feedback, err := filepath.Glob(filepath.Join(dir, "feedback", "*.md"))
	require.NoError(t, err)
	for _, file := range feedback {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "\x1b")
		assert.NotContains(t, outsideFences(string(text)), "<script", "outside of blocks of code")
	}
}

// outsideFences returns the lines of Markdown that are in no block of code.
func outsideFences(text string) string {
	var outside []string
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = strings.TrimSuffix(line, "text")
		case fence != "" && line == fence:
			fence = ""
		case fence == "":
			outside = append(outside, line)
		}
	}
	return strings.Join(outside, "\n")
}

// TestMerge: tables of seven shards are those of the whole class, byte for byte; a student twice, and what
// is no result, is an error.
func TestMerge(t *testing.T) {
	class := made(30)
	whole := written(t, class)
	var shards []string
	for i := range 7 {
		var part []*Student
		for at := i; at < len(class); at += 7 {
			part = append(part, class[at])
		}
		shards = append(shards, written(t, part))
	}
	slices.Reverse(shards)
	merged := t.TempDir()
	require.NoError(t, Merge(shards, merged, root(t)))
	for _, name := range []string{"results.json", "grades.csv", "junit.xml", "report.html"} {
		want, err := os.ReadFile(filepath.Join(whole, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(merged, name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), name)
	}
	for i, shard := range shards {
		require.NoError(t, writeResults(shard, fmt.Sprintf("%d/7", 7-i), readResults(shard)))
	}
	assert.ErrorContains(t, Merge(slices.Delete(slices.Clone(shards), 2, 3), t.TempDir(), root(t)), "the shard 5/7 is missing")
	assert.ErrorContains(t, Merge([]string{shards[0], whole}, t.TempDir(), root(t)), "is missing")
	assert.ErrorContains(t, Merge([]string{whole, whole}, t.TempDir(), root(t)), "is in two of these results")
	assert.Error(t, Merge([]string{t.TempDir()}, t.TempDir(), root(t)))
	other := writeTree(t, map[string]string{"results.json": `{"students": []}`})
	assert.ErrorContains(t, Merge([]string{other}, t.TempDir(), root(t)), "is not what grade writes")
}

// TestLargeClass: a thousand students are no more in memory than thirty: the tables are written as they are
// read.
func TestLargeClass(t *testing.T) {
	students := func(n int) iter.Seq2[*Student, error] {
		some := made(30)
		return func(yield func(*Student, error) bool) {
			for i := range n {
				s := *some[i%len(some)]
				s.ID = fmt.Sprintf("%06d", i)
				if !yield(&s, nil) {
					return
				}
			}
		}
	}
	allocated := func(n int) float64 {
		class := students(n)
		return testing.AllocsPerRun(1, func() { require.NoError(t, writeCSV(io.Discard, class)) })
	}
	few, many := allocated(30), allocated(3000)
	assert.Less(t, many, 150*few, "time and memory grow with the class, and no faster")
}

// TestPage: the report is good to read for everybody: axe finds nothing, by day and by night, wide and narrow;
// it sorts and opens by its buttons and links.
func TestPage(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium-headless-shell", "chromium", "google-chrome"} {
		if file, err := exec.LookPath(name); err == nil {
			browser = file
			break
		}
	}
	source, err := os.ReadFile(cmp.Or(os.Getenv("AXE"), "none"))
	if browser == "" || err != nil {
		t.Skip("it needs Chromium, and AXE: npm pack axe-core, and name its axe.min.js with AXE")
	}
	text, err := os.ReadFile(filepath.Join(written(t, made(12)), "report.html"))
	require.NoError(t, err)
	const script = `
	const found = [];
	const want = (what, is) => is || found.push(what);
	const rows = () => [...document.querySelectorAll(".sortable tbody tr")];
	const heads = document.querySelectorAll(".sortable thead th");
	heads[1].querySelector("button").click();
	want("sorted by points", heads[1].ariaSort === "descending" && rows().every((row, i, all) => i === 0 || Number(all[i - 1].cells[1].dataset.sort) >= Number(row.cells[1].dataset.sort)));
	heads[0].querySelector("button").click();
	want("sorted by name", heads[0].ariaSort === "ascending" && rows().every((row, i) => row.cells[0].dataset.sort === String(i)));
	rows()[3].querySelector("a").click();
	const opened = () => document.getElementById("student-4").open && document.activeElement.parentElement.id === "student-4";
	let left = 100;
	const waiting = setInterval(() => {
		if (!opened() && left-- > 0) return;
		clearInterval(waiting);
		want("opened", opened());
		document.querySelectorAll("details").forEach((details) => { details.open = true; });
		axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations, passes }) => {
			found.push(...violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " " + n.failureSummary).join("; ")));
			document.documentElement.dataset.found = passes.length > 10 ? JSON.stringify(found) : "axe has looked at nothing";
		});
	}, 50);`
	at := bytes.LastIndex(text, []byte("</body>"))
	tried := slices.Concat(text[:at], []byte("<script>"), source, []byte("</script><script>"+script+"</script>"), text[at:])
	dark := bytes.Replace(tried, []byte("@media (prefers-color-scheme: dark)"), []byte("@media all"), 1)
	file := filepath.Join(t.TempDir(), "report.html")
	for view, text := range map[string][]byte{"--window-size=1200,900": tried, "--window-size=360,800": tried, "--window-size=1000,900": dark} {
		require.NoError(t, os.WriteFile(file, text, 0o600))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		page, err := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", view, "--dump-dom", "file://"+filepath.ToSlash(file)).Output()
		require.NoError(t, err)
		found := regexp.MustCompile(`data-found="(.*?)"`).FindSubmatch(page)
		require.NotNil(t, found, "%s: the script has not come to its end", view)
		assert.Equal(t, "[]", string(found[1]), view)
	}
}

// TestPageTells: each failing check of a student is told once, the TODO of a check is that of most who fail it,
// and a part of a class says that it is one.
func TestPageTells(t *testing.T) {
	failing := func(id string, todo int, told string) *Student {
		s := &Student{ID: id, Name: id, Points: new(int), Max: 25}
		s.Steps = []Step{{Step: "01-setup", Verdict: Failed, Points: new(int), Max: 25, Findings: []report.Finding{{Test: told}},
			Failing: []Failing{{Check: "TestFirst", Todo: 1}, {Check: "TestSecond", Todo: todo}, {Check: "TestThird", Todo: 3}}}}
		return s
	}
	class := []*Student{failing("a", 1, "TestThird"), failing("b", 2, "TestSecond"), failing("c", 2, "TestSecond")}
	assert.Equal(t, []string{"TestFirst", "TestSecond"}, class[0].Steps[0].untold())
	var page strings.Builder
	require.NoError(t, writePage(&page, root(t), "2/7", func(yield func(*Student, error) bool) {
		for _, s := range class {
			if !yield(s, nil) {
				return
			}
		}
	}))
	assert.Contains(t, page.String(), "Part 2/7 of a class. 3 students.")
	assert.Contains(t, page.String(), "And these: TestFirst, TestSecond<")
	assert.Equal(t, 2, strings.Count(page.String(), "And these: TestFirst, TestThird<"))
	second := page.String()[strings.Index(page.String(), "TestSecond"):]
	assert.Less(t, strings.Index(second, "TODO 2"), strings.Index(second, "TODO 3"), "it is that of two of three")
	assert.Equal(t, 10, failed{Students: 2}.Percent(21))
}
