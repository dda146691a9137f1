//go:build unix

package main

import "syscall"

// inOwnGroup keeps what Ctrl-C does to a process from this one.
var inOwnGroup = &syscall.SysProcAttr{Setpgid: true}

// pressCtrlC does to a process and to all that it has started what Ctrl-C in its terminal does.
func pressCtrlC(process int) error { return syscall.Kill(-process, syscall.SIGINT) }
