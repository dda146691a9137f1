package coach

import (
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
		var page []string
		for _, line := range s.page { // the window may be narrower than it was
			page = append(page, strings.Split(ansi.Wrap(line, s.width, ""), "\n")...)
		}
		return s.fit(page, s.footer())
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

// footer says what may be answered to a page, or how to leave it.
func (s *screen) footer() []string {
	scroll := say("↑ ↓ scroll")
	if s.choices != nil {
		lines := s.choices(s.width)
		if len(s.page)+len(lines)+1 > s.height {
			lines = append([]string{faint.Render(scroll)}, lines...)
		}
		return lines
	}
	text := say("any key goes back")
	if len(s.page) > s.height-2 {
		text = scroll + "   " + say("any other key goes back")
	}
	return wrap(faint.Render(text), s.width)
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
