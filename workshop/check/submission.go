package check

import (
	"context"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/sandbox"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// Limits on the build of a submission.
const (
	libraryLimit = 10 * time.Minute // for all libraries; the first compiles SQLite, too
	buildLimit   = time.Minute      // for the submission, when they are compiled
)

// buildMemory is how much memory the compiler may use, and maxProgram how large what it makes may be.
const (
	buildMemory = 3 << 30
	maxProgram  = 128 << 20
)

// buildSubmission builds the step in root, a copy of the workshop, within this limit of time, and
// returns the program's file. An error may be an *endError. Only what package source knows is taken from there;
// go.mod and the packages beside the steps are this checkout's. Nothing in the
// submission is run but the program, and nothing can change what is built: no C, no
// assembly, no go.mod, no go.work, no vendor folder, no symbolic link, no version
// control. What is left out is named.
func buildSubmission(ctx context.Context, root string, limit time.Duration) (string, error) {
	step := stepName()
	from := filepath.Join(root, "steps", step)
	for _, part := range []string{filepath.Dir(from), from} {
		if info, err := os.Lstat(part); err != nil || !info.IsDir() {
			return "", &endError{report.NoSuchStep, noSuchStep(root, step)}
		}
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", words.Errorf("-submission needs the go command, and there is none in the PATH\nhint: install Go from https://go.dev/dl/")
	}
	dir := filepath.Join(workspace, "src")
	leftOut, err := takeSubmission(from, filepath.Join(dir, "steps", step))
	if err != nil {
		text := words.Errorf("cannot take steps/%s from %s: %s", step, root, withoutControls(err.Error()))
		switch {
		case errors.Is(err, source.ErrTooLarge):
			return "", &endError{report.TooLarge, text}
		case errors.Is(err, source.ErrUnfit):
			return "", &endError{report.DoesNotCompile, text}
		}
		return "", text
	}
	if len(leftOut) > 0 {
		fmt.Println(words.Textf("Left out of the submission, which is built of Go files, and of no links: %s", printable(strings.Join(leftOut, ", "), 2000)))
	}
	if err := copyOwn(dir); err != nil {
		return "", words.Errorf("cannot build the submission: %w", err)
	}

	program := filepath.Join(workspace, "main.exe") // Windows wants the .exe
	printed, err := goBuild(ctx, dir, limit, "-o", program, "./steps/"+step)
	if errors.Is(err, context.DeadlineExceeded) { // is it the libraries that are not compiled yet?
		if printed, err = goBuild(ctx, dir, libraryLimit, append([]string{"-o", os.DevNull}, libraries...)...); err == nil {
			printed, err = goBuild(ctx, dir, limit, "-o", program, "./steps/"+step)
		}
	}
	var beyond *exceededError
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		return "", &endError{report.TimedOut, words.Errorf("the submission's steps/%s did not compile within %v", step, limit.Round(time.Second))}
	case errors.As(err, &beyond):
		return "", &endError{report.TooLarge, words.Errorf("the submission's steps/%s does not compile within the limits: %s", step, beyond.what)}
	case err != nil:
		// What the compiler says of somebody's code may say anything: //line gives names to files.
		// Nor is a name of a file what the system says.
		if trouble := gobuild.Trouble(err, withoutNames(ofMachine(printed), filepath.Join(dir, "steps", step))); trouble != nil && !compiler.MatchString(printed) {
			return "", errors.New(withoutControls(trouble.Error()))
		}
		text := strings.ReplaceAll(printed, dir+string(filepath.Separator), "")
		if m := foreign.FindStringSubmatch(text); m != nil {
			return "", &endError{report.DoesNotCompile, words.Errorf("the submission's steps/%s does not compile: it imports %s, and the workshop's go.mod has no such library; what a step may import is what the workshop has", step, printable(m[1], 100))}
		}
		return "", &endError{report.DoesNotCompile, words.Errorf("the submission's steps/%s does not compile; go build says:%s", step, markLines(firstLines(text, 20)))}
	}
	if info, err := os.Stat(program); err == nil && info.Size() > maxProgram {
		return "", &endError{report.TooLarge, words.Errorf("the submission's steps/%s becomes a program of %d MiB, and may have %d", step, info.Size()>>20, maxProgram>>20)}
	}
	return program, folder.Startable(program)
}

// ofMachine returns the lines of what go build has printed in which no words of a step's code can stand: below the
// name of its package, those that its tools begin with their own name, and that quote nothing.
func ofMachine(printed string) string {
	var lines []string
	ofStep := false
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "# ") {
			ofStep = strings.HasPrefix(line, "# jwtworkshop/steps/")
		}
		if !ofStep || tool.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// tool matches a line of one of Go's tools on its own trouble.
