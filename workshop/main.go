// The coach for learners: go run ./workshop
//
// This program is small so that it is compiled in seconds. It compiles the coach, in
// workshop/internal/command, says how far that is, and starts it.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// coach is the package with the commands.
const coach = "./workshop/internal/command"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "workshop:", err)
		os.Exit(1)
	}
}

// run compiles the coach and starts it with this program's arguments.
func run() error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	file := filepath.Join(root, ".workshop", "build", "coach.exe") // Windows wants the .exe
	if err := build(root, file); err != nil {
		return err
	}
	return start(file, os.Args[1:])
}

// findRoot returns the workshop's folder, which the working folder is in.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "workshop", "internal", "command")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no workshop in %s or above it\nhint: go to the folder with go.mod and steps in it", dir)
		}
	}
}

// build compiles the coach. It says how many packages are compiled if there are any.
func build(root, file string) error {
	packages := 0
	if list, err := command(root, "list", "-deps", coach).Output(); err == nil {
		packages = strings.Count(string(list), "\n")
	}
	// Not optimized, it is compiled in half the time, and shares much with the checks.
	cmd := command(root, "build", "-v", "-buildvcs=false", "-ldflags", "-s -w", "-gcflags", "all=-N -l", "-o", file, coach)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w\nhint: install Go from https://go.dev/dl/, and open a new terminal", err)
	}
	terminal := isTerminal(os.Stderr)
	var said []string
	done := 0
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.ContainsAny(lines.Text(), " :") { // it is not the name of a package
			said = append(said, lines.Text())
			continue
		}
		if done++; terminal {
			fmt.Fprintf(os.Stderr, "\rCompiling the coach: %d of %d packages", done, packages)
		} else if done == 1 {
			fmt.Fprintf(os.Stderr, "Compiling the coach: %d packages\n", packages)
		}
	}
	if terminal && done > 0 {
		fmt.Fprintln(os.Stderr)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("the coach cannot be compiled\nhint: is the computer online, and the disk not full? Go says:\n%s", strings.Join(said, "\n"))
	}
	return nil
}

// command returns a command of Go's, without C: that needs a compiler, and time.
func command(root string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return cmd
}

// isTerminal says whether a file is a terminal, or something else that shows lines.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
