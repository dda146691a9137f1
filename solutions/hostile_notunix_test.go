//go:build !unix

package solutions

import (
	"os/exec"
	"testing"
)

// atInstructors is for Unix.
func atInstructors(*testing.T, *exec.Cmd) func() { return func() {} }
