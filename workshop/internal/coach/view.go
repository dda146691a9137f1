package coach

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/report"
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

// readable is the widest a text may be: longer lines are hard to read.
const readable = 100

// stepNames are what the steps are called, by their folders.
var stepNames = map[string]words.Text{
	"01-setup":          "Setup",
	"02-token-endpoint": "Token endpoint",
	"03-protected":      "Protected",
	"04-frontend":       "Front end",
}

// keys are those at the bottom of the screen, with what they do.
var keys = []struct {
	name string
	does words.Text
}{{"h", "hint"}, {"n", "next step"}, {"l", "list"}, {"o", "lesson"}, {"s", "solution"}, {"e", "edit"}, {"r", "run again"}, {"q", "quit"}}

// heading returns the lines at the top: which step this is, and how far the learner
// has come.
func (s *Session) heading(width int) []string {
	number := s.stepNumber()
	step := say(words.Textf("Step %d of %d: %s", number+1, len(course.Steps), stepNames[s.Step]))
	title := bold.Render(say("JWT workshop"))
	gap := max(1, min(width, readable)-ansi.StringWidth(title)-ansi.StringWidth(step))
	done, all := s.count()
	text := " " + say(words.Textf("%d of %d TODOs", done, all))
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
func (s *Session) todos(width int) []string {
	var lines []string
	states := s.states()
	for i, todo := range s.Course[s.Step] {
		sign, note := s.sign(states[i], todo.Number)
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
	if s.Result != nil && !s.Result.Ran() && slices.ContainsFunc(states, state.done) {
		lines = append(lines, wrap(faint.Render(say("(as it was when your program last ran: nothing of that is lost)")), width)...)
	}
	if len(s.newly) > 0 { // of several, the last one: what the checks say stands below
		number := s.newly[len(s.newly)-1]
		if i := slices.IndexFunc(s.Course[s.Step], func(t course.Todo) bool { return t.Number == number }); i >= 0 && s.Course[s.Step][i].Learnt != "" {
			lines = append(append(lines, ""), hang(good.Render(tick)+" "+inline(s.Course[s.Step][i].Learnt), width, 2)...)
		}
	}
	return lines
}

// since returns a line on when the step was checked, and what has become of the failing checks.
func (s *Session) since(width int) []string {
	text := words.Textf("Checked at %s.", s.checked.Format(time.TimeOnly))
	if s.before != nil && s.before.Ran() && s.Result.Ran() && !s.before.OK() {
		text = words.Textf("Checked at %s: %d failed before, %d now.", s.checked.Format(time.TimeOnly), len(s.before.Failed), len(s.Result.Failed))
	}
	return wrap(faint.Render(say(text)), width)
}

// untouched says whether the step's program is as it was at first.
func (s *Session) untouched() bool {
	for name, text := range course.Starter(s.Step) {
		now, err := os.ReadFile(s.file("steps", name))
		if err != nil || !bytes.Equal(bytes.ReplaceAll(now, []byte("\r\n"), []byte("\n")), text) {
			return false
		}
	}
	return true
}

// leftOver returns the places in the step's files where the comment of a TODO still stands.
func (s *Session) leftOver() []string {
	var places []string
	for _, todo := range s.Course[s.Step] {
		if line := s.line(todo.File, todo.Number); line > 0 {
			places = append(places, fmt.Sprintf("steps/%s/%s:%d", s.Step, todo.File, line))
		}
	}
	return places
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

// sign returns the sign of a TODO's state, and a note beside it, if there is one.
func (s *Session) sign(state state, number int) (sign, note string) {
	switch {
	case state.fails > 0:
		return bad.Render(cross), bad.Render(say(words.Counted(state.fails, "%d to go", "%d to go")))
	case state.done() && state.waits > 0 && s.lastRan != nil:
		return good.Render(tick), faint.Render(say("done before; it cannot be judged now"))
	case state.done() && s.Plain:
		return tick, say("done")
	case state.done():
		return good.Render(tick), ""
	case s.lastRan == nil:
		return "·", ""
	case state.waits > number:
		return "·", faint.Render(say(words.Textf("right so far; TODO %d will show the rest", state.waits)))
	case state.waits < number:
		return "·", faint.Render(say(words.Textf("comes after TODO %d", state.waits)))
	}
	return "·", faint.Render(say("not judged yet"))
}

// verdict returns what the last run of the checks says: that all pass, or what to do
// first.
func (s *Session) verdict(width int) []string {
	r := s.Result
	switch {
	case r == nil:
		return nil
	case r.Compile != "":
		lines := append([]string{bad.Render(say("Your code does not compile. Go says:"))}, hang("  "+strings.ReplaceAll(r.Compile, "\n", "\n  "), width, 4)...)
		for _, name := range s.missing() {
			lines = append(append(lines, ""), wrap(say(words.Textf("%s is missing. The step as it was at first, after a copy of what you have:\n    go run ./workshop reset %s", "steps/"+s.Step+"/"+name, s.Step)), width)...)
		}
		return append(lines, s.knownError(r.Compile, width)...)
	case r.Early:
		return wrap(bold.Render(say("All checks pass so far. Now comes the one in which time passes: two seconds.")), width)
	case len(r.Failed) == 0 && r.Incomplete():
		return append(wrap(bold.Render(say("No check fails, but not all of them could judge your program:")), width), s.unjudged(width)...)
	case r.OK():
		lines := []string{good.Bold(true).Render(say("All checks of this step pass.")), ""}
		if places := s.leftOver(); len(places) > 0 {
			lines = append(append(lines, wrap(say(words.Textf("The comments of these TODOs can go now: %s", strings.Join(places, ", "))), width)...), "")
		}
		if len(r.Stretch) > 0 {
			lines = append(lines, wrap(say(words.Textf("For whoever wants more, there are stretch checks:\n    go run ./workshop check --stretch %s", s.Step)), width)...)
		}
		if reasons := s.unjudged(width); len(reasons) > 0 {
			lines = append(append(lines, reasons...), "")
		}
		switch next := s.stepNumber() + 1; {
		case next == len(course.Steps):
			return append(lines, wrap(say("That was the last step: you have built all of it. See it work:\n    go run ./steps/04-frontend\nThen open http://localhost:8080, log in as ada, and try to forge a token there. Take your token apart, and try to get in without a good one:\n    go run ./workshop inspect TOKEN\n    go run ./workshop attack"), width)...)
		case s.keyboard:
			return append(lines, wrap(say("n goes on to the next step."), width)...)
		default:
			return append(lines, wrap(say(words.Textf("To go on:\n    go run ./workshop watch %s", course.Steps[next])), width)...)
		}
	}
	f := r.First()
	if f == nil {
		return wrap(strings.Join(r.Failed, ", "), width)
	}
	var lines []string
	if s.untouched() {
		open := words.Textf("This step is new. Its lesson takes ten minutes:\n    go run ./workshop lesson %s", s.Step)
		if s.keyboard {
			open = "This step is new. Its lesson takes ten minutes: o opens it."
		}
		lines = append(wrap(bold.Render(say(open)), width), "")
	} else {
		lines = s.since(width)
	}
	heading := bold.Render(say(words.Counted(len(r.Failed), "%d check fails", "%d checks fail")) + ". " + say("Begin with this one:"))
	if f.Ran() { // else the check's name says nothing
		heading += " " + f.Test
	}
	lines = append(lines, hang(heading, width, 4)...)
	lines = append(lines, s.finding(*f, width)...)
	said := say(f.Got)
	if printed := say(words.Join(f.Notes, "\n")); !f.Ran() || strings.Contains(printed, "panic") {
		said += "\n" + printed // else what the program prints is what is checked
	}
	return append(append(lines, s.knownError(said, width)...), s.unjudged(width)...)
}

// unjudged returns a line for each reason why checks were not judged, with a number.
func (s *Session) unjudged(width int) []string {
	var lines []string
	for _, reason := range s.Result.Reasons() {
		text := say(words.Counted(reason.Checks, "%d check was not judged:", "%d checks were not judged:")) + " " + say(reason.Text)
		lines = append(append(lines, ""), wrap(faint.Render(text), width)...)
	}
	return lines
}

// knownError returns the hint on an error message that is in a text, if there is one.
func (s *Session) knownError(text string, width int) []string {
	e := course.Opened(s.Errors[s.Step], text)
	if e == nil {
		return nil
	}
	return append(append([]string{""}, wrap(say(words.Textf("If you see %s,", inline(e.Title))), width)...), Markdown(e.Text, width)...)
}

// finding returns a failing check as the checks print it, with lines of this width. The place
// to look at has its line, as far as that is known: terminals make a link of it.
func (s *Session) finding(f report.Finding, width int) []string {
	lines := wrap(say(f.Sent), width)
	for _, part := range f.Parts(s.Step) {
		label := part.Head()
		room := max(20, width-ansi.StringWidth(label))
		text := say(part.Text)
		if line := s.line(f.Look.File, f.Look.Todo); part.Label == "look" && line > 0 {
			text = strings.Replace(text, f.Look.File, fmt.Sprintf("%s:%d", f.Look.File, line), 1)
		}
		for i, line := range wrap(text, room) {
			if i > 0 {
				label = strings.Repeat(" ", ansi.StringWidth(label))
			}
			switch part.Label {
			case "look":
				line = bold.Render(line)
			case "try":
				line = code.Render(line)
			case "":
				line = faint.Render(line)
			}
			lines = append(lines, label+line)
		}
	}
	for _, note := range f.Notes {
		for line := range strings.SplitSeq(say(note), "\n") {
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
func (s *Session) List(width int) []string {
	lines := []string{bold.Render(say("The steps:"))}
	for i, step := range course.Steps {
		sign, state := "·", say("open")
		if s.Progress.Step(step).Passed {
			sign, state = good.Render(tick), say("passed")
		}
		lines = append(lines, "", fmt.Sprintf("%s %d  %s  %s", sign, i+1, bold.Render(stepNames[step].String()), faint.Render("steps/"+step+"  "+state)))
		for _, todo := range s.Course[step] {
			sign := " "
			if remembered := s.Progress.Step(step); remembered.Passed || slices.Contains(remembered.Done, todo.Number) {
				sign = good.Render(tick)
			}
			lines = append(lines, hang(fmt.Sprintf("     %s TODO %d: %s", sign, todo.Number, todo.Title), width, 15)...)
		}
	}
	return lines
}

// keyLine returns the line of keys at the bottom; e is among them where it opens an editor.
func (s *Session) keyLine(width int) []string {
	var all []string
	for _, key := range keys {
		if key.name == "e" && s.edit() == nil {
			continue
		}
		all = append(all, bold.Render(key.name)+"\u00a0"+strings.ReplaceAll(key.does.String(), " ", "\u00a0"))
	}
	return wrap(strings.Join(all, "   "), width)
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

// say returns a text in the learner's language.
func say(t words.Text) string { return t.String() }
