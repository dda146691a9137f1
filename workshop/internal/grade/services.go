package grade

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// Formats are those in which one student's result is written for a service that calls the grader for each.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// formats write a student's result; path is where the student's files are, and root the workshop's folder.
var formats = map[string]func(w io.Writer, s *Student, path, root string) error{
	"classroom50": writeClassroom50,
	"gradescope":  writeGradescope,
	"json":        func(w io.Writer, s *Student, _, _ string) error { return writeJSON(w, s) },
	"junit": func(w io.Writer, s *Student, _, root string) error {
		return writeJUnit(w, root, func(yield func(*Student, error) bool) { yield(s, nil) })
	},
}

// WriteFor writes a student's result to a file, in one of the formats. A result that is none, because the
// grader has failed, is not written: the service keeps what it has.
func WriteFor(format, file string, s *Student, path, root string) error {
	if err := CanWrite(format); err != nil {
		return err
	}
	if s.Points == nil {
		for _, step := range s.Steps {
			if step.Points == nil {
				return words.Errorf("%s could not be graded: %s", step.Step, step.Reason)
			}
		}
	}
	return write(file, func(w io.Writer) error { return formats[format](w, s, path, root) })
}

// writeJSON writes a value as JSON.
func writeJSON(w io.Writer, value any) error {
	to := json.NewEncoder(w)
	to.SetIndent("", "  ")
	return to.Encode(value)
}

// A classroom50Test is a test of Classroom 50: a step, since points are whole there, and none is negative.
type classroom50Test struct {
	Name     string `json:"test-name"`
	Passed   bool   `json:"passed"`
	Score    int    `json:"score"`
	MaxScore int    `json:"max-score"`
}

// classroom50Variables are those that Classroom 50 sets for its autograders, by the fields that they go into.
var classroom50Variables = map[string]string{
	"classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG", "commit": "COMMIT_URL", "release": "RELEASE_URL",
}

// CanWrite returns an error if a format lacks what it needs, which is known before anything is graded.
func CanWrite(format string) error {
	if format != "classroom50" {
		return nil
	}
	var missing []string
	for _, variable := range classroom50Variables {
		if os.Getenv(variable) == "" {
			missing = append(missing, variable)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return words.Errorf("these variables are not set, which Classroom 50 sets for its autograders: %s\nhint: this format is for an autograder.py of Classroom 50; for anything else, --format json", strings.Join(missing, ", "))
}

// writeClassroom50 writes result.json as Classroom 50's runner and its collector take it
// (foundation50/classroom50: validate_result in runner.py and collect_scores.py).
func writeClassroom50(w io.Writer, s *Student, path, _ string) error {
	result := map[string]any{
		"schema":          "classroom50/result/v1",
		"owner":           cmp.Or(os.Getenv("OWNER"), os.Getenv("USERNAME")),
		"assignment_type": cmp.Or(os.Getenv("ASSIGNMENT_TYPE"), "individual"),
		"review":          cmp.Or(os.Getenv("REVIEW_URL"), os.Getenv("COMMIT_URL")),
		"datetime":        submitted(path).UTC().Format("2006-01-02T15:04:05Z"),
		"score":           *s.Points,
		"max-score":       s.Max,
	}
	for field, variable := range classroom50Variables {
		result[field] = os.Getenv(variable)
	}
	tests := []classroom50Test{}
	for _, step := range s.Steps {
		tests = append(tests, classroom50Test{step.Step + ": " + step.Verdict.Text().String(), *step.Points == step.Max, *step.Points, step.Max})
	}
	result["tests"] = tests
	return writeJSON(w, result)
}

// submitted returns when a folder was handed in: when its last commit was made or, if there is none, now.
func submitted(path string) time.Time {
	printed, err := exec.Command("git", "-c", "safe.directory=*", "-C", path, "log", "-1", "--format=%ct").Output()
	seconds, wrong := strconv.ParseInt(strings.TrimSpace(string(printed)), 10, 64)
	if err != nil || wrong != nil {
		return time.Now()
	}
	return time.Unix(seconds, 0)
}

// A gradescopeTest is a test of Gradescope: a TODO.
type gradescopeTest struct {
	Score        int    `json:"score"`
	MaxScore     int    `json:"max_score"`
	Status       string `json:"status"`
	Name         string `json:"name"`
	NameFormat   string `json:"name_format"`
	Output       string `json:"output"`
	OutputFormat string `json:"output_format"`
	Visibility   string `json:"visibility"`
}

// writeGradescope writes results.json as Gradescope documents it
// (gradescope-autograders.readthedocs.io, specs). All of it is text, none of it markup.
func writeGradescope(w io.Writer, s *Student, _, root string) error {
	titles := titlesOf(root)
	tests := []gradescopeTest{}
	for _, step := range s.Steps {
		for _, todo := range step.Todos {
			test := gradescopeTest{Score: todo.Points, MaxScore: todo.Max, Status: "passed", Name: step.Step + ", " + titles.of(step.Step, todo.Number), NameFormat: "text", OutputFormat: "text", Visibility: "visible"}
			if todo.Why != "" {
				test.Status = "failed"
				test.Output = fmt.Sprintf("%s\n\n%s", step.whyNot(todo), step.findingOf(todo.Number))
			}
			tests = append(tests, test)
		}
		if step.Elsewhere > 0 {
			tests = append(tests, gradescopeTest{Status: "failed", Name: step.Step + ", " + elsewhere.String(), NameFormat: "text", Output: fmt.Sprintf("%s\n\n%s", step.elsewhere(), step.findingOf(0)), OutputFormat: "text", Visibility: "visible"})
		}
	}
	return writeJSON(w, map[string]any{
		"score":             *s.Points,
		"output":            s.Summary(),
		"output_format":     "text",
		"visibility":        "visible",
		"stdout_visibility": "hidden",
		"tests":             tests,
	})
}

// Summary says in few lines how many points a student has, and what to begin with.
func (s *Student) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", score(s.Points, s.Max))
	for _, step := range s.Steps {
		fmt.Fprintf(&b, "  %-18s %s, %s\n", step.Step, score(step.Points, step.Max), step.Verdict.Text())
	}
	for _, step := range s.Steps {
		if len(step.Findings) > 0 {
			first := step.Findings[0]
			fmt.Fprintf(&b, "\n%s %s, %s\n%s\n", words.Text("Begin with this one:"), step.Step, first.Test, shorten(printableLines(first.InFull(step.Step)), 1200))
			break
		}
		if step.Verdict != Passed && step.Reason != "" {
			fmt.Fprintf(&b, "\n%s: %s\n", step.Step, shorten(step.Reason, 1200))
			break
		}
	}
	return b.String()
}

// shorten cuts a text to this many bytes.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
