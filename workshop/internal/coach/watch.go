package coach

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// settle is how long nothing must happen in a step's folder before its files are taken
// for saved: editors write a file in several moves.
const settle = 30 * time.Millisecond

// Saves returns a channel on which the name of a step comes each time that a file of
// its program was saved, until ctx is done.
func Saves(ctx context.Context, w run.Workshop) (<-chan string, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, words.Errorf("cannot watch the steps: %w", err)
	}
	for _, step := range course.Steps {
		folder := filepath.Join(w.Root, "steps", step)
		err := watcher.Add(folder)
		if err == nil {
			err = watcher.Add(filepath.Join(folder, "web"))
			if errors.Is(err, fs.ErrNotExist) {
				err = nil // steps 1 to 3 have no page
			}
		}
		if err != nil {
			watcher.Close()
			return nil, words.Errorf("cannot watch %s: %w", folder, err)
		}
	}
	saved := make(chan string)
	go func() {
		defer watcher.Close()
		defer close(saved)
		var timer <-chan time.Time
		step := ""
		for {
			select {
			case <-ctx.Done():
				return
			case event := <-watcher.Events:
				if name := stepOf(w.Root, event); name != "" {
					step, timer = name, time.After(settle)
				}
			case <-watcher.Errors: // too much at once: then something was saved
			case <-timer:
				timer = nil
				select {
				case saved <- step:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return saved, nil
}

// stepOf returns the step that the file of an event is part of, or "" if its
// program is not made of that file.
func stepOf(root string, event fsnotify.Event) string {
	if event.Op == fsnotify.Chmod {
		return ""
	}
	name, err := filepath.Rel(filepath.Join(root, "steps"), event.Name)
	if err != nil {
		return ""
	}
	parts := strings.Split(filepath.ToSlash(name), "/")
	base := parts[len(parts)-1]
	switch {
	case strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") || strings.HasSuffix(base, "_test.go"):
		return ""
	case filepath.Ext(base) == ".go" || len(parts) == 3 && parts[1] == "web":
		return parts[0]
	}
	return ""
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

// WatchPlain does as Watch does, without a terminal: it writes lines, and takes no keys.
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
			Print(out, wrap(err.Error(), width))
		default:
			s.Show(out, width)
			if err := s.Count(); err != nil {
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
