package check

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"gorm.io/gorm"
)

// SQL executes a statement on the program's database file, as somebody else
// would, and returns SQLite's error. Before every other one SQLite writes what is in its log
// into the file, and begins the log anew, as it does by itself sooner or later
// (https://www.sqlite.org/wal.html): so neither file's size says whether anything has changed,
// and what was changed last is only in the log.
func (p *Program) SQL(t testing.TB, statement string, values ...any) error {
	t.Helper()
	db := p.open(t, usersAdvice)
	p.statements++
	if p.statements%2 == 0 {
		var row struct{ Busy int } // which has to be read, or the statement stays open; busy: somebody reads
		db.Raw("PRAGMA wal_checkpoint").Scan(&row)
	}
	return db.Exec(statement, values...).Error
}

// Query reads the result of a query on the program's database file into dest,
// as GORM's Scan does, and returns SQLite's error.
func (p *Program) Query(t testing.TB, dest any, query string, values ...any) error {
	t.Helper()
	return p.open(t, usersAdvice).Raw(query, values...).Scan(dest).Error
}

// Locked says whether somebody else has begun to write to the program's database, and has not
// come to an end.
func (p *Program) Locked(t testing.TB) bool {
	t.Helper()
	p.Query(t, new([]int), "PRAGMA busy_timeout = 0")
	defer p.Query(t, new([]int), "PRAGMA busy_timeout = 5000")
	if p.SQL(t, "BEGIN IMMEDIATE") != nil {
		return true
	}
	return p.SQL(t, "ROLLBACK") != nil
}

// WithoutUsers does what f does while the program's database fails: its table users has
// another name meanwhile.
func (p *Program) WithoutUsers(t testing.TB, f func()) {
	t.Helper()
	rename := func(from, to string) {
		if err := p.SQL(t, "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
			p.fail(t, "give the table users another name, and back", err)
		}
	}
	Did(t, "take the table users away")
	p.excused.Store(true)
	rename("users", "users_elsewhere")
	defer func() {
		Did(t, "put the table users back")
		rename("users_elsewhere", "users")
		p.excused.Store(false)
	}()
	f()
}

// WithoutChanges does what f does while the program's database takes no changes to its table
// users, as on a disk that is full.
func (p *Program) WithoutChanges(t testing.TB, f func()) {
	t.Helper()
	change := func(format string) {
		for _, kind := range []string{"INSERT", "UPDATE", "DELETE"} {
			if err := p.SQL(t, fmt.Sprintf(format, kind)); err != nil {
				p.fail(t, "have the table users take no changes", err)
			}
		}
	}
	Did(t, "have the table users take no changes, as on a full disk")
	p.excused.Store(true)
	change("CREATE TRIGGER users_without_%[1]s BEFORE %[1]s ON users BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
	defer func() {
		Did(t, "have it take changes again")
		change("DROP TRIGGER users_without_%s")
		p.excused.Store(false)
	}()
	f()
}

// SlowDown makes the database take about so long to find this user until the test ends, and
// no other one: users is a view then, with something to compute in this row. How much that is,
// a request for which the program looks for this user says: its SQLite need not be as quick as ours.
func (p *Program) SlowDown(t testing.TB, u User, delay time.Duration, request Request) {
	t.Helper()
	change := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if err := p.SQL(t, statement); err != nil {
				p.fail(t, "make a view of the table users", err)
			}
		}
	}
	compute := func(rows int) []string {
		return []string{
			fmt.Sprintf("CREATE VIEW users AS SELECT * FROM users_stored WHERE CASE id WHEN %d THEN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT max(i) FROM n) ELSE 1 END", u.ID, rows),
			"CREATE TRIGGER users_unchanged INSTEAD OF UPDATE ON users BEGIN SELECT 1; END", // a program may note when somebody came
		}
	}
	took := func() time.Duration {
		begun := time.Now()
		p.exchange(request)
		return time.Since(begun)
	}
	const sample = 100_000
	usual := took()
	change("ALTER TABLE users RENAME TO users_stored")
	t.Cleanup(func() {
		p.SQL(t, "DROP VIEW IF EXISTS users")
		p.SQL(t, "ALTER TABLE users_stored RENAME TO users")
	})
	change(compute(sample)...)
	slower := max(took()-usual, delay/20) // it may not look there
	change("DROP VIEW users")
	change(compute(int(sample * delay / slower))...)
}

// open opens the program's database file, once; it must be there already.
func (p *Program) open(t testing.TB, advice Advice) *gorm.DB {
	t.Helper()
	wantPatience(t, &queries, "a query on the program's database has not come to an end, time and again")
	db, err := p.database()
	if errors.Is(err, fs.ErrNotExist) {
		Fail(t, Finding{Sent: "look for the database file at DATABASE_PATH", Got: "no file there",
			Want: "a SQLite file, from the start of the program on", Advice: advice})
	}
	if err != nil {
		p.fail(t, "open the database file", err)
	}
	return db
}

// database opens the program's database file, once, and never makes one.
func (p *Program) database() (*gorm.DB, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.db != nil {
		return p.db, nil
	}
	if err := statTheirs(p.Database); err != nil {
		return nil, err
	}
	if err := give(ownerOf(p.Database)); err != nil {
		return nil, err
	}
	db, err := openFile(p.Database)
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1) // the one that does not wait for the disk: what is lost with the power was only a check's
	p.db = db
	return db, db.Exec("PRAGMA synchronous = OFF").Error
}

// closeDatabase lets go of the database file.
func (p *Program) closeDatabase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.db == nil {
		return
	}
	if pool, err := p.db.DB(); err == nil {
		pool.Close()
	}
	p.db = nil
}
