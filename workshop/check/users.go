package check

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"jwtworkshop/workshop/internal/words"
)

// A User is a row of the table users. Password is known only of users that a
// check has added.
type User struct {
	ID           int64
	Username     string
	PasswordHash string
	Password     string `gorm:"-"`
}

// Ada is the user that every program has from its first start.
var Ada = User{ID: 1, Username: "ada", Password: "12341234"}

// madeUp matches the name of a user that AddUser has added: "ada-3f9c01". No
// request that holds one makes sense outside its check.
var madeUp = regexp.MustCompile(`(?i)(ada|grace|alan)-[0-9a-f]{6}`)

// usersAdvice is where a learner looks when the table does not do.
var usersAdvice = Advice{
	Why:  "the checks add users to the table, as an administrator would; step 1 says what it looks like",
	Look: File("database.go"),
}

// AddUser adds a user with a random name and password to the program's
// database, as somebody else than the program: through the file.
func (p *Program) AddUser(t testing.TB) User {
	t.Helper()
	return p.AddUserWith(t, RandomPassword(), bcrypt.MinCost)
}

// AddUserWith adds a user with a random name and id, this password and a bcrypt hash
// of this cost. No id comes from counting, so that nothing is right by coincidence; and
// SQLite would use the highest one again once that user is gone.
func (p *Program) AddUserWith(t testing.TB, password string, cost int) User {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		Broken(t, err)
	}
	u := User{ID: int64(1000 + random.intN(1<<31-1000)), Username: p.nextName() + RandomText(3), PasswordHash: string(hash), Password: password}
	watched.keep(passwordName, password)
	watched.keepHash(u.PasswordHash)
	p.putUser(t, u)
	adasOwn.add(u)
	return u
}

// nextName returns the beginning of the next user's name: in a program of one's own, ada's,
// grace's and alan's, in this order.
func (p *Program) nextName() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.added++
	return []string{"alan-", "ada-", "grace-"}[p.added%3]
}

// putUser adds a user as she is, with her id.
func (p *Program) putUser(t testing.TB, u User) {
	t.Helper()
	if err := p.open(t, usersAdvice).Create(&u).Error; err != nil {
		p.fail(t, "add a user to the table users", err)
	}
}

// Users returns all rows of the table users, in the order of their ids.
func (p *Program) Users(t testing.TB, advice Advice) []User {
	t.Helper()
	var users []User
	if err := p.open(t, advice).Order("id").Find(&users).Error; err != nil {
		Fail(t, Finding{Sent: "read the table users in the database file", Got: Verbatim(err.Error()),
			Want: "rows with id, username and password_hash", Advice: advice})
	}
	for _, u := range users {
		watched.keepHash(u.PasswordHash)
	}
	return users
}

// used says whether anybody is in the table users, which may not be there yet.
func (p *Program) used() bool {
	db, err := p.database()
	if err != nil {
		return false
	}
	var tables, users int64
	db.Table("sqlite_master").Where("type = 'table' AND name = 'users'").Count(&tables)
	if tables > 0 {
		db.Table("users").Count(&users)
	}
	return users > 0
}

// UserID returns the id of the user with this name.
func (p *Program) UserID(t testing.TB, username string) int64 {
	t.Helper()
	var users []User
	err := p.open(t, usersAdvice).Where("username = ?", username).Find(&users).Error
	if err != nil {
		p.fail(t, Textf("look for %s in the table users", username), err)
	}
	if len(users) != 1 {
		Fail(t, Finding{Sent: Textf("look for %s in the table users", username), Got: words.Counted(len(users), "%d user of that name", "%d users of that name"),
			Want: "one, from the first start on", Advice: usersAdvice})
	}
	return users[0].ID
}

// RenameUser gives a user another name.
func (p *Program) RenameUser(t testing.TB, u User, name string) {
	t.Helper()
	if err := p.SQL(t, "UPDATE users SET username = ? WHERE id = ?", name, u.ID); err != nil {
		p.fail(t, "rename a user in the table users", err)
	}
}

// GiveID gives a user another id.
func (p *Program) GiveID(t testing.TB, u *User, id int64) {
	t.Helper()
	if err := p.SQL(t, "UPDATE users SET id = ? WHERE id = ?", id, u.ID); err != nil {
		p.fail(t, "give a user of the table users another id", err)
	}
	u.ID = id
}

// GiveNewName gives a user another name, as a step of a story.
func (p *Program) GiveNewName(t testing.TB, u *User) {
	t.Helper()
	u.Username = "ada-" + RandomText(3)
	Did(t, Textf("give ada the name %s", u.Username))
	p.RenameUser(t, *u, u.Username)
}

