package coach

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"jwtworkshop/workshop/attack"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/spot"
)

// NextToSpot returns the number of the program to judge now: the first that is new or, if there is
// none, the first that was judged wrongly; -1 if there is none either.
func (s *Session) NextToSpot() int {
	next := -1
	for i, p := range spot.Programs {
		right, judged := s.Progress.Answers[p.Name]
		if !judged {
			return i
		}
		if !right && next < 0 {
			next = i
		}
	}
	return next
}

// MaySpot says whether programs may be judged: who does not know the thing yet would learn it
// from wrong ones.
func (s *Session) MaySpot() bool { return s.Progress.Step(spot.Step).Passed }

// hasSpot says whether programs may be judged, and are there.
func (s *Session) hasSpot() bool {
	_, err := os.Stat(filepath.Join(s.Workshop.Root, "solutions", "mistakes", spot.Step))
	return err == nil && s.MaySpot()
}

// NoSpot says why there is no program to judge.
func (s *Session) NoSpot(width int) []string {
	why := words.Text("You have judged all programs rightly.")
	if !s.MaySpot() {
		why = words.Textf("Programs of others come when step 3 passes, and not before. What is left of it:\n    go run ./workshop check %s", spot.Step)
	}
	return wrap(say(why), width)
}

// A Suspect is a program to be judged.
type Suspect struct {
	spot.Program
	Number int
	shown  string
	files  map[string][]byte
}

// Suspect returns one of the programs.
func (s *Session) Suspect(number int) (*Suspect, error) {
	p := &Suspect{Program: spot.Programs[number], Number: number}
	var err error
	p.shown, p.files, err = p.Load(os.DirFS(s.Workshop.Root))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, words.Errorf("the programs to judge are not in this copy of the workshop\nhint: who gave it to you has them, in the folder solutions")
	case err != nil:
		return nil, words.Errorf("the program to judge cannot be made: %w\nhint: take the folder solutions from a fresh copy of the workshop", err)
	}
	return p, nil
}

// Lines returns the program as it is shown.
func (p *Suspect) Lines(width int) []string {
	lines := wrap(bold.Render(say(words.Textf("Program %d of %d: which of the four attacks below get in?", p.Number+1, len(spot.Programs)))), width)
	but := words.Textf("It is the finished program, solutions/%s, with the stretch checks done, but for this:", spot.Step)
	if p.AsDiff {
		but = words.Textf("It is the finished program, solutions/%s, with the stretch checks done, but for this (lines with - were taken out, lines with + put in):", spot.Step)
	}
	lines = append(append(lines, wrap(say(but), width)...), "")
	if p.AsDiff {
		return append(lines, diffLines(p.shown, width)...)
	}
	for _, line := range hang(strings.ReplaceAll(p.shown, "\t", "    "), width, 8) {
		lines = append(lines, code.Render(line))
	}
	return lines
}

// Choices returns the attacks, with a mark at those that are said to get in.
func (p *Suspect) Choices(said [4]bool, width int) []string {
	var lines []string
	for i, what := range p.Attacks {
		mark := "[ ]"
		if said[i] {
			mark = "[x]"
		}
		lines = append(lines, hang(bold.Render(string(rune('1'+i)))+" "+mark+" "+say(what)+" "+faint.Render(say(who(what))), width, 6)...)
	}
	return lines
}

// who says who can make an attack.
func who(what words.Text) words.Text {
	if attack.OnlyInside(what) {
		return "(made with the program's secret)"
	}
	return "(anybody can send it)"
}

// Try builds the program and attacks it, and returns which of the four get in.
func (s *Session) Try(ctx context.Context, p *Suspect) (into [4]bool, err error) {
	program, err := s.Workshop.BuildFinished(ctx, spot.Step, p.files)
	if err != nil {
		return into, err
	}
	defer program.Remove()
	const database = "workshop.db"
	running, err := program.Start(ctx, "", database)
	if err != nil {
		return into, err
	}
	defer running.Stop()
	if err := attack.AddGrace(filepath.Join(program.Dir, database)); err != nil {
		return into, err
	}
	return into, attack.Run(ctx, running.URL, running.Secret, func(t attack.Try) {
		for i, what := range p.Attacks {
			if t.What == what {
				into[i] = t.LetIn()
			}
		}
	})
}

// Tried returns what the learner has said of a program and what has happened, and remembers
// whether that is the same.
func (s *Session) Tried(p *Suspect, said, into [4]bool) (Page, error) {
	return func(width int) []string { return p.tried(said, into, width) }, s.remember(p.Name, said == into)
}

// tried returns what was said of a program and what has happened.
func (p *Suspect) tried(said, into [4]bool, width int) []string {
	lines := append(wrap(bold.Render(say(words.Textf("Program %d of %d", p.Number+1, len(spot.Programs)))), width), "")
	for i, what := range p.Attacks {
		came := words.Text("it is refused")
		if into[i] {
			came = words.Textf("it gets in %s", who(what))
		}
		line := good.Render(tick) + " " + say(what) + ": " + say(words.Textf("%s, as you said", came))
		if said[i] != into[i] {
			line = bad.Render(cross) + " " + say(what) + ": " + bad.Render(say(words.Textf("%s, and you said otherwise", came)))
		}
		lines = append(lines, hang(line, width, 2)...)
	}
	lines = append(append(lines, ""), wrap(say(words.Textf("What is different in it: %s", p.Says)), width)...)
	if into == ([4]bool{}) {
		lines = append(lines, wrap(say("It is a right program: none of the four gets in, and none of all the others."), width)...)
	}
	return lines
}
