// Package gobuild has Go build what the coach needs and what -submission checks: programs of
// learners, checks, the coach itself. All of that is built in one way, so that each library
// is compiled once, and so that a program is the same in the coach and when it is graded; a class's
// is optimized, too. A plain go test builds as Go does by itself.
package gobuild

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"jwtworkshop/workshop/internal/words"
)

// ErrNoGo says that the go command is not there.
var ErrNoGo = words.Errorf("there is no go command in the PATH\nhint: install Go from https://go.dev/dl/, and open a new terminal")

// Tags leave out Gin's msgpack, which takes longer to compile than all of Gin.
var Tags = []string{"-tags", "nomsgpack"}

// flags are those of each go build and go test -c: what debuggers read is left out.
var flags = slices.Concat(Tags, []string{"-buildvcs=false", "-ldflags", "-s -w"})

// unoptimized are the flags with which nothing is optimized, which takes half the time on an empty
// build cache, but for bcrypt, which is slow enough.
var unoptimized = []string{"-gcflags", "all=-N -l", "-gcflags", "golang.org/x/crypto/...="}

// Command returns the command go verb, of build or test, with the flags and then args, in
// a folder. It does without C, which needs a compiler, and time.
func Command(ctx context.Context, dir, verb string, args ...string) *exec.Cmd {
	return Optimized(ctx, dir, verb, append(slices.Clip(unoptimized), args...)...)
}

// Optimized is Command for what runs for longer than it takes to compile: with thirty programs to
// judge, the libraries and the checks are compiled once.
func Optimized(ctx context.Context, dir, verb string, args ...string) *exec.Cmd {
	if verb == "test" {
		args = append([]string{"-vet=off"}, args...)
	}
	return Plain(ctx, dir, slices.Concat([]string{verb}, flags, args)...)
}

// Plain returns a go command without any flags but args, in a folder, as Command does,
// whatever flags somebody has set for all of Go's commands.
func Plain(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	// Else -race and the like, or another system, of the shell or of go env -w; PWD, since the folder may
	// be a link, and an -overlay names files as Go does.
	cmd.Env = append(os.Environ(), "PWD="+dir, "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	return cmd
}

// Trouble returns what the computer lacks, with the way out, if that is why the go command, or
// a program built by it, has failed with err and printed this; else nil.
func Trouble(err error, printed string) error {
	printed, _, _ = strings.Cut(printed, "\ngoroutine ") // of a crash, why
	printed = strings.TrimSpace(printed)
	if errors.Is(err, exec.ErrNotFound) {
		return ErrNoGo
	}
	text := err.Error() + "\n" + onSteps.ReplaceAllString(printed, "")
	switch {
	case noSpace.MatchString(text):
		return words.Errorf("the disk is full\nhint: make room where Go says, below, and start again (go clean -cache frees what Go has compiled; TMPDIR, on Windows TMP, names another folder for temporary files)\n%s", printed)
	case noNetwork.MatchString(printed): // those lines may begin with the file that wants a library
		return words.Errorf("a library cannot be downloaded\nhint: connect to the internet once, and type: go mod download\n%s", printed)
	case noMemory.MatchString(text):
		return words.Errorf("the system has ended Go, or a program: there is probably too little memory\nhint: close other programs, and start again\n%s", printed)
	case noProcesses.MatchString(text):
		return words.Errorf("the system starts no more processes for you\nhint: close other programs, and start again (ulimit -u says how many you may have)\n%s", printed)
	case badFolder.MatchString(text):
		return words.Errorf("Go for Windows embeds no files in a folder with [ or ] in its name\nhint: rename the folder of the workshop, or the one that it is in\n%s", printed)
	case strings.Contains(printed, "is not an object file"):
		return words.Errorf("what was built before is damaged, or belongs to another user\nhint: delete the folder .workshop/build (after a start with sudo, first: sudo chown -R $USER .)\n%s", printed)
	case ours.MatchString(printed):
		return Damaged(printed)
	}
	return nil
}

// ours matches what the compiler says of a file of the workshop's own.
var ours = regexp.MustCompile(`(?m)(^|: )(\./)?(steps[/\\][^:]*_test\.go|(\.\.[/\\])?workshop[/\\][^:]*\.go):\d`)

// Damaged returns an error if what Go has printed is about a file of the workshop's own.
func Damaged(printed string) error {
	if !ours.MatchString(printed) {
		return nil
	}
	return words.Errorf("a file of the workshop is damaged; it is none of your program's\nhint: take it from a fresh copy of the workshop\n%s", printed)
}

// onSteps matches what the compiler says of somebody's code, which it quotes, in further lines, too.
var onSteps = regexp.MustCompile(`(?m)^(\./)?steps[/\\].*$(\n\t.*$)*`)

// What systems and the go command say when something is lacking, Windows in English and in
// Spanish.
var (
	noSpace     = regexp.MustCompile(`(?i)no space left on device|disk quota exceeded|not enough space|espacio (en disco )?insuficiente|espacio suficiente`)
	noNetwork   = regexp.MustCompile(`@v\S+: (Get|reading) |module lookup disabled|cannot query module|Could not resolve host`)
	noMemory    = regexp.MustCompile(`(?m)signal: killed$|^(fatal error|runtime): .*out of memory|cannot allocate memory$`)
	badFolder   = regexp.MustCompile(`pattern \S+: syntax error in pattern`)
	noProcesses = regexp.MustCompile(`(?m)^runtime: failed to create new OS thread|resource temporarily unavailable$`)
)
