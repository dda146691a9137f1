package check

import (
	"database/sql"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gorm.io/gorm"

	"jwtworkshop/workshop/internal/sandbox"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/sqlproxy"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/sqlite"
)

// What a submission has made is a stranger's: a link that leads elsewhere, a pipe that never ends, a
// database whose queries do. Its files are read through the functions below.

// maxTheirs is how large a file of a submission's may be, far above what any step needs: 64 MiB.
const maxTheirs = 64 << 20

// ownerOf returns the folder of a program in the workspace that a file belongs to. It cannot be
// swapped for another: what it is in is ours.
func ownerOf(path string) string {
	name, err := filepath.Rel(workspace, path)
	if err != nil || strings.HasPrefix(name, "..") {
		return path
	}
	owner, _, _ := strings.Cut(name, string(filepath.Separator))
	return filepath.Join(workspace, owner)
}

// inFolder returns the folder of a program in the workspace that a file belongs to, and the file's
// name in it.
func inFolder(path string) (*os.Root, string, error) {
	owner := ownerOf(path)
	name, err := filepath.Rel(owner, path)
	if err != nil {
		return nil, "", err
	}
	root, err := os.OpenRoot(owner)
	return root, name, err
}

// statTheirs returns an error unless a program's file is there, and is one that can be read.
func statTheirs(path string) error {
	if isolated == nil {
		_, err := os.Stat(path)
		return err
	}
	root, name, err := inFolder(path)
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return words.Errorf("%s is no regular file, but %s", filepath.Base(path), info.Mode().Type())
	case info.Size() > maxTheirs:
		return words.Errorf("%s has more than %d MiB", filepath.Base(path), maxTheirs>>20)
	}
	return nil
}

// ReadFile returns what is in a file that the program under check may have made.
func ReadFile(path string) ([]byte, error) {
	if isolated == nil {
		return os.ReadFile(path)
	}
	if err := statTheirs(path); err != nil {
		return nil, err
	}
	root, name, err := inFolder(path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.OpenFile(name, os.O_RDONLY|nonblocking, 0) // it may be a pipe by now
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxTheirs))
}

// WriteFile writes a file where the program under check may have made others: never through a link
// that leads out of its folder.
func WriteFile(path string, text []byte) error {
	if isolated == nil {
		return os.WriteFile(path, text, 0o600)
	}
	root, name, err := inFolder(path)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = give(filepath.Dir(path)) // the program may read it again
	}
	return err
}

// ReadDir returns what is in a folder that the program under check may have changed.
func ReadDir(path string) ([]fs.DirEntry, error) {
	if isolated == nil {
		return os.ReadDir(path)
	}
	root, name, err := inFolder(path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	dir, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.ReadDir(1000) // and no more
}

// give gives a folder to the user that the program under check is, if that is another than ours.
func give(dir string) error {
	if isolated == nil {
		return nil
	}
	return isolated.Give(dir)
}

// asDatabases is set in the environment of a test binary that is to open databases, for another.
const asDatabases = "JWTWORKSHOP_AS_DATABASES"

// queries is how long a query on a submission's database may take.
var queries = Patience{Usual: 10 * time.Second}

// databases opens the databases of submissions.
var databases = sqlproxy.Proxy{Start: startDatabases, Limit: queries.Usual, NoAnswer: queries.Missed}

// serveDatabases opens databases for another process.
func serveDatabases() {
	sqlproxy.Serve(os.NewFile(3, "requests"), os.NewFile(4, "answers"), func(name string) (*sql.DB, error) {
		db, err := gorm.Open(sqlite.Open(name), &gorm.Config{})
		if err != nil {
			return nil, err
		}
		return db.DB()
	})
	os.Exit(0)
}

// startDatabases starts the process that opens databases, in the sandbox.
func startDatabases() (*sqlproxy.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if isolated.Rung == sandbox.User { // who may not come to where it is
		copied := filepath.Join(workspace, "databases")
		if _, err := os.Stat(copied); err != nil {
			if err := source.CopyFile(self, copied); err != nil {
				return nil, err
			}
			if err := os.Chmod(copied, 0o755); err != nil {
				return nil, err
			}
		}
		self = copied
	}
	requests, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, answers, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	box := sandbox.Box{Dir: workspace, Env: []string{asDatabases + "=yes", "LANG=C"}, Files: []string{self, "/lib", "/lib64", "/usr/lib"}}
	if isolated.Rung == sandbox.Bubblewrap { // the user that programs are may write to their folders, and to no other
		box.Folders = []string{workspace}
	}
	kept := &output{}
	t, err := isolated.Start(box, func(cmd *exec.Cmd) {
		cmd.ExtraFiles = []*os.File{requests, answers}
		cmd.Stderr = kept
	}, self)
	requests.Close()
	answers.Close()
	if err != nil {
		return nil, err
	}
	isolated.Guard(t, sandbox.Box{}, func(Text) {}) // it ends, and what was asked has no answer
	return &sqlproxy.Process{In: in, Out: out, Kill: func() { in.Close(); t.Stop(0); out.Close() }}, nil
}

// openFile opens a database file.
func openFile(path string) (*gorm.DB, error) {
	config := &gorm.Config{SkipDefaultTransaction: true}
	if isolated == nil || !sqlproxy.Possible {
		return gorm.Open(sqlite.Open(path), config)
	}
	return gorm.Open(sqlite.Through(sql.OpenDB(databases.Connector(path))), config)
}
