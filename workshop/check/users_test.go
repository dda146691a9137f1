package check

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// withUsers returns a program that has left a database file with this table,
// and ada in it.
func withUsers(t *testing.T, table string) *Program {
	t.Helper()
	p := New(t)
	require.NoError(t, os.WriteFile(p.Database, nil, 0o600)) // SQLite takes an empty file for an empty database
	require.NoError(t, p.SQL(t, table))
	return p
}

// usersTable is the table of the contract.
const usersTable = "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT UNIQUE NOT NULL, password_hash TEXT NOT NULL)"

// TestUsers: users are added, found, renamed and deleted in the file.
func TestUsers(t *testing.T) {
	p := withUsers(t, usersTable)
	require.NoError(t, p.SQL(t, "INSERT INTO users (username, password_hash) VALUES (?, ?)", "ada", "x"))
	assert.Equal(t, int64(1), p.UserID(t, "ada"))

	one, two := p.AddUser(t), p.AddUserWith(t, "pass word", bcrypt.MinCost)
	assert.Regexp(t, "^ada-[0-9a-f]{6}$", one.Username)
	assert.NotEqual(t, one.Username, two.Username)
	assert.NotEqual(t, one.Password, two.Password)
	assert.NoError(t, bcrypt.CompareHashAndPassword([]byte(two.PasswordHash), []byte("pass word")))
	assert.Equal(t, two.ID, p.UserID(t, two.Username))

	p.RenameUser(t, one, "grace")
	p.DeleteUser(t, two)
	users := p.Users(t, someAdvice)
	require.Len(t, users, 2)
	assert.Equal(t, User{ID: one.ID, Username: "grace", PasswordHash: one.PasswordHash}, users[1])

	var names []string
	require.NoError(t, p.Query(t, &names, "SELECT username FROM users WHERE id > ?", 1))
	assert.Equal(t, []string{"grace"}, names)
	assert.ErrorContains(t, p.SQL(t, "INSERT INTO users (username, password_hash) VALUES (?, ?)", "ada", "x"), "UNIQUE")
}

// TestUsersFail: what is wrong with a database file is said as of a request.
func TestUsersFail(t *testing.T) {
	noTable := "CREATE TABLE others (id INTEGER)"
	for _, tc := range []struct {
		name, table     string
		use             func(*Program, testing.TB)
		sent, got, want string
	}{
		{"no table, add", noTable, func(p *Program, t testing.TB) { p.AddUser(t) },
			"add a user to the table users", "no such table: users", "no error"},
		{"no table, find", noTable, func(p *Program, t testing.TB) { p.UserID(t, "ada") },
			"look for ada in the table users", "no such table: users", "no error"},
		{"no table, delete", noTable, func(p *Program, t testing.TB) { p.DeleteUser(t, Ada) },
			"delete a user from the table users", "no such table: users", "no error"},
		{"no column, add", "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT)", func(p *Program, t testing.TB) { p.AddUser(t) },
			"add a user to the table users", "table users has no column named password_hash", "no error"},
		{"no column, rename", "CREATE TABLE users (id INTEGER PRIMARY KEY)", func(p *Program, t testing.TB) { p.RenameUser(t, Ada, "grace") },
			"rename a user in the table users", "no such column: username", "no error"},
		{"no ada", usersTable, func(p *Program, t testing.TB) { p.UserID(t, "ada") },
			"look for ada in the table users", "0 users of that name", "one, from the first start on"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := withUsers(t, tc.table)
			finding := findingOf(t, func(t testing.TB) { tc.use(p, t) })
			assert.True(t, strings.HasPrefix(finding, tc.sent+"\n    got:  "), finding)
			assert.Regexp(t, "[ (]"+tc.got, finding) // the two drivers put other words around it
			assert.Contains(t, finding, "\n    want: "+tc.want+"\n    why:  the checks add users to the table, "+
				"as an administrator would; step 1 says what it looks like\n    look: steps/check/database.go\n")
		})
	}
	t.Run("no table, read", func(t *testing.T) {
		p := withUsers(t, noTable)
		finding := findingOf(t, func(t testing.TB) { p.Users(t, someAdvice) })
		assert.True(t, strings.HasPrefix(finding, "read the table users in the database file\n    got:  "), finding)
		assert.Contains(t, finding, "\n    want: rows with id, username and password_hash\n    why:  it matters\n")
	})
}

// TestNoDatabase: a file that is missing, or is none of SQLite's, is no panic.
func TestNoDatabase(t *testing.T) {
	p := New(t)
	finding := findingOf(t, func(t testing.TB) { p.Users(t, someAdvice) })
	assert.Equal(t, withSomeAdvice("look for the database file at DATABASE_PATH", "no file there",
		"a SQLite file, from the start of the program on", ""), finding)
	require.NoError(t, os.WriteFile(p.Database, []byte("users: ada, grace and all the others\n"), 0o600))
	finding = findingOf(t, func(t testing.TB) { p.Users(t, someAdvice) })
	assert.True(t, strings.HasPrefix(finding, "open the database file\n    got:  "), finding)
	assert.Contains(t, finding, "file is not a database")
	fake, _ := runFake(t, func(t testing.TB) { p.AddUserWith(t, strings.Repeat("x", 73), bcrypt.MinCost) })
	assert.Equal(t, "workshop: bcrypt: password length exceeds 72 bytes", fake.failure)
}

// TestReplacer: users that a check made up become ada in the learner's commands.
func TestReplacer(t *testing.T) {
	var r replacer
	assert.Equal(t, "ada-123456", r.Replace("ada-123456"))
	r.add(User{Username: "ada-123456", Password: "beef"})
	r.add(User{Username: "ada-654321", Password: "cafe"})
	assert.Equal(t, LoginBody("ada", "12341234")+LoginBody("ada", "12341234"),
		r.Replace(LoginBody("ada-123456", "beef")+LoginBody("ada-654321", "cafe")))
	assert.Equal(t, `{"username":"a\"b","password":"<&>"}`, LoginBody(`a"b`, "<&>"))
}
