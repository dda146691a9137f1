package coach

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/run"
)

// Styles; where there is no colour, the signs and the words are enough.
var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	good  = lipgloss.NewStyle().Foreground(lipgloss.Green)
	bad   = lipgloss.NewStyle().Foreground(lipgloss.Red)
	code  = lipgloss.NewStyle().Foreground(lipgloss.Cyan)
)

// readable is the widest a text may be: longer lines are hard to read.
const readable = 100

// heading returns the lines at the top: which step this is, and how far the learner
// has come.
func (c *Coach) heading(width int) []string {
	number := c.stepNumber()
	step := fmt.Sprintf(c.Words.StepOf, number+1, len(course.Steps), c.Words.StepNames[number])
	title := bold.Render(c.Words.Title)
	gap := max(1, min(width, readable)-ansi.StringWidth(title)-ansi.StringWidth(step))
	done, all := c.count()
	text := " " + fmt.Sprintf(c.Words.TodosDone, done, all)
	bar := max(10, min(width, 60)-ansi.StringWidth(text))
	return append(wrap(title+strings.Repeat(" ", gap)+step, width), progressBar(done, all, bar)+text, "")
}

// progressBar returns a bar of this width.
func progressBar(done, all, width int) string {
	full := 0
	if all > 0 {
		full = min(width, width*done/all)
	}
	return good.Render(strings.Repeat("█", full)) + faint.Render(strings.Repeat("░", width-full))
}

// todos returns a line for each TODO of the step: its state, its title, its file.
func (c *Coach) todos(width int) []string {
	var lines []string
	for i, todo := range c.Course[c.Step] {
		state := c.states()[i]
		sign, note := good.Render("✓"), ""
		switch {
		case state.unjudged:
			sign = "·"
			if c.judged != nil {
				note = faint.Render(c.Words.Unjudged)
			}
		case state.fails > 0:
			sign, note = bad.Render("✗"), bad.Render(sprintf(c.Words.Fails, state.fails))
		}
		line := fmt.Sprintf("%s %d  %s", sign, todo.Number, todo.Title)
		place := faint.Render(todo.File)
		if note != "" {
			place += "  " + note
		}
		if gap := 44 - ansi.StringWidth(line); gap > 0 && width >= 80 {
			line += strings.Repeat(" ", gap)
		}
		lines = append(lines, hang(line+"  "+place, width, 5)...)
	}
	return lines
}

// verdict returns what the last run of the checks says: that all pass, or what to do
// first.
func (c *Coach) verdict(width int) []string {
	r := c.Result
	switch {
	case r == nil:
		return nil
	case r.Compile != "":
		lines := append([]string{bad.Render(c.Words.NoCompile)}, hang("  "+strings.ReplaceAll(r.Compile, "\n", "\n  "), width, 4)...)
		for _, name := range c.missing() {
			lines = append(append(lines, ""), wrap(fmt.Sprintf(c.Words.Missing, "steps/"+c.Step+"/"+name, c.Step), width)...)
		}
		return append(lines, c.knownError(r.Compile, width)...)
	case r.OK():
		lines := []string{good.Bold(true).Render(c.Words.AllPass), ""}
		if len(r.Stretch) > 0 {
			lines = append(lines, wrap(fmt.Sprintf(c.Words.Stretch, c.Step), width)...)
		}
		switch next := c.stepNumber() + 1; {
		case next == len(course.Steps):
			return append(append(lines, ""), wrap(c.Words.LastStep, width)...)
		case c.keyboard:
			return append(lines, wrap(c.Words.NextKey, width)...)
		default:
			return append(lines, wrap(fmt.Sprintf(c.Words.NextStep, course.Steps[next]), width)...)
		}
	}
	f := first(r.Findings)
	if f == nil {
		return wrap(strings.Join(r.Failed, ", "), width)
	}
	heading := bold.Render(plural(len(r.Failed), c.Words.OneFails, c.Words.ManyFail) + ". " + c.Words.BeginWith)
	if f.Look != "" { // else the program did not run, and the check's name says nothing
		heading += " " + f.Test
	}
	lines := hang(heading, width, 4)
	lines = append(lines, finding(c.Step, *f, width)...)
	if strings.HasPrefix(f.Try, "curl ") {
		for _, line := range append(wrap(c.Words.TryFirst, max(20, width-10)), "    go run ./steps/"+c.Step) {
			lines = append(lines, faint.Render(strings.Repeat(" ", 10)+line))
		}
	}
	said := f.Got
	if printed := strings.Join(f.Notes, "\n"); f.Look == "" || strings.Contains(printed, "panic") {
		said += "\n" + printed // else what the program prints is what is checked
	}
	return append(lines, c.knownError(said, width)...)
}

