package coach

import (
	"os"
	"runtime"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"jwtworkshop/workshop/internal/words"
)

// Styles; where there is no colour, the signs and the words are enough.
var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	good  = lipgloss.NewStyle().Foreground(lipgloss.Green)
	bad   = lipgloss.NewStyle().Foreground(lipgloss.Red)
	code  = lipgloss.NewStyle().Foreground(lipgloss.Cyan)
)

// The signs of what is done and of what fails; the console of older Windows has no others.
var tick, cross = signs(runtime.GOOS, os.Getenv)

// signs returns the signs for a terminal of a system.
func signs(system string, getenv func(string) string) (tick, cross string) {
	if system == "windows" && getenv("WT_SESSION") == "" && getenv("TERM_PROGRAM") == "" && getenv("ConEmuANSI") == "" && getenv("MSYSTEM") == "" {
		return "√", "×"
	}
	return "✓", "✗"
}

// A Page is text that is laid out anew for each width of the terminal.
type Page func(width int) []string

// readable is the widest a text may be: longer lines are hard to read.
const readable = 100

// wrap breaks a text into lines of at most this width, between words where it can.
func wrap(text string, width int) []string {
	const unbroken = "\u2011" // a hyphen is no place to break a command
	wrapped := ansi.Wrap(strings.ReplaceAll(text, "-", unbroken), max(10, min(width, readable)), "")
	return strings.Split(strings.ReplaceAll(wrapped, unbroken, "-"), "\n")
}

// hang wraps each line of a text, and indents what does not fit on it.
func hang(text string, width, indent int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if ansi.StringWidth(line) <= min(width, readable) {
			lines = append(lines, line)
			continue
		}
		head := wrap(line, width)[0]
		lines = append(lines, head)
		end := ansi.StringWidth(head)
		tail := ansi.Strip(ansi.TruncateLeft(line, end, ""))
		rest := ansi.TruncateLeft(line, end+len(tail)-len(strings.TrimLeft(tail, " ")), "")
		for _, more := range wrap(rest, width-indent) {
			lines = append(lines, strings.Repeat(" ", indent)+more)
		}
	}
	return lines
}

// paragraph returns a page of one text.
func paragraph(t words.Text) Page {
	return func(width int) []string { return wrap(say(t), width) }
}

// diffLines returns a diff with its colours; a line that is wrapped has its sign before each part.
func diffLines(diff string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(diff, "\n") {
		style := lipgloss.NewStyle()
		switch {
		case line == "":
			lines = append(lines, "")
			continue
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
			style = bold
		case line[0] == '-':
			style = bad
		case line[0] == '+':
			style = good
		}
		text := strings.ReplaceAll(line[1:], "\t", "    ")
		indent := len(text) - len(strings.TrimLeft(text, " "))
		for _, part := range hang(text, width-1, min(indent+4, width/2)) {
			lines = append(lines, style.Render(line[:1]+part))
		}
	}
	return lines
}

// say returns a text in the learner's language.
func say(t words.Text) string { return t.String() }
