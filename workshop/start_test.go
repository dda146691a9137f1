//go:build unix || windows

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCtrlC: Ctrl-C is for the coach; the small program that has started it ends with the coach, and
// with its exit code.
func TestCtrlC(t *testing.T) {
	const part, exitCode = "PART_OF_THIS_TEST", 7
	switch os.Getenv(part) {
	case "small program":
		t.Setenv(part, "coach")
		t.Fatal(start(os.Args[0], []string{"-test.run", "^TestCtrlC$"}))
	case "coach":
		if signal.Ignored(os.Interrupt) { // as it is where who has started this one ignores it
			t.Fatal("Ctrl-C is ignored")
		}
		told := make(chan os.Signal, 1)
		signal.Notify(told, os.Interrupt)
		fmt.Println("ready")
		select {
		case <-told:
			os.Exit(exitCode)
		case <-time.After(20 * time.Second):
			t.Fatal("nothing came")
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestCtrlC$")
	cmd.Env = append(os.Environ(), part+"=small program")
	cmd.SysProcAttr = inOwnGroup
	printed, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(printed).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	if err := pressCtrlC(cmd.Process.Pid); err != nil {
		t.Skip("there is no console: ", err)
	}
	cmd.Wait()
	assert.Equal(t, exitCode, cmd.ProcessState.ExitCode(), cmd.ProcessState.String())
}
