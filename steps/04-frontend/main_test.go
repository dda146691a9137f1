package main

import (
	"testing"

	"jwtworkshop/workshop/check"
)

// TestMain runs the program of this step beside its tests.
func TestMain(m *testing.M) { check.Main(m, main) }
