package grade

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/words"
)

// schema says what results.json holds, and that it is ours.
const schema = "jwtworkshop/results/v1"

// resultsFile is the name of the file that all tables are made of.
const resultsFile = "results.json"

// write writes a file in one go: the whole of it, or nothing.
func write(file string, text func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	buffered := bufio.NewWriter(f)
	if err := text(buffered); err != nil {
		f.Close()
		return err
	}
	if err := buffered.Flush(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// writeResults writes results.json, in the order of the students, of a class or of a shard of it, such as 2/7.
func writeResults(dir, shard string, students iter.Seq2[*Student, error]) error {
	return write(filepath.Join(dir, resultsFile), func(w io.Writer) error {
		fmt.Fprintf(w, "{\n\"schema\": %q,\n\"shard\": %q,\n\"students\": [", schema, shard)
		separator := "\n"
		for s, err := range students {
			if err != nil {
				return err
			}
			text, err := json.Marshal(s)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s%s", separator, text)
			separator = ",\n"
		}
		_, err := fmt.Fprint(w, "\n]\n}\n")
		return err
	})
}

// readResults returns the students of results.json in a folder, one after another, so that no class is too
// large.
func readResults(dir string) iter.Seq2[*Student, error] {
	return func(yield func(*Student, error) bool) {
		file := filepath.Join(dir, resultsFile)
		f, err := os.Open(file)
		if err != nil {
			yield(nil, words.Errorf("there are no results in %s: %w\nhint: name the folders that grade --shard has written", dir, err))
			return
		}
		defer f.Close()
		from := json.NewDecoder(bufio.NewReader(f))
		err = expect(from, json.Delim('{'), "schema", schema, "shard")
		if err == nil {
			_, err = from.Token()
		}
		if err == nil {
			err = expect(from, "students", json.Delim('['))
		}
		if err != nil {
			yield(nil, words.Errorf("%s is not what grade writes: %w", file, err))
			return
		}
		for from.More() {
			s := &Student{}
			if err := from.Decode(s); err != nil {
				yield(nil, words.Errorf("%s is not what grade writes: %w", file, err))
				return
			}
			if !yield(s, nil) {
				return
			}
		}
		if err := expect(from, json.Delim(']'), json.Delim('}')); err != nil {
			yield(nil, words.Errorf("%s is not what grade writes: %w", file, err))
		}
	}
}

// expect reads tokens of JSON.
func expect(from *json.Decoder, tokens ...json.Token) error {
	for _, want := range tokens {
		got, err := from.Token()
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%v, not %v", got, want)
		}
	}
	return nil
}

// merge returns the students of several classes, each in the order of the IDs, in that order. Students whom
// two of them have are an error: shards of one class have none.
func merge(classes []iter.Seq2[*Student, error]) iter.Seq2[*Student, error] {
	return func(yield func(*Student, error) bool) {
		type head struct {
			student *Student
			err     error
			next    func() (*Student, error, bool)
		}
		var heads []*head
		for _, class := range classes {
			next, stop := iter.Pull2(class)
			defer stop()
			h := &head{next: next}
			var more bool
			if h.student, h.err, more = next(); more {
				heads = append(heads, h)
			}
		}
		last := ""
		for first := true; len(heads) > 0; first = false {
			at := 0
			for i, h := range heads {
				if h.err != nil {
					yield(nil, h.err)
					return
				}
				if strings.Compare(h.student.ID, heads[at].student.ID) < 0 {
					at = i
				}
			}
			s := heads[at].student
			if !first && s.ID == last {
				yield(nil, words.Errorf("%s is in two of these results\nhint: merge the shards of one class, each once", s.ID))
				return
			}
			last = s.ID
			if !yield(s, nil) {
				return
			}
			var more bool
			if heads[at].student, heads[at].err, more = heads[at].next(); !more {
				heads = append(heads[:at], heads[at+1:]...)
			}
		}
	}
}

// shardOf returns which shard of a class the results in a folder are, such as 2/7, or "".
func shardOf(dir string) string {
	f, err := os.Open(filepath.Join(dir, resultsFile))
	if err != nil {
		return ""
	}
	defer f.Close()
	from := json.NewDecoder(bufio.NewReader(f))
	if expect(from, json.Delim('{'), "schema", schema, "shard") != nil {
		return ""
	}
	token, _ := from.Token()
	shard, _ := token.(string)
	return shard
}

// Graded returns how many students have results in a folder.
func Graded(dir string) (students int) {
	for _, err := range readResults(dir) {
		if err != nil {
			break
		}
		students++
	}
	return students
}

// Merge merges the results of shards into a folder, and writes all tables there. If they are numbered, all have
// to be there.
func Merge(shards []string, dir, root string) error {
	var classes []iter.Seq2[*Student, error]
	there, all := map[string]bool{}, 0
	for _, shard := range shards {
		classes = append(classes, readResults(shard))
		name := shardOf(shard)
		there[name] = true
		if _, of, ok := strings.Cut(name, "/"); ok {
			all, _ = strconv.Atoi(of)
		}
	}
	for i := range all {
		if name := fmt.Sprintf("%d/%d", i+1, all); !there[name] {
			return words.Errorf("the shard %s is missing\nhint: merge all parts of the class: grade merge, and the folder of each", name)
		}
	}
	if err := writeResults(dir, "", merge(classes)); err != nil {
		return err
	}
	return Tables(dir, root)
}

// A Class is the results of students as they come in.
type Class struct {
	dir   string
	parts string // a file a student
	shard string // of a class, such as 2/7, "" if it is the whole
	all   int
}

// NewClass returns a class of so many students, or a shard of one, whose results go into a folder.
func NewClass(dir, shard string, all int) (*Class, error) {
	left, _ := os.ReadDir(dir)
	for _, entry := range left { // by one that was ended by force
		if info, err := entry.Info(); err == nil && strings.HasPrefix(entry.Name(), ".students-") && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(filepath.Join(dir, entry.Name()))
		}
	}
	parts, err := os.MkdirTemp(dir, ".students-")
	return &Class{dir, parts, shard, all}, err
}

// Add adds the result of a student by its number.
func (c *Class) Add(i int, s *Student) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(c.part(i), text, 0o600)
}

// part returns the file for a student's result.
func (c *Class) part(i int) string { return filepath.Join(c.parts, fmt.Sprint(i)) }

// Students returns the students who were added, in the order of their numbers.
func (c *Class) Students() iter.Seq2[*Student, error] {
	return func(yield func(*Student, error) bool) {
		for i := range c.all {
			text, err := os.ReadFile(c.part(i))
			s := &Student{}
			if err == nil {
				err = json.Unmarshal(text, s)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Write writes results.json and all tables, when all students are there.
func (c *Class) Write(root string) error {
	if err := writeResults(c.dir, c.shard, c.Students()); err != nil {
		return err
	}
	return Tables(c.dir, root)
}

// Close removes what the class has kept beside its results.
func (c *Class) Close() { os.RemoveAll(c.parts) }
