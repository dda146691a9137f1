package points

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
)

// TestUsual: every step is worth 25 points, as even as whole numbers can be.
func TestUsual(t *testing.T) {
	w := Usual()
	for _, step := range course.Steps {
		sum := 0
		for _, points := range w[step] {
			sum += points
		}
		assert.Equal(t, 25, sum, step)
	}
	assert.Equal(t, []int{7, 6, 6, 6}, w["02-token-endpoint"])
	assert.Equal(t, []int{9, 8, 8}, w["04-frontend"])
}

// TestOf: what a TODO has, and why it has nothing.
func TestOf(t *testing.T) {
	all := []int{7, 6, 6, 6}
	for name, tc := range map[string]struct {
		step     string
		failures []Failure
		unjudged []int
		why      []Why
		total    int
	}{
		"nothing fails":                     {"02-token-endpoint", nil, nil, []Why{"", "", "", ""}, 25},
		"two fail, of one TODO":             {"02-token-endpoint", []Failure{{"TestA", 2}, {"TestB/x", 2}}, nil, []Why{"", Fails, "", ""}, 19},
		"no TODO":                           {"02-token-endpoint", []Failure{{"TestA", 0}, {"TestB", 0}}, nil, []Why{"", "", "", ""}, 22},
		"no TODO, and none left":            {"03-protected", []Failure{{"TestA", 0}, {"TestA", 1}, {"TestProtected/good_token", 1}}, nil, []Why{Fails, Behind, Behind, Behind}, 0},
		"the main case, at its second TODO": {"02-token-endpoint", []Failure{{"TestPostToken/right_password", 2}}, nil, []Why{"", Fails, Behind, Behind}, 7},
		"the main case of another step":     {"03-protected", []Failure{{"TestPostToken/right_password", 2}}, nil, []Why{"", Fails, "", ""}, 19},
		"the main case looks at no TODO":    {"03-protected", []Failure{{"TestProtected/good_token", 0}}, nil, []Why{"", "", "", ""}, 22},
		"not judged":                        {"02-token-endpoint", []Failure{{"TestA", 1}}, []int{1, 3}, []Why{Fails, "", Unjudged, ""}, 12},
	} {
		todos, total := Of(tc.step, all, tc.failures, tc.unjudged)
		var why []Why
		for _, todo := range todos {
			why = append(why, todo.Why)
		}
		assert.Equal(t, tc.why, why, name)
		assert.Equal(t, tc.total, total, name)
	}
	assert.Equal(t, []Todo{{1, 0, 9, NotRun}, {2, 0, 8, NotRun}}, None([]int{9, 8}))
}

// TestLoad: weights of somebody's own, and what is wrong with them.
func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weights.json")
	load := func(text string) (Weights, error) {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return Load(file)
	}
	w, err := load(`{"01-setup": [10, 5, 5, 5], "04-frontend": [0, 0, 0]}`)
	require.NoError(t, err)
	assert.Equal(t, []int{10, 5, 5, 5}, w["01-setup"])
	assert.Equal(t, []int{7, 6, 6, 6}, w["03-protected"], "as usual")
	for text, says := range map[string]string{
		`{"5": [1]}`:                   "there is no step 5",
		`{"01-setup": [1, 2]}`:         "01-setup has 4 TODOs, and there are points for 2",
		`{"01-setup": [1, 2, 3, -1]}`:  "less than 0",
		`{"01-setup": [1, 2, 3, 0.5]}`: "hint: it is a JSON object",
		`01-setup: 7`:                  "hint: it is a JSON object",
		`{"01-setup": [0,0,0,0], "02-token-endpoint": [0,0,0,0], "03-protected": [0,0,0,0], "04-frontend": [0,0,0]}`: "no step is worth anything",
	} {
		_, err := load(text)
		assert.ErrorContains(t, err, says, text)
	}
}
