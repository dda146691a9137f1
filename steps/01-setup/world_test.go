package main

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/check"
)

// A world is a program and the users in its database, which a start must not change; if
// there are none, it adds ada.
type world struct {
	p       *check.Program
	about   check.Text
	users   []check.User // in the order of their ids
	started bool         // before
}

// TestAnyOrder: what is in the database stays there, from one start to the next, however
// the program ends.
func TestAnyOrder(t *testing.T) {
	check.Judges(t, 4)
	type step = func(t testing.TB, w *world)
	for _, tc := range []struct {
		name  string
		about check.Text
		users bool // others come, and all go
		begin func(t testing.TB, w *world)
	}{
		{"a new database", "start without a database file", false, func(t testing.TB, w *world) {
			w.p = check.New(t)
			w.p.Fresh()
		}},
		{"an empty file", "start with an empty file as the database", false, func(t testing.TB, w *world) {
			w.p = withEmptyDatabase(t)
		}},
		{"users without ada", "start with a table users without ada and without the id 1", true, func(t testing.TB, w *world) {
			w.p = withEmptyTable(t)
			w.users = []check.User{w.p.AddUser(t), w.p.AddUser(t)}
			slices.SortFunc(w.users, func(a, b check.User) int { return cmp.Compare(a.ID, b.ID) })
			w.users[1].PasswordHash = "a hash of another kind"
			w.p.SetHash(t, w.users[1], w.users[1].PasswordHash)
		}},
		{"ada with another id", "start with a table users in which ada has another id and a hash of cost 4", false, func(t testing.TB, w *world) {
			w.p = withEmptyTable(t)
			ada := w.p.AddUserWith(t, check.Ada.Password, bcrypt.MinCost)
			w.p.RenameUser(t, ada, check.Ada.Username)
			ada.Username = check.Ada.Username
			w.users = []check.User{ada}
		}},
		{"ada and another user", "start with a table users in which ada is the second of two", false, func(t testing.TB, w *world) {
			w.p = withEmptyTable(t)
			w.users = []check.User{w.p.AddUser(t), w.p.AddUser(t)}
			slices.SortFunc(w.users, func(a, b check.User) int { return cmp.Compare(a.ID, b.ID) })
			w.p.RenameUser(t, w.users[1], check.Ada.Username)
			w.users[1].Username = check.Ada.Username
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			adasRow(t, check.Running(t)) // first of all
			steps := []step{
				func(t testing.TB, w *world) { w.start(t, "stop the program, and start it again", w.p.Stop) },
				func(t testing.TB, w *world) { w.start(t, "kill the program, and start it again", w.p.Kill) },
				func(t testing.TB, w *world) { w.otherHash(t) },
			}
			if tc.users { // once is enough: they are the same users then
				steps = append(steps,
					func(t testing.TB, w *world) { w.otherUser(t) },
					func(t testing.TB, w *world) { w.nobody(t) })
			}
			check.Story[world]{
				New: func(t testing.TB) *world {
					w := &world{about: tc.about}
					tc.begin(t, w)
					return w
				},
				Steps: steps,
			}.Tell(t, 2)
		})
	}
	t.Run("a user with the id 0", func(t *testing.T) {
		t.Parallel()
		adasRow(t, check.Running(t)) // first of all
		p := withEmptyTable(t)
		grace := p.AddUser(t)
		require.NoError(t, p.SQL(t, "UPDATE users SET id = 0 WHERE id = ?", grace.ID))
		p.Start(t, check.Advice{Why: "there is a user, so nobody is added", Look: check.Todo("database.go", 4)})
		if users := p.Users(t, columnsAdvice); len(users) != 1 {
			check.Fail(t, check.Finding{Sent: "start with a table users that has one user, whose id is 0", Got: describe(users), Want: "one user, with the id 0", Advice: check.Advice{Why: "there is a user already, so nobody is added: what is asked is how many there are, and no id says that", Look: check.Todo("database.go", 4)}})
		}
	})
	t.Run("a database that is locked", func(t *testing.T) {
		t.Parallel()
		wantWaiting(t)
	})
	t.Run("another program that adds ada", func(t *testing.T) {
		t.Parallel()
		wantFirstAda(t)
	})
	t.Run("three starts at once", func(t *testing.T) {
		adasRow(t, check.Running(t)) // first of all
		p := withEmptyTable(t)
		programs := []*check.Program{p}
		for range 2 {
			other := check.New(t)
			other.Setenv("DATABASE_PATH", p.Database)
			programs = append(programs, other)
		}
		var seen []check.User
		check.StartTogether(t, func() {
			const about = "start the program three times at once, with one database"
			var users []check.User
			err := p.Query(t, &users, "SELECT id, username, password_hash FROM users ORDER BY id")
			switch {
			case err != nil:
				failUsers(t, about, check.Verbatim(err.Error()), "the table users, which was there before", "a table that is there stays where it is: is it renamed, dropped or made anew at a start?")
			case len(users) == 0 && len(seen) == 0:
			case len(seen) == 0:
				seen = users
			case !slices.Equal(seen, users):
				got := describe(users)
				if len(users) == 1 && users[0].Username == seen[0].Username {
					got = "one user, ada, with another id or hash than a moment ago"
				}
				failUsers(t, about, got, check.Textf("%s, as the first of them has added her, with the same id and hash", describe(seen)), overlap)
			}
		}, programs...)
	})
}

