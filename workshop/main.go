// The coach for learners: go run ./workshop
//
// This program is small, so that Go compiles it in seconds. It compiles the coach
// (workshop/internal/command), shows how far that is, and then starts the coach.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/words"
)

// commands is the package of the coach itself.
const commands = "./workshop/internal/command"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "workshop:", err)
		os.Exit(1)
	}
}

// run compiles the coach and starts it with this program's arguments.
func run() error {
	root, err := folder.Find()
	kept := filepath.Join(root, folder.Kept)
	if words.Language(words.Option(os.Args[1:]), kept, os.Getenv) == "es" {
		words.Use(inSpanish)
	}
	if err != nil {
		return err
	}
	file := filepath.Join(kept, "build", "coach.exe") // Windows wants the .exe
	if err := writable(filepath.Dir(file)); err != nil {
		hint := words.Text("move the workshop to a folder of your own, on a disk that can be written to")
		switch {
		case errors.Is(err, fs.ErrPermission):
			hint = folder.WayOut(err)
		case isFile(kept):
			hint = "that is a file, and a folder belongs there: give it another name"
		}
		return words.Errorf("nothing can be kept here: %w\nhint: %s", err, hint)
	}
	if err := build(root, file); err != nil {
		return err
	}
	return refused(start(file, os.Args[1:]))
}

// refused adds the way out to what the system says of a program that it does not start.
func refused(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return words.Errorf("%w\nhint: no program can be started on this disk (noexec); move the workshop to another one", err)
	}
	return err
}

// isFile says whether something is at a path that is no folder.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// writable makes a folder if there is none, and says why it cannot be written to, if that is so.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "writable-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// build compiles the coach. It says what is downloaded, and how many packages are
// compiled, if there are any.
func build(root, file string) error {
	said := &follower{terminal: isTerminal(os.Stderr)}
	defer said.end()
	list := gobuild.Plain(context.Background(), root, "list", "-deps", commands)
	list.Stderr = said
	packages, err := list.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return gobuild.ErrNoGo
	}
	if err == nil {
		said.packages = strings.Count(string(packages), "\n")
		cmd := gobuild.Command(context.Background(), root, "build", "-v", "-o", file, commands)
		cmd.Stderr = said
		err = cmd.Run()
	}
	if err != nil {
		said.end()
		if trouble := gobuild.Trouble(err, strings.Join(said.rest, "\n")); trouble != nil {
			return trouble
		}
		return words.Errorf("the coach cannot be compiled\nhint: is there internet, room on the disk, and a folder for temporary files (TMPDIR; on Windows, TMP)? Go says:\n%s", strings.Join(said.rest[max(0, len(said.rest)-5):], "\n"))
	}
	return nil
}

// A table has texts in a language by what they are in English.
type table map[string]string

// Name is that of Spanish, the only one there is.
func (table) Name() string { return "es" }

// Get returns a text in the language.
func (t table) Get(english string) string { return cmp.Or(t[english], english) }

// Plural returns the format for many: this program counts nothing in words.
func (t table) Plural(_, many string, _ int) string { return t.Get(many) }

// A follower reads what the go command prints, and says in one line how far it is.
type follower struct {
	terminal bool
	packages int      // of all
	done     int      // compiled
	rest     []string // lines that are neither a download nor a package
	line     string   // the beginning of one
	shown    int      // the length of what is on the screen
}

// Write takes in a piece of what the go command prints.
func (f *follower) Write(p []byte) (int, error) {
	lines := strings.Split(f.line+string(p), "\n")
	f.line = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		switch module, download := strings.CutPrefix(line, "go: downloading "); {
		case download:
			f.show(words.Textf("Downloading %s", module).String())
		case strings.ContainsAny(line, " :"): // not the name of a package
			f.rest = append(f.rest, line)
		default:
			f.done++
			f.show(words.Textf("Compiling the coach: %d of %d packages", f.done, f.packages).String())
		}
	}
	return len(p), nil
}

// show shows a text in the place of the last one; where there is no terminal, only the
// first.
func (f *follower) show(text string) {
	if f.terminal {
		fmt.Fprintf(os.Stderr, "\r%-*s", f.shown, text)
	} else if f.shown == 0 {
		fmt.Fprintln(os.Stderr, text)
	}
	f.shown = len(text)
}

// end ends the line.
func (f *follower) end() {
	if f.terminal && f.shown > 0 {
		fmt.Fprintln(os.Stderr)
	}
	f.shown = 0
}

// isTerminal says whether a file is a terminal, or something else that shows lines.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
