package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// file returns the path of a program or of checks that were built.
func (w Workshop) file(name string) string {
	return filepath.Join(w.Root, folder.Kept, "build", name+".exe") // Windows wants the .exe
}

// ChecksFile returns the file of the checks of a step, when Prepare has compiled them.
func (w Workshop) ChecksFile(step string) string {
	if w.Optimized {
		return w.file("optimized-checks-" + step)
	}
	return w.file("checks-" + step)
}

// goCommand returns the command go verb, of build or test, for this workshop.
func (w Workshop) goCommand(ctx context.Context, verb string, args ...string) *exec.Cmd {
	if w.Optimized {
		return gobuild.Optimized(ctx, w.Root, verb, args...)
	}
	return gobuild.Command(ctx, w.Root, verb, args...)
}

// Prepare compiles what the checks of a step need, and tells how many packages of all
// are compiled: on a new computer, that takes a minute.
func (w Workshop) Prepare(ctx context.Context, step string, progress func(done, all int)) error {
	overlay, err := w.writeOverlay(step)
	if err != nil {
		return err
	}
	dir, err := folder.Temporary() // for Go's own files: it goes, even if Go is stopped
	if err != nil {
		return err
	}
	defer folder.RemoveAll(dir)
	checks := w.ChecksFile(step)
	if _, err := os.Stat(checks); err != nil {
		if err := w.compile(ctx, step, overlay, dir, progress); err != nil {
			return err
		}
	}
	cmd := w.goCommand(ctx, "test", "-c", "-overlay", overlay, "-o", checks, "./steps/"+step)
	cmd.Env = append(cmd.Env, "GOTMPDIR="+dir)
	_, err = output(ctx, cmd)
	return err
}

// compile compiles the packages that the checks of a step need, with Go's own files in dir.
func (w Workshop) compile(ctx context.Context, step, overlay, dir string, progress func(done, all int)) error {
	args := slices.Concat([]string{"list", "-deps", "-test", "-overlay", overlay}, gobuild.Tags, []string{"-f", "{{if not .ForTest}}{{.ImportPath}}{{end}}", "./steps/" + step})
	list, err := output(ctx, gobuild.Plain(ctx, w.Root, args...))
	if err != nil {
		return err
	}
	var packages []string
	for _, name := range strings.Fields(list) {
		if !strings.HasSuffix(name, ".test") && !strings.HasPrefix(name, "vendor/") && !strings.Contains(name, "/internal/") && !strings.HasPrefix(name, "internal/") && name != "unsafe" {
			packages = append(packages, name)
		}
	}
	all := len(strings.Fields(list))
	progress(0, all)
	args = append([]string{"-v", "-overlay", overlay}, packages...)
	told := &counter{compiled: func(done int) { progress(done, all) }}
	cmd := w.goCommand(ctx, "build", args...)
	cmd.Env = append(cmd.Env, "GOTMPDIR="+dir)
	cmd.Stderr = told
	if err := tree.Run(ctx, cmd); err != nil {
		return explain(err, told.rest.String())
	}
	return nil
}

// Source returns what the program of a step is made of.
func (w Workshop) Source(step string) (*source.Source, error) {
	if _, err := os.Stat(filepath.Join(w.Root, "steps", step, "go.mod")); err == nil {
		return nil, words.Errorf("there is a go.mod in steps/%s, and so Go takes the step for another module\nhint: delete that go.mod", step)
	}
	if err := folder.Gone(w.Root); err != nil {
		return nil, err
	}
	from, err := source.In(filepath.Join(w.Root, "steps", step))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, words.Errorf("there is no folder steps/%s\nhint: put it back, or take it from a fresh copy of the workshop", step)
	}
	if err != nil {
		return nil, err
	}
	for _, name := range from.LeftOut {
		base := path.Base(name)
		if path.Ext(base) != ".go" || base[0] == '.' || base[0] == '_' { // Go does not ask for those
			continue
		}
		if info, err := os.Stat(filepath.Join(from.Dir, filepath.FromSlash(name))); err != nil || !info.Mode().IsRegular() {
			return nil, words.Errorf("steps/%s/%s is no file that Go can read, but a link that leads nowhere, a pipe or the like\nhint: delete it, or move it elsewhere", step, name)
		}
	}
	return from, nil
}

