package coach

import (
	"io"
	"strings"

	"charm.land/lipgloss/v2"

	"jwtworkshop/workshop/internal/words"
)

// Print writes lines with the colours that out can show: none if it is a file or a pipe,
// or if the variable NO_COLOR is set.
func Print(out io.Writer, lines []string) {
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	lipgloss.Fprintln(out, strings.Join(lines, "\n"))
}

// Ask writes a question, with the cursor behind it.
func Ask(out io.Writer, question words.Text, width int) {
	lipgloss.Fprint(out, strings.Join(wrap(say(question), width), "\n"), " ")
}

// PrintNote writes what the learner should know once, if there is something.
func (s *Session) PrintNote(out io.Writer, width int) {
	if s.Note != "" {
		Print(out, wrap(s.Note, width))
		s.Note = ""
	}
}
