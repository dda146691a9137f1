package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// TestMain runs the program of this step beside its tests.
func TestMain(m *testing.M) { check.Main(m, main, rules) }

// rules are what the checks are about, as README.md marks it in the task.
var rules = check.Rules{
	"TestPostToken":                         "T1",
	"TestPostTokenBadBody":                  "T5",
	"TestPostTokenNoHash":                   "T4",
	"TestPostTokenBadLogin":                 "T4",
	"TestPostTokenTiming":                   "T8",
	"TestPostTokenTrailingText":             "T9",
	"TestToken":                             "T2",
	"TestToken/signature":                   "T3",
	"TestToken/another_lifetime_and_secret": "T3",
	"TestAnyOrder":                          "T6",
	"TestAtOnce":                            "T6",
	"TestTimePasses":                        "T2",
	"TestDatabaseFails":                     "T7",
	"TestDiskFull":                          "T7",
	"TestAlways":                            "always",
}
