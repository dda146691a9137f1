// Package grade grades what students have handed in: points for one, tables for a class.
//
// A class is graded into a folder. What was judged there is kept, so that a run which was ended goes
// on where it was, and files that nobody has changed are judged once. All tables are made of
// results.json.
package grade

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/report"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/points"
)

// Limits of the time that a student may take: all steps, one of them, and what is left for each of those
// that come after it. Who has gone beyond them is judged once more at last, alone, with the limit for each step
// that one submission has by itself: a program that is right does not fail because the machine was busy.
const (
	studentLimit = 2 * time.Minute
	stepLimit    = time.Minute
	leastLimit   = 15 * time.Second
	lastLimit    = 4 * time.Minute
)

// A Grader grades a class.
type Grader struct {
	Workshop  run.Workshop
	Kept      string // the folder for what was judged
	Isolation string // "" for the highest rung that there is
	Stretch   bool
	Weights   points.Weights
	Jobs      int

	prints  map[string]string // of the checks of each step, and of what programs are built with
	judging sync.Map          // a *sync.Mutex for each print of files that are judged: twins wait, and are judged once
}

// Prepare compiles the checks of all steps that are worth points.
func (g *Grader) Prepare(ctx context.Context, progress func(done, all int)) error {
	g.prints = map[string]string{}
	version, err := exec.CommandContext(ctx, "go", "version").Output()
	if err != nil {
		return words.Errorf("cannot call the go command: %w", err)
	}
	for _, step := range g.steps() {
		if err := g.Workshop.Prepare(ctx, step, progress); err != nil {
			return err
		}
		hash := sha256.New()
		fmt.Fprintln(hash, string(version), words.Name(), g.Isolation, g.Stretch)
		for _, file := range append(g.builtWith(), g.Workshop.ChecksFile(step)) {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			fmt.Fprintf(hash, "%d %x\n", len(text), sha256.Sum256(text))
		}
		g.prints[step] = hex.EncodeToString(hash.Sum(nil))[:16]
	}
	return nil
}

// builtWith returns the files of the workshop that every program is built with.
func (g *Grader) builtWith() []string {
	root := g.Workshop.Root
	files := []string{filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum")}
	if helpers, err := source.In(filepath.Join(root, "workshop", "sqlite")); err == nil {
		for _, name := range helpers.Files {
			files = append(files, filepath.Join(root, "workshop", "sqlite", filepath.FromSlash(name)))
		}
	}
	return files
}

// steps returns the steps that are worth points.
func (g *Grader) steps() []string {
	return slices.DeleteFunc(slices.Clone(course.Steps), func(step string) bool { return slices.Max(g.Weights[step]) == 0 })
}

// Grade grades what was handed in, several at a time, and calls graded with each student's result when it
// is there, in any order.
func (g *Grader) Grade(ctx context.Context, handins []Handin, graded func(int, *Student)) error {
	next := make(chan int)
	var working sync.WaitGroup
	var telling sync.Mutex
	var again []int
	for range max(1, g.Jobs) {
		working.Go(func() {
			for i := range next {
				s := g.student(ctx, handins[i], false)
				telling.Lock()
				switch {
				case ctx.Err() != nil:
				case slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Verdict == TimedOut }):
					again = append(again, i)
				default:
					graded(i, s)
				}
				telling.Unlock()
			}
		})
	}
	for i := range handins {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	working.Wait()
	for _, i := range again {
		if s := g.student(ctx, handins[i], true); ctx.Err() == nil {
			graded(i, s)
		}
	}
	return ctx.Err()
}

// student grades one student, perhaps for the last time.
func (g *Grader) student(ctx context.Context, h Handin, last bool) *Student {
	s := &Student{ID: h.ID, Name: h.Name}
	temporary, err := folder.Temporary()
	if err != nil {
		return s.broken(g, err)
	}
	defer folder.RemoveAll(temporary)
	found, err := map[string]string(nil), h.Refused
	if err == nil {
		found, err = open(h.Path, temporary)
	}
	if err != nil {
		return s.broken(g, err)
	}
	if len(found) == 0 {
		s.Note = words.Textf("There is no folder steps in it. What is in it: %s", cmp.Or(strings.Join(h.names(), ", "), words.Text("nothing").String())).String()
	}
	start := time.Now()
	left := 0
	for _, step := range g.steps() {
		if found[step] != "" {
			left++
		}
	}
	for _, step := range g.steps() {
		if found[step] == "" {
			s.add(g.none(step, Missing, ""))
			continue
		}
		left--
		limit := max(leastLimit, min(stepLimit, studentLimit-time.Since(start)-time.Duration(left)*leastLimit))
		if last {
			limit = lastLimit
		}
		result := g.step(ctx, step, found[step], temporary, limit)
		s.add(result)
		if names := alteredGiven(step, found[step]); len(names) > 0 && result.lost() {
			s.Note += words.Textf("steps/%s: %s is not as it was given. One line there can cost the whole step: have a look before you count its points.", step, strings.Join(names, ", ")).String() + "\n"
		}
	}
	s.Note = strings.TrimSuffix(s.Note, "\n")
	return s
}

