//go:build !windows

package check

import "syscall"

// nonblocking has a pipe opened without waiting for whoever writes to it.
const nonblocking = syscall.O_NONBLOCK
