//go:build !linux

package tree

import "syscall"

// NoOrphans says that a process ends with the one that started it.
const NoOrphans = false

// endWithParent is for systems that can do that.
func endWithParent(*syscall.SysProcAttr) {}