// start starts the program, after it was ended by end if it was running, and expects the
// users to be the same; ada, if there were none.
func (w *world) start(t testing.TB, again check.Text, end func(t testing.TB)) {
	t.Helper()
	about, advice := w.about, check.Advice{Why: "the program does not start with this file: what does it say, below?", Look: check.Todo("database.go", 3)}
	if w.started {
		end(t)
		about, advice = again, startedBefore
	}
	if !w.started && len(w.users) > 0 {
		advice = check.Advice{Why: "there are users already, and the program does not start: what does it say, below? How many there are is asked before anybody is added", Look: check.Todo("database.go", 4)}
	}
	check.Did(t, about)
	w.p.Start(t, advice)
	w.started = true
	users := w.p.Users(t, columnsAdvice)
	fail := func(want, why check.Text) {
		t.Helper()
		failUsers(t, about, describe(users), want, why)
	}
	switch {
	case len(w.users) == 0:
		if len(users) != 1 || users[0].Username != check.Ada.Username || bcrypt.CompareHashAndPassword([]byte(users[0].PasswordHash), []byte(check.Ada.Password)) != nil {
			fail("one user, ada, with the password 12341234", "the table is empty, and steps 2 to 4 of the workshop log in as ada: whether ada is added hangs on the number of users at the start, and not on whether the file is new")
		}
	case !slices.EqualFunc(users, w.users, func(a, b check.User) bool { return a.Username == b.Username }):
		fail(check.Textf("%s, as before", describe(w.users)), "there were users already, so nobody is added and nobody goes: what is asked is how many there are, not whether ada is there, or the id 1")
	case !slices.EqualFunc(users, w.users, func(a, b check.User) bool { return a.ID == b.ID && a.PasswordHash == b.PasswordHash }):
		fail("the same ids and the same hashes as before", "a start is no reason to touch what is there: or everyone could log in as ada again, with the password from the internet")
	}
	w.users = users
}

// otherHash gives all users another hash, as somebody else would.
func (w *world) otherHash(t testing.TB) {
	if !w.started {
		return // there may be no table yet
	}
	check.Did(t, "give all users another hash")
	hash, err := bcrypt.GenerateFromPassword([]byte(check.RandomText(6)), bcrypt.MinCost)
	require.NoError(t, err)
	for i := range w.users {
		w.users[i].PasswordHash = string(hash)
		w.p.SetHash(t, w.users[i], string(hash))
	}
}

// otherUser adds a user and deletes all others.
func (w *world) otherUser(t testing.TB) {
	if !w.started {
		return
	}
	check.Did(t, "add a user, and delete all others")
	u := w.p.AddUser(t)
	for _, other := range w.users {
		w.p.DeleteUser(t, other)
	}
	w.users = []check.User{u}
}

