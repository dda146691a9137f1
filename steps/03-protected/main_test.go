package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// TestMain runs the program of this step beside its tests.
func TestMain(m *testing.M) { check.Main(m, main, rules) }

// rules are what the checks are about, as README.md marks it in the task.
var rules = check.Rules{
	"TestProtected":                "P1",
	"TestNoToken":                  "P2",
	"TestNothingPanics":            "P3",
	"TestHeader":                   "P4",
	"TestProtected/BEARER":         "P4",
	"TestProtected/bearer":         "P4",
	"TestProtected/several_spaces": "P4",
	"TestTokenTimes":               "P5",
	"TestTimePasses":               "P5",
	"TestSignature":                "P6",
	"TestSecretAnew":               "P6",
	"TestSubject":                  "P7",
	"TestAnyOrder":                 "P8",
	"TestAtOnce":                   "P8",
	"TestDatabaseFails":            "P8",
	"TestDiskFull":                 "P8",
	"TestPublic":                   "P9",
	"TestFineprint":                "P10",
	"TestAlways":                   "always",
}
