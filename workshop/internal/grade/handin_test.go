package grade

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeTree writes files by their names into a new folder; a name that ends in / is a folder.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			require.NoError(t, os.MkdirAll(path, 0o755))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

// zipped returns a zip of files by their names.
func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for name, text := range files {
		w, err := to.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, to.Close())
	return b.String()
}

// main is the name of a file of step 1 in what is handed in.
const main = "steps/01-setup/main.go"

// TestFind: a student, a class, a class in a zip; what lies beside them is named.
func TestFind(t *testing.T) {
	alice := zipped(t, map[string]string{"jwt-main/" + main: "package main"})
	dir := writeTree(t, map[string]string{
		"class/José Ñandú_12345_assignsubmission_file_/tarea.zip": alice,
		"class/garciaana_LATE_77_881_jwt.zip":                     alice,
		"class/bob/jwt-workshop/" + main:                          "package main",
		"class/empty/":                                            "",
		"class/eve.rar":                                           "Rar!",
		"class/.DS_Store":                                         "x",
		"class/__MACOSX/x":                                        "x",
		"class/grades.csv":                                        "x",
		"export.zip":                                              zipped(t, map[string]string{"Eve_1_assignsubmission_file_/a.zip": alice, "Bob_2_assignsubmission_file_/" + main: "package main", "readme.txt": "x", "Doc_3_assignsubmission_file_/tarea.docx": "x", "Pepe_4_assignsubmission_file_.rar": "x", "Bob_2_assignsubmission_onlinetext_/onlinetext.html": "x", "Vera_5_assignsubmission_file_/../../x": "x"}),
		"one/" + main:                                             "package main",
		"other/bob/" + main:                                       "package main",
		"notes.txt":                                               "x",
		"alice.zip":                                               alice,
		"names/Ana_1_assignsubmission_file_/" + main:              "package main",
		"names/Ana_2_assignsubmission_file_/" + main:              "package main",
		"names/Leo_3_assignsubmission_file_/" + main:              "package main",
		"deep/export.zip":                                         zipped(t, map[string]string{"Eve_1_assignsubmission_file_/a.zip": alice, "Bob_2_assignsubmission_file_/" + main: "package main"}),
		"deeper/2026/jwt/Eve/" + main:                             "package main",
		"deeper/2026/jwt/Bob/" + main:                             "package main",
		"deeper/2026/jwt/Leo/jwt-main/" + main:                    "package main",
		"zipped.zip":                                              zipped(t, map[string]string{"in.zip": zipped(t, map[string]string{"class/Eve/" + main: "package main", "class/Bob/" + main: "package main", "class/Leo/" + main: "package main"})}),
		"both/jwt/first/" + main:                                  "package main",
		"both/jwt/second/" + main:                                 "package main",
	})
	find := func(names ...string) (ids, people, others []string) {
		var paths []string
		for _, name := range names {
			paths = append(paths, filepath.Join(dir, name))
		}
		handins, others, err := Find(paths, t.TempDir())
		require.NoError(t, err)
		for _, h := range handins {
			ids, people = append(ids, h.ID), append(people, h.Name)
		}
		return ids, people, others
	}
	ids, people, others := find("class")
	assert.Equal(t, []string{"José Ñandú_12345_assignsubmission_file_", "bob", "empty", "eve.rar", "garciaana_LATE_77_881_jwt"}, ids)
	assert.Equal(t, []string{"José Ñandú", "bob", "empty", "eve.rar", "garciaana"}, people)
	assert.Equal(t, []string{"grades.csv"}, others)
	ids, people, others = find("export.zip")
	assert.Equal(t, []string{"Bob_2_assignsubmission_file_", "Doc_3_assignsubmission_file_", "Eve_1_assignsubmission_file_", "Pepe_4_assignsubmission_file_.rar", "Vera_5_assignsubmission_file_"}, ids, "nobody is lost in a zip")
	assert.Equal(t, []string{"Bob", "Doc", "Eve", "Pepe", "Vera"}, people)
	assert.Equal(t, []string{"readme.txt", "Bob_2_assignsubmission_onlinetext_"}, others)
	_, people, _ = find("names")
	assert.Equal(t, []string{"Ana (1)", "Ana (2)", "Leo"}, people, "of two with one name, it can be told which is which")
	_, people, _ = find("deep")
	assert.Equal(t, []string{"Bob", "Eve"}, people, "a class one level deeper")
	for _, class := range []string{"deeper", "zipped.zip"} {
		_, people, _ = find(class)
		assert.Equal(t, []string{"Bob", "Eve", "Leo"}, people, class)
	}
	_, people, _ = find("class/José Ñandú_12345_assignsubmission_file_")
	assert.Equal(t, []string{"José Ñandú"}, people, "one student, whatever the zip is called")
	ids, _, _ = find("both")
	assert.Len(t, ids, 1, "who hands in twice is no class")
	for _, one := range []string{"one", "alice.zip"} {
		ids, _, _ = find(one)
		assert.Equal(t, []string{strings.TrimSuffix(one, ".zip")}, ids)
	}
	ids, _, _ = find("one", "other", "class/bob", "alice.zip")
	assert.Equal(t, []string{"alice", "bob", "one", "other"}, ids, "each path is a student's, wrapper or not")
	ids, _, _ = find("class", "other")
	assert.Contains(t, ids, "other")
	ids, _, _ = find("class/bob", "one", "class")
	assert.Equal(t, []string{"bob", "bob (2)"}, slices.DeleteFunc(ids, func(id string) bool { return !strings.HasPrefix(id, "bob") }))
	_, _, err := Find([]string{filepath.Join(dir, "notes.txt")}, t.TempDir())
	assert.ErrorContains(t, err, "is no folder and no zip")
	_, _, err = Find([]string{filepath.Join(dir, "nobody")}, t.TempDir())
	assert.ErrorContains(t, err, "hint: name a student's folder")
	_, _, err = Find([]string{filepath.Join(dir, "class", "empty")}, t.TempDir())
	assert.ErrorContains(t, err, "nothing to grade")
}

