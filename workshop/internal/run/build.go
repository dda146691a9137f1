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
	"strings"
	"time"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/words"
)

// buildFlags are those with which programs and checks are built: not optimized, which
// takes half the time on an empty build cache, but for bcrypt, which is slow enough.
var buildFlags = []string{"-tags", "nomsgpack", "-buildvcs=false", "-ldflags", "-s -w",
	"-gcflags", "all=-N -l", "-gcflags", "golang.org/x/crypto/...="}

// file returns the path of a program or of checks that were built.
func (w Workshop) file(name string) string {
	return filepath.Join(w.Root, folder.Kept, "build", name+".exe") // Windows wants the .exe
}

// goCommand returns a command of Go's in the workshop's folder.
func (w Workshop) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = w.Root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.WaitDelay = time.Second
	return cmd
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
	args := append([]string{"test", "-c", "-vet=off", "-overlay", overlay, "-o", checks}, buildFlags...)
	_, err = w.output(ctx, append(args, "./steps/"+step)...)
	return err
}

// compile compiles the packages that the checks of a step need.
func (w Workshop) compile(ctx context.Context, step, overlay string, progress func(done, all int)) error {
	args := append([]string{"list", "-deps", "-test", "-overlay", overlay}, buildFlags[:2]...)
	list, err := w.output(ctx, append(args, "-f", "{{if not .ForTest}}{{.ImportPath}}{{end}}", "./steps/"+step)...)
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
	args = append([]string{"build", "-v", "-overlay", overlay}, buildFlags...)
	return w.build(ctx, append(args, packages...), func(done int) { progress(done, all) })
}

// output returns what a command of Go's prints.
func (w Workshop) output(ctx context.Context, args ...string) (string, error) {
	var printed bytes.Buffer
	cmd := w.goCommand(ctx, args...)
	cmd.Stderr = &printed
	text, err := cmd.Output()
	if err != nil {
		return "", explain(err, printed.String())
	}
	return string(text), nil
}

// build runs go build -v, and counts the packages that it names.
func (w Workshop) build(ctx context.Context, args []string, compiled func(done int)) error {
	cmd := w.goCommand(ctx, args...)
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
		return words.ErrNoGo
	case strings.Contains(printed, "no space left on device") || strings.Contains(printed, "not enough space"):
		return words.Problemf("the disk is full\nhint: make room (go clean -cache frees what Go has compiled), and start again\n%s", printed)
	case noNetwork.MatchString(printed):
		return words.Problemf("a library cannot be downloaded\nhint: connect to the internet once, and type: go mod download\n%s", printed)
	}
	return fmt.Errorf("%w\n%s", err, printed)
}

// noNetwork is what the go command says when it cannot download a module.
var noNetwork = regexp.MustCompile(`dial tcp|no such host|module lookup disabled|cannot query module|TLS handshake|proxyconnect|i/o timeout`)

// writeOverlay writes the file for -overlay that puts the starter of a step in the
// place of the learner's code: the checks are compiled with that, so that they are
// there whatever the learner's code is like.
func (w Workshop) writeOverlay(step string) (string, error) {
	dir := filepath.Join(w.Root, folder.Kept, "build", "starter-"+step)
	replace := map[string]string{}
	for _, pattern := range []string{"*.go", "web/*"} {
		names, err := filepath.Glob(filepath.Join(w.Root, "steps", step, filepath.FromSlash(pattern)))
		if err != nil {
			return "", err
		}
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") {
				replace[name] = ""
			}
		}
	}
	for name, text := range course.Starter(step) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := writeIfNew(file, text); err != nil {
			return "", err
		}
		replace[filepath.Join(w.Root, "steps", step, filepath.FromSlash(name))] = file
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
