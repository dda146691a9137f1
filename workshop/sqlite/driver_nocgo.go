//go:build !cgo

package sqlite

import _ "modernc.org/sqlite" // SQLite translated to Go, registered as "sqlite"

// driverName is modernc.org/sqlite.
const driverName = "sqlite"