// TestOpen: the steps of a student, wherever they are in what was handed in.
func TestOpen(t *testing.T) {
	step2 := zipped(t, map[string]string{"02-token-endpoint/token.go": "package main"})
	dir := writeTree(t, map[string]string{
		"plain/" + main:               "package main",
		"deep/a/b/c/" + main:          "package main",
		"bare/01-setup/main.go":       "package main",
		"many/setup/01-setup/main.go": "package main",
		"many/step2.zip":              step2,
		"twice/a/" + main:             "package main",
		"twice/b/" + main:             "package main",
		"noise/node_modules/" + main:  "package main",
		"noise/.git/" + main:          "package main",
		"windows.zip":                 zipped(t, map[string]string{`jwt\steps\01-setup\main.go`: "package main"}),
		"wrapped.zip":                 zipped(t, map[string]string{"x/y.zip": zipped(t, map[string]string{"jwt/" + main: "package main"}), "__MACOSX/jwt/" + main: "x"}),
		"only-others.zip":             zipped(t, map[string]string{"homework.docx": "x"}),
	})
	for name, want := range map[string][]string{
		"plain": {"01-setup"}, "deep": {"01-setup"}, "bare": {"01-setup"}, "many": {"01-setup", "02-token-endpoint"}, "noise": nil,
		"windows.zip": {"01-setup"}, "wrapped.zip": {"01-setup"}, "only-others.zip": nil,
	} {
		found, err := open(filepath.Join(dir, name), t.TempDir())
		require.NoError(t, err, name)
		var steps []string
		for step, at := range found {
			steps = append(steps, step)
			assert.DirExists(t, at)
		}
		assert.ElementsMatch(t, want, steps, name)
	}
	_, err := open(filepath.Join(dir, "twice"), t.TempDir())
	assert.ErrorContains(t, err, "the step 01-setup was handed in twice: in a/steps/01-setup and in b/steps/01-setup")
	_, err = open("eve.rar", t.TempDir())
	assert.ErrorContains(t, err, "eve.rar is no zip")
	left, err := filepath.Glob(filepath.Join(dir, "many", "*"))
	require.NoError(t, err)
	assert.Len(t, left, 2, "nothing is unpacked where the students' files are")
}