// WantNames fails the test unless these users have their names in the table users, after
// sent: a program that reads a row and writes it later undoes what has changed meanwhile.
func (p *Program) WantNames(t testing.TB, sent Text, look Place, users ...User) {
	t.Helper()
	names := map[int64]string{}
	for _, u := range p.Users(t, usersAdvice) {
		names[u.ID] = u.Username
	}
	for _, u := range users {
		if names[u.ID] == u.Username {
			continue
		}
		got := Textf("her former name, %s, in the table users", names[u.ID])
		if names[u.ID] == "" {
			got = "she is gone from the table users"
		}
		Fail(t, Finding{Sent: sent, Got: got, Want: Textf("%s, her new name", u.Username),
			Advice: Advice{Why: "her name was changed in the file, and after that the program has written the row that it had read before: look for Save, Update or Create, also in a go func. It has no reason to write to this table", Look: look}})
	}
}

// DeleteUser deletes a user.
func (p *Program) DeleteUser(t testing.TB, u User) {
	t.Helper()
	if err := p.SQL(t, "DELETE FROM users WHERE id = ?", u.ID); err != nil {
		p.fail(t, "delete a user from the table users", err)
	}
}

// WithoutAda does what f does while a user, ada in the words of a story, is deleted; then she
// is there again, with the same id.
func (p *Program) WithoutAda(t testing.TB, ada User, f func()) {
	t.Helper()
	Did(t, "delete ada from the table users")
	p.DeleteUser(t, ada)
	defer func() {
		Did(t, "add ada again, as she was")
		p.putUser(t, ada)
	}()
	f()
}

// DeleteFirst deletes ada, whom the first start has added, so that nothing is right only
// because she is there, or because somebody has the id 1. It leaves her to a program that
// -url names: its learner logs in as her.
func (p *Program) DeleteFirst(t testing.TB) {
	t.Helper()
	if *urlFlag != "" {
		return
	}
	if err := p.SQL(t, "DELETE FROM users WHERE username = ?", Ada.Username); err != nil {
		p.fail(t, "delete a user from the table users", err)
	}
}

// SwapNames gives two users each other's name, and returns them as they are then.
func (p *Program) SwapNames(t testing.TB, a, b User) (User, User) {
	t.Helper()
	p.RenameUser(t, a, "somebody-"+RandomText(3)) // a name is unique
	a.Username, b.Username = b.Username, a.Username
	p.RenameUser(t, b, b.Username)
	p.RenameUser(t, a, a.Username)
	return a, b
}

// SetHash gives a user another hash.
func (p *Program) SetHash(t testing.TB, u User, hash string) {
	t.Helper()
	watched.keepHash(hash)
	if err := p.SQL(t, "UPDATE users SET password_hash = ? WHERE id = ?", hash, u.ID); err != nil {
		p.fail(t, "change a hash in the table users", err)
	}
}

// WithoutHash does what f does while something else than a hash stands in a user's row, which
// the program may call a failure of its database.
func (p *Program) WithoutHash(t testing.TB, u User, instead string, f func()) {
	t.Helper()
	p.excused.Store(true)
	p.SetHash(t, u, instead)
	defer func() {
		p.SetHash(t, u, u.PasswordHash)
		p.excused.Store(false)
	}()
	f()
}

// fail fails the test because of the database file.
func (p *Program) fail(t testing.TB, what Text, err error) {
	t.Helper()
	Fail(t, Finding{Sent: what, Got: Verbatim(err.Error()), Want: "no error", Advice: usersAdvice})
}

// adasOwn replaces the names and passwords of added users by ada's, for the
// commands that a learner is shown.
var adasOwn replacer

// A replacer is a strings.Replacer that grows.
type replacer struct {
	mu    sync.Mutex
	pairs []string
}

// add makes the user's name and password stand for ada's.
func (r *replacer) add(u User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pairs = append(r.pairs, u.Username, Ada.Username, u.Password, Ada.Password)
}

// Replace returns text with ada's name and password.
func (r *replacer) Replace(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.NewReplacer(r.pairs...).Replace(text)
}

// AdasOwn returns text with ada's name and password in the place of those of users
// that a check has added: for a command that the learner can try.
func AdasOwn(text string) string { return adasOwn.Replace(text) }

// LoginBody returns the body of POST /token for this name and password.
func LoginBody(username, password string) string {
	return fmt.Sprintf(`{"username":%s,"password":%s}`, JSONText(username), JSONText(password))
}
