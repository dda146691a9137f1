// Package source knows what the program of a step is made of: the files that the coach builds
// and watches, that -submission takes, and that reset keeps.
package source

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"jwtworkshop/workshop/internal/words"
)

// A Source is what the program in a step's folder is made of: its Go files but for tests, all
// that is in its folder web, and what else the Go files embed. Names are those in the step's
// folder, with '/' between their parts, in the order of the alphabet.
type Source struct {
	Dir     string
	Files   []string
	Tests   []string // the workshop's and the learner's own: no part of the program
	LeftOut []string // what Go would build with, and nobody here does: C, assembly, links
	Print   string   // another one after each change of a file: of its name, size or time
}

// In returns what the program in a step's folder is made of.
func In(dir string) (*Source, error) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // WalkDir goes through no link
	}
	s := &Source{Dir: dir}
	names := 0
	read := int64(0)      // bytes of Go files
	var embedded []string // patterns
	var others []string   // that they may match
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if names++; names > maxNames {
			return refusal{ErrTooLarge, words.Errorf("there are more than %d files and folders in %s\nhint: what does not belong to the program goes out of the step's folder", maxNames, dir)}
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if strings.Count(name, "/") > maxDepth {
			return refusal{ErrTooLarge, words.Errorf("there are folders in folders in %s, more than %d deep\nhint: what does not belong to the program goes out of the step's folder", dir, maxDepth)}
		}
		switch {
		case entry.IsDir():
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "vendor" || entry.Name() == "node_modules" || isModule(file)) {
				return fs.SkipDir
			}
		case strings.HasSuffix(name, "_test.go"):
			s.Tests = append(s.Tests, name)
		case !entry.Type().IsRegular(), builtWith(name), strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
			s.LeftOut = append(s.LeftOut, name)
		case path.Ext(name) == ".go":
			s.Files = append(s.Files, name)
			if info, err := entry.Info(); err == nil {
				read += info.Size()
			}
			if read > maxBytes { // Unfit says so
				return nil
			}
			found, err := patterns(file, entry)
			if err != nil {
				return err
			}
			for _, pattern := range found {
				embedded = append(embedded, path.Join(path.Dir(name), pattern))
			}
			if len(embedded) > maxPatterns {
				return refusal{ErrTooLarge, words.Errorf("the Go files in %s embed others by more than %d patterns\nhint: a folder is one pattern", dir, maxPatterns)}
			}
		case strings.HasPrefix(name, "web/"):
			s.Files = append(s.Files, name)
		default:
			others = append(others, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range others {
		if slices.ContainsFunc(embedded, func(pattern string) bool { return matches(pattern, name) }) {
			s.Files = append(s.Files, name)
		}
	}
	slices.Sort(s.Files)
	hash := fnv.New128a()
	for _, name := range s.Files {
		info, err := os.Lstat(s.path(name))
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(hash, name, info.Size(), info.ModTime().UnixNano())
	}
	for _, name := range s.LeftOut {
		if info, err := os.Stat(s.path(name)); err == nil { // of a link, what it leads to: Go builds with that
			fmt.Fprintln(hash, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	s.Print = hex.EncodeToString(hash.Sum(nil))
	return s, nil
}

// isModule says whether a folder is a module of its own, such as a copy of the workshop: Go
// leaves it out.
func isModule(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, "go.mod"))
	return err == nil && info.Mode().IsRegular()
}

// builtWith says whether go build takes a file of this name in beside Go files, or is told
// by it how to build.
func builtWith(name string) bool {
	switch path.Base(name) {
	case "go.mod", "go.sum", "go.work", "default.pgo":
		return true
	}
	switch path.Ext(name) {
	case ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso", ".a":
		return true
	}
	return false
}

// embedLine is a line by which a Go file embeds others.
var embedLine = regexp.MustCompile(`(?m)^//go:embed[ \t]+(.*)$`)

// known has what patterns has found in files, by their paths.
var known sync.Map

// A foundIn is what patterns has found in a file of this size and time.
type foundIn struct {
	size     int64
	modified time.Time
	patterns []string
}

// patterns returns the patterns of what a Go file embeds. It reads a file again only after a
// change: the coach looks a few times a second.
func patterns(file string, entry fs.DirEntry) ([]string, error) {
	info, err := entry.Info()
	if err != nil || info.Size() > maxBytes {
		return nil, err // Unfit says what is too large
	}
	if before, ok := known.Load(file); ok {
		if before := before.(foundIn); before.size == info.Size() && before.modified.Equal(info.ModTime()) {
			return before.patterns, nil
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, m := range embedLine.FindAllSubmatch(text, -1) {
		for pattern := range strings.FieldsSeq(string(m[1])) {
			if len(pattern) <= maxPattern {
				found = append(found, strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:"))
			}
		}
	}
	known.Store(file, foundIn{info.Size(), info.ModTime(), found})
	return found, nil
}

// matches says whether a pattern of a //go:embed names a file or a folder that it is in.
func matches(pattern, name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if is, err := path.Match(pattern, name); is && err == nil {
			return true
		}
	}
	return false
}

// Limits on a program, far above what any step needs.
const (
	maxFiles  = 1000
	maxBytes  = 32 << 20 // of all files together
	maxGoFile = 1 << 20  // of a Go file
	maxNames  = 10_000   // of files and folders, whatever they are
	maxDepth  = 32       // of folders in folders
	// Each file is compared with each pattern.
	maxPatterns = 50
	maxPattern  = 1000 // bytes of one
)

// ErrTooLarge says that a program goes beyond a limit.
var ErrTooLarge = errors.New("too large")

// ErrUnfit says that a program works only where a C compiler is.
var ErrUnfit = errors.New("unfit")

// A refusal is one of these errors, in words.
type refusal struct {
	kind error
	error
}

// Is says which it is.
func (r refusal) Is(err error) bool { return err == r.kind }

// Unfit says why the program is built nowhere, whatever this computer could do: it is too
// large, or works only where a C compiler is.
func (s *Source) Unfit() error {
	total := int64(0)
	for _, name := range s.Files {
		info, err := os.Lstat(s.path(name))
		if err != nil {
			return err
		}
		total += info.Size()
	}
	if len(s.Files) > maxFiles || total > maxBytes {
		return refusal{ErrTooLarge, words.Errorf("the program has %d files, %d MiB in all, and may have %d, %d MiB\nhint: what does not belong to it goes out of the step's folder", len(s.Files), total>>20, maxFiles, maxBytes>>20)}
	}
	for _, name := range s.Files {
		if path.Ext(name) != ".go" {
			continue
		}
		if info, err := os.Lstat(s.path(name)); err == nil && info.Size() > maxGoFile { // which is read as a whole, here and by Go
			return refusal{ErrTooLarge, words.Errorf("the Go file %s has more than %d KiB\nhint: data goes into a file of its own, beside it", name, maxGoFile>>10)}
		}
		file, _ := parser.ParseFile(token.NewFileSet(), s.path(name), nil, parser.ImportsOnly)
		if file == nil {
			continue
		}
		for _, imported := range file.Imports {
			switch driver := strings.Trim(imported.Path.Value, "\"`"); driver {
			case "gorm.io/driver/sqlite", "github.com/mattn/go-sqlite3":
				return refusal{ErrUnfit, words.Errorf("%s imports %s, which works only where a C compiler is\nhint: import jwtworkshop/workshop/sqlite, which works everywhere", name, driver)}
			}
		}
	}
	return nil
}

// path returns the path of a file.
func (s *Source) path(name string) string { return filepath.Join(s.Dir, filepath.FromSlash(name)) }

// CopyTo copies the files to another folder, as CopyFile does.
func (s *Source) CopyTo(dir string) error {
	for _, name := range s.Files {
		if err := CopyFile(s.path(name), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// CopyFile copies a file, into a folder that it makes if there is none, and fails unless the
// copy is the same, byte for byte.
func CopyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(to, text, 0o644); err != nil {
		return err
	}
	written, err := os.ReadFile(to)
	if err == nil && !bytes.Equal(text, written) {
		return words.Errorf("%s was copied to %s, and is not the same there", from, to)
	}
	return err
}
