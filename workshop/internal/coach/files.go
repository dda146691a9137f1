package coach

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/aymanbagabas/go-udiff"

	"jwtworkshop/workshop/internal/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/progress"
	"jwtworkshop/workshop/internal/words"
)

// Solution returns how the learner's code of the step differs from the finished code.
func (c *Coach) Solution(width int) ([]string, error) {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(course.Starter(c.Step))) {
		finished, err := os.ReadFile(c.file("solutions", name))
		if err != nil {
			return nil, err
		}
		yours, err := os.ReadFile(c.file("steps", name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		diff := udiff.Unified(name+" ("+c.Words.Yours+")", name+" ("+c.Words.Finished+")", string(yours), string(finished))
		for line := range strings.SplitSeq(strings.TrimRight(diff, "\n"), "\n") {
			if line == "" {
				continue
			}
			style := lipgloss.NewStyle()
			switch {
			case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
				style = bold
			case line[0] == '-':
				style = bad
			case line[0] == '+':
				style = good
			}
			for _, part := range hang(strings.ReplaceAll(line[1:], "\t", "    "), width-1, 4) {
				lines = append(lines, style.Render(line[:1]+part)) // the sign before each
			}
		}
	}
	if len(lines) == 0 {
		return []string{c.Words.NoDiff}, nil
	}
	return lines, nil
}

// file returns the path of a file of the step, in steps or in solutions.
func (c *Coach) file(in, name string) string {
	return filepath.Join(c.Workshop.Root, in, c.Step, filepath.FromSlash(name))
}

// Reset puts the step back to how it was at first, after a copy of what the learner
// has, and says where that is kept.
func (c *Coach) Reset(width int) ([]string, error) {
	backup := filepath.Join(folder.Kept, "backup", time.Now().Format("20060102-150405.000")+"-"+c.Step)
	if err := c.reset(filepath.Join(c.Workshop.Root, backup)); err != nil {
		return nil, err
	}
	lines := append(wrap(fmt.Sprintf(c.Words.ResetDone, c.Step), width), "    "+backup)
	return append(lines, wrap(fmt.Sprintf(c.Words.ResetBack, c.Step), width)...), nil
}

// reset does the work of Reset, with the copy in the folder backup.
func (c *Coach) reset(backup string) error {
	if err := os.MkdirAll(filepath.Dir(backup), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(backup, 0o755); err != nil {
		return words.Problemf("cannot make a folder for what you have written: %w", err)
	}
	starter := course.Starter(c.Step)
	for _, pattern := range []string{"*.go", "web/*"} {
		names, err := filepath.Glob(c.file("steps", pattern))
		if err != nil {
			return err
		}
		for _, file := range names {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			name, err := filepath.Rel(c.file("steps", ""), file)
			if err != nil {
				return err
			}
			if err := copyFile(file, filepath.Join(backup, name)); err != nil {
				return words.Problemf("cannot keep a copy of %s: %w", file, err)
			}
			if _, ours := starter[filepath.ToSlash(name)]; !ours {
				if err := os.Remove(file); err != nil {
					return err
				}
			}
		}
	}
	for name, text := range starter {
		if err := os.MkdirAll(filepath.Dir(c.file("steps", name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(c.file("steps", name), text, 0o644); err != nil {
			return words.Problemf("cannot write %s: %w\nhint: is it write-protected, or open in another program?", c.file("steps", name), err)
		}
	}
	return c.update(func(p *progress.Progress) { delete(p.Steps, c.Step) })
}

// missing returns the names of the starter's files that are not there. That is no
// mistake by itself: a program may stand in other files.
func (c *Coach) missing() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(course.Starter(c.Step))) {
		if _, err := os.Stat(c.file("steps", name)); errors.Is(err, fs.ErrNotExist) {
			names = append(names, name)
		}
	}
	return names
}

// copyFile copies a file.
func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
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
	secret := make([]byte, 32)
	rand.Read(secret)
	var b strings.Builder
	for line := range strings.Lines(string(example)) {
		if strings.HasPrefix(line, "JWT_SECRET_KEY=") {
			line = "JWT_SECRET_KEY=" + hex.EncodeToString(secret) + "\n"
		}
		b.WriteString(line)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(b.String())
	return true, errors.Join(err, f.Close())
}
