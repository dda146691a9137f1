package coach

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/words"
)

// since returns a line on when the step was checked, and what has become of the failing checks.
func (s *Session) since(width int) []string {
	text := words.Textf("Checked at %s.", s.checked.Format(time.TimeOnly))
	if s.before != nil && s.before.Ran() && s.Result.Ran() && !s.before.OK() {
		text = words.Textf("Checked at %s: %d failed before, %d now.", s.checked.Format(time.TimeOnly), len(s.before.Failed), len(s.Result.Failed))
	}
	return wrap(faint.Render(say(text)), width)
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
		missing := s.missing()
		for _, text := range missing {
			lines = append(append(lines, ""), wrap(say(text), width)...)
		}
		if len(missing) > 0 && strings.Contains(r.Compile, "undefined: ") {
			return lines // the names are those of that file, and not of an import
		}
		return append(lines, s.knownError(report.Finding{Got: words.Verbatim(r.Compile)}, width)...)
	case r.Early:
		return wrap(bold.Render(say("All checks pass so far. Now comes the one in which time passes: two seconds.")), width)
	case len(r.Failed) == 0 && r.Incomplete():
		return append(wrap(bold.Render(say("No check fails, but not all of them could judge your program:")), width), s.unjudged(width)...)
	case r.OK():
		return slices.Concat(wrap(good.Bold(true).Render(say("All checks of this step pass.")), width), []string{""}, s.goOn(width), s.asides(width))
	}
	f := r.First()
	if f == nil {
		return wrap(strings.Join(r.Failed, ", "), width)
	}
	var lines []string
	if s.untouched() {
		open := words.Textf("This step is new. Read its lesson first:\n    go run ./workshop lesson %s", s.Step)
		if s.keyboard {
			open = "This step is new. Read its lesson first (key o)."
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
	return append(append(lines, s.knownError(*f, width)...), s.unjudged(width)...)
}

// goOn returns what comes when a step passes: questions on it, programs to judge, the next step.
func (s *Session) goOn(width int) []string {
	questions, programs := words.Textf("Do you know what your program does? Say it, and see:\n    go run ./workshop predict %s", s.Step), words.Text("Programs of others: do you see what gets in?\n    go run ./workshop spot")
	if s.keyboard {
		questions, programs = "p asks you what your program does, and then the program.", "x shows you programs of others: do you see what gets in?"
	}
	var lines []string
	if len(s.Round()) > 0 {
		lines = append(lines, wrap(say(questions), width)...)
	}
	if s.hasSpot() && s.NextToSpot() >= 0 {
		lines = append(lines, wrap(say(programs), width)...)
	}
	switch next := s.stepNumber() + 1; {
	case next == len(course.Steps):
		return append(lines, wrap(say("That was the last step: you have built all of it. See it work:\n    go run ./steps/04-frontend\nThen open http://localhost:8080, log in as ada, and try to forge a token there. Take your token apart, and try to get in without a good one:\n    go run ./workshop inspect TOKEN\n    go run ./workshop attack\nWhere to go from here is in steps/beyond.md."), width)...)
	case s.keyboard:
		return append(lines, wrap(say("n goes on to the next step."), width)...)
	default:
		return append(lines, wrap(say(words.Textf("To go on:\n    go run ./workshop watch %s", course.Steps[next])), width)...)
	}
}

// asides returns what else is to be said of a step that passes, each after an empty line.
func (s *Session) asides(width int) []string {
	var lines []string
	if places := s.leftOver(); len(places) > 0 {
		lines = append(append(lines, ""), wrap(say(words.Textf("The comments of these TODOs can go now: %s", strings.Join(places, ", "))), width)...)
	}
	if len(s.Result.Stretch) > 0 {
		lines = append(append(lines, ""), wrap(say(words.Textf("For whoever wants more, there are stretch checks:\n    go run ./workshop check --stretch %s", s.Step)), width)...)
	}
	return append(lines, s.unjudged(width)...)
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

// knownError returns the hint on an error message that a finding shows, if there is one.
func (s *Session) knownError(f report.Finding, width int) []string {
	e := course.Opened(s.Errors[s.Step], say(f.Got), say(words.Join(f.Notes, "\n")), f.Ran())
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
