//go:build !windows

package check

import (
	"os"
	"os/exec"
	"syscall"
)

// prepareTree puts the command, when it starts, at the head of a process group.
func prepareTree(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

// A tree is a process with all that it started.
type tree struct{ leader *os.Process }

// adoptTree takes charge of a process that has just started.
func adoptTree(p *os.Process) (*tree, error) { return &tree{p}, nil }

// kill ends every process of the tree.
func (t *tree) kill() { syscall.Kill(-t.leader.Pid, syscall.SIGKILL) }

// interrupt asks the tree to end, as Ctrl-C does.
func (t *tree) interrupt() error { return syscall.Kill(-t.leader.Pid, syscall.SIGINT) }

// endOwnTree ends this process and all that it started, cmd among them.
func endOwnTree(cmd *exec.Cmd) { syscall.Kill(0, syscall.SIGKILL) }
