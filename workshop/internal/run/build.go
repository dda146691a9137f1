package run

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/words"
)

// file returns the path of a program or of checks that were built.
func (w Workshop) file(name string) string {
	return filepath.Join(w.Root, folder.Kept, "build", name+".exe") // Windows wants the .exe
}

// Prepare compiles what the checks of a step need, and tells how many packages of all
// are compiled: on a new computer, that takes a minute.
func (w Workshop) Prepare(ctx context.Context, step string, progress func(done, all int)) error {
	overlay, err := w.writeOverlay(step)
	if err != nil {
		return err
	}
	checks := w.file("checks-" + step)
	if _, err := os.Stat(checks); err != nil {
		if err := w.compile(ctx, step, overlay, progress); err != nil {
			return err
		}
	}
	_, err = output(gobuild.Command(ctx, w.Root, "test", "-c", "-overlay", overlay, "-o", checks, "./steps/"+step))
	return err
}

// compile compiles the packages that the checks of a step need.
func (w Workshop) compile(ctx context.Context, step, overlay string, progress func(done, all int)) error {
	args := slices.Concat([]string{"list", "-deps", "-test", "-overlay", overlay}, gobuild.Tags, []string{"-f", "{{if not .ForTest}}{{.ImportPath}}{{end}}", "./steps/" + step})
	list, err := output(gobuild.Plain(ctx, w.Root, args...))
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
	return build(gobuild.Command(ctx, w.Root, "build", args...), func(done int) { progress(done, all) })
}

// buildProgram builds the program of a step into a file, and returns what Go prints.
func (w Workshop) buildProgram(ctx context.Context, step, file string) ([]byte, error) {
	from, err := source.In(filepath.Join(w.Root, "steps", step))
	if err == nil {
		err = from.Unfit()
	}
	if err != nil {
		return nil, err
	}
	cmd := gobuild.Command(ctx, w.Root, "build", "-o", file, "./steps/"+step)
	cmd.WaitDelay = waitDelay
	return cmd.CombinedOutput()
}

// output returns what a go command prints.
func output(cmd *exec.Cmd) (string, error) {
	var printed bytes.Buffer
	cmd.Stderr = &printed
	cmd.WaitDelay = waitDelay
	text, err := cmd.Output()
	if err != nil {
		return "", explain(err, printed.String())
	}
	return string(text), nil
}

// waitDelay is how long a go command that was ended may take to let go of its output.
const waitDelay = time.Second

// build runs go build -v, and counts the packages that it names.
func build(cmd *exec.Cmd, compiled func(done int)) error {
	cmd.WaitDelay = waitDelay
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return explain(err, "")
	}
	var printed strings.Builder
	done := 0
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.ContainsAny(lines.Text(), " :") {
			fmt.Fprintln(&printed, lines.Text())
			continue
		}
		done++
		compiled(done)
	}
	if err := cmd.Wait(); err != nil {
		return explain(err, printed.String())
	}
	return nil
}

// explain returns an error of the go command with what it printed and the way out.
func explain(err error, printed string) error {
	printed = strings.TrimSpace(printed)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return gobuild.ErrNoGo
	case strings.Contains(printed, "no space left on device") || strings.Contains(printed, "not enough space"):
		return words.Errorf("the disk is full\nhint: make room (go clean -cache frees what Go has compiled), and start again\n%s", printed)
	case noNetwork.MatchString(printed):
		return words.Errorf("a library cannot be downloaded\nhint: connect to the internet once, and type: go mod download\n%s", printed)
	}
	return fmt.Errorf("%w\n%s", err, printed)
}

// noNetwork is what the go command says when it cannot download a module.
var noNetwork = regexp.MustCompile(`dial tcp|no such host|module lookup disabled|cannot query module|TLS handshake|proxyconnect|i/o timeout`)

// writeOverlay writes the file for -overlay that puts the starter of a step in the
// place of the learner's code: the checks are compiled with that, so that they are
// there whatever the learner's code is like, and without tests of the learner's own.
func (w Workshop) writeOverlay(step string) (string, error) {
	dir := filepath.Join(w.Root, folder.Kept, "build", "starter-"+step)
	from, err := source.In(filepath.Join(w.Root, "steps", step))
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for _, name := range from.Files {
		replace[filepath.Join(from.Dir, filepath.FromSlash(name))] = ""
	}
	ours := course.Tests(step)
	for _, name := range from.Tests {
		if !slices.Contains(ours, name) {
			replace[filepath.Join(from.Dir, filepath.FromSlash(name))] = ""
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
		replace[filepath.Join(from.Dir, filepath.FromSlash(name))] = file
	}
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
