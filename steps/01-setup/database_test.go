package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/check"
)

// openAdvice is where to look when the database file is not as it should be.
var openAdvice = check.Advice{
	Why:  "the database is the file at DATABASE_PATH, whatever its name: who looks there finds nothing of what is kept in memory or in another file",
	Look: check.Todo("database.go", 3),
}

// columnsAdvice is where to look when the table users is not as it should be.
var columnsAdvice = check.Advice{
	Why:  "the checks and the later steps read and write these columns: does db.AutoMigrate make them from the type User, is what it does committed, and does the table stay where it is?",
	Look: check.Todo("database.go", 3),
}

// userAdvice is where to look when ada is not as she should be.
var userAdvice = check.Advice{
	Why:  "every later step logs in as ada, with the password 12341234",
	Look: check.Todo("database.go", 4),
}

// TestDatabase: the file is where DATABASE_PATH says, with the table users in it.
func TestDatabase(t *testing.T) {
	check.Judges(t, 3)
	t.Run("file", func(t *testing.T) {
		p := check.Running(t)
		wantFile(t, p.Database, check.Textf("start with DATABASE_PATH=…%s", filepath.Base(p.Database)))
	})
	t.Run("file if DATABASE_PATH is unset", func(t *testing.T) {
		p := check.New(t)
		p.Unsetenv("DATABASE_PATH")
		p.Start(t, check.Advice{Why: "DATABASE_PATH has a default, workshop.db: main.go gives it to openDatabase", Look: check.Todo("database.go", 3)})
		wantFile(t, filepath.Join(p.Dir, "workshop.db"), "start without DATABASE_PATH")
	})
	t.Run("file with any name", func(t *testing.T) {
		wantFile(t, check.Running(t).Database, "start, and look for the database") // before anything special
		p := check.New(t)
		p.Fresh()
		const name = "mis datos & más #1 100%25 [2].db"
		p.Setenv("DATABASE_PATH", filepath.Join(filepath.Dir(p.Database), name))
		advice := openAdvice
		advice.Why = "a file may have any name: sqlite.Open takes the path as it is"
		about := check.Textf("start with DATABASE_PATH=…%s", check.Verbatim(name))
		p.Start(t, advice)
		if _, err := os.Stat(p.Database); err != nil {
			check.Fail(t, check.Finding{Sent: about, Got: "no file at that path", Want: check.Textf("the SQLite file %s", check.Verbatim(name)), Advice: advice})
		}
	})
	t.Run("columns", func(t *testing.T) {
		p := check.Running(t)
		wantFile(t, p.Database, "start, and look for the database")
		wantColumns(t, p)
	})
	t.Run("no table to be made", func(t *testing.T) {
		p := withEmptyDatabase(t)
		require.NoError(t, p.SQL(t, "CREATE VIEW users AS SELECT 1 AS id, '' AS username, '' AS password_hash WHERE 0"))
		advice := openAdvice
		advice.Why = "AutoMigrate and Create return errors: are they looked at? And what is in the database stays: nothing is dropped or removed at the start, and the files …-wal and …-shm beside it are a part of it"
		p.WantExit(t, "start with a database in which users is a view, not a table", advice)
	})
	t.Run("path that cannot be opened", func(t *testing.T) {
		p := check.New(t)
		folder := filepath.Join(p.Dir, "a-folder")
		require.NoError(t, os.Mkdir(folder, 0o700))
		p.Setenv("DATABASE_PATH", folder)
		advice := openAdvice
		advice.Why = "an error that is not looked at comes back later, where nobody understands it"
		advice.Try = check.StartCommand("DATABASE_PATH", "steps")
		exit := p.WantExit(t, "start with a folder as DATABASE_PATH", advice)
		exit.WantNoPanic(t, advice)
		advice.Why = "the one who starts the program has to know which file is meant; %w in fmt.Errorf keeps the error that you got"
		exit.WantSaid(t, "a message that names the path or the database", advice, "a-folder", "DATABASE_PATH", "database", "sqlite", "base de datos")
	})
	t.Run("file that is no database", func(t *testing.T) {
		p := check.New(t)
		p.Fresh()
		require.NoError(t, os.WriteFile(p.Database, []byte(strings.Repeat("notes, not a database\n", 50)), 0o600))
		advice := openAdvice
		advice.Why = "SQLite's own words do not say what the program was about to do, nor with which file: put a few of your own before them, with fmt.Errorf and %w"
		p.WantExit(t, "start with a text file as DATABASE_PATH", advice).WantMoreThan(t, "file is not a database", advice)
	})
}

