// Package progress remembers, in the file .workshop/progress.json, how far a learner
// has come.
package progress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/words"
)

// Progress is what is remembered; of the steps, by their names.
type Progress struct {
	Steps   map[string]*Step `json:"steps"`
	Answers map[string]bool  `json:"answers,omitempty"` // to questions, by their names: whether they were right
}

// A Step is what is remembered of one step.
type Step struct {
	Passed bool        `json:"passed"` // all core checks have passed once
	Done   []int       `json:"done"`   // the numbers of the TODOs that are done
	Fails  int         `json:"fails"`  // how many attempts have failed
	Tried  Attempt     `json:"tried"`  // the last of them
	Hints  map[int]int `json:"hints"`  // how many hints were shown, by the numbers of the TODOs
}

// An Attempt is a program that somebody has had checked.
type Attempt struct {
	At   time.Time `json:"at"`
	Code string    `json:"code"` // as package source knows it from others
}

// Step returns what is remembered of a step, nothing at first.
func (p *Progress) Step(name string) *Step {
	if p.Steps == nil {
		p.Steps = map[string]*Step{}
	}
	if p.Steps[name] == nil {
		p.Steps[name] = &Step{}
	}
	if p.Steps[name].Hints == nil {
		p.Steps[name].Hints = map[int]int{}
	}
	return p.Steps[name]
}

// A DamagedError says that the file could not be read, and was put aside.
type DamagedError struct {
	File, Aside string
	Err         error
}

// Error says what happened to which file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s cannot be read (%v); it is kept as %s", e.File, e.Err, e.Aside)
}

// Load returns what is remembered in the workshop in this folder. If the file is
// damaged, it is put aside, and the error is a *DamagedError: the empty progress that
// comes with it can be used.
func Load(root string) (*Progress, error) {
	file := filepath.Join(root, folder.Kept, "progress.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Progress{}, nil
	}
	if info, statErr := os.Stat(file); err != nil && (statErr != nil || !info.IsDir()) {
		return &Progress{}, words.Errorf("cannot read %s: %w\nhint: %s", file, err, folder.WayOut(err))
	}
	p := &Progress{}
	if err == nil {
		err = json.Unmarshal(text, p)
	}
	if err != nil {
		aside := file + time.Now().Format(".damaged-20060102-150405")
		if err := os.Rename(file, aside); err != nil {
			return &Progress{}, err
		}
		return &Progress{}, &DamagedError{File: file, Aside: aside, Err: err}
	}
	return p, nil
}

// Update changes what is remembered: it reads the file, has change change it, and
// writes it in one go, so that a crash leaves the old file or the new one. Two coaches
// wait for each other.
func Update(root string, change func(*Progress)) (*Progress, error) {
	dir := filepath.Join(root, folder.Kept)
	if err := folder.Gone(root); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
	switch {
	case errors.Is(err, errors.ErrUnsupported): // a disk without locks: two coaches at once are rare
	case err != nil:
		return nil, words.Errorf("cannot write %s: %w\nhint: %s", dir, err, folder.WayOut(err))
	default:
		defer unlock()
	}
	p, loadErr := Load(root)
	var damaged *DamagedError
	if loadErr != nil && !errors.As(loadErr, &damaged) {
		return p, loadErr
	}
	change(p)
	text, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return p, err
	}
	file := filepath.Join(dir, "progress.json")
	if err := write(file, append(text, '\n')); err != nil {
		return p, words.Errorf("cannot write %s: %w\nhint: %s", file, err, folder.WayOut(err))
	}
	return p, loadErr
}

// write writes a file in one go.
func write(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), "new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