// nobody deletes all users.
func (w *world) nobody(t testing.TB) {
	if !w.started {
		return
	}
	check.Did(t, "delete all users")
	for _, u := range w.users {
		w.p.DeleteUser(t, u)
	}
	w.users = nil
}

// TestInterrupted: a first start that is killed leaves nothing behind that is half done.
func TestInterrupted(t *testing.T) {
	check.Judges(t, 4)
	adasRow(t, check.Running(t)) // first of all
	for range 3 {                // on a busy computer, the kill may come too late
		wantAdaAfterKill(t)
	}
}

// startedBefore is for a program that starts with an empty database, and not with its own.
var startedBefore = check.Advice{Why: "it has started before, with this database: what was made then is there now, and must not be made again", Look: check.Todo("database.go", 4)}

// wantAdaAfterKill kills a program while it sets up its database, starts it again, and expects
// ada to be there as if nothing had happened.
func wantAdaAfterKill(t *testing.T) {
	t.Helper()
	p := check.New(t)
	p.Fresh()
	p.KillOnceUsed(t)
	const about = check.Text("start without a database file, kill the program as soon as ada is in the table, and start it again")
	advice := check.Advice{Why: "a start before this one was killed: what has it left, in the database or beside it, that stops this one? What is there already is not made again, and what is missing is made now", Look: check.Todo("database.go", 3)}
	if !p.Starts(t) {
		if !startsTwice(t) {
			advice = startedBefore
		}
		p.Start(t, advice)
	}
	users := p.Users(t, columnsAdvice)
	got := describe(users)
	if len(users) == 1 && users[0].Username == check.Ada.Username {
		if bcrypt.CompareHashAndPassword([]byte(users[0].PasswordHash), []byte(check.Ada.Password)) == nil {
			return
		}
		got = check.Textf("ada, with another hash: %q", users[0].PasswordHash)
	}
	failUsers(t, about, got, "one user, ada, with a hash of 12341234", "the next start finds a user and changes nothing, so she stays as she is: make her hash first, and add her with it, in one Create")
}

// startsTwice says whether a program that was stopped, and not killed, starts again.
func startsTwice(t *testing.T) bool {
	t.Helper()
	p := check.New(t)
	p.Fresh()
	if !p.Starts(t) {
		return false
	}
	p.Stop(t)
	return p.Starts(t)
}

// wantWaiting expects a start to wait, or to fail, as long as another program holds the
// database, so that nobody can be added.
func wantWaiting(t *testing.T) {
	t.Helper()
	adasRow(t, check.Running(t)) // first of all
	p := withEmptyTable(t)
	require.NoError(t, p.SQL(t, "BEGIN IMMEDIATE"))
	free := make(chan error)
	go func() {
		time.Sleep(held())
		free <- p.SQL(t, "ROLLBACK")
	}()
	listens := p.Starts(t)
	select {
	case err := <-free:
		require.NoError(t, err)
		if !listens {
			return // it has not waited, and said so
		}
	default:
		require.NoError(t, <-free)
		if !listens {
			return
		}
		failUsers(t, "start the program while another one has locked the database", "it listens at once", "it waits until ada is in the table, or ends with an error",
			"ada is not in the table yet: while another program writes, SQLite waits up to 5 seconds, and then returns an error. The program listens only when addFirstUser has returned, and returns its error")
	}
	if users := p.Users(t, columnsAdvice); len(users) != 1 || users[0].Username != check.Ada.Username {
		failUsers(t, "start the program while another one has locked the database", describe(users), "one user, ada, or an error and no program that listens",
			"the other program has let go of the database by now, and there is still no user: every error ends the start")
	}
}

// held is how long another program holds the database: longer than a start takes, on a busy computer,
// too, and less than the 5 seconds that SQLite waits.
func held() time.Duration {
	return min(500*time.Millisecond+3*check.StartTakes(), 4*time.Second)
}