// withEmptyDatabase returns a program that is not running yet and whose database file
// is there, with nothing in it.
func withEmptyDatabase(t testing.TB) *check.Program {
	t.Helper()
	p := check.New(t)
	require.NoError(t, os.WriteFile(p.Database, nil, 0o600))
	return p
}

// withEmptyTable returns a program that is not running yet and whose database file has
// a table users as this program makes it, with nobody in it.
func withEmptyTable(t testing.TB) *check.Program {
	t.Helper()
	var schema []string
	require.NoError(t, check.Running(t).Query(t, &schema, "SELECT sql FROM sqlite_master WHERE tbl_name = 'users' AND sql IS NOT NULL"))
	p := withEmptyDatabase(t)
	for _, statement := range schema {
		require.NoError(t, p.SQL(t, statement))
	}
	return p
}

// wantFile expects a database file at path.
func wantFile(t *testing.T, path string, about check.Text) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		got := check.Text("no file at that path")
		if files, _ := os.ReadDir(filepath.Dir(path)); len(files) > 0 {
			got = check.Textf("no file at that path, and beside it: %s", check.Verbatim(files[0].Name()))
		}
		check.Fail(t, check.Finding{Sent: about, Got: got, Want: check.Textf("the SQLite file %s", filepath.Base(path)), Advice: openAdvice})
	}
}

// A column is a row of SQLite's table_info: https://www.sqlite.org/pragma.html#pragma_table_info
type column struct {
	Name    string
	Type    string
	Notnull bool
	Pk      int
}

// text describes the column, or its absence.
func (c column) text() check.Text {
	switch {
	case c.Name == "":
		return "no such column"
	case c.Notnull:
		return check.Textf("%s %s not null", c.Name, c.Type)
	}
	return check.Textf("%s %s, which may be null", c.Name, c.Type)
}

