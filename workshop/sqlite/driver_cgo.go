//go:build cgo

package sqlite

// driverName is mattn/go-sqlite3, SQLite in C, which gorm.io/driver/sqlite brings.
const driverName = "sqlite3"
