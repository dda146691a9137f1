//go:build !linux

package sandbox

import (
	"errors"
	"os/exec"
	"runtime"

	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// try returns the sandbox of a rung, if the machine has it.
func try(rung Rung) (*Sandbox, error) {
	if rung == None {
		return &Sandbox{Rung: None}, nil
	}
	return nil, words.Errorf("%s has none", runtime.GOOS)
}

// Checks returns the command that runs the checks.
func (s *Sandbox) Checks(file string, args ...string) *exec.Cmd { return exec.Command(file, args...) }

// Start starts a program, whose command may be changed by prepare.
func (s *Sandbox) Start(box Box, prepare func(*exec.Cmd), file string, args ...string) (*tree.Tree, error) {
	cmd := plain(box, file, args...)
	prepare(cmd)
	return tree.Start(cmd, false)
}

// Give has nothing to do here.
func (s *Sandbox) Give(dir string) error { return nil }

// Interrupt is not needed here.
func (s *Sandbox) Interrupt(pid int) error { return errors.ErrUnsupported }

// Guard does nothing here: the system tells nobody what a process and its children use.
func (s *Sandbox) Guard(t *tree.Tree, box Box, exceeded func(what words.Text)) {}

// End ends what programs have left running, and removes what they have left in the folders for
// everybody; here, each ends with its tree.
func (s *Sandbox) End() {}

// Apart does nothing here: there are no keyrings.
func Apart() {}

// Secretive does nothing here: no other user's program is started.
func Secretive() {}
