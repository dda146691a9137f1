package check

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSeed: a program starts with a copy of the database that the shared one has made, as it was before any
// check has used it, if that holds one user and a program starts with it.
func TestSeed(t *testing.T) {
	again := func(users ...string) *Program {
		setFor(t, &seed.tried, false)
		setFor(t, &seed.taken, false)
		setFor(t, &seed.file, "")
		setFor(t, &shared.program, nil)
		p := Running(t)
		require.NoError(t, os.WriteFile(p.Database, nil, 0o600))
		db, err := p.database()
		require.NoError(t, err)
		require.NoError(t, db.Exec("CREATE TABLE users (id integer PRIMARY KEY, username text)").Error)
		for _, name := range users {
			require.NoError(t, db.Exec("INSERT INTO users (username) VALUES (?)", name).Error)
		}
		seed.taken = false // there was no such table when it was started
		takeSeed(p)
		return p
	}
	db, err := again("ada").database()
	require.NoError(t, err)
	require.NoError(t, db.Exec("INSERT INTO users (username) VALUES ('grace')").Error)
	p := New(t)
	p.Start(t)
	var names []string
	require.NoError(t, p.Query(t, &names, "SELECT username FROM users"))
	assert.Equal(t, []string{"ada"}, names)

	fresh := New(t)
	fresh.Fresh()
	fresh.Start(t)
	assert.NoFileExists(t, fresh.Database)
	elsewhere := New(t)
	elsewhere.Setenv("DATABASE_PATH", t.TempDir())
	elsewhere.Start(t)
	there, err := os.ReadDir(elsewhere.Database)
	require.NoError(t, err)
	assert.Empty(t, there)

	again("ada", "grace")
	p = New(t)
	p.Start(t)
	assert.NoFileExists(t, p.Database, "somebody has used it")
}
