// Package folder knows the folders that the workshop works in: its own, the one in it
// for what the coach keeps, and those for temporary files.
package folder

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"syscall"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// Kept is the name of the folder, in the workshop's, for what the coach keeps.
const Kept = ".workshop"

// Find returns the workshop's folder, which the working folder is in: the one with
// go.mod and steps in it.
func Find() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if has(at, "go.mod") && has(at, "steps") {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", words.Errorf("no workshop in %s or above it\nhint: go to the folder with go.mod and steps in it, and type: go run ./workshop", dir)
		}
	}
}

// Gone returns an error if the workshop's folder is not there any more: it was moved or renamed
// while the coach was open, or before.
func Gone(root string) error {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return words.Errorf("the folder %s is not there any more\nhint: was it moved or renamed? End the coach, and start it again in the folder where the workshop is now", root)
	}
	return nil
}

// has says whether there is a file or folder of this name in dir.
func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// WayOut says what to do when something of the workshop's own cannot be read or written.
func WayOut(err error) words.Text {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "put it back, or take it from a fresh copy of the workshop"
	case isFull(err, runtime.GOOS):
		return "the disk is full: delete something that is not needed"
	case errors.Is(err, fs.ErrPermission) && runtime.GOOS != "windows":
		return words.Textf("does it belong to another user, as after a start with sudo? Type: %s", words.Verbatim("sudo chown -R $USER ."))
	}
	return "is it write-protected, or open in another program?"
}

// isFull says whether an error of a system's means that the disk, or what one may have of it, is full.
func isFull(err error, system string) bool {
	full := []error{syscall.ENOSPC, syscall.EDQUOT}
	if system == "windows" {
		full = []error{syscall.Errno(39), syscall.Errno(112)} // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
	}
	return slices.ContainsFunc(full, func(e error) bool { return errors.Is(err, e) })
}

// WithWayOut returns an error of the file system's with the way out, if it has none, and any
// other as it is.
func WithWayOut(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	if err == nil || hint.MatchString(err.Error()) || !errors.As(err, &path) && !errors.As(err, &link) {
		return err
	}
	return words.Errorf("%w\nhint: %s", err, WayOut(err))
}

// hint is how the line on the way out begins.
var hint = regexp.MustCompile(`(?m)^(hint|pista): `)

// EndSignals are those by which a process is told to end, and may tidy up: Ctrl-C, Ctrl-\, kill, a
// terminal that is closed.
var EndSignals = []os.Signal{os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP}

// The names of temporary folders, and how old one is that a crash has left behind.
const (
	temporary = "jwtworkshop-"
	unnamed   = "go-run-" // says nothing of the workshop to a program that lives in it
	leftover  = 24 * time.Hour
)

// made matches the names that os.MkdirTemp makes of these, and what the checks make of them at their end.
var made = regexp.MustCompile(`^(` + temporary + `|` + unnamed + `)\d+(-ended)?$`)

// isLeftover says whether a folder for temporary files is one that a crash has left behind. What somebody has
// called jwtworkshop-main, or has made a workshop of, is none.
func isLeftover(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && entry.IsDir() && made.MatchString(entry.Name()) && time.Since(info.ModTime()) > leftover &&
		!has(filepath.Join(os.TempDir(), entry.Name()), "go.mod")
}

// Temporary makes a folder for what is built and run, for one run: on Windows, a
// program that still runs cannot be replaced. Folders that a crash has left behind go.
func Temporary() (string, error) { return makeTemporary(temporary) }

// Unnamed does as Temporary does, for a program that is not to know where it is.
func Unnamed() (string, error) { return makeTemporary(unnamed) }

// makeTemporary makes a folder whose name begins so.
func makeTemporary(prefix string) (string, error) {
	if entries, err := os.ReadDir(os.TempDir()); err == nil {
		for _, entry := range entries {
			if isLeftover(entry) {
				os.RemoveAll(filepath.Join(os.TempDir(), entry.Name()))
			}
		}
	}
	dir, err := os.MkdirTemp("", prefix)
	if err == nil {
		dir, err = filepath.Abs(dir) // TMPDIR may be seen from here
	}
	if err != nil {
		return "", words.Errorf("cannot make a folder to work in: %w\nhint: set TMPDIR (on Windows, TMP) to a folder that you can write to, by its whole path", err)
	}
	return dir, nil
}

// Startable returns an error if the system refuses to start programs where this one is.
func Startable(program string) error {
	if _, err := exec.LookPath(program); errors.Is(err, fs.ErrPermission) {
		return words.Errorf("no program can be started in %s (noexec)\nhint: set TMPDIR (on Windows, TMP) to a folder on another disk", filepath.Dir(program))
	}
	return nil
}

// openAll lets this user into all folders in a folder: a program may have shut some.
func openAll(dir string) {
	root, err := os.OpenRoot(dir) // which no link leads out of
	if err != nil {
		return
	}
	defer root.Close()
	fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) && entry != nil && entry.IsDir() {
			if root.Chmod(name, 0o700) == nil {
				if inside, err := root.OpenRoot(name); err == nil { // it is looked into only now
					inside.Close()
					openAll(filepath.Join(dir, name))
				}
			}
			return fs.SkipDir
		}
		return nil
	})
}

// RemoveAll removes a folder that ended processes have worked in. Windows keeps files a
// moment longer than the process that had them open; and folders in folders may go so deep
// that os.RemoveAll has not enough files for them, but rm does.
func RemoveAll(dir string) {
	for i := range 150 {
		if os.RemoveAll(dir) == nil {
			return
		}
		if i == 0 {
			openAll(dir)
		}
		if runtime.GOOS != "windows" && exec.Command("rm", "-rf", "--", dir).Run() == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
