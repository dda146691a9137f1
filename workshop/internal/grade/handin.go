package grade

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/words"
)

// A Handin is what a student has handed in: a folder, or a zip.
type Handin struct {
	ID      string // the name of the folder or file, which no other student has
	Name    string // the student's, as far as it can be told from that
	Path    string
	Refused error // why it cannot be taken, if that is known
}

// names returns the names of what was handed in, the first of them.
func (h Handin) names() (names []string) {
	entries, _ := os.ReadDir(h.Path) // none in a zip
	for _, entry := range entries {
		if !isNoise(entry.Name()) && len(names) < 10 {
			names = append(names, printable(entry.Name()))
		}
	}
	return names
}

// Find returns what is handed in at these paths, in the order of the IDs, and what lies beside it and is
// nobody's. A path is a student's folder or zip, or a folder or zip of such. Zips of a class are unpacked
// into the folder temporary.
func Find(paths []string, temporary string) (handins []Handin, others []string, err error) {
	for _, path := range paths {
		found, beside, err := findIn(path, temporary, len(paths) > 1)
		if err != nil {
			return nil, nil, err
		}
		if len(found) == 1 && isTwice(found[0].Path, temporary) {
			if class, more := within(found[0].Path, temporary, maxWrappers); isClass(class) {
				found, beside = class, append(beside, more...)
			}
		}
		handins, others = append(handins, found...), append(others, beside...)
	}
	if len(handins) == 0 {
		return nil, nil, words.Errorf("there is nothing to grade in %s\nhint: name a student's folder or zip, or a folder of such", strings.Join(paths, ", "))
	}
	slices.SortStableFunc(handins, func(a, b Handin) int { return strings.Compare(a.ID, b.ID) })
	times, named := map[string]int{}, map[string]int{}
	for i := range handins {
		h := &handins[i]
		h.Name, _ = student(h.ID)
		named[h.Name]++
		if times[h.ID]++; times[h.ID] > 1 {
			h.ID = fmt.Sprintf("%s (%d)", h.ID, times[h.ID])
		}
	}
	for i := range handins {
		h := &handins[i]
		if named[h.Name] > 1 { // whose is which, the number says, or else the ID
			if _, number := student(h.ID); number != "" && times[h.ID] < 2 {
				h.Name = fmt.Sprintf("%s (%s)", h.Name, number)
			} else {
				h.Name = h.ID
			}
		}
	}
	slices.SortStableFunc(handins, func(a, b Handin) int { return strings.Compare(a.ID, b.ID) })
	return handins, others, nil
}

// findIn returns what is handed in at a path, and what lies beside it; several says whether there are more paths.
func findIn(path, temporary string, several bool) (handins []Handin, others []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, words.Errorf("there is no %s\nhint: name a student's folder or zip, or a folder of such", path)
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	alone := Handin{ID: nameOf(path), Path: path}
	if !info.IsDir() && !isZip(path) {
		return nil, nil, words.Errorf("%s is no folder and no zip\nhint: unpack it, and name the folder", path)
	}
	dir, refused, err := opened(path, temporary) // refused by the name of the student's folder
	if dir == "" {                               // there is no room for it
		return nil, nil, err
	}
	if err != nil {
		alone.Refused = err
		return []Handin{alone}, nil, nil
	}
	found, beside, err := inFolder(dir)
	for i, h := range found {
		found[i].Refused = refused[filepath.Base(h.Path)]
	}
	if found == nil || isExported(alone.ID) || len(found) == 1 && isWrapper(found[0], dir != path || several) { // it is a student's
		return []Handin{alone}, nil, err
	}
	return found, beside, err
}

// opened returns the folder that a path names, or that with what is in the zip that it names, and what of that
// is refused.
func opened(path, temporary string) (dir string, refused map[string]error, err error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return path, nil, err
	}
	if dir, err = os.MkdirTemp(temporary, "class-"); err == nil {
		refused, err = unpackClass(path, dir)
	}
	return dir, refused, err
}

// isTwice says whether a step is in a folder or zip more than once, which may be a class's and no student's.
func isTwice(path, temporary string) bool {
	dir, _, err := opened(path, temporary)
	if err == nil {
		_, err = look(dir, temporary, maxWrappers)
	}
	return errors.As(err, new(twice))
}

// within returns what is handed in further in, behind so many folders and zips at most that are alone where they
// are, and what lies beside it.
func within(path, temporary string, depth int) (handins []Handin, others []string) {
	dir, refused, err := opened(path, temporary)
	if err != nil || depth == 0 {
		return nil, nil
	}
	handins, others, err = inFolder(dir)
	if err == nil && len(handins) == 1 {
		return within(handins[0].Path, temporary, depth-1)
	}
	for i, h := range handins {
		handins[i].Refused = refused[filepath.Base(h.Path)]
	}
	return handins, others
}

// isClass says whether these are what a class has handed in: as services name it, or too much for one student.
func isClass(handins []Handin) bool {
	named := slices.ContainsFunc(handins, func(h Handin) bool { return isExported(h.ID) })
	return len(handins) >= 3 || len(handins) == 2 && named
}

// A twice is the error of a step that is there more than once.
type twice struct{ error }

