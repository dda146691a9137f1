package coach

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/words"
)

// Solution returns how the learner's code of the step differs from the finished code.
func (s *Session) Solution() (Page, error) {
	if !s.HasSolution() {
		return paragraph("There is no finished code in this copy of the workshop: who gave it to you has it. The hints go far: h shows them, or go run ./workshop hint."), nil
	}
	var diffs []string
	for _, name := range slices.Sorted(maps.Keys(course.Starter(s.Step))) {
		finished, err := os.ReadFile(s.file("solutions", name))
		if err != nil {
			return nil, err
		}
		yours, err := os.ReadFile(s.file("steps", name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		diff := udiff.Unified(name+" ("+say("yours")+")", name+" ("+say("finished")+")", string(yours), string(finished))
		if diff = strings.TrimRight(diff, "\n"); diff != "" {
			diffs = append(diffs, diff)
		}
	}
	if len(diffs) == 0 {
		return paragraph("Your code is the finished code."), nil
	}
	return func(width int) []string { return diffLines(strings.Join(diffs, "\n"), width) }, nil
}

// HasSolution says whether there is finished code: students of a class may have a copy without it.
func (s *Session) HasSolution() bool {
	_, err := os.Stat(filepath.Join(s.Workshop.Root, "solutions"))
	return !errors.Is(err, fs.ErrNotExist)
}

// file returns the path of a file of the step, in steps or in solutions.
func (s *Session) file(in, name string) string {
	return filepath.Join(s.Workshop.Root, in, s.Step, filepath.FromSlash(name))
}

// Reset puts the step back to how it was at first, after a copy of what the learner
// has, and says where that is kept.
func (s *Session) Reset(width int) ([]string, error) {
	backup := filepath.Join(folder.Kept, "backup", time.Now().Format("20060102-150405.000")+"-"+s.Step)
	if err := s.reset(filepath.Join(s.Workshop.Root, backup)); err != nil {
		return nil, err
	}
	lines := append(wrap(say(words.Textf("The program in steps/%s is as it was at first. What you had written is kept in", s.Step)), width), "    "+backup)
	return append(lines, wrap(say(words.Textf("To have it back, copy the files from there into steps/%s, in the place of the .go files that are there now.", s.Step)), width)...), nil
}

// reset does the work of Reset, with the copy in the folder backup.
func (s *Session) reset(backup string) error {
	from, err := s.Workshop.Source(s.Step)
	if err != nil {
		return err
	}
	starter := course.Starter(s.Step)
	kept := slices.Concat(from.Files, ownTests(from, s.Step))
	for name := range starter {
		info, err := os.Stat(s.file("steps", name))
		switch {
		case err == nil && info.IsDir():
			return words.Errorf("%s is a folder, and the step has a file of that name\nhint: move it elsewhere, or give it another name", s.file("steps", name))
		case err == nil && !slices.Contains(kept, name):
			return words.Errorf("%s is a link, and what it leads to would be overwritten\nhint: move it elsewhere", s.file("steps", name))
		}
	}
	if err := s.keep(kept, backup); err != nil {
		return err
	}
	for name := range starter { // all of them, or none
		f, err := os.OpenFile(s.file("steps", name), os.O_WRONLY, 0)
		if err == nil {
			f.Close()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return words.Errorf("cannot write %s: %w\nhint: %s", s.file("steps", name), err, folder.WayOut(err))
		}
	}
	for _, name := range kept {
		if _, ours := starter[name]; !ours && (path.Ext(name) == ".go" || strings.HasPrefix(name, "web/")) {
			if err := os.Remove(s.file("steps", name)); err != nil {
				return err
			}
		}
	}
	for name, text := range starter {
		if err := os.MkdirAll(filepath.Dir(s.file("steps", name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(s.file("steps", name), text, 0o644); err != nil {
			return words.Errorf("cannot write %s: %w\nhint: %s", s.file("steps", name), err, folder.WayOut(err))
		}
	}
	return s.update(func(p *progress.Progress) { delete(p.Steps, s.Step) })
}

// keep copies files of the step into a new folder, all of them or none.
func (s *Session) keep(names []string, backup string) (err error) {
	if err := os.MkdirAll(filepath.Dir(backup), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(backup, 0o755); err != nil {
		return words.Errorf("cannot make a folder for what you have written: %w\nhint: %s", err, folder.WayOut(err))
	}
	defer func() {
		if err != nil {
			os.RemoveAll(backup)
		}
	}()
	for _, name := range names {
		if err := source.CopyFile(s.file("steps", name), filepath.Join(backup, filepath.FromSlash(name))); err != nil {
			return words.Errorf("cannot keep a copy of %s: %w\nhint: %s", s.file("steps", name), err, folder.WayOut(err))
		}
	}
	return nil
}

// missing returns a text on each of the starter's files that is not there, with the way out. That
// is no mistake by itself: a program may stand in other files.
func (s *Session) missing() []words.Text {
	var texts []words.Text
	for _, name := range slices.Sorted(maps.Keys(course.Starter(s.Step))) {
		shown := "steps/" + s.Step + "/" + name
		info, err := os.Stat(s.file("steps", name))
		switch other := s.renamed(name); {
		case err == nil && info.IsDir():
			texts = append(texts, words.Textf("%s is a folder, and the step has a file of that name: move it elsewhere, or give it another name.", shown))
		case !errors.Is(err, fs.ErrNotExist):
		case other != "":
			texts = append(texts, words.Textf("%s is missing, and %s is there: is that it? Give it its name again.", shown, "steps/"+s.Step+"/"+other))
		default:
			texts = append(texts, words.Textf("%s is missing. The step as it was at first, after a copy of what you have:\n    go run ./workshop reset %s", shown, s.Step))
		}
	}
	return texts
}

// renamed returns the name of a file or folder that may be the missing one of this name: with more
// behind it or within, as editors of text add .txt and systems (1), or with other capital letters; "" if
// there is none.
func (s *Session) renamed(name string) string {
	dir, base := filepath.Dir(s.file("steps", name)), path.Base(name)
	if _, err := os.Stat(dir); err != nil { // it is the folder
		base = path.Base(path.Dir(name))
		dir = filepath.Dir(dir)
	}
	starter := course.Starter(s.Step)
	entries, _ := os.ReadDir(dir)
	for _, begin := range []string{base, strings.TrimSuffix(base, path.Ext(base))} {
		for _, entry := range entries {
			rest, begins := strings.CutPrefix(strings.ToLower(entry.Name()), strings.ToLower(begin))
			letter, _ := utf8.DecodeRuneInString(rest)
			_, own := starter[path.Join(path.Dir(name), entry.Name())]
			if begins && !unicode.IsLetter(letter) && entry.Name() != base && !own && !strings.HasSuffix(rest, "_test.go") {
				return entry.Name()
			}
		}
	}
	return ""
}

// ownTests returns the names of a step's tests that the learner has written.
func ownTests(from *source.Source, step string) []string {
	workshops := course.Tests(step)
	return slices.DeleteFunc(slices.Clone(from.Tests), func(name string) bool { return slices.Contains(workshops, name) })
}

// MakeEnv makes the file .env with a fresh secret, if there is none, and says whether
// it did: .env.example with its JWT_SECRET_KEY replaced.
func MakeEnv(root string) (bool, error) {
	file := filepath.Join(root, ".env")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	example, err := os.ReadFile(file + ".example")
	if err != nil {
		return false, err
	}
	var b strings.Builder
	for line := range strings.Lines(string(example)) {
		if strings.HasPrefix(line, "JWT_SECRET_KEY=") {
			line = "JWT_SECRET_KEY=" + run.NewSecret() + "\n"
		}
		b.WriteString(line)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(b.String())
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(file) // the next start makes a whole one
	}
	return err == nil, err
}

// untouched says whether the step's program is as it was at first.
func (s *Session) untouched() bool {
	from, err := s.Workshop.Source(s.Step)
	if err != nil || len(from.Files) != len(course.Starter(s.Step)) || len(ownTests(from, s.Step)) > 0 {
		return false
	}
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
