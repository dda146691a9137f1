package check

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/words"
)

// Limits on a submission, far above what any step needs.
const (
	buildLimit         = 10 * time.Minute // the first build compiles SQLite, too
	maxSubmissionFile  = 1 << 20          // bytes
	maxSubmissionFiles = 200
)

// buildSubmission builds the step in folder, a copy of the workshop, and
// returns the program's file. Only the step's own Go files and what its web
// folder serves are taken from there; go.mod and the packages beside the steps
// are this checkout's. Nothing in the submission is run but the program, and
// nothing can change what is built: no C, no assembly, no go.mod, no go.work, no
// vendor folder, no symbolic link, no version control.
func buildSubmission(folder string) (string, error) {
	step := stepName()
	from := filepath.Join(folder, "steps", step)
	for _, part := range []string{filepath.Dir(from), from} {
		if info, err := os.Lstat(part); err != nil || !info.IsDir() {
			return "", words.Errorf("%s has no folder steps/%s\nhint: -submission wants the folder that holds a student's steps/, as folders and not as links", folder, step)
		}
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", words.Errorf("-submission needs the go command, and there is none in the PATH\nhint: install Go from https://go.dev/dl/")
	}
	dir := filepath.Join(workspace, "submission")
	if err := copySubmission(from, filepath.Join(dir, "steps", step)); err != nil {
		return "", words.Errorf("cannot take steps/%s from %s: %w", step, folder, err)
	}
	if err := copyOwn(dir); err != nil {
		return "", words.Errorf("cannot build the submission: %w", err)
	}

	program := filepath.Join(workspace, "submission.exe") // Windows wants the .exe
	ctx, cancel := context.WithTimeout(context.Background(), buildLimit)
	defer cancel()
	cmd := gobuild.Command(ctx, dir, "build", "-mod=readonly", "-o", program, "./steps/"+step)
	cmd.Env = append(cmd.Env, "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "PWD="+dir)
	printed, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", words.Errorf("the submission's steps/%s did not compile within %v", step, buildLimit)
	}
	if err != nil {
		text := strings.ReplaceAll(string(printed), dir+string(filepath.Separator), "")
		return "", words.Errorf("the submission's steps/%s does not compile; go build says:%s", step, markLines(firstLines(text, 20)))
	}
	return program, nil
}

// copySubmission copies the files that a step may consist of from one folder to
// another: Go files but for tests, and under web/ what a page is made of.
func copySubmission(from, to string) error {
	files := 0
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name == "vendor" || strings.HasPrefix(entry.Name(), ".") && name != "." {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		if !entry.Type().IsRegular() || !wanted(filepath.ToSlash(name)) {
			return nil
		}
		if files++; files > maxSubmissionFiles {
			return words.Errorf("more than %d files", maxSubmissionFiles)
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

// wanted says whether a file of a submission, by its name in the step's folder,
// is part of the program.
func wanted(name string) bool {
	if strings.HasSuffix(name, ".go") {
		return !strings.HasSuffix(name, "_test.go")
	}
	switch filepath.Ext(name) {
	case ".html", ".css", ".js", ".svg", ".png", ".ico":
		return strings.HasPrefix(name, "web/")
	}
	return false
}

// copyOwn copies what every step is built with from this checkout.
func copyOwn(to string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	names := []string{"go.mod", "go.sum"}
	helpers, err := filepath.Glob(filepath.Join(root, "workshop", "sqlite", "*.go"))
	if err != nil {
		return err
	}
	for _, path := range helpers {
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := os.MkdirAll(filepath.Join(to, "workshop", "sqlite"), 0o700); err != nil {
		return err
	}
	for _, name := range names {
		if err := copyFile(filepath.Join(root, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file of at most maxSubmissionFile bytes.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if info.Size() > maxSubmissionFile {
		return words.Errorf("%s is larger than 1 MiB", filepath.Base(from))
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