// TestRefused: zips that try to get out, that hold links or bombs, or that cannot be read: nothing of them
// is written outside of the folder.
func TestRefused(t *testing.T) {
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	header := &zip.FileHeader{Name: "steps/01-setup/link.go"}
	header.SetMode(fs.ModeSymlink | 0o777)
	w, err := to.CreateHeader(header)
	require.NoError(t, err)
	_, err = w.Write([]byte("/etc/passwd"))
	require.NoError(t, err)
	require.NoError(t, to.Close())
	link := b.String()
	good := zipped(t, map[string]string{main: "package main"})
	secret := []byte(good)
	secret[6] |= 1 // in the header of the file, and in the directory
	secret[bytes.Index(secret, []byte("PK\x01\x02"))+8] |= 1
	many := map[string]string{}
	for i := range maxUnpacked + 1 {
		many[fmt.Sprintf("steps/01-setup/%d.go", i)] = ""
	}
	for name, tc := range map[string]struct{ text, says string }{
		"out":                 {zipped(t, map[string]string{"steps/01-setup/../../../../out.go": "x"}), "wants to be outside"},
		"windows":             {zipped(t, map[string]string{`steps\01-setup\..\..\..\out.go`: "x"}), "wants to be outside"},
		"absolute":            {zipped(t, map[string]string{"/steps/01-setup/out.go": "x"}), "wants to be outside"},
		"drive":               {zipped(t, map[string]string{"C:/steps/01-setup/out.go": "x"}), "wants to be outside"},
		"link":                {link, "there is a link in the zip: steps/01-setup/link.go"},
		"bomb":                {zipped(t, map[string]string{main: strings.Repeat("\x00", maxBytes+1)}), "too large when it is unpacked"},
		"long":                {zipped(t, map[string]string{"steps/01-setup/" + strings.Repeat("x", 5000) + ".go": ""}), "in the zip cannot be unpacked: "},
		"many":                {zipped(t, many), "too large when it is unpacked"},
		"password":            {string(secret), "the zip wants a password"},
		"damaged":             {good[:len(good)/2], "the zip cannot be read"},
		"no zip":              {"<html>", "the zip cannot be read"},
		"a file for a folder": {zipped(t, map[string]string{"steps/01-setup": "x", "steps/01-setup/01-setup/main.go": "x", "a/01-setup": "x"}), ""},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "x.zip")
		require.NoError(t, os.WriteFile(file, []byte(tc.text), 0o600))
		temporary := filepath.Join(dir, "a", "b", "c")
		require.NoError(t, os.MkdirAll(temporary, 0o755))
		_, err := open(file, temporary)
		if tc.says == "" {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorContains(t, err, tc.says, name)
		assert.ErrorAs(t, err, new(refusal), name)
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		assert.Len(t, left, 2, name)
	}
}

// TestNames: what students are called, and the files for them, whatever they call their own.
func TestNames(t *testing.T) {
	for id, want := range map[string]string{
		"María José Núñez_4711_assignsubmission_file_": "María José Núñez",
		"Li_4711_assignsubmission_file_jwt":            "Li",
		"garciaana_123_456_jwt":                        "garciaana",
		"garciaana_LATE_123_456_jwt-2":                 "garciaana",
		"jwt-alice":                                    "jwt-alice",
	} {
		name, _ := student(id)
		assert.Equal(t, want, name)
	}
	assert.Equal(t, "a\uFFFDb\uFFFD\uFFFD", printable("a\x1bb\u202e\xff"))
	assert.Len(t, []rune(printable(strings.Repeat("ñ", 400))), 300)
	names := map[string]bool{}
	for _, id := range []string{"alice", "Ñandú 日本", strings.Repeat("ñ", 300), strings.Repeat("ñ", 299), "a/b", `a\b`, "a:b", "con", "CON", "nul.x", "com1", "..", ".", "end.", "end ", "", "*"} {
		name := fileName(id)
		assert.False(t, names[name], "%q has the name of another: %s", id, name)
		names[name] = true
		assert.LessOrEqual(t, len([]rune(name)), 70)
		assert.NotContains(t, name, "/")
		assert.NotContains(t, name, `\`)
	}
	assert.Equal(t, "Ñandú 日本", fileName("Ñandú 日本"))
}
