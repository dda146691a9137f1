package check

import (
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// A process is a running program under check.
type process struct {
	tree   *tree
	output *output
	ended  chan struct{} // closed when the process has ended
	code   int           // its exit code, from then on
	kill   func()        // ends it and all that it started; may be called twice
}

// startProcess starts cmd with its output kept, and its standard input open for
// as long as this process lives.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{output: &output{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.WaitDelay = time.Second // for the output of what the program itself started
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	prepareTree(cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Linux ends the process with the thread that started it
		if err := p.start(cmd); err != nil {
			started <- err
			return
		}
		started <- nil
		if programFile != "" && noOrphans {
			stdin.Close() // it need not watch it, and nobody types
		}
		cmd.Wait()
		p.kill() // what the program left behind
		stdin.Close()
		p.code = cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// start starts cmd and takes charge of it.
func (p *process) start(cmd *exec.Cmd) (err error) {
	if err := cmd.Start(); err != nil {
		return err
	}
	if p.tree, err = adoptTree(cmd.Process); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return err
	}
	p.kill = sync.OnceFunc(p.tree.kill)
	return nil
}

// running says whether the process has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// lastWordsLimit is how long a program that failed may take to print why, or
// to end.
const lastWordsLimit = 100 * time.Millisecond

// lastWords returns what the process printed after its first n bytes, and waits
// a moment for it, since output may arrive after the reply that it goes with.
func (p *process) lastWords(n int) string {
	deadline := time.Now().Add(lastWordsLimit)
	for p.output.size() == n && p.running() && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	return p.output.after(n)
}

// stop ends the process: politely if it listens to that within grace, and by
// force if not.
func (p *process) stop(grace time.Duration) {
	if grace > 0 && p.tree.interrupt() == nil {
		select {
		case <-p.ended:
		case <-time.After(grace):
		}
	}
	p.kill()
	<-p.ended
}

// removeAll removes a folder that ended processes have worked in. Windows keeps
// files a moment longer than the process that had them open.
func removeAll(dir string) {
	for range 50 {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