// inFolder returns what students have handed in, if the folder is one of a class, and the names of what
// else is in it; none if the folder is a student's.
func inFolder(dir string) (handins []Handin, others []string, err error) {
	if len(stepsAt(dir)) > 0 {
		return nil, nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	handins = []Handin{}
	for _, entry := range entries {
		switch name := entry.Name(); {
		case isNoise(name):
		case entry.IsDir() || entry.Type().IsRegular() && (isZip(name) || isPacked(name)):
			handins = append(handins, Handin{ID: nameOf(name), Path: filepath.Join(dir, name)})
		default:
			others = append(others, printable(name))
		}
	}
	all := slices.Clone(handins)
	handins = slices.DeleteFunc(handins, func(h Handin) bool { // the text beside a student's file, which Moodle keeps apart
		beside, isText := strings.CutSuffix(h.ID, "_onlinetext_")
		is := isText && slices.ContainsFunc(all, func(other Handin) bool { return strings.HasPrefix(other.ID, beside+"_file_") })
		if is {
			others = append(others, h.ID)
		}
		return is
	})
	return handins, others, nil
}

// isWrapper says whether the only thing in a folder is a wrapper, and no student's: a folder, in a zip or where
// each path is a student's, with a name that no service has given it.
func isWrapper(h Handin, student bool) bool {
	return student && !isZip(h.Path) && !isExported(h.ID)
}

// nameOf returns the name of a folder or of a zip, without the ending of that.
func nameOf(path string) string {
	name := filepath.Base(path)
	if isZip(name) {
		name = name[:len(name)-len(".zip")]
	}
	return printable(name)
}

// isZip says whether a file is a zip, by its name.
func isZip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

// isPacked says whether a file is packed in a way that is none of ours.
func isPacked(name string) bool {
	return slices.Contains([]string{".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2"}, strings.ToLower(filepath.Ext(name)))
}

// isNoise says whether a file or folder is one that systems and tools leave everywhere.
func isNoise(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__MACOSX" || name == "node_modules" || strings.EqualFold(name, "Thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

// exported are the names that Moodle and Canvas give to what they export.
var exported = []*regexp.Regexp{
	regexp.MustCompile(`^(.+)_(\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?$`),
	regexp.MustCompile(`^([^_]+)(?:_LATE)?_(\d+)_\d+_.+$`),
}

// isExported says whether a name is one that a service has given to what a student has handed in.
func isExported(id string) bool {
	_, number := student(id)
	return number != ""
}

// student returns a student's name by the name of what was handed in, and the number that the service has given
// with it, or "".
func student(id string) (name, number string) {
	for _, e := range exported {
		if m := e.FindStringSubmatch(id); m != nil {
			return m[1], m[2]
		}
	}
	return id, ""
}

// printable returns a name as it can be shown: signs that are none are replaced, and a long one is cut.
func printable(name string) string { return printableTo(name, 300) }

// printableTo returns a line as it can be shown, cut to so many characters.
func printableTo(name string, longest int) string {
	runes := []rune(strings.ToValidUTF8(name, "\uFFFD"))
	for i, r := range runes {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			runes[i] = '\uFFFD'
		}
	}
	if len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return string(runes)
}

// stepsAt returns the folders of steps that are in dir, or in its folder steps, by the names of the steps.
func stepsAt(dir string) map[string]string {
	found := map[string]string{}
	for _, at := range []string{filepath.Join(dir, "steps"), dir} {
		for _, step := range course.Steps {
			info, err := os.Lstat(filepath.Join(at, step))
			if err == nil && info.IsDir() {
				found[step] = filepath.Join(at, step)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// maxWrappers is how many folders may be around what a student has handed in, and zips in zips.
const maxWrappers = 4

// look returns the folders of the steps that are in dir, through wrappers and zips, which are unpacked into
// the folder temporary. A step that is there twice at the same depth is refused.
func look(dir, temporary string, depth int) (map[string]string, error) {
	found := stepsAt(dir)
	if len(found) > 0 || depth == 0 {
		return found, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		inside := filepath.Join(dir, entry.Name())
		switch {
		case isNoise(entry.Name()):
			continue
		case entry.Type().IsRegular() && isZip(entry.Name()):
			unpacked, err := os.MkdirTemp(temporary, "zip-")
			if err == nil {
				unpacked = filepath.Join(unpacked, entry.Name()) // which shown tells
				err = os.Mkdir(unpacked, 0o700)
			}
			if err == nil {
				err = unpack(inside, unpacked)
			}
			if err != nil {
				return nil, err
			}
			inside = unpacked
		case !entry.IsDir():
			continue
		}
		more, err := look(inside, temporary, depth-1)
		if err != nil {
			return nil, err
		}
		for step, at := range more {
			if other := found[step]; other != "" {
				return nil, refusal{twice{words.Errorf("the step %s was handed in twice: in %s and in %s", step, shown(dir, other), shown(dir, at))}}
			}
			found[step] = at
		}
	}
	return found, nil
}

// shown returns a path in a folder as it can be shown.
func shown(dir, path string) string {
	if relative, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(relative, "..") {
		path = relative
	} else { // it was in a zip
		path = filepath.Join(filepath.Base(filepath.Dir(filepath.Dir(path))), filepath.Base(filepath.Dir(path)), filepath.Base(path))
	}
	return printable(filepath.ToSlash(path))
}
