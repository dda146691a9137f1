package grade

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/words"
)

// Limits on what is unpacked, far above what four steps need.
const (
	maxEntries  = 100_000        // in a zip
	maxUnpacked = 1000           // files out of it
	maxBytes    = 64 << 20       // of those, in all
	maxClass    = 100 * maxBytes // of a zip that holds a class
)

// A refusal is an error that is the student's, or that of whoever has packed what is handed in: nothing of it
// is graded.
type refusal struct{ error }

// Unwrap returns what it says.
func (r refusal) Unwrap() error { return r.error }

// unpack unpacks a zip into an empty folder: of what is in it, the files of steps and other
// zips. What tries to get out of the folder, links and bombs are refused.
func unpack(file, dir string) error { return unpackTo(file, dir, maxBytes, maxUnpacked, nil) }

// unpackClass unpacks the zip of a class, which may be larger: every folder in it is there then, and every file
// beside these, if only by its name. What is refused is one student's, by the name of the folder.
func unpackClass(file, dir string) (refused map[string]error, err error) {
	refused = map[string]error{}
	return refused, unpackTo(file, dir, maxClass, maxEntries, refused)
}

// unpackTo unpacks a zip: so many bytes and files at most. If refused is not nil, what is refused is noted there.
func unpackTo(file, dir string, bytes int64, files int, refused map[string]error) error {
	from, err := zip.OpenReader(file)
	if err != nil {
		if errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrAlgorithm) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zip.ErrInsecurePath) {
			return refusal{words.Errorf("the zip cannot be read: %w", err)}
		}
		return err
	}
	defer from.Close()
	if len(from.File) > maxEntries {
		return refusal{words.Errorf("there are more than %d files in the zip", maxEntries)}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, entry := range from.File {
		name := strings.ReplaceAll(entry.Name, `\`, "/") // as some tools for Windows have it
		wanted, err := isWanted(name, entry)
		if refused != nil {
			whose, inside, isFolder := strings.Cut(name, "/")
			switch {
			case whose == "" || whose == ".." || isNoise(whose):
			case isFolder:
				root.Mkdir(whose, 0o700)
			case !wanted: // a file beside the students', whose name is enough
				if f, err := root.Create(whose); err == nil {
					f.Close()
				}
			}
			if err == nil && !wanted && inside != "" && !strings.HasSuffix(name, "/") && !strings.Contains(inside, "/") {
				if f, err := root.Create(whose + "/" + inside); err == nil { // so that it can be said what is there
					f.Close()
				}
			}
			if err != nil {
				refused[whose], err = err, nil
			}
		}
		if err != nil {
			return err
		}
		if !wanted {
			continue
		}
		if files--; files < 0 || entry.UncompressedSize64 > uint64(bytes) {
			return refusal{words.Errorf("the zip is too large when it is unpacked: at most %d files and %d MiB of the steps", maxUnpacked, maxBytes>>20)}
		}
		n, err := extract(root, name, entry, bytes)
		if err != nil {
			return err
		}
		bytes -= n
	}
	return nil
}

// isWanted says whether an entry of a zip is a file of a step, or a zip.
func isWanted(name string, entry *zip.File) (bool, error) {
	parts := strings.Split(name, "/")
	switch {
	case strings.HasPrefix(name, "/"), slices.Contains(parts, ".."), len(name) > 1 && name[1] == ':', strings.ContainsRune(name, 0):
		return false, refusal{words.Errorf("a file in the zip wants to be outside of it: %s", printable(name))}
	case entry.Mode()&fs.ModeSymlink != 0:
		return false, refusal{words.Errorf("there is a link in the zip: %s", printable(name))}
	case entry.Flags&1 != 0:
		return false, refusal{words.Errorf("the zip wants a password")}
	case !entry.Mode().IsRegular() || strings.HasSuffix(name, "/") || slices.ContainsFunc(parts, isNoise):
		return false, nil
	}
	ofStep := slices.ContainsFunc(parts[:len(parts)-1], func(part string) bool { return slices.Contains(course.Steps, part) })
	return ofStep || isZip(name), nil
}

// extract writes an entry of a zip into the root, if it has no more than that many bytes, and returns how
// many it has.
func extract(root *os.Root, name string, entry *zip.File, most int64) (int64, error) {
	from, err := entry.Open()
	if err != nil {
		return 0, refusal{words.Errorf("the zip cannot be read: %w", err)}
	}
	defer from.Close()
	name = path.Clean(name)
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o700); err != nil {
		return 0, refusal{words.Errorf("%s in the zip cannot be unpacked: %w", printable(name), cause(err))}
	}
	to, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, refusal{words.Errorf("%s in the zip cannot be unpacked: %w", printable(name), cause(err))}
	}
	n, err := io.Copy(to, io.LimitReader(from, most+1))
	if closed := to.Close(); err == nil && closed != nil {
		return n, closed // the disk is full
	}
	switch {
	case err != nil && errors.As(err, new(*fs.PathError)):
		return n, err
	case err != nil:
		return n, refusal{words.Errorf("the zip cannot be read: %w", err)}
	case n > most:
		return n, refusal{words.Errorf("the zip is too large when it is unpacked: at most %d files and %d MiB of the steps", maxUnpacked, maxBytes>>20)}
	}
	return n, nil
}

// cause returns why something could not be done with a file, without the file's name.
func cause(err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}
