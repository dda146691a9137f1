//go:build !linux

package check

import "syscall"

// noOrphans says that a program can be had to end with the tests that started it.
const noOrphans = false

// endWithParent is for systems that can do that.
func endWithParent(*syscall.SysProcAttr) {}
