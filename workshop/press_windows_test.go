package main

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// inOwnGroup keeps what Ctrl-C does to a process from this one.
var inOwnGroup = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}

// pressCtrlC does to a process and to all that it has started what Ctrl-C in its console does; for one in a
// group of its own it is Ctrl-Break, which Go takes for the same.
func pressCtrlC(process int) error {
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(process))
}
