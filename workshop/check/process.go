package check

import (
	"os/exec"
	"time"

	"jwtworkshop/workshop/internal/tree"
)

// A process is a program under check that was started.
type process struct {
	*tree.Tree
	output *output
}

// startProcess starts cmd with its output kept; looked sees it, too.
func startProcess(cmd *exec.Cmd, looked func(text string)) (*process, error) {
	kept := &output{looked: looked}
	cmd.Stdout, cmd.Stderr = kept, kept
	throughItself := programFile == "" || !tree.NoOrphans // then runAsProgram learns of our end from its input
	t, err := tree.Start(cmd, throughItself)
	if err != nil {
		return nil, err
	}
	return &process{t, kept}, nil
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
