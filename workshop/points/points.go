// Package points says what a step is worth, by what its checks say. Points follow the ✓ of the
// coach, so that the learner's own screen explains them.
package points

import (
	"encoding/json"
	"os"
	"slices"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/words"
)

// Weights are the points of each TODO of the steps, by the steps' names, in the order of the
// TODOs.
type Weights map[string][]int

// Each step is worth perStep points; failing checks that look at no TODO cost noTodo of them, once.
const (
	perStep = 25
	noTodo  = 3
)

// Usual returns the weights that hold unless somebody wants others: as even as whole numbers
// can be, the first TODOs having one more.
func Usual() Weights {
	w := Weights{}
	for _, step := range course.Steps {
		todos := len(course.Todos("", step))
		for i := range todos {
			share := perStep / todos
			if i < perStep%todos {
				share++
			}
			w[step] = append(w[step], share)
		}
	}
	return w
}

// Load reads weights from a file, a JSON object such as {"01-setup": [10, 5, 5, 5]}. A step that
// is not in it keeps its usual ones.
func Load(file string) (Weights, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, words.Errorf("cannot read %s: %w\nhint: --weights names a file with the points, as JSON", file, err)
	}
	w := Usual()
	named := Weights{}
	if err := json.Unmarshal(text, &named); err != nil {
		return nil, words.Errorf("cannot read %s: %w\nhint: it is a JSON object, such as {\"01-setup\": [10, 5, 5, 5]}: whole numbers, one for each TODO", file, err)
	}
	for step, points := range named {
		usual, known := w[step]
		switch {
		case !known:
			return nil, words.Errorf("%s: there is no step %s\nhint: the steps are %s", file, step, course.Steps)
		case len(points) != len(usual):
			return nil, words.Errorf("%s: %s has %d TODOs, and there are points for %d", file, step, len(usual), len(points))
		case slices.Min(points) < 0:
			return nil, words.Errorf("%s: points of %s are less than 0", file, step)
		}
		w[step] = points
	}
	for _, points := range w {
		if slices.Max(points) > 0 {
			return w, nil
		}
	}
	return nil, words.Errorf("%s: no step is worth anything", file)
}

// A Failure is a failing check, by its name as go test prints it, and the number of the TODO
// that it looks at, 0 for none.
type Failure struct {
	Check string
	Todo  int
}

// A Todo is what a TODO is worth.
type Todo struct {
	Number int `json:"number"`
	Points int `json:"points"`
	Max    int `json:"max"`
	Why    Why `json:"why,omitempty"` // it has no points
}

// A Why is the reason for which a TODO has no points.
type Why string

// The reasons.
const (
	Fails    Why = "a failing check looks at it"
	Behind   Why = "the main case fails before it"
	Unjudged Why = "a check of it was not made"
	NotRun   Why = "the program was not judged"
)

// mains are the checks of the main case, where the TODOs are a chain: a right login, a good token.
// While it fails, the TODOs behind the one that it looks at are not judged by anything, so that
// whoever refuses everybody has nothing for refusing. In step 1, the main case is that the program
// starts: else none of it is judged. In step 4, each function is a TODO of its own, and its success
// a check of that.
var mains = map[string]string{
	"02-token-endpoint": "TestPostToken/right_password",
	"03-protected":      "TestProtected/good_token",
}

// Of returns what the TODOs of a step are worth and what it has in all, by the checks that fail and
// by the TODOs that checks are about which were not made.
func Of(step string, weights []int, failures []Failure, unjudged []int) (todos []Todo, total int) {
	for i, most := range weights {
		todo := Todo{Number: i + 1, Max: most, Points: most}
		switch {
		case slices.ContainsFunc(failures, func(f Failure) bool { return f.Todo == todo.Number }):
			todo.Why = Fails
		case slices.ContainsFunc(failures, func(f Failure) bool { return f.Check == mains[step] && f.Todo != 0 && f.Todo < todo.Number }):
			todo.Why = Behind
		case slices.Contains(unjudged, todo.Number):
			todo.Why = Unjudged
		}
		if todo.Why != "" {
			todo.Points = 0
		}
		todos = append(todos, todo)
		total += todo.Points
	}
	if slices.ContainsFunc(failures, func(f Failure) bool { return f.Todo == 0 }) {
		total = max(0, total-noTodo)
	}
	return todos, total
}

// None returns what the TODOs of a step are worth whose program was not judged.
func None(weights []int) []Todo {
	var todos []Todo
	for i, most := range weights {
		todos = append(todos, Todo{Number: i + 1, Max: most, Why: NotRun})
	}
	return todos
}
