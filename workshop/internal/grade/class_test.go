package grade

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/points"
)

// finished returns the finished program of a step, by the names of its files in what is handed in.
func finished(t *testing.T, step string) map[string]string {
	t.Helper()
	from, err := source.In(filepath.Join(root(t), "solutions", step))
	require.NoError(t, err)
	files := map[string]string{}
	for _, name := range from.Files {
		text, err := os.ReadFile(filepath.Join(from.Dir, filepath.FromSlash(name)))
		require.NoError(t, err)
		files["steps/"+step+"/"+name] = string(text)
	}
	return files
}

// starter returns a step as it is at first.
func starter(step string) map[string]string {
	files := map[string]string{}
	for name, text := range course.Starter(step) {
		files["steps/"+step+"/"+name] = string(text)
	}
	return files
}

// changed returns files with a text in the place of another in one of them.
func changed(t *testing.T, files map[string]string, name, before, after string) map[string]string {
	t.Helper()
	files = maps.Clone(files)
	require.Contains(t, files[name], before)
	files[name] = strings.Replace(files[name], before, after, 1)
	return files
}

// all4 returns the files of all steps.
func all4(of func(step string) map[string]string) map[string]string {
	files := map[string]string{}
	for _, step := range course.Steps {
		maps.Copy(files, of(step))
	}
	return files
}

// TestGrade: a class, from what was handed in to the points: finished 100, starters 0, whoever refuses
// everybody 0; what is no program has its own verdict. What was judged is judged once, also by a run that
// comes after one that was ended; and both make the same tables.
func TestGrade(t *testing.T) {
	refuses := changed(t, starter("02-token-endpoint"), "steps/02-token-endpoint/token.go", "http.StatusNotImplemented", "http.StatusUnauthorized")
	maps.Copy(refuses, changed(t, starter("03-protected"), "steps/03-protected/protected.go", `c.AbortWithStatusJSON(http.StatusNotImplemented, gin.H{"msg": "jwtRequired is not finished"})`, `refuse(c, "no", "")`))
	maps.Copy(refuses, changed(t, starter("04-frontend"), "steps/04-frontend/web/app.js", `"getMyTasks is not finished"`, `"Missing or invalid token"`))
	windows := all4(starter)
	for name, text := range windows {
		windows[name] = "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n")
	}
	dir := writeTree(t, nil)
	for name, files := range map[string]map[string]string{
		"all":     all4(func(step string) map[string]string { return finished(t, step) }),
		"refuses": refuses,
		"starter": windows,
		"syntax":  changed(t, starter("01-setup"), "steps/01-setup/main.go", "package main", "package main\n\nfunc ("),
		"twin":    finished(t, "01-setup"),
	} {
		for file, text := range files {
			path := filepath.Join(dir, name, "jwt-main", filepath.FromSlash(file))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "zip.zip"), []byte("<html>"), 0o644))

	out := t.TempDir()
	kept := filepath.Join(out, "judged")
	require.NoError(t, os.Mkdir(kept, 0o755))
	handins, _, err := Find([]string{dir}, t.TempDir())
	require.NoError(t, err)
	g := &Grader{Workshop: run.Workshop{Root: root(t)}, Kept: kept, Weights: points.Usual(), Jobs: 2}
	require.NoError(t, g.Prepare(t.Context(), func(int, int) {}))

	ctx, cancel := context.WithCancel(t.Context())
	err = g.Grade(ctx, handins, func(int, *Student) { cancel() }) // ended when the first is there
	require.ErrorIs(t, err, context.Canceled)
	before, err := os.ReadDir(kept)
	require.NoError(t, err)

	grade := func() map[string]*Student {
		students := map[string]*Student{}
		class, err := NewClass(out, "", len(handins))
		require.NoError(t, err)
		defer class.Close()
		require.NoError(t, g.Grade(t.Context(), handins, func(i int, s *Student) {
			students[s.ID] = s
			require.NoError(t, class.Add(i, s))
		}))
		require.NoError(t, class.Write(root(t)))
		return students
	}
	tables := func() (texts []string) {
		for _, name := range []string{"results.json", "grades.csv", "junit.xml", "report.html"} {
			text, err := os.ReadFile(filepath.Join(out, name))
			require.NoError(t, err)
			texts = append(texts, string(text))
		}
		return texts
	}
	students := grade()
	first := tables()
	for _, entry := range before {
		assert.FileExists(t, filepath.Join(kept, entry.Name()))
	}
	for id, want := range map[string]struct {
		points   int
		verdicts []Verdict
	}{
		"all":     {100, []Verdict{Passed, Passed, Passed, Passed}},
		"refuses": {0, []Verdict{Missing, Failed, Failed, Failed}},
		"starter": {0, []Verdict{Unchanged, Unchanged, Unchanged, Unchanged}},
		"syntax":  {0, []Verdict{DoesNotCompile, Missing, Missing, Missing}},
		"twin":    {25, []Verdict{Passed, Missing, Missing, Missing}},
		"zip":     {0, []Verdict{Refused, Refused, Refused, Refused}},
	} {
		s := students[id]
		require.NotNil(t, s, id)
		var verdicts []Verdict
		for _, step := range s.Steps {
			verdicts = append(verdicts, step.Verdict)
		}
		assert.Equal(t, want.verdicts, verdicts, id)
		require.NotNil(t, s.Points, id)
		assert.Equal(t, want.points, *s.Points, id)
		assert.Equal(t, 100, s.Max, id)
	}
	judged, err := os.ReadDir(kept)
	require.NoError(t, err)
	assert.Len(t, judged, 4+3+1, "twins are judged once")
	assert.Contains(t, students["syntax"].Steps[0].Reason, "does not compile")
	assert.NotContains(t, students["syntax"].Steps[0].Reason, root(t))
	for id, s := range students {
		assert.Equal(t, id == "syntax" || id == "zip", s.Note != "", "%s: %s", id, s.Note)
	}
	assert.Contains(t, students["syntax"].Note, "steps/01-setup: main.go is not as it was given.")

	g.Workshop.Root = t.TempDir() // whoever judges again here fails
	g.prints = maps.Clone(g.prints)
	for id, s := range grade() {
		assert.Equal(t, students[id], s)
	}
	assert.Equal(t, first, tables(), "byte for byte")
}

