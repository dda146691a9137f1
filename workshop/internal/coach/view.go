package coach

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/words"
)

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
}{{"h", "hint"}, {"n", "next step"}, {"p", "predict"}, {"x", "spot"}, {"l", "list"}, {"o", "lesson"}, {"s", "solution"}, {"e", "edit"}, {"r", "run again"}, {"q", "quit"}}

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
			lines = append(append(lines, ""), hang(good.Render(tick)+" "+say("Learned:")+" "+inline(s.Course[s.Step][i].Learnt), width, 2)...)
		}
	}
	return lines
}

// sign returns the sign of a TODO's state, and a note beside it, if there is one.
func (s *Session) sign(state state, number int) (sign, note string) {
	switch {
	case state.fails > 0:
		return bad.Render(cross), bad.Render(say(words.Counted(state.fails, "%d check to go", "%d checks to go")))
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

// keyLine returns the line of keys at the bottom: those that do something now.
func (s *Session) keyLine(width int) []string {
	var all []string
	for _, key := range keys {
		if key.name == "e" && s.edit() == nil || key.name == "p" && !s.Progress.Step(s.Step).Passed || key.name == "x" && !s.hasSpot() {
			continue
		}
		all = append(all, bold.Render(key.name)+":\u00a0"+strings.ReplaceAll(key.does.String(), " ", "\u00a0"))
	}
	return wrap(strings.Join(all, "   "), width)
}
