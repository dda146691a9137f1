package tree

import "syscall"

// NoOrphans says that a process ends with the one that started it.
const NoOrphans = true

// endWithParent has a process end with the thread that starts it.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