// wantFirstAda expects a start to leave ada alone whom another program has added meanwhile.
func wantFirstAda(t *testing.T) {
	t.Helper()
	adasRow(t, check.Running(t)) // first of all
	p := withEmptyTable(t)
	hers, err := bcrypt.GenerateFromPassword([]byte(check.RandomText(6)), bcrypt.MinCost)
	require.NoError(t, err)
	require.NoError(t, p.SQL(t, "BEGIN IMMEDIATE"))
	added := make(chan error)
	go func() {
		time.Sleep(held())
		added <- errors.Join(p.SQL(t, "INSERT INTO users (username, password_hash) VALUES (?, ?)", check.Ada.Username, string(hers)), p.SQL(t, "COMMIT"))
	}()
	p.Starts(t) // or ends with an error: both are right
	require.NoError(t, <-added)
	if users := p.Users(t, columnsAdvice); len(users) != 1 || users[0].PasswordHash != string(hers) {
		got := describe(users)
		if len(users) == 1 && users[0].Username == check.Ada.Username {
			got = "one user, ada, with another hash than the other program has given her"
		}
		failUsers(t, "start the program while another one adds ada", got, "the ada that the other program has added, with her hash", overlap)
	}
}

// overlap is why one of two programs that start at once adds nobody.
const overlap = "of programs that start at once, the first one that writes adds ada, and the others change nothing: one that finds her leaves her alone, and one that has found nobody, and then wants to add her, gets an error from Create, which is right"

// failUsers fails the test because of the users in a database.
func failUsers(t testing.TB, sent, got, want, why check.Text) {
	t.Helper()
	advice := userAdvice
	advice.Why = why
	check.Fail(t, check.Finding{Sent: sent, Got: got, Want: want, Advice: advice})
}

// TestForeignTable: a table users of another program is an error at every start, and stays
// as it is.
func TestForeignTable(t *testing.T) {
	check.Judges(t, 3)
	adasRow(t, check.Running(t)) // first of all
	for _, tc := range []struct {
		name   string
		about  check.Text
		schema string
		row    string
	}{
		{"with a row", "start with a table users of another program, with the columns id, email and pass, and a row in it",
			"CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, pass TEXT)", "INSERT INTO users (id, email, pass) VALUES (1, 'grace@example.com', 'secret')"},
		{"with names and a row", "start with a table users of another program, with the columns id, username, password and more, and a row in it",
			"CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(80) NOT NULL, password VARCHAR(80), email TEXT, pass TEXT)", "INSERT INTO users (id, username, password, email, pass) VALUES (1, 'grace', 'secret', 'grace@example.com', 'x')"},
		{"without rows", "start with a table users of another program, with the columns email and pass, and no row in it",
			"CREATE TABLE users (email TEXT NOT NULL, pass TEXT)", "PRAGMA user_version = 1"}, // which other programs set, too
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := withEmptyDatabase(t)
			require.NoError(t, p.SQL(t, tc.schema))
			require.NoError(t, p.SQL(t, tc.row))
			advice := openAdvice
			advice.Why = "the columns are not those of the type User, so nobody could ever log in: does the program look at the columns of a table that is there? AutoMigrate returns an error for a column that is missing, unless the column has a default, or the table was dropped or renamed before; HasTable and CREATE TABLE IF NOT EXISTS look at its name alone"
			read := func() (content []string) {
				if err := p.Query(t, &content, "SELECT email || ' ' || pass FROM users UNION ALL SELECT name FROM pragma_table_info('users') WHERE name IN ('email', 'pass')"); err != nil {
					return nil
				}
				return content
			}
			before := read()
			for _, about := range []check.Text{tc.about, check.Textf("%s, for the second time", tc.about)} {
				p.WantExit(t, about, advice)
				if _, err := os.Stat(p.Database); err != nil {
					advice.Why = "it was there before the start, and belongs to somebody else: does the program remove or rename the file when something goes wrong?"
					check.Fail(t, check.Finding{Sent: about, Got: "it ends with an error, and the database file is gone", Want: "the file as it was, and an error", Advice: advice})
				}
				if after := read(); !slices.Equal(before, after) {
					advice.Why = "it belongs to somebody else: what cannot be used is left alone, and nothing is dropped, renamed or removed"
					check.Fail(t, check.Finding{Sent: about, Got: "other columns or rows afterwards, or none", Want: "the table as it was, and an error", Advice: advice})
				}
				advice.Why = "it was refused a moment ago, and nobody has changed it: does the program note that a database is all right before it has looked? Look at it at each start"
			}
		})
	}
}

