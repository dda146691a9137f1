// Package tree starts processes, each of which ends together with all the processes
// that it has started: its tree.
package tree

import (
	"context"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// A Tree is a process that was started, with all that it starts itself.
type Tree struct {
	Ended <-chan struct{} // closed when the process has ended
	Code  int             // its exit code, from then on
	err   error           // what its Wait returned, from then on

	handle    *handle
	kill      func()       // ends it and all that it started; may be called twice
	interrupt func() error // asks it to end
	pid       int
}

// Pid returns the number of the process.
func (t *Tree) Pid() int { return t.pid }

// InterruptWith has Stop ask the process to end in another way than by a signal to all of the tree.
func (t *Tree) InterruptWith(f func() error) { t.interrupt = f }

// Start starts cmd. Its standard input stays open for as long as this process lives,
// which is how it learns of our end where the system has no other way; with input
// false, it is closed at once.
func Start(cmd *exec.Cmd, input bool) (*Tree, error) {
	cmd.WaitDelay = time.Second // for the output of what the program itself started
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	prepare(cmd)
	ended := make(chan struct{})
	t := &Tree{Ended: ended}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Linux ends the process with the thread that started it
		if err := t.start(cmd); err != nil {
			started <- err
			return
		}
		running.Store(t, nil)
		started <- nil
		if !input {
			stdin.Close()
		}
		t.err = cmd.Wait()
		t.kill() // what the program left behind
		running.Delete(t)
		stdin.Close()
		t.Code = cmd.ProcessState.ExitCode()
		close(ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return t, nil
}

// Run runs cmd, without input, until it ends or ctx is done, and nothing that it started stays
// behind. It returns what cmd.Run does, or why ctx is done.
func Run(ctx context.Context, cmd *exec.Cmd) error {
	t, err := Start(cmd, false)
	if err != nil {
		return err
	}
	select {
	case <-t.Ended:
		return t.err
	case <-ctx.Done():
		t.Stop(0)
		return context.Cause(ctx)
	}
}

// running has all trees whose process has not ended.
var running sync.Map

// KillAll ends all trees.
func KillAll() {
	running.Range(func(t, _ any) bool {
		t.(*Tree).kill()
		return true
	})
}

// start starts cmd and takes charge of it.
func (t *Tree) start(cmd *exec.Cmd) (err error) {
	if err := cmd.Start(); err != nil {
		return err
	}
	if t.handle, err = adopt(cmd.Process); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return err
	}
	t.kill = sync.OnceFunc(t.handle.kill)
	t.interrupt = t.handle.interrupt
	t.pid = cmd.Process.Pid
	return nil
}

// Running says whether the process has not ended yet.
func (t *Tree) Running() bool {
	select {
	case <-t.Ended:
		return false
	default:
		return true
	}
}

// Err returns how the process has ended, such as "exit status 1" or "signal: killed"; nil if
// with exit code 0, or not yet.
func (t *Tree) Err() error {
	if t.Running() {
		return nil
	}
	return t.err
}

// Stop ends the tree: politely if the process listens to that within grace, and by
// force if not.
func (t *Tree) Stop(grace time.Duration) {
	if grace > 0 && t.interrupt() == nil {
		select {
		case <-t.Ended:
		case <-time.After(grace):
		}
	}
	t.kill()
	<-t.Ended
}
