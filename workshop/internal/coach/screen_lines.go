package coach

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/words"
)

// View returns what is on the screen.
func (s *screen) View() tea.View {
	view := tea.NewView(strings.Join(s.lines(), "\n"))
	view.AltScreen = true
	view.WindowTitle = say("JWT workshop")
	return view
}

// lines returns the lines of the screen, as many as there is room for.
func (s *screen) lines() []string {
	if s.page != nil {
		return s.fit(s.asked())
	}
	body := append(s.session.heading(s.width), s.session.todos(s.width)...)
	body = append(body, "")
	if s.session.Note != "" {
		body = append(append(body, wrap(s.session.Note, s.width)...), "")
	}
	switch {
	case s.err != nil:
		body = append(body, hang(bad.Render(folder.WithWayOut(s.err).Error()), s.width, 4)...)
	case s.running > 0 && s.all > 0:
		body = append(body, wrap(say(words.Textf("Compiling the libraries: %d of %d packages", s.done, s.all)), s.width)...)
		body = append(body, progressBar(s.done, s.all, min(s.width, 60)))
	case s.running > 0 && (s.session.Result == nil || !s.session.Result.Early):
		body = append(body, say("checking …"), "")
		for _, line := range s.session.verdict(s.width) { // the last one, until there is another
			body = append(body, faint.Render(ansi.Strip(line)))
		}
	default:
		body = append(body, s.session.verdict(s.width)...)
	}
	keys := s.session.keyLine(s.width)
	if len(body)+len(keys)+1 > s.height {
		keys = append([]string{faint.Render(say("↑ ↓ scroll"))}, keys...)
	}
	return s.fit(body, keys)
}

// asked returns the page and, below it, what may be answered to it and how to leave it.
func (s *screen) asked() (body, footer []string) {
	body = s.page(s.width)
	keys := func(text words.Text) []string { return wrap(faint.Render(say(text)), s.width) }
	var choices []string
	if s.choices != nil {
		choices = s.choices(s.width)
	}
	if len(choices) > s.height/2 { // the learner scrolls to them
		body, choices = slices.Concat(body, []string{""}, choices), nil
	}
	alone, scrolls := words.Text("any key goes back"), words.Text("↑ ↓ scroll   any other key goes back")
	if s.answer != nil {
		alone, scrolls = s.keys, words.Textf("↑ ↓ scroll   %s", s.keys)
	}
	footer = slices.Concat(choices, keys(alone))
	if len(body)+len(footer)+1 > s.height {
		footer = slices.Concat(choices, keys(scrolls))
	}
	return body, footer
}

// fit returns the body, from the line to which the learner has scrolled, with the
// footer at the bottom of the screen. What there is no room for is left out, at the end.
func (s *screen) fit(body, footer []string) []string {
	room := max(1, s.height-len(footer)-1)
	s.last = max(0, len(body)-room)
	s.from = min(s.from, s.last)
	s.room = room
	body = body[s.from:]
	if len(body) > room {
		body = append(body[:room-1:room-1], faint.Render("…"))
	}
	for len(body) < room {
		body = append(body, "")
	}
	return append(append(body, ""), footer...)
}
