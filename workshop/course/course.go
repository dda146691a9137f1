// Package course knows the workshop's steps: their TODOs, hints and lessons, and the
// original text of the files that a learner edits.
package course

import (
	_ "embed"
	"path"
	"strings"

	"golang.org/x/tools/txtar"

	"jwtworkshop/workshop/internal/words"
)

// Steps are the names of the steps' folders, in the order in which they are done.
var Steps = []string{"01-setup", "02-token-endpoint", "03-protected", "04-frontend"}

// starters holds every file of every step that a learner may change, so that a
// step can be put back without version control. The test of this package keeps
// it current: go test ./workshop/course -update
//
//go:embed starters.txtar
var starters []byte

// Tests returns the names of the workshop's own tests of a step, in the step's folder: the
// archive's comment lists them. Others are the learner's.
func Tests(step string) []string {
	var names []string
	for line := range strings.Lines(string(txtar.Parse(starters).Comment)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), path.Join("steps", step)+"/"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Starter returns the original files of a step by their names in the step's
// folder, with '/' between the parts of a name.
func Starter(step string) map[string][]byte {
	files := map[string][]byte{}
	for _, f := range txtar.Parse(starters).Files {
		if name, ok := strings.CutPrefix(f.Name, path.Join("steps", step)+"/"); ok {
			files[name] = f.Data
		}
	}
	return files
}

// Find returns the name of the step that somebody means with 2, 02, token or steps/02-token-endpoint,
// and "" for "".
func Find(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	short := strings.TrimLeft(strings.Trim(path.Base(strings.ReplaceAll(name, `\`, "/")), "/"), "0")
	for _, step := range Steps {
		if short != "" && (strings.HasPrefix(strings.TrimLeft(step, "0"), short) || strings.Contains(step, "-"+short)) {
			return step, nil
		}
	}
	return "", words.Errorf("there is no step %s\nhint: the steps are %s", name, strings.Join(Steps, ", "))
}

// Rule returns what a step's lesson says of a rule, in the words of the task that it marks, without its
// Markdown, and "" of one that it does not mark.
func Rule(root, step, rule string) string {
	text, err := Lesson(root, step)
	end := strings.Index(text, "<!-- "+rule+" -->")
	if err != nil || end < 0 {
		return ""
	}
	text = text[:end]
	for _, before := range []string{"-->", "\n\n", "\n- "} {
		if at := strings.LastIndex(text, before); at >= 0 {
			text = text[at+len(before):]
		}
	}
	return strings.NewReplacer("**", "", "`", "").Replace(strings.TrimPrefix(strings.Join(strings.Fields(text), " "), "- "))
}
