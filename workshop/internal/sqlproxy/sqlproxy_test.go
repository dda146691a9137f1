package sqlproxy

import (
	"database/sql"
	"io"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"jwtworkshop/workshop/sqlite"
)

// here serves in this process, in the place of another one, and counts how often it was started.
func here(t *testing.T, started *atomic.Int32) *Proxy {
	return &Proxy{Limit: 200 * time.Millisecond, NoAnswer: func() {}, Start: func() (*Process, error) {
		started.Add(1)
		requests, in := io.Pipe()
		out, answers := io.Pipe()
		go Serve(requests, answers, func(name string) (*sql.DB, error) {
			db, err := gorm.Open(sqlite.Open(name))
			if err != nil {
				return nil, err
			}
			return db.DB()
		})
		return &Process{In: in, Out: out, Kill: func() { in.Close(); out.Close() }}, nil
	}}
}

// open opens a database through a proxy.
func openThrough(t *testing.T, p *Proxy, file string) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(sqlite.Through(sql.OpenDB(p.Connector(file))))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { pool.Close() })
	return db
}

// TestProxy: values of every kind come back as they were sent, and errors as SQLite words them.
func TestProxy(t *testing.T) {
	var started atomic.Int32
	db := openThrough(t, here(t, &started), filepath.Join(t.TempDir(), "users.db"))
	type row struct {
		ID    int64
		Text  string
		Bytes []byte
		Real  float64
		Yes   bool
		At    time.Time
		None  *string
	}
	require.NoError(t, db.AutoMigrate(&row{}))
	sent := row{1, "ñ\x00", []byte{0, 255}, 1.5, true, time.Now().UTC().Truncate(time.Second), nil}
	require.NoError(t, db.Create(&sent).Error)
	var got []row
	require.NoError(t, db.Where("text = ?", sent.Text).Find(&got).Error)
	require.Len(t, got, 1)
	assert.True(t, sent.At.Equal(got[0].At))
	got[0].At = sent.At
	assert.Equal(t, sent, got[0])
	assert.ErrorContains(t, db.Exec("INSERT INTO rows (id) VALUES (1)").Error, "UNIQUE constraint failed")
	assert.EqualValues(t, 1, db.Exec("UPDATE rows SET text = 'x'").RowsAffected)
	assert.EqualValues(t, 1, started.Load())
}

// TestNoAnswer: a query without end costs the limit, and the process; the next one has another.
func TestNoAnswer(t *testing.T) {
	const endless = "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000) SELECT i FROM n)"
	var started atomic.Int32
	p := here(t, &started)
	missed := 0
	p.NoAnswer = func() { missed++ }
	db := openThrough(t, p, filepath.Join(t.TempDir(), "users.db"))
	begun := time.Now()
	var n int64
	assert.ErrorIs(t, db.Raw(endless).Scan(&n).Error, ErrNoAnswer)
	assert.Less(t, time.Since(begun), 5*p.Limit)
	assert.Equal(t, 1, missed)
	require.NoError(t, db.Raw("SELECT 7").Scan(&n).Error)
	assert.EqualValues(t, 7, n)
	assert.EqualValues(t, 2, started.Load())
}

// TestTooLong: a result has a limit.
func TestTooLong(t *testing.T) {
	var started atomic.Int32
	p := here(t, &started)
	p.Limit = 20 * time.Second
	db := openThrough(t, p, filepath.Join(t.TempDir(), "users.db"))
	var rows []int64
	err := db.Raw("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i FROM n").Scan(&rows).Error
	assert.ErrorContains(t, err, "the result has more than")
}
