package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/words"
)

// version prints which workshop this is, and on what it runs: what a report of a problem needs.
func (o *options) version(cmd *cobra.Command, args []string) error {
	root, err := folder.Find()
	if err != nil {
		return err
	}
	number, err := versionIn(os.DirFS(root))
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "JWT workshop %s, %s, %s/%s\n", number, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// released is the heading of a version in CHANGELOG.md.
var released = regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`)

// versionIn returns the version of a workshop: the first that its changelog names.
func versionIn(from fs.FS) (string, error) {
	text, err := fs.ReadFile(from, "CHANGELOG.md")
	if err != nil {
		return "", err
	}
	m := released.FindSubmatch(text)
	if m == nil {
		return "", words.Errorf("CHANGELOG.md names no version\nhint: take it from a fresh copy of the workshop")
	}
	return string(m[1]), nil
}

// update brings this workshop to another version, from a folder or a zip: all but what the learner has.
func (o *options) update(cmd *cobra.Command, args []string) error {
	root, err := folder.Find()
	if err != nil {
		return err
	}
	from, end, err := openWorkshop(args[0], root)
	if err != nil {
		return err
	}
	defer end()
	backup := filepath.Join(folder.Kept, "backup", time.Now().Format("20060102-150405.000")+"-update")
	done, err := takeOver(root, from, backup)
	if err != nil {
		return err
	}
	done.tell(cmd.OutOrStdout(), backup)
	return nil
}

// openWorkshop opens the workshop in a folder or a zip, where it may be in a folder of its own.
func openWorkshop(name, root string) (from fs.FS, end func() error, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, words.Errorf("there is no %s\nhint: name the zip with the newer workshop, or the folder that it was unpacked to", name)
	}
	end = func() error { return nil }
	if info.IsDir() {
		if here, err := os.Stat(root); err == nil && os.SameFile(info, here) {
			return nil, nil, words.Errorf("%s is this workshop itself\nhint: name the zip with the newer workshop, or the folder that it was unpacked to", name)
		}
		from = os.DirFS(name)
	} else {
		archive, err := zip.OpenReader(name)
		if err != nil {
			return nil, nil, words.Errorf("%s cannot be read as a zip: %w\nhint: download it again", name, err)
		}
		from, end = archive, archive.Close
	}
	for _, pattern := range []string{startersFile, "*/" + startersFile} {
		if found, err := fs.Glob(from, pattern); err == nil && len(found) == 1 {
			from, err = fs.Sub(from, path.Dir(path.Dir(path.Dir(found[0]))))
			return from, end, err
		}
	}
	return nil, nil, errors.Join(end(), words.Errorf("there is no JWT workshop in %s\nhint: name the zip with the newer workshop, or the folder that it was unpacked to", name))
}

// startersFile is the file of a workshop with all that a learner edits, as it is at first.
const startersFile = "workshop/course/starters.txtar"

// maxUpdate is how many bytes of a newer workshop are read: far more than it has.
const maxUpdate = 64 << 20

// An updated is what an update has done.
type updated struct {
	before, now string   // versions
	written     []string // files that are new or others now
	removed     []string
	starters    []string // files that the learner edits, which begin otherwise now; hers have stayed
}

// tell writes what has been done, with what was before in the folder backup.
func (u updated) tell(out io.Writer, backup string) {
	if len(u.written)+len(u.removed) == 0 {
		fmt.Fprintln(out, words.Textf("This is version %s of the workshop already.", u.now))
		return
	}
	fmt.Fprintln(out, words.Textf("This was version %s of the workshop, and is %s now: %d files are new or changed, and %d are gone.\nWhat was here before is kept in %s. What you have written has stayed as it is.", u.before, u.now, len(u.written), len(u.removed), backup))
	if len(u.starters) > 0 {
		fmt.Fprintln(out, words.Text("\nThe new version begins these files otherwise. Yours have stayed. To begin a step anew, after a copy of what you have, type go run ./workshop reset STEP:"))
		for _, name := range u.starters {
			fmt.Fprintln(out, "    "+name)
		}
	}
}

// takeOver replaces the workshop's own files in root by those of another version, and keeps what
// they were in a folder. What the learner edits, and what only she has, stays.
func takeOver(root string, from fs.FS, backup string) (done updated, err error) {
	theirs, err := readWorkshop(from)
	if err != nil {
		return done, err
	}
	if done.now, err = versionIn(from); err != nil {
		return done, err
	}
	if done.before, err = versionIn(os.DirFS(root)); err != nil {
		done.before = "?" // it has lost its changelog
	}
	in, err := os.OpenRoot(root) // which no link leads out of
	if err != nil {
		return done, err
	}
	defer in.Close()
	mine, err := readWorkshop(in.FS())
	if err != nil {
		return done, err
	}
	kept := map[string][]byte{}
	for name, text := range theirs {
		if before, there := mine[name]; !there || !bytes.Equal(before, text) {
			done.written = append(done.written, name)
			if there {
				kept[name] = before
			}
		}
	}
	for name, text := range mine {
		if _, there := theirs[name]; !there && isOurs(name, theirs) {
			done.removed = append(done.removed, name)
			kept[name] = text
		}
	}
	slices.Sort(done.written)
	slices.Sort(done.removed)
	done.starters = changedStarters(theirs[startersFile])
	for name, text := range kept { // all of them, before anything is changed
		if err := write(in, filepath.ToSlash(filepath.Join(backup, name)), text); err != nil {
			return done, words.Errorf("cannot keep a copy of %s: %w\nhint: %s", name, err, folder.WayOut(err))
		}
	}
	for _, name := range done.written {
		if err == nil {
			err = write(in, name, theirs[name])
		}
	}
	for _, name := range done.removed {
		if err == nil {
			err = in.Remove(filepath.FromSlash(name))
		}
	}
	if err != nil {
		return done, words.Errorf("the update has stopped half-way: %w\nhint: %s; then start it again. What was here before is in %s", err, folder.WayOut(err), backup)
	}
	return done, nil
}

// write writes a file, and the folders that it is in.
func write(in *os.Root, name string, text []byte) error {
	name = filepath.FromSlash(name)
	if err := in.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return in.WriteFile(name, text, 0o644)
}

// readWorkshop returns the workshop's own files in a folder by their names, and none that learners have
// or edit.
func readWorkshop(from fs.FS) (map[string][]byte, error) {
	files, total := map[string][]byte{}, int64(0)
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || name == folder.Kept || name == "grades"):
			return fs.SkipDir
		case entry.IsDir(), !entry.Type().IsRegular(), name == ".env", strings.Contains(path.Base(name), ".db"), isLearners(name):
			return nil
		}
		f, err := from.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxUpdate+1-total))
		if total += int64(len(text)); err == nil && total > maxUpdate {
			return words.Errorf("what is there has more than %d MiB: it is no workshop as it should be\nhint: download it again", maxUpdate>>20)
		}
		files[name] = text
		return err
	})
	return files, err
}

// isLearners says whether a file is one that learners edit: of a step, all but lessons, pictures and tests.
func isLearners(name string) bool {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 || parts[0] != "steps" {
		return false
	}
	ext := path.Ext(name)
	return strings.Contains(parts[2], "/") || ext != ".md" && ext != ".png" && !strings.HasSuffix(name, "_test.go")
}

// isOurs says whether a file that another version lacks is the workshop's, and no longer needed; a folder
// that the other has not at all, such as solutions in what students get, stays.
func isOurs(name string, theirs map[string][]byte) bool {
	top, _, _ := strings.Cut(name, "/")
	switch top {
	case "workshop", "solutions":
		return slices.ContainsFunc(slices.Collect(maps.Keys(theirs)), func(other string) bool { return strings.HasPrefix(other, top+"/") })
	case "steps":
		step := path.Base(path.Dir(name))
		return slices.Contains(course.Tests(step), path.Base(name))
	}
	return false
}

// changedStarters returns the names of the files that learners edit which begin otherwise in an archive of
// starters.
func changedStarters(archive []byte) (names []string) {
	now := map[string]bool{}
	for _, f := range txtar.Parse(archive).Files {
		now[f.Name] = true
		step := strings.SplitN(f.Name, "/", 3)
		if len(step) == 3 && !bytes.Equal(course.Starter(step[1])[step[2]], f.Data) {
			names = append(names, f.Name)
		}
	}
	for _, step := range course.Steps {
		for name := range course.Starter(step) {
			if full := path.Join("steps", step, name); !now[full] {
				names = append(names, full)
			}
		}
	}
	slices.Sort(names)
	return names
}
