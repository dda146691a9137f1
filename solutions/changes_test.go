package solutions

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/stretchr/testify/require"
)

// A change makes another program of a finished one: a wrong one, of mistakes/, or
// one that differs and is right, of variants/. It is a unified diff with a header:
//
//	What is different, in the words of who wrote it.
//
//	Caught by: TestPostToken/right_password, TestPostToken/another_user
//	Look: token.go, TODO 3
//	Why: clients read these two fields, and a user_id that is a number
//	Opens: `key is of invalid type`
//
//	diff --git a/solutions/02-token-endpoint/token.go b/solutions/02-token-endpoint/token.go
//
// Checks that say the same share a paragraph; a variant has none. Opens is there if an error
// message is shown of which hints.md has a section: its heading.
type change struct {
	name    string // of its file, without .diff, such as mistakes/02-token-endpoint/no-return
	step    string
	says    string
	catches []catch
	files   []*gitdiff.File
}

// A catch is what checks say of a mistake: where to look, why, and what hints.md explains.
type catch struct {
	checks []string
	finding
}

// readChanges reads the diffs of mistakes/ or variants/, in the order of their names.
func readChanges(t testing.TB, kind string) []change {
	t.Helper()
	names, err := fs.Glob(os.DirFS("."), kind+"/*/*.diff")
	require.NoError(t, err)
	var changes []change
	for _, name := range names {
		c, err := readChange(name)
		require.NoError(t, err, name)
		changes = append(changes, c)
	}
	return changes
}

// readChange reads one diff.
func readChange(file string) (change, error) {
	text, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		return change{}, err
	}
	c := change{name: strings.TrimSuffix(file, ".diff"), step: path.Base(path.Dir(file))}
	var header string
	c.files, header, err = gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		return c, err
	}
	if len(c.files) == 0 {
		return c, fmt.Errorf("no diff in it")
	}
	c.says, c.catches, err = readHeader(header)
	return c, err
}

// headerLine is a line of a header that is not what it says.
var headerLine = regexp.MustCompile(`^(Caught by|Look|Why|Opens): (.*)$`)

// readHeader takes the text above a diff apart.
func readHeader(text string) (says string, catches []catch, err error) {
	says, rest, _ := strings.Cut(strings.TrimSpace(text), "\n\nCaught by: ")
	if says == "" {
		return "", nil, fmt.Errorf("it does not say what is different")
	}
	if rest == "" {
		return says, nil, nil
	}
	for line := range strings.SplitSeq("Caught by: "+rest, "\n") {
		m := headerLine.FindStringSubmatch(line)
		switch {
		case line == "":
		case m == nil:
			return "", nil, fmt.Errorf("a line that is none of Caught by, Look, Why and Opens: %s", line)
		case m[1] == "Caught by":
			catches = append(catches, catch{checks: strings.Split(m[2], ", ")})
		case m[1] == "Look":
			catches[len(catches)-1].Look = m[2]
		case m[1] == "Why":
			catches[len(catches)-1].Why = m[2]
		case m[1] == "Opens":
			catches[len(catches)-1].Opens = m[2]
		}
	}
	return says, catches, nil
}

// writeHeader does the opposite of readHeader to the file of a change; checks that
// say the same come to share a paragraph.
func (c change) writeHeader(catches []catch) error {
	file := filepath.FromSlash(c.name + ".diff")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintln(&b, c.says)
	for i, c := range catches {
		if slices.ContainsFunc(catches[:i], func(earlier catch) bool { return earlier.finding == c.finding }) {
			continue
		}
		for _, later := range catches[i+1:] {
			if later.finding == c.finding {
				c.checks = append(c.checks, later.checks...)
			}
		}
		fmt.Fprintf(&b, "\nCaught by: %s\nLook: %s\nWhy: %s\n", strings.Join(c.checks, ", "), c.Look, c.Why)
		if c.Opens != "" {
			fmt.Fprintf(&b, "Opens: %s\n", c.Opens)
		}
	}
	diff := text[bytes.Index(text, []byte("\ndiff --git "))+1:]
	return os.WriteFile(file, fmt.Appendf(nil, "%s\n%s", b.String(), diff), 0o644)
}

// apply returns the files of the changed program by their names.
func (c change) apply(t testing.TB) (map[string][]byte, error) {
	files := maps.Clone(finished(t, c.step))
	folder := "solutions/" + c.step + "/"
	for _, f := range c.files {
		path := cmp.Or(f.OldName, f.NewName) // a new file has no old name
		name, inside := strings.CutPrefix(path, folder)
		before, there := files[name]
		switch {
		case !inside:
			return nil, fmt.Errorf("%s is not in %s", path, folder)
		case there == f.IsNew:
			return nil, fmt.Errorf("%s is new in the diff and there already, or the other way round", path)
		}
		var after bytes.Buffer
		if err := gitdiff.Apply(&after, bytes.NewReader(before), f); err != nil {
			return nil, fmt.Errorf("it does not apply to %s any more: %w", path, err)
		}
		files[name] = after.Bytes()
		if f.IsDelete {
			delete(files, name)
		}
	}
	return files, nil
}

// named returns the checks that a mistake names.
func (c change) named() []string {
	var names []string
	for _, catch := range c.catches {
		names = append(names, catch.checks...)
	}
	return slices.Sorted(slices.Values(names))
}