var tool = regexp.MustCompile("^((.*[/\\\\])?(go|compile|link|asm)(\\.exe)?|fatal error|runtime): [^\"`\\[]*$")

// withoutNames returns what go build has printed without the names of the files in a folder.
func withoutNames(printed, dir string) string {
	filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && len(entry.Name()) > 3 {
			printed = strings.ReplaceAll(printed, entry.Name(), "x")
		}
		return nil
	})
	return printed
}

// libraries are those that the steps are built with.
var libraries = []string{"./workshop/sqlite", "github.com/gin-gonic/gin", "github.com/golang-jwt/jwt/v5", "github.com/joho/godotenv", "gorm.io/gorm/...", "golang.org/x/crypto/bcrypt"}

// compiler matches a line of the compiler's on a place in somebody's code.
var compiler = regexp.MustCompile(`(?m)^.*\.go:\d+(:\d+)?: `)

// foreign matches what Go says of an import of a library that go.mod does not have.
var foreign = regexp.MustCompile(`(?:no required module provides package|cannot find module providing package) ([^;:\s]+)`)

// An exceededError says which limit a build went beyond.
type exceededError struct{ what Text }

// Error says which.
func (e *exceededError) Error() string { return e.what.String() }

// goBuild runs go build in dir with a limit of time, memory and disk, and returns what it prints.
func goBuild(ctx context.Context, dir string, limit time.Duration, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	temporary, err := os.MkdirTemp(workspace, "build-")
	if err != nil {
		return "", err
	}
	defer folder.RemoveAll(temporary)
	command := gobuild.Command
	if *optimizeFlag {
		command = gobuild.Optimized
	}
	cmd := command(ctx, dir, "build", append([]string{"-mod=readonly"}, args...)...)
	cmd.Env = append(cmd.Env, "GOWORK=off", "GOTOOLCHAIN=local", "GOTMPDIR="+temporary)
	printed := &output{}
	cmd.Stdout, cmd.Stderr = printed, printed
	t, err := tree.Start(cmd, false)
	if err != nil {
		return "", err
	}
	beyond := make(chan Text, 1)
	none := &sandbox.Sandbox{Rung: sandbox.None}
	none.Guard(t, sandbox.Box{Folders: []string{temporary}, Memory: buildMemory, Tasks: 10_000}, func(what Text) { beyond <- what })
	select {
	case <-t.Ended:
	case <-ctx.Done():
		t.Stop(0)
		return "", context.Cause(ctx)
	}
	select {
	case what := <-beyond:
		return "", &exceededError{what}
	default:
		return printed.String(), t.Err()
	}
}

// noSuchStep says that there is no step in root, and why, if that can be seen: a zip that is still
// packed, or a folder around the one that is wanted.
func noSuchStep(root, step string) error {
	if info, err := os.Stat(root); err == nil && !info.IsDir() {
		return words.Errorf("%s is a file, and no folder\nhint: unpack it; -submission wants the folder that holds a student's steps/", root)
	}
	entries, _ := os.ReadDir(root)
	for _, entry := range entries {
		inside := filepath.Join(root, entry.Name())
		if info, err := os.Lstat(filepath.Join(inside, "steps", step)); err == nil && info.IsDir() && entry.IsDir() {
			return words.Errorf("%s has no folder steps/%s, but %s has\nhint: -submission %s", root, step, printable(inside, 300), printable(inside, 300))
		}
	}
	return words.Errorf("%s has no folder steps/%s\nhint: -submission wants the folder that holds a student's steps/, as folders and not as links", root, step)
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
	if err := taken.CopyTo(to); err != nil {
		return nil, err
	}
	return taken.LeftOut, withoutLines(taken, to)
}

// withoutLines takes the line directives out of the copies of Go files, by which a file says what its name is
// in the compiler's messages: they would pass for those of others.
func withoutLines(taken *source.Source, to string) error {
	for _, name := range taken.Files {
		if path.Ext(name) != ".go" {
			continue
		}
		file := filepath.Join(to, filepath.FromSlash(name))
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var found []int // where such a comment begins
		var s scanner.Scanner
		set := token.NewFileSet()
		at := set.AddFile(name, -1, len(text))
		s.Init(at, text, nil, scanner.ScanComments)
		for {
			pos, tok, literal := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.COMMENT && len(literal) > 2 && strings.HasPrefix(literal[2:], "line ") {
				found = append(found, at.Offset(pos))
			}
		}
		if len(found) == 0 {
			continue
		}
		for _, offset := range found {
			text[offset+2] = 'L'
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
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
