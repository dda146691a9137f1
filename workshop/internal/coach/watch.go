package coach

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/words"
)

// How saves are seen. The files are looked at a few times a second: that costs next to
// nothing, and sees every save on every drive, in folders that come and go.
const (
	lookEvery = 250 * time.Millisecond
	settle    = 100 * time.Millisecond  // a file is written in several moves
	series    = 3 * time.Second         // saves as close as this are an editor's own, half-typed code and all
	rest      = 1500 * time.Millisecond // then typing rests if nothing is saved for so long
)

// Saves returns a channel on which the name of a step comes each time that a file of
// its program was saved, until ctx is done.
func Saves(ctx context.Context, w run.Workshop) <-chan string {
	saved := make(chan string)
	seen := map[string]string{}
	for _, step := range course.Steps {
		seen[step] = look(w, step)
	}
	go func() {
		defer close(saved)
		var last time.Time // of a save
		for pause(ctx, lookEvery) {
			for _, step := range course.Steps {
				now := look(w, step)
				if now == seen[step] {
					continue
				}
				quiet := settle
				if time.Since(last) < series {
					quiet = rest
				}
				for ; now != seen[step]; now = look(w, step) {
					seen[step] = now
					last = time.Now()
					if !pause(ctx, quiet) {
						return
					}
				}
				select {
				case saved <- step:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return saved
}

// look returns what changes with each save of a step, or "" while its folder cannot be read.
func look(w run.Workshop, step string) string {
	from, err := source.In(filepath.Join(w.Root, "steps", step))
	if err != nil {
		return ""
	}
	return from.Print
}

// pause waits, and says false if ctx is done before.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// Run compiles what the checks of the coach's step need, and runs them.
func (s *Session) Run(ctx context.Context, progress func(done, all int)) error {
	if err := s.Workshop.Prepare(ctx, s.Step, progress); err != nil {
		return err
	}
	result, err := s.Workshop.Check(ctx, s.Step, s.Stretch, func(*run.Result) {})
	if err != nil {
		return err
	}
	return s.Take(result)
}

// Show writes where the learner is, and what the checks say.
func (s *Session) Show(out io.Writer, width int) {
	lines := append(s.heading(width), s.todos(width)...)
	if s.Note != "" {
		lines = append(append(lines, ""), wrap(s.Note, width)...)
	}
	Print(out, append(append(lines, ""), s.verdict(width)...))
}

// WatchPlain does as Watch does, but writes lines, and takes no keys.
func WatchPlain(ctx context.Context, s *Session, saved <-chan string, out io.Writer, width int) error {
	told := false
	for {
		err := s.Run(ctx, func(done, all int) {
			if done > 0 && !told { // else nothing has to be compiled
				told = true
				Print(out, []string{say(words.Textf("Compiling the libraries: %d of %d packages", done, all))})
			}
		})
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			Print(out, wrap(folder.WithWayOut(err).Error(), width))
		default:
			s.Show(out, width)
			if err := s.Count(time.Now()); err != nil {
				return err
			}
		}
		Print(out, append([]string{""}, wrap(say(words.Textf("Waiting for you to save a file in steps/%s; Ctrl-C ends.", s.Step)), width)...))
		for step := ""; step != s.Step; {
			select {
			case <-ctx.Done():
				return nil
			case step = <-saved:
			}
		}
	}
}
