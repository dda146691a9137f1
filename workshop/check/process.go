package check

import (
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/sandbox"
	"jwtworkshop/workshop/internal/tree"
)

// A process is a program under check that was started.
type process struct {
	*tree.Tree
	output *output
}

// startProcess starts the program under check in dir, with its output kept; looked sees it, too.
func startProcess(dir string, env []string, looked func(text string)) (*process, error) {
	kept := &output{looked: looked}
	if isolated != nil && isolated.Rung != sandbox.None {
		return startIsolated(dir, env, kept)
	}
	cmd, err := newCommand(dir, env)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = kept, kept
	throughItself := programFile == "" || !tree.NoOrphans // then runAsProgram learns of our end from its input
	t, err := tree.Start(cmd, throughItself)
	if err != nil {
		return nil, err
	}
	p := &process{t, kept}
	if isolated != nil {
		p.guard(sandbox.Box{Folders: []string{filepath.Dir(dir)}})
	}
	return p, nil
}

// maxPrinted is how much a submission's program may print: 8 MiB.
const maxPrinted = 8 << 20

// guard ends the process when it goes beyond a limit.
func (p *process) guard(box sandbox.Box) {
	isolated.Guard(p.Tree, box, said.exceed)
	p.output.mu.Lock()
	defer p.output.mu.Unlock()
	p.output.limit, p.output.beyond = maxPrinted, func() {
		said.exceed(Textf("it printed more than %d MiB", maxPrinted>>20))
		p.Stop(0)
	}
}

// startIsolated starts the program under check in the sandbox: it may write to its folder and,
// where it shares another's database, to that one's.
func startIsolated(dir string, env []string, kept *output) (*process, error) {
	box := sandbox.Box{Dir: dir, Env: env, Folders: []string{filepath.Dir(dir)}, Files: []string{programFile}}
	for _, variable := range env {
		file, ok := strings.CutPrefix(variable, "DATABASE_PATH="+workspace+string(filepath.Separator))
		if !ok {
			continue
		}
		owner, _, _ := strings.Cut(file, string(filepath.Separator))
		if other := filepath.Join(workspace, owner); other != box.Folders[0] {
			box.Folders = append(box.Folders, other)
		}
	}
	t, err := isolated.Start(box, func(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = kept, kept }, programFile)
	if err != nil {
		return nil, err
	}
	p := &process{t, kept}
	p.guard(box)
	return p, nil
}

// lastWordsLimit is how long a program that failed may take to print why, or
// to end.
const lastWordsLimit = 100 * time.Millisecond

// lastWords returns what the process printed after its first n bytes, and waits
// a moment for it, since output may arrive after the reply that it goes with.
func (p *process) lastWords(n int) string {
	deadline := time.Now().Add(lastWordsLimit)
	for p.output.size() == n && p.Running() && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	return p.output.after(n)
}
