package check

import "syscall"

// noOrphans says that a program can be had to end with the tests that started it.
const noOrphans = true

// endWithParent has a process end with the thread that starts it.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
