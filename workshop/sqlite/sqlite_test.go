package sqlite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"jwtworkshop/workshop/internal/gobuild"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// A note is a row to write and read.
type note struct {
	ID   uint
	Text string `gorm:"uniqueIndex;not null"`
}

// Variables that make this test binary do something else than its tests.
const (
	writeTo    = "SQLITE_TEST_WRITE_TO"    // write notes to this file
	otherBuild = "SQLITE_TEST_OTHER_BUILD" // do not start a third build
)

// TestMain is also the second process that writes to a file.
func TestMain(m *testing.M) {
	if path := os.Getenv(writeTo); path != "" {
		if err := writeNotes(path, "child"); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// open opens path for a test and closes it when the test is over.
func open(t *testing.T, path string) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(Open(path))
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { pool.Close() })
	return db
}

// TestOpen: what was written is there when the file is opened again, whatever
// its name.
func TestOpen(t *testing.T) {
	names := []string{"users.db", "with space.db", "100%25.db", "a#b.db", "ñandú.db", "a;b&c=d.db"}
	if runtime.GOOS != "windows" {
		names = append(names, "what?mode=memory.db", `back\slash.db`, "co:lon.db")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, path := range []string{filepath.Join(dir, name), name} {
				t.Chdir(dir)
				db := open(t, path)
				require.NoError(t, db.AutoMigrate(&note{}))
				require.NoError(t, db.Create(&note{Text: path}).Error)
				var got note
				require.NoError(t, open(t, path).Where("text = ?", path).Take(&got).Error)
				assert.Equal(t, path, got.Text)
				assert.FileExists(t, filepath.Join(dir, name))
			}
		})
	}
}

// TestURI: a path on Windows becomes the URI that SQLite wants there.
func TestURI(t *testing.T) {
	want := map[string]string{"a b.db": "file:a%20b.db", "/tmp/x?.db": "file:///tmp/x%3F.db"}
	if runtime.GOOS == "windows" {
		want = map[string]string{`C:\a b\x.db`: "file:///C:/a%20b/x.db", `a\x.db`: "file:a/x.db"}
	}
	for path, uriWanted := range want {
		assert.Equal(t, uriWanted, uri(path))
	}
}

// TestSettings: both drivers have understood the settings.
func TestSettings(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "users.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "busy_timeout": "5000", "synchronous": "1"} {
		var got string
		require.NoError(t, db.Raw("PRAGMA "+pragma).Scan(&got).Error)
		assert.Equal(t, want, got, pragma)
	}
	assert.True(t, db.PrepareStmt)
	assert.True(t, db.SkipDefaultTransaction)
}

// TestErrors: what goes wrong is returned.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "users.db")} {
		_, err := gorm.Open(Open(path))
		assert.ErrorContains(t, err, "unable to open database file")
	}
	db := open(t, filepath.Join(dir, "users.db"))
	assert.ErrorContains(t, db.Create(&note{Text: "x"}).Error, "no such table")
	require.NoError(t, db.AutoMigrate(&note{}))
	require.NoError(t, db.Create(&note{Text: "x"}).Error)
	assert.ErrorContains(t, db.Create(&note{Text: "x"}).Error, "UNIQUE")
	assert.ErrorIs(t, db.Take(&note{}, 99).Error, gorm.ErrRecordNotFound)
}

// notesEach is how many notes each process writes.
const notesEach = 200

// writeNotes writes notes to the file at path, each in a transaction that reads
// first: without txlock immediate, SQLite would refuse some of them.
func writeNotes(path, name string) error {
	db, err := gorm.Open(Open(path))
	if err != nil {
		return err
	}
	for i := range notesEach {
		err := db.Transaction(func(tx *gorm.DB) error {
			var n int64
			if err := tx.Model(&note{}).Count(&n).Error; err != nil {
				return err
			}
			return tx.Create(&note{Text: fmt.Sprint(name, i)}).Error
		})
		if err != nil {
			return fmt.Errorf("%s, note %d: %w", name, i, err)
		}
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// TestTwoProcesses: two programs write to one file at once, and neither is told
// that the database is locked.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.db")
	db := open(t, path)
	require.NoError(t, db.AutoMigrate(&note{}))
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), writeTo+"="+path)
	var printed strings.Builder
	child.Stdout = &printed
	require.NoError(t, child.Start())
	assert.NoError(t, writeNotes(path, "parent"))
	assert.NoError(t, child.Wait(), printed.String())
	var n int64
	require.NoError(t, db.Model(&note{}).Count(&n).Error)
	assert.EqualValues(t, 2*notesEach, n)
}

// TestOtherBuild: all this holds with cgo and without, whichever this build is.
func TestOtherBuild(t *testing.T) {
	if os.Getenv(otherBuild) != "" {
		t.Skip("this is the other build")
	}
	cgo := "0"
	if driverName == "sqlite" {
		cgo = "1"
		if _, err := exec.LookPath("gcc"); err != nil {
			t.Skip("no gcc here, so no build with cgo")
		}
	}
	cmd := gobuild.Command(t.Context(), ".", "test", "-count=1", ".")
	cmd.Env = append(cmd.Env, "CGO_ENABLED="+cgo, otherBuild+"=1")
	printed, err := cmd.CombinedOutput()
	assert.NoError(t, err, "CGO_ENABLED=%s\n%s", cgo, printed)
}
