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
	tried bool
	file  string
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

// findSeed returns the name of the seed, which it makes once, as soon as the shared program
// runs: a copy of that program's database, provided that it holds one user and that the
// program starts with it. It returns "" if there is none. A program that does not start a
// second time is for the check of that to tell, and not for every other one.
func findSeed() string {
	seed.Lock()
	defer seed.Unlock()
	if seed.tried {
		return seed.file
	}
	shared.mu.Lock()
	p := shared.program
	shared.mu.Unlock()
	if p == nil || *urlFlag != "" {
		return ""
	}
	seed.tried = true
	dir, err := os.MkdirTemp(workspace, "seed-")
	if err != nil || give(dir) != nil {
		return ""
	}
	file := filepath.Join(dir, "users.db")
	if p.copyDatabase(file) != nil {
		return ""
	}
	trial, err := newProgram()
	if err != nil {
		return ""
	}
	defer trial.stop()
	trial.fresh = true
	if p.copyDatabase(trial.Database) != nil || trial.tryStart() != nil {
		return ""
	}
	seed.file = file
	return file
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
