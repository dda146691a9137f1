package check

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// buildLimit is how long a submission may take to compile; the first compiles SQLite, too.
const buildLimit = 10 * time.Minute

// buildSubmission builds the step in root, a copy of the workshop, and
// returns the program's file. Only what package source knows is taken from there;
// go.mod and the packages beside the steps are this checkout's. Nothing in the
// submission is run but the program, and nothing can change what is built: no C, no
// assembly, no go.mod, no go.work, no vendor folder, no symbolic link, no version
// control. What is left out is named.
func buildSubmission(root string) (string, error) {
	step := stepName()
	from := filepath.Join(root, "steps", step)
	for _, part := range []string{filepath.Dir(from), from} {
		if info, err := os.Lstat(part); err != nil || !info.IsDir() {
			return "", words.Errorf("%s has no folder steps/%s\nhint: -submission wants the folder that holds a student's steps/, as folders and not as links", root, step)
		}
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", words.Errorf("-submission needs the go command, and there is none in the PATH\nhint: install Go from https://go.dev/dl/")
	}
	dir := filepath.Join(workspace, "submission")
	leftOut, err := takeSubmission(from, filepath.Join(dir, "steps", step))
	if err != nil {
		return "", words.Errorf("cannot take steps/%s from %s: %w", step, root, err)
	}
	if len(leftOut) > 0 {
		fmt.Println(words.Textf("Left out of the submission, which is built of Go files, and of no links: %s", strings.Join(leftOut, ", ")))
	}
	if err := copyOwn(dir); err != nil {
		return "", words.Errorf("cannot build the submission: %w", err)
	}

	program := filepath.Join(workspace, "submission.exe") // Windows wants the .exe
	ctx, cancel := context.WithTimeout(context.Background(), buildLimit)
	defer cancel()
	cmd := gobuild.Command(ctx, dir, "build", "-mod=readonly", "-o", program, "./steps/"+step)
	cmd.Env = append(cmd.Env, "GOWORK=off", "GOTOOLCHAIN=local", "PWD="+dir)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	err = tree.Run(ctx, cmd)
	if ctx.Err() != nil {
		return "", words.Errorf("the submission's steps/%s did not compile within %v", step, buildLimit)
	}
	if err != nil {
		if trouble := gobuild.Trouble(err, printed.String()); trouble != nil {
			return "", trouble
		}
		text := strings.ReplaceAll(printed.String(), dir+string(filepath.Separator), "")
		return "", words.Errorf("the submission's steps/%s does not compile; go build says:%s", step, markLines(firstLines(text, 20)))
	}
	return program, folder.Startable(program)
}

// takeSubmission copies what a step is built of to a folder of the workspace, and names what
// is left out. It keeps whoever ends this process waiting: a folder of the workspace that is
// made after that was removed would stay.
func takeSubmission(from, to string) (leftOut []string, err error) {
	taken, err := source.In(from)
	if err != nil {
		return nil, err
	}
	if err := taken.Unfit(); err != nil {
		return nil, err
	}
	ending.Lock()
	defer ending.Unlock()
	return taken.LeftOut, taken.CopyTo(to)
}

// copyOwn copies what every step is built with from this checkout.
func copyOwn(to string) error {
	ending.Lock() // as takeSubmission
	defer ending.Unlock()
	root, err := Root()
	if err != nil {
		return err
	}
	names := []string{"go.mod", "go.sum"}
	helpers, err := source.In(filepath.Join(root, "workshop", "sqlite"))
	if err != nil {
		return err
	}
	if err := helpers.CopyTo(filepath.Join(to, "workshop", "sqlite")); err != nil {
		return err
	}
	for _, name := range names {
		if err := source.CopyFile(filepath.Join(root, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}