// settings are those of a program, which come from the environment of each start.
type settings struct {
	p    *check.Program
	kept check.Text // what an earlier start may have left behind; empty at the first
}

// TestSettingsAnew: what the program was told at an earlier start does not count at the next.
func TestSettingsAnew(t *testing.T) {
	type step = func(t testing.TB, s *settings)
	check.Story[settings]{
		New: func(t testing.TB) *settings { return &settings{p: check.New(t)} },
		Steps: []step{
			func(t testing.TB, s *settings) { s.start(t, "2m", 120) },
			func(t testing.TB, s *settings) { s.start(t, "", 900) },
			func(t testing.TB, s *settings) { s.startWithoutSecret(t) },
		},
	}.Tell(t, 2)
}

// start starts the program with a secret that is new, and this lifetime or none.
func (s *settings) start(t testing.TB, lifetime string, seconds int) {
	t.Helper()
	about := check.Text("start the program with a new secret and without JWT_ACCESS_TOKEN_EXPIRES, GET /health and /example, and stop it")
	var with check.Text
	s.p.Unsetenv("JWT_ACCESS_TOKEN_EXPIRES")
	if lifetime != "" {
		with = check.Textf("of a program that was started with JWT_ACCESS_TOKEN_EXPIRES=%s", lifetime)
		about = check.Textf("start the program with a new secret and JWT_ACCESS_TOKEN_EXPIRES=%s, GET /health and /example, and stop it", lifetime)
		s.p.Setenv("JWT_ACCESS_TOKEN_EXPIRES", lifetime)
	}
	check.Did(t, about)
	s.p.Setenv("JWT_SECRET_KEY", check.RandomText(32))
	advice := check.Advice{Why: check.Textf("%s is a good time: time.ParseDuration reads it", "2m"), Look: check.Todo("jwt.go", 2)}
	if s.kept != "" {
		advice = check.Advice{Why: s.kept, Look: check.Todo("database.go", 4)}
	}
	s.p.Start(t, advice)
	wantLifetime(t, s.p.Get(t, "/health"), seconds, check.Advice{Why: "the lifetime of an earlier start is over: without JWT_ACCESS_TOKEN_EXPIRES it is 15 minutes", Look: check.Todo("jwt.go", 2)})
	key := check.Advice{Why: "this start has a secret of its own: is a token, or a key, kept from an earlier one, in a file or in the database?", Look: check.File("example.go")}
	if s.kept == "" {
		key = keyAdvice
	}
	wantKey(t, s.p, with, key)
	s.p.Stop(t)
	s.kept = startedBefore.Why
}

// startWithoutSecret expects the program to refuse to start, whatever was before.
func (s *settings) startWithoutSecret(t testing.TB) {
	t.Helper()
	about := check.Text("start the program without JWT_SECRET_KEY, in a folder without .env")
	if s.kept != "" {
		about = "start the program without JWT_SECRET_KEY"
	}
	check.Did(t, about)
	s.p.Unsetenv("JWT_SECRET_KEY")
	s.p.WantExit(t, about, check.Advice{Why: "JWT_SECRET_KEY is missing, and nobody has set it in .env: where does the program take a secret from? Has it kept one from an earlier start, in .env, another file or the database?", Look: check.Todo("jwt.go", 1)})
	check.Came(t, "it ends with an error")
	if s.kept == "" {
		s.kept = "the start before this one was refused, and has nothing to say about this one"
	}
}
