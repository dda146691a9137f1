package attack

import (
	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"

	"jwtworkshop/workshop/sqlite"
)

// Database opens the database file of a program for use, and closes it again.
func Database(file string, use func(db *gorm.DB) error) error {
	db, err := gorm.Open(sqlite.Open(file))
	if err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	defer pool.Close()
	return use(db)
}

// GracesPassword is that of the user whom AddGrace adds.
const GracesPassword = "a password of grace's own"

// AddGrace adds a second user to the database file of a program, grace with the id 2, so that
// there is somebody to be taken for.
func AddGrace(file string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(GracesPassword), bcrypt.MinCost)
	if err != nil {
		return err
	}
	return Database(file, func(db *gorm.DB) error {
		return db.Exec("INSERT INTO users (id, username, password_hash) VALUES (2, 'grace', ?)", string(hash)).Error
	})
}
