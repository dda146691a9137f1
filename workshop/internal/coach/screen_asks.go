package coach

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/predict"
)

// ask has the page ask: choices is what may be answered, nil if that is clear, keys what they are
// for, and answer what a key does, when the page has gone.
func (s *screen) ask(choices Page, keys words.Text, answer func(key string) tea.Cmd) {
	s.choices, s.keys, s.answer = choices, keys, answer
}

// back goes back from a page, and ends the work for which it waits.
func (s *screen) back() {
	if s.leave != nil {
		s.leave()
	}
	s.page, s.choices, s.answer, s.leave = nil, nil, nil, nil
}

// wait shows a text while work is done, and then what work returns does. The learner may go back
// meanwhile.
func (s *screen) wait(text words.Text, work func(ctx context.Context) (then func())) tea.Cmd {
	s.show(paragraph(text), nil)
	ctx, cancel := context.WithCancel(s.ctx)
	s.leave = cancel
	return func() tea.Msg {
		s.working.Lock() // after the checks, if they are under way
		defer s.working.Unlock()
		if ctx.Err() != nil {
			return nil
		}
		return doneMsg{ctx, work(ctx)}
	}
}

// isYes says whether a key is for yes, in any of the languages.
func isYes(key string) bool { return key == "y" || key == "s" }

// predict asks the first question of a round, if the program is there that answers it.
func (s *screen) predict(round []predict.Question) tea.Cmd {
	if len(round) == 0 {
		s.session.Note = strings.Join(s.session.NoQuestion(readable), "\n")
		return nil
	}
	return s.wait("Your program is built …", func(ctx context.Context) func() {
		err := s.session.Builds(ctx, round[0].Step)
		return func() {
			if err != nil {
				s.show(nil, err)
				return
			}
			s.question(round)
		}
	})
}

// question asks the first question of a round.
func (s *screen) question(round []predict.Question) {
	q := round[0]
	asks := func(width int) []string { return s.session.Asks(q, width) }
	s.show(asks, nil)
	s.ask(nil, "y: yes   n: no   any other key goes back", func(key string) tea.Cmd {
		said := isYes(key)
		if !said && key != "n" {
			return nil
		}
		return s.wait("Your program is started and asked …", func(ctx context.Context) func() {
			answer, err := s.session.Ask(ctx, q)
			return func() {
				if err != nil {
					s.show(nil, err)
					return
				}
				answered, err := s.session.Answered(q, said, answer)
				s.show(func(width int) []string {
					return slices.Concat(wrap(say(q.Asks), width), []string{""}, answered(width))
				}, err)
				if len(round) > 1 {
					s.ask(nil, "p: the next question   any other key goes back", func(key string) tea.Cmd {
						if key != "p" {
							return nil
						}
						return s.predict(round[1:])
					})
				}
			}
		})
	})
}

// spot shows the next program to judge.
func (s *screen) spot() tea.Cmd {
	number := s.session.NextToSpot()
	if !s.session.MaySpot() || number < 0 {
		s.session.Note = strings.Join(s.session.NoSpot(readable), "\n")
		return nil
	}
	p, err := s.session.Suspect(number)
	if err != nil {
		s.show(nil, err)
		return nil
	}
	s.judge(p, [4]bool{})
	return nil
}

// judge asks which attacks get into a program; said are those that are marked so far.
func (s *screen) judge(p *Suspect, said [4]bool) {
	from := s.from
	s.show(p.Lines, nil)
	s.from = from
	choices := func(width int) []string { return p.Choices(said, width) }
	s.ask(choices, "1 to 4: mark those that get in   Enter: try them   any other key goes back", func(key string) tea.Cmd {
		switch {
		case len(key) == 1 && "1" <= key && key <= "4":
			said[key[0]-'1'] = !said[key[0]-'1']
			s.judge(p, said)
		case key == "enter":
			return s.wait("The program is built and attacked …", func(ctx context.Context) func() {
				into, err := s.session.Try(ctx, p)
				return func() {
					if err != nil {
						s.show(nil, err)
						return
					}
					s.show(s.session.Tried(p, said, into))
					s.ask(nil, "x: the next program   any other key goes back", func(key string) tea.Cmd {
						if key != "x" {
							return nil
						}
						return s.spot()
					})
				}
			})
		}
		return nil
	})
}
