package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// TestMain runs the program of this step beside its tests.
func TestMain(m *testing.M) { check.Main(m, main, rules) }

// rules are what the checks are about, as README.md marks it in the task.
var rules = check.Rules{
	"TestPageServed":               "F1",
	"TestLogin":                    "F3",
	"TestLogin/sends":              "F2",
	"TestLogin/returns":            "F2",
	"TestLogin/keeps":              "F2",
	"TestGetMyTasks":               "F5",
	"TestGetMyTasks/brings":        "F4",
	"TestGetMyTasks/returns":       "F4",
	"TestGetMyTasks/another_token": "F4",
	"TestGetMyTasks/no_token":      "F4",
	"TestLogout":                   "F6",
	"TestAnyOrder":                 "F7",
	"TestAtOnce":                   "F7",
	"TestAlways":                   "F7",
	"TestVisit":                    "F8",
}