// TestOwnError: an error of the grader's own is no 0, and what was judged before stays.
func TestOwnError(t *testing.T) {
	dir := writeTree(t, changed(t, starter("01-setup"), "steps/01-setup/jwt.go", "super-secret", "super-secret-2"))
	handins := []Handin{{ID: "eve", Name: "eve", Path: dir}}
	g := &Grader{Workshop: run.Workshop{Root: t.TempDir()}, Kept: t.TempDir(), Weights: points.Usual(), prints: map[string]string{"01-setup": "new"}}
	grade := func() (result *Student) {
		require.NoError(t, g.Grade(t.Context(), handins, func(_ int, s *Student) { result = s }))
		return result
	}
	s := grade()
	assert.Nil(t, s.Points)
	assert.Equal(t, OwnError, s.Steps[0].Verdict)
	assert.Nil(t, s.Steps[0].Points)
	assert.NotEmpty(t, s.Steps[0].Reason)
	left, err := os.ReadDir(g.Kept)
	require.NoError(t, err)
	assert.Empty(t, left, "it is tried again")

	key, err := print(filepath.Join(dir, "steps", "01-setup"))
	require.NoError(t, err)
	old := &report.Report{Submission: &report.Submission{Step: "01-setup", End: report.Passed, Checks: map[string]report.Result{"TestA": report.CheckPassed}}}
	require.NoError(t, old.Save(filepath.Join(g.Kept, key+"-old.json")))
	s = grade()
	assert.Equal(t, Passed, s.Steps[0].Verdict, "what other checks have said of the same files")
	assert.Equal(t, 25, *s.Points)
	file := filepath.Join(t.TempDir(), "result.json")
	broken := (&Student{ID: "eve"}).broken(g, errors.New("the disk is full"))
	assert.ErrorContains(t, WriteFor("json", file, broken, dir, root(t)), "the disk is full")
	assert.NoFileExists(t, file)
}