// knownError returns the hint on an error message that is in a text, if there is one.
func (c *Coach) knownError(text string, width int) []string {
	for _, e := range c.Errors[c.Step] {
		if e.In(text) {
			return append(append([]string{""}, wrap(fmt.Sprintf(c.Words.KnownError, inline(e.Title)), width)...), Markdown(e.Text, width)...)
		}
	}
	return nil
}

// finding returns a failing check as the checks print it, with lines of this width.
func finding(step string, f run.Finding, width int) []string {
	lines := wrap(f.Sent, width)
	look := f.Look
	if look != "" {
		look = "steps/" + step + "/" + look
	}
	for _, part := range [][2]string{{"got:", f.Got}, {"want:", f.Want}, {"why:", f.Why}, {"look:", look}, {"try:", f.Try}} {
		if part[1] == "" {
			continue
		}
		label := fmt.Sprintf("    %-5s ", part[0])
		for i, line := range wrap(part[1], max(20, width-10)) {
			if i > 0 {
				label = strings.Repeat(" ", 10)
			}
			switch part[0] {
			case "look:":
				line = bold.Render(line)
			case "try:":
				line = code.Render(line)
			}
			lines = append(lines, label+line)
		}
	}
	for _, note := range f.Notes {
		for line := range strings.SplitSeq(note, "\n") {
			lines = append(lines, noteLine(line, width)...)
		}
	}
	return lines
}

// noteLine returns a line of a note; what the program has printed keeps its mark.
func noteLine(line string, width int) []string {
	const mark = "  | "
	text, printed := strings.CutPrefix(line, mark)
	if !printed {
		return hang("    "+line, width, 4)
	}
	lines := wrap(text, max(20, width-8))
	for i := range lines {
		lines[i] = "    " + mark + lines[i]
	}
	return lines
}

// List returns a line for each step, and for each of its TODOs.
func (c *Coach) List(width int) []string {
	lines := []string{bold.Render(c.Words.ListHeading)}
	for i, step := range course.Steps {
		sign, state := "·", c.Words.StateOpen
		if c.Progress.Step(step).Passed {
			sign, state = good.Render("✓"), c.Words.StatePassed
		}
		lines = append(lines, "", fmt.Sprintf("%s %d  %s  %s", sign, i+1, bold.Render(c.Words.StepNames[i]), faint.Render("steps/"+step+"  "+state)))
		for _, todo := range c.Course[step] {
			if sign == "·" {
				sign = " "
			}
			lines = append(lines, hang(fmt.Sprintf("     %s TODO %d: %s", sign, todo.Number, todo.Title), width, 15)...)
		}
	}
	return lines
}

// keys returns the line of keys at the bottom.
func (c *Coach) keys(width int) []string {
	var words []string
	for _, key := range c.Words.Keys {
		words = append(words, bold.Render(key[0])+"\u00a0"+strings.ReplaceAll(key[1], " ", "\u00a0"))
	}
	return wrap(strings.Join(words, "   "), width)
}

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
		head := wrap(line, width)
		lines = append(lines, head[0])
		rest := strings.TrimSpace(strings.Join(head[1:], " "))
		for _, more := range wrap(rest, width-indent) {
			lines = append(lines, strings.Repeat(" ", indent)+more)
		}
	}
	return lines
}

// plural returns the text for one thing or for n.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

// sprintf is fmt.Sprintf for texts of words.Words, which vet cannot see through.
func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }
