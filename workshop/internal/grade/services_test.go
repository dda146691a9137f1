package grade

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writtenFor returns what is written for a service, as JSON, with whole numbers only.
func writtenFor(t *testing.T, format string, s *Student) map[string]any {
	t.Helper()
	file := filepath.Join(t.TempDir(), "result.json")
	require.NoError(t, WriteFor(format, file, s, t.TempDir(), root(t)))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotRegexp(t, `: -?\d+\.\d`, string(text), "points are whole")
	var value map[string]any
	require.NoError(t, json.Unmarshal(text, &value))
	return value
}

// wantGradescope expects what gradescope-autograders.readthedocs.io/en/latest/specs documents of results.json.
func wantGradescope(t *testing.T, s *Student) {
	t.Helper()
	result := writtenFor(t, "gradescope", s)
	known := []string{"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"}
	formats := []any{"text", "html", "simple_format", "md", "ansi"}
	visibilities := []any{"hidden", "after_due_date", "after_published", "visible"}
	for field := range result {
		assert.Contains(t, known, field)
	}
	assert.Equal(t, float64(*s.Points), result["score"])
	assert.Contains(t, formats, result["output_format"])
	assert.Contains(t, visibilities, result["visibility"])
	assert.Contains(t, visibilities, result["stdout_visibility"])
	known = []string{"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility", "extra_data"}
	most := 0.0
	for _, test := range result["tests"].([]any) {
		test := test.(map[string]any)
		for field := range test {
			assert.Contains(t, known, field)
		}
		assert.Contains(t, []any{"passed", "failed"}, test["status"])
		assert.Equal(t, test["score"] == test["max_score"] && test["max_score"] != 0.0, test["status"] == "passed")
		assert.Contains(t, formats, test["output_format"])
		assert.Contains(t, formats, test["name_format"])
		assert.Contains(t, visibilities, test["visibility"])
		most += test["max_score"].(float64)
	}
	assert.Equal(t, float64(s.Max), most)
}

// wantClassroom50 expects what validate_result of foundation50/classroom50 demands of result.json, in runner.py and
// in collect_scores.py.
func wantClassroom50(t *testing.T, s *Student) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "result.json")
	assert.ErrorContains(t, WriteFor("classroom50", file, s, t.TempDir(), root(t)), "these variables are not set, which Classroom 50 sets for its autograders: ASSIGNMENT, CLASSROOM, COMMIT_URL, RELEASE_URL, SUBMISSION_TAG")
	assert.NoFileExists(t, file)
	for name, value := range map[string]string{
		"CLASSROOM": "jwt", "ASSIGNMENT": "workshop", "SUBMISSION_TAG": "submit/2026-11-27T10-00-00Z-a1b2c3d", "OWNER": "alice", "ASSIGNMENT_TYPE": "group",
		"COMMIT_URL": "https://github.com/x/y/commit/1", "RELEASE_URL": "https://github.com/x/y/releases/tag/submit%2F1", "REVIEW_URL": "",
	} {
		t.Setenv(name, value)
	}
	result := writtenFor(t, "classroom50", s)
	assert.Equal(t, "classroom50/result/v1", result["schema"])
	assert.Equal(t, "jwt", result["classroom"])
	assert.Equal(t, "workshop", result["assignment"])
	assert.Equal(t, "alice", result["owner"])
	assert.Equal(t, "group", result["assignment_type"])
	assert.Regexp(t, "^submit/", result["submission"])
	for _, field := range []string{"commit", "release", "review", "datetime"} {
		assert.NotEmpty(t, result[field], field)
	}
	assert.Regexp(t, regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`), result["datetime"])
	score, most := result["score"].(float64), result["max-score"].(float64)
	assert.Equal(t, float64(*s.Points), score)
	assert.Equal(t, float64(s.Max), most)
	sum, mostSum := 0.0, 0.0
	names := []string{}
	for _, test := range result["tests"].([]any) {
		test := test.(map[string]any)
		name := test["test-name"].(string)
		assert.NotEmpty(t, name)
		assert.False(t, slices.Contains(names, name))
		names = append(names, name)
		one, of := test["score"].(float64), test["max-score"].(float64)
		assert.LessOrEqual(t, one, of)
		assert.GreaterOrEqual(t, one, 0.0)
		assert.Equal(t, one == of, test["passed"].(bool))
		sum, mostSum = sum+one, mostSum+of
	}
	assert.Equal(t, []float64{score, most}, []float64{sum, mostSum})
}
