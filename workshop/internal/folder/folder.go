// Package folder knows the folders that the workshop works in: its own, the one in it
// for what the coach keeps, and those for temporary files.
package folder

import (
	"os"
	"path/filepath"
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

// has says whether there is a file or folder of this name in dir.
func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// Temporary makes a folder for what is built and run, for one run: on Windows, a
// program that still runs cannot be replaced.
func Temporary() (string, error) {
	dir, err := os.MkdirTemp("", "jwtworkshop-")
	if err != nil {
		return "", words.Errorf("cannot make a folder to work in: %w\nhint: set TMPDIR (on Windows, TMP) to a folder that you can write to", err)
	}
	return dir, nil
}

// RemoveAll removes a folder that ended processes have worked in. Windows keeps files a
// moment longer than the process that had them open.
func RemoveAll(dir string) {
	for range 50 {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