// TestVerdicts: each end of a judgement has its verdict, and only those of a program that was judged have
// points.
func TestVerdicts(t *testing.T) {
	g := &Grader{Weights: points.Usual()}
	checks := map[string]report.Result{"TestA": report.CheckPassed}
	for end, want := range map[report.End]Verdict{
		report.Passed: Passed, report.Failed: Failed, report.DoesNotCompile: DoesNotCompile, report.DoesNotStart: DoesNotStart,
		report.TimedOut: TimedOut, report.TooLarge: TooLarge, report.NoSuchStep: Missing, report.OwnError: OwnError, "another": OwnError,
	} {
		step := g.graded("01-setup", &report.Report{Submission: &report.Submission{End: end, Reason: "r", Checks: checks}, Findings: []report.Finding{{Test: "TestB"}}})
		assert.Equal(t, want, step.Verdict)
		assert.NotEmpty(t, step.Verdict.Text())
		assert.Equal(t, want == OwnError, step.Points == nil)
		if want == Passed || want == Failed {
			assert.Equal(t, 22, *step.Points, "nothing that fails looks at a TODO")
		} else if step.Points != nil {
			assert.Zero(t, *step.Points)
		}
	}
	stretch := &report.Report{Submission: &report.Submission{End: report.Failed, Checks: map[string]report.Result{"TestA": report.CheckPassed, "TestFineprint/x": report.CheckFailed}}, Asked: []string{"TestFineprint"},
		Findings: []report.Finding{{Test: "TestFineprint/x", Advice: report.Advice{Look: report.Place{File: "protected.go", Todo: 2}}}}}
	step := g.graded("03-protected", stretch)
	assert.Equal(t, Passed, step.Verdict, "stretch checks count for nothing")
	assert.Equal(t, 25, *step.Points)
	assert.Equal(t, map[string]bool{"TestFineprint/x": false}, step.Stretch)
	assert.Equal(t, 1, step.Checks)
	assert.Empty(t, step.Findings)
}

// TestServices: what a service reads, by what it documents.
func TestServices(t *testing.T) {
	class := made(7)
	var s *Student
	for _, one := range class {
		if one.Points != nil && slices.ContainsFunc(one.Steps, func(step Step) bool { return step.Verdict == Failed }) {
			s = one
		}
	}
	require.NotNil(t, s)
	assert.LessOrEqual(t, len(s.Summary()), 1800, "bytes: what Classroom 50 shows of the output")
	assert.Contains(t, s.Summary(), s.Score().String())
	assert.Contains(t, s.Summary(), "Begin with this one:")
	assert.Equal(t, []string{"classroom50", "gradescope", "json", "junit"}, Formats())
	wantGradescope(t, s)
	wantClassroom50(t, s)
}

// TestUnexplained: where a check fails and cannot say why, the step is not graded: what it would have said of any
// TODO, nobody knows, and whose fault it is neither.
func TestUnexplained(t *testing.T) {
	g := &Grader{Weights: points.Usual()}
	said := &report.Report{Submission: &report.Submission{End: report.Failed, Checks: map[string]report.Result{"TestLogin": report.CheckFailed, "TestPage": report.CheckPassed}}}
	result := g.graded("04-frontend", said)
	assert.Equal(t, OwnError, result.Verdict)
	assert.Nil(t, result.Points)
	assert.Contains(t, result.Reason, "TestLogin; have a look")
}

// TestPointsAsInTheCoach: a check in which time passes takes points only where the coach makes it, when all
// others pass.
func TestPointsAsInTheCoach(t *testing.T) {
	g := &Grader{Weights: points.Usual()}
	look := func(todo int) report.Advice {
		return report.Advice{Look: report.Place{File: "protected.go", Todo: todo}}
	}
	said := &report.Report{
		Submission: &report.Submission{End: report.Failed, Checks: map[string]report.Result{"TestHeader/basic": report.CheckFailed, "TestTimePasses/ends": report.CheckFailed}},
		Findings:   []report.Finding{{Test: "TestHeader/basic", Advice: look(1)}, {Test: "TestTimePasses/ends", Advice: look(2)}},
	}
	result := g.graded("03-protected", said)
	assert.Equal(t, []int{0, 6, 6, 6}, []int{result.Todos[0].Points, result.Todos[1].Points, result.Todos[2].Points, result.Todos[3].Points})
	assert.Len(t, result.Failing, 1, "as on the student's screen")
	said.Submission.Checks["TestHeader/basic"] = report.CheckPassed
	said.Findings = said.Findings[1:]
	assert.Zero(t, g.graded("03-protected", said).Todos[1].Points)
}
