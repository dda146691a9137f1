// Package sqlite opens a SQLite file for GORM, with or without a C compiler.
//
// gorm.io/driver/sqlite uses mattn/go-sqlite3, which is C code. If Go finds no C
// compiler, as on most Windows laptops, mattn/go-sqlite3 becomes a stub that fails at
// run time. Built without cgo, this package therefore uses modernc.org/sqlite, SQLite
// translated to Go, under the same GORM driver.
package sqlite

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// settings is the query part of the name that the driver opens; both drivers
// read these four alike.
//
//   - busy_timeout: wait up to 5,000 ms for another process that is writing,
//     instead of failing with "database is locked";
//   - journal_mode WAL: readers and one writer do not wait for each other
//     (https://www.sqlite.org/wal.html);
//   - synchronous NORMAL: with WAL, a power cut may lose the last writes, but
//     never damages the file;
//   - txlock immediate: a transaction that will write takes its lock first, so
//     that busy_timeout can do its work.
const settings = "_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL&_txlock=immediate"

// Open returns the dialector with which gorm.Open opens the SQLite file at
// path, creating it if there is none:
//
//	db, err := gorm.Open(sqlite.Open("workshop.db"))
//
// Any file name will do, one with spaces, '?' or '%' included. The error for a
// path that cannot be opened comes from gorm.Open.
func Open(path string) gorm.Dialector {
	return &dialector{sqlite.Dialector{DriverName: driverName, DSN: uri(path) + "?" + settings}}
}

// Through returns the dialector for a SQLite database that somebody else has opened, as another
// process may.
func Through(pool gorm.ConnPool) gorm.Dialector { return &dialector{sqlite.Dialector{Conn: pool}} }

// uri writes path as SQLite wants it, https://www.sqlite.org/uri.html.
func uri(path string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" && filepath.VolumeName(path) != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/x becomes file:///C:/x
	}
	name := url.URL{Path: path}
	if strings.HasPrefix(path, "/") {
		return "file://" + name.EscapedPath()
	}
	return "file:" + name.EscapedPath()
}

// A dialector is GORM's own for SQLite, with the settings that suit a small
// program with one database file.
type dialector struct{ sqlite.Dialector }

// Apply sets what gorm.Open would otherwise have to be told: statements are
// prepared once and kept; a single write is not wrapped in a transaction of its
// own, since SQLite already makes it atomic; and GORM, which returns every
// error, does not print it too, with the SQL and the values in it.
func (d *dialector) Apply(config *gorm.Config) error {
	config.PrepareStmt = true
	config.SkipDefaultTransaction = true
	if config.Logger == nil {
		config.Logger = logger.Discard
	}
	return nil
}

// Initialize opens the file and keeps a few connections to it open:
// database/sql keeps two, and would open and close one for nearly every query
// of a busy server.
func (d *dialector) Initialize(db *gorm.DB) error {
	if err := d.Dialector.Initialize(db); err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	pool.SetMaxIdleConns(maxConns)
	pool.SetMaxOpenConns(maxConns)
	return nil
}

// maxConns is how many connections one program has open: SQLite reads in
// parallel, but hardly faster with more readers than cores.
var maxConns = max(4, runtime.NumCPU())
