package check

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// seed is a database with ada in it, as the program under check has made it: the file's
// name, or "" if there is none.
var seed struct {
	sync.Mutex
	taken, tried bool
	file         string
}

// takeSeed keeps a copy of the shared program's database, provided that it holds one user: before any check has
// used it.
func takeSeed(p *Program) {
	seed.Lock()
	defer seed.Unlock()
	if seed.taken || *urlFlag != "" {
		return
	}
	seed.taken = true
	dir, err := os.MkdirTemp(workspace, "seed-")
	if err != nil || give(dir) != nil {
		return
	}
	if file := filepath.Join(dir, "users.db"); p.copyDatabase(file) == nil {
		seed.file = file
	}
}

// copySeed makes a copy of the seed at path, unless a file is there already or there is
// no seed.
func copySeed(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	seed := findSeed()
	if seed == "" {
		return nil
	}
	text, err := ReadFile(seed)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return WriteFile(path, text)
}

// findSeed returns the name of the seed, or "" if there is none; a program was started with it, once. One
// that does not start a second time is for the check of that to tell, and not for every other one.
func findSeed() string {
	seed.Lock()
	defer seed.Unlock()
	if seed.tried || seed.file == "" {
		return seed.file
	}
	seed.tried = true
	file := seed.file
	seed.file = ""
	text, err := ReadFile(file)
	if err != nil {
		return ""
	}
	trial, err := newProgram()
	if err != nil {
		return ""
	}
	defer trial.stop()
	trial.fresh = true
	if WriteFile(trial.Database, text) == nil && trial.tryStart() == nil {
		seed.file = file
	}
	return seed.file
}

// copyDatabase makes a copy of the program's database, if that has one user, at path.
func (p *Program) copyDatabase(path string) error {
	db, err := p.database()
	if err != nil {
		return err
	}
	var users int64
	if err := db.Table("users").Count(&users).Error; err != nil {
		return err
	}
	if users != 1 {
		return errors.New("it has been used")
	}
	return db.Exec("VACUUM INTO ?", path).Error // whole, whatever the program does meanwhile
}