// lost says whether a program that was handed in has lost points.
func (s Step) lost() bool {
	return slices.Contains([]Verdict{Failed, DoesNotCompile, DoesNotStart}, s.Verdict) && s.Points != nil && *s.Points < s.Max
}

// todoMark matches how a TODO is marked in a file of a starter.
var todoMark = regexp.MustCompile(`(?m)^\s*// TODO \d`)

// alteredGiven returns the names of a step's files that were complete at first, with nothing to do in them, and
// are not as they were, whatever an editor has made of their lines.
func alteredGiven(step, dir string) (names []string) {
	for name, text := range course.Starter(step) {
		if todoMark.Match(text) || filepath.Ext(name) == ".md" {
			continue
		}
		now, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(plain(now), plain(text)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// open returns the folders of the steps that were handed in at a path.
func open(path, temporary string) (map[string]string, error) {
	switch {
	case isPacked(path):
		return nil, refusal{words.Errorf("%s is no zip: only folders and zips can be graded", nameOf(path))}
	case isZip(path):
		dir, err := os.MkdirTemp(temporary, "zip-")
		if err == nil {
			err = unpack(path, dir)
		}
		if err != nil {
			return nil, err
		}
		path = dir
	}
	return look(path, temporary, maxWrappers)
}

// step grades a step in a folder.
func (g *Grader) step(ctx context.Context, step, dir, temporary string, limit time.Duration) Step {
	taken, err := source.In(dir)
	if err == nil && isStarter(step, taken) {
		return g.none(step, Unchanged, words.Text("its files are as they were at first").String())
	}
	if err == nil {
		err = taken.Unfit()
	}
	root := filepath.Join(temporary, "judged-"+step)
	if err == nil {
		err = taken.CopyTo(filepath.Join(root, "steps", step))
	}
	if err != nil {
		return g.failed(step, err)
	}
	key, err := print(filepath.Join(root, "steps", step))
	if err != nil {
		return g.failed(step, err)
	}
	one, _ := g.judging.LoadOrStore(step+key, &sync.Mutex{})
	one.(*sync.Mutex).Lock()
	defer one.(*sync.Mutex).Unlock()
	if kept := g.kept(step, key); kept != nil {
		return g.graded(step, kept)
	}
	seed := binary.LittleEndian.Uint64([]byte(key)) // the same files, the same names and passwords
	said, err := g.Workshop.Judge(ctx, step, root, run.Judgement{Isolation: g.Isolation, Seed: seed, Limit: limit, Stretch: g.Stretch})
	if err == nil && said.Submission == nil {
		err = errors.New("the report says nothing of the submission")
	}
	if err != nil {
		said = &report.Report{Submission: &report.Submission{End: report.OwnError, Reason: err.Error()}}
	}
	if said.End == report.TimedOut && limit < lastLimit {
		return g.graded(step, said) // which is not the last word
	}
	if said.End == report.OwnError {
		if before := g.keptBefore(key); before != nil {
			return g.graded(step, before)
		}
		return g.graded(step, said)
	}
	if err := said.Save(g.keptFile(step, key)); err != nil {
		return g.failed(step, err)
	}
	return g.graded(step, said)
}

// isStarter says whether a step is as it was at first, whatever an editor has made of its lines.
func isStarter(step string, taken *source.Source) bool {
	starter := course.Starter(step)
	for _, name := range taken.Files {
		text, err := os.ReadFile(filepath.Join(taken.Dir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(plain(text), plain(starter[name])) {
			return false
		}
	}
	for name := range starter {
		if filepath.Ext(name) == ".go" && !slices.Contains(taken.Files, name) {
			return false
		}
	}
	return true
}

// plain returns a text with the lines of Unix.
func plain(text []byte) []byte {
	return bytes.TrimSpace(bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\uFEFF")), []byte("\r\n"), []byte("\n")))
}

// print returns a print of all files in a folder, by their names and texts.
func print(dir string) (string, error) {
	hash := sha256.New()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		own := sha256.New()
		n, err := io.Copy(own, file)
		fmt.Fprintf(hash, "%q %d %x\n", strings.TrimPrefix(path, dir), n, own.Sum(nil))
		return err
	})
	return hex.EncodeToString(hash.Sum(nil))[:32], err
}

// keptFile returns the file for what was said of the files with this print.
func (g *Grader) keptFile(step, key string) string {
	return filepath.Join(g.Kept, key+"-"+g.prints[step]+".json")
}

// kept returns what was said of the files with this print, by the same checks, or nil.
func (g *Grader) kept(step, key string) *report.Report {
	said, err := report.Load(g.keptFile(step, key))
	if err != nil || said.Submission == nil {
		return nil
	}
	return said
}

// keptBefore returns what was last said of the files with this print by other checks, or nil.
func (g *Grader) keptBefore(key string) (last *report.Report) {
	entries, _ := os.ReadDir(g.Kept)
	var when time.Time
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !strings.HasPrefix(entry.Name(), key+"-") || !info.ModTime().After(when) {
			continue
		}
		if said, err := report.Load(filepath.Join(g.Kept, entry.Name())); err == nil && said.Submission != nil {
			last, when = said, info.ModTime()
		}
	}
	return last
}