// wantColumns expects the table users to have the columns that all steps need.
func wantColumns(t *testing.T, p *check.Program) {
	t.Helper()
	var columns []column
	require.NoError(t, p.Query(t, &columns, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('users')"))
	found := map[string]column{}
	for _, c := range columns {
		found[c.Name] = c
	}
	fail := func(got, want check.Text) {
		t.Helper()
		check.Fail(t, check.Finding{Sent: "read the columns of the table users", Got: got, Want: want, Advice: columnsAdvice})
	}
	if len(columns) == 0 {
		fail("no table users", "a table users")
	}
	if found["id"].Pk != 1 || !strings.Contains(strings.ToUpper(found["id"].Type), "INT") {
		fail(found["id"].text(), "a column id, integer and primary key")
	}
	for _, name := range []string{"username", "password_hash"} {
		c, kind := found[name], strings.ToUpper(found[name].Type)
		if !c.Notnull || !strings.Contains(kind, "TEXT") && !strings.Contains(kind, "CHAR") {
			fail(c.text(), check.Textf("a column %s, text and not null", name))
		}
	}
}

// TestFirstUser: ada is there from the first start on, and nobody can read her
// password.
func TestFirstUser(t *testing.T) {
	check.Judges(t, 4)
	t.Run("is ada", func(t *testing.T) {
		p := check.Running(t)
		advice := userAdvice
		if users := p.Users(t, columnsAdvice); len(users) == 0 {
			advice.Why = cmp.Or(whyNobody(t, p), advice.Why)
			failUser(t, describe(users), "one user, ada", advice)
		}
		adasRow(t, p)
	})
	t.Run("has a bcrypt hash", func(t *testing.T) {
		ada := adasRow(t, check.Running(t))
		advice := userAdvice
		advice.Why = "with a hash, the program can check a password, and nobody can read it"
		cost, err := bcrypt.Cost([]byte(ada.PasswordHash))
		if err != nil {
			failUser(t, check.Textf("%q in password_hash", ada.PasswordHash), "what bcrypt.GenerateFromPassword returns", advice)
		}
		if cost < bcrypt.DefaultCost {
			advice.Why = "the cost is how long one guess takes; bcrypt.DefaultCost is 10"
			failUser(t, check.Textf("a hash of cost %d", cost), "a cost of 10 or more", advice)
		}
		if bcrypt.CompareHashAndPassword([]byte(ada.PasswordHash), []byte(check.Ada.Password)) != nil {
			advice.Why = "every later step logs in as ada, with the password 12341234: bcrypt gets the password itself, as bytes, and nothing that was made of it"
			failUser(t, "the hash of another password", "the hash of 12341234", advice)
		}
	})
	t.Run("has no password in plain text", func(t *testing.T) {
		p := check.Running(t)
		adasRow(t, p)
		advice := userAdvice
		advice.Why = "who steals the file must not get the passwords with it. What was ever stored may stand in it, or in its log, also if the table has something else now: is the password stored first, and the hash later?"
		dir := filepath.Dir(p.Database)
		files, err := check.ReadDir(dir)
		require.NoError(t, err)
		for _, file := range files {
			text, err := check.ReadFile(filepath.Join(dir, file.Name()))
			require.NoError(t, err)
			if strings.Contains(string(text), check.Ada.Password) {
				check.Fail(t, check.Finding{Sent: "start with a new database, and look into its files while the program runs", Got: check.Textf("12341234, in %s", file.Name()), Want: "only its hash", Advice: advice})
			}
		}
	})
	t.Run("that cannot be added", func(t *testing.T) {
		adasRow(t, check.Running(t))
		first := withEmptyTable(t)
		first.Start(t, check.Advice{Why: "nobody is in this table: ada is added, and the program starts", Look: check.Todo("database.go", 4)})
		if users := first.Users(t, columnsAdvice); len(users) != 1 {
			check.Fail(t, check.Finding{Sent: "start with a database in which the table users is empty", Got: describe(users), Want: "one user, ada", Advice: check.Advice{Why: cmp.Or(whyNobody(t, first), "the table was there already, and nobody was in it: that is what counts, and not whether the file or the table is new"), Look: check.Todo("database.go", 4)}})
		}
		p := withEmptyTable(t)
		require.NoError(t, p.SQL(t, "CREATE TRIGGER no_more BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no more users'); END"))
		advice := userAdvice
		advice.Why = "db.Create returns what went wrong as its Error: does addFirstUser look at it and return it? Does openDatabase return what addFirstUser returns (TODO 3)? And the table stays as it is: nothing is dropped or removed at the start"
		p.WantExit(t, "start with a database in which a trigger refuses every new user", advice)
	})
	t.Run("is the only ada", func(t *testing.T) {
		check.Judges(t, 3)
		p := check.Running(t)
		ada := adasRow(t, p)
		var got check.Text = "two users of the same name"
		unique := false
		err := p.SQL(t, "INSERT INTO users (username, password_hash) VALUES (?, ?)", ada.Username, "another hash")
		if err == nil {
			p.SQL(t, "DELETE FROM users WHERE id <> ?", ada.ID)
		} else {
			unique = strings.Contains(err.Error(), "UNIQUE constraint failed")
			got = check.Textf("the error %s", check.Verbatim(err.Error()))
		}
		if !unique {
			check.Fail(t, check.Finding{Sent: "add a second ada to the table users", Got: got, Want: "the error UNIQUE constraint failed, from the database",
				Advice: check.Advice{Why: "only a unique index is sure: two programs may both look first, find nobody, and add her", Look: check.Todo("database.go", 3)}})
		}
	})
}

// adasRow returns the row of ada, who has to be the only user of a new database.
func adasRow(t *testing.T, p *check.Program) check.User {
	t.Helper()
	users := p.Users(t, columnsAdvice)
	if len(users) != 1 || users[0].Username != "ada" {
		failUser(t, describe(users), "one user, ada", userAdvice)
	}
	return users[0]
}

// whyNobody says why there is no user in a new database, if that can be seen.
func whyNobody(t *testing.T, p *check.Program) check.Text {
	t.Helper()
	if p.Locked(t) {
		return "another program that reads the table sees nobody, and cannot write to it: is ada added in a transaction that is still open? db.Transaction commits at its end, after db.Begin it takes Commit; in a go func, the program listens before that"
	}
	time.Sleep(300 * time.Millisecond) // a hash takes a third of that
	if len(p.Users(t, columnsAdvice)) > 0 {
		return "the program listened, and nobody was there; a moment later there was ada: is she added in a go func? The program listens only when addFirstUser has returned, and returns its error"
	}
	return ""
}

// failUser fails the test because of a user in a new database.
func failUser(t *testing.T, got, want check.Text, advice check.Advice) {
	t.Helper()
	check.Fail(t, check.Finding{Sent: "start with a new database, and read the table users at once", Got: got, Want: want, Advice: advice})
}

// describe names the users.
func describe(users []check.User) check.Text {
	if len(users) == 0 {
		return "no user"
	}
	if len(users) == 1 {
		return check.Textf("one user, %s", check.Short(users[0].Username))
	}
	var names []string
	for _, u := range users[:min(len(users), 10)] {
		names = append(names, check.Short(u.Username))
	}
	return check.Textf("%d users: %s", len(users), strings.Join(names, ", "))
}
