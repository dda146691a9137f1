//go:build !windows

package tree

import (
	"os"
	"os/exec"
	"syscall"
)

// prepare puts the command, when it starts, at the head of a process group, and of a session: it has no
// terminal, on which it could write, or type.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	endWithParent(cmd.SysProcAttr)
}

// A handle is how the system is told of a process with all that it started.
type handle struct{ leader *os.Process }

// adopt takes charge of a process that has just started.
func adopt(p *os.Process) (*handle, error) { return &handle{p}, nil }

// kill ends every process of the tree.
func (t *handle) kill() { syscall.Kill(-t.leader.Pid, syscall.SIGKILL) }

// interrupt asks the tree to end, as Ctrl-C does.
func (t *handle) interrupt() error { return syscall.Kill(-t.leader.Pid, syscall.SIGINT) }

// EndOwn ends this process and all that it started, cmd among them.
func EndOwn(cmd *exec.Cmd) { syscall.Kill(0, syscall.SIGKILL) }
