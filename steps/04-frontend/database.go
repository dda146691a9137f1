package main

import (
	"fmt"

	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"

	"jwtworkshop/workshop/sqlite"
)

// A User is one row of the table users.
type User struct {
	ID           uint   `gorm:"primaryKey"`
	Username     string `gorm:"uniqueIndex;not null"`
	PasswordHash string `gorm:"not null" json:"-"`
}

// openDatabase opens the SQLite file at path, creates the table users if there is
// none, and adds the first user if there is nobody in it.
func openDatabase(path string) (*gorm.DB, error) {
	db, err := gorm.Open(sqlite.Open(path))
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	// In one transaction: programs that start at the same time wait for each other.
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := tx.AutoMigrate(&User{}); err != nil {
			return fmt.Errorf("create the table users: %w", err)
		}
		if err := addFirstUser(tx); err != nil {
			return fmt.Errorf("add the first user: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("set up the database %s: %w", path, err)
	}
	return db, nil
}

// addFirstUser adds ada, whose password is 12341234, to a database without
// users; any other it leaves as it is.
func addFirstUser(db *gorm.DB) error {
	var users int64
	if err := db.Model(&User{}).Count(&users).Error; err != nil || users > 0 {
		return err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("12341234"), bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	return db.Create(&User{Username: "ada", PasswordHash: string(hash)}).Error
}