// buildProgram builds the program of a step into a file, and returns what Go prints.
func (w Workshop) buildProgram(ctx context.Context, step, file string) ([]byte, error) {
	from, err := w.Source(step)
	if err == nil {
		err = from.Unfit()
	}
	if err != nil {
		return nil, err
	}
	return w.goBuild(ctx, file, "./steps/"+step)
}

// goBuild builds a program into a file, and returns what Go prints.
func (w Workshop) goBuild(ctx context.Context, file string, args ...string) ([]byte, error) {
	cmd := w.goCommand(ctx, "build", append([]string{"-o", file}, args...)...)
	cmd.Env = append(cmd.Env, "GOTMPDIR="+filepath.Dir(file)) // which goes, even if Go is stopped
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	err := tree.Run(ctx, cmd)
	if err == nil {
		err = folder.Startable(file)
	}
	return printed.Bytes(), err
}

// output returns what a go command prints.
func output(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var printed, failed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &failed
	if err := tree.Run(ctx, cmd); err != nil {
		return "", explain(err, failed.String())
	}
	return printed.String(), nil
}

// A counter reads what go build -v prints, and counts the packages that it names.
type counter struct {
	compiled func(done int)
	done     int
	rest     strings.Builder // lines that name none
	line     string          // the beginning of one
}

// Write takes in a piece of what go build -v prints.
func (c *counter) Write(p []byte) (int, error) {
	lines := strings.Split(c.line+string(p), "\n")
	c.line = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		if strings.ContainsAny(line, " :") {
			fmt.Fprintln(&c.rest, line)
			continue
		}
		c.done++
		c.compiled(c.done)
	}
	return len(p), nil
}

// explain returns an error of the go command with what it printed and, if it is known, the
// way out.
func explain(err error, printed string) error {
	if trouble := gobuild.Trouble(err, printed); trouble != nil {
		return trouble
	}
	return fmt.Errorf("%w\n%s", err, strings.TrimSpace(printed))
}

// writeOverlay writes the file for -overlay that puts the starter of a step in the
// place of the learner's code: the checks are compiled with that, so that they are
// there whatever the learner's code is like, and without tests of the learner's own.
func (w Workshop) writeOverlay(step string) (string, error) {
	dir := filepath.Join(w.Root, folder.Kept, "build", "starter-"+step)
	from, err := w.Source(step)
	if err != nil {
		return "", err
	}
	in := filepath.Join(w.Root, "steps", step) // as Go sees it, even if it is a link
	replace := map[string]string{}
	for _, name := range from.Files {
		replace[filepath.Join(in, filepath.FromSlash(name))] = ""
	}
	ours := course.Tests(step)
	for _, name := range from.Tests {
		if !slices.Contains(ours, name) {
			replace[filepath.Join(in, filepath.FromSlash(name))] = ""
		}
	}
	for _, name := range ours {
		if !slices.Contains(from.Tests, name) {
			return "", words.Errorf("steps/%s/%s is missing, a part of the checks\nhint: take it from a fresh copy of the workshop", step, name)
		}
	}
	for name, text := range course.Starter(step) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := writeIfNew(file, text); err != nil {
			return "", err
		}
		replace[filepath.Join(in, filepath.FromSlash(name))] = file
	}
	return writeReplaced(dir, replace)
}

// writeReplaced writes the file for -overlay that puts files in the place of others, into a
// folder.
func writeReplaced(dir string, replace map[string]string) (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, writeIfNew(overlay, text)
}

// writeIfNew writes a file unless it has that text already.
func writeIfNew(file string, text []byte) error {
	if before, err := os.ReadFile(file); err == nil && bytes.Equal(before, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
