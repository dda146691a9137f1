package coach

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// place returns the file, in the workshop's folder, and the line that the learner is to look
// at: that of the first finding, else of the TODO to work on; "" if there is none.
func (s *Session) place() (file string, line int) {
	name, todo := "", 0
	if open := s.Open(); open != nil {
		name, todo = open.File, open.Number
	}
	if s.Result != nil {
		if f := s.Result.First(); f != nil && f.Ran() {
			name, todo = f.Look.File, f.Look.Todo
		}
	}
	if name == "" {
		return "", 0
	}
	return "steps/" + s.Step + "/" + name, max(1, s.line(name, todo))
}

// editor returns the command that opens a file at a line: that of VS Code in its terminal,
// else $VISUAL or $EDITOR; nil if there is none.
func editor(getenv func(string) string, file string, line int) []string {
	if getenv("TERM_PROGRAM") == "vscode" {
		return []string{"code", "-g", fmt.Sprintf("%s:%d", file, line)}
	}
	for _, name := range []string{"VISUAL", "EDITOR"} {
		words := strings.Fields(getenv(name))
		if len(words) == 0 {
			continue
		}
		at := []string{fmt.Sprintf("+%d", line), file} // vi, nano, emacs and others
		if strings.HasPrefix(filepath.Base(words[0]), "code") {
			at = []string{"-g", fmt.Sprintf("%s:%d", file, line)}
		}
		if runtime.GOOS != "windows" && strings.ContainsAny(getenv(name), "\\\"'") { // the shell knows what they mean
			words = []string{"sh", "-c", getenv(name) + ` "$@"`, "editor"}
		}
		return append(words, at...)
	}
	return nil
}

// edit returns the command that opens the place to look at, or nil.
func (s *Session) edit() *exec.Cmd {
	file, line := s.place()
	if file == "" {
		return nil
	}
	words := editor(os.Getenv, file, line)
	if words == nil {
		return nil
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = s.Workshop.Root
	return cmd
}

// line returns the number of the line in a file of the step in which the comment of a TODO
// stands, or 0.
func (s *Session) line(file string, todo int) int {
	text, err := os.ReadFile(s.file("steps", file))
	if err != nil {
		return 0
	}
	at := strings.Index(string(text), fmt.Sprintf("// TODO %d: ", todo))
	if at < 0 {
		return 0
	}
	return 1 + strings.Count(string(text[:at]), "\n")
}
