package course

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"jwtworkshop/workshop/internal/source"
)

var update = flag.Bool("update", false, "write starters.txtar anew from steps/")

// root is the workshop's folder, seen from here.
const root = "../.."

// TestStartersAreCurrent: the archive holds the steps as they are in steps/. In
// a learner's checkout they differ, and should; so it fails in CI only.
func TestStartersAreCurrent(t *testing.T) {
	now := txtar.Format(readSteps(t))
	if *update {
		require.NoError(t, os.WriteFile("starters.txtar", now, 0o644))
		return
	}
	if bytes.Equal(now, starters) {
		return
	}
	const message = "steps/ differs from starters.txtar; if that is meant to be so: go test ./workshop/course -update"
	if os.Getenv("CI") == "" {
		t.Skip(message)
	}
	t.Fatal(message)
}

// readSteps returns what the steps' programs are made of, which a learner may change, and in
// a comment the names of the tests.
func readSteps(t *testing.T) *txtar.Archive {
	t.Helper()
	archive := &txtar.Archive{Comment: []byte("The workshop's own tests:\n")}
	for _, step := range Steps {
		from, err := source.In(filepath.Join(root, "steps", step))
		require.NoError(t, err)
		for _, name := range from.Files {
			text, err := os.ReadFile(filepath.Join(from.Dir, filepath.FromSlash(name)))
			require.NoError(t, err)
			archive.Files = append(archive.Files, txtar.File{Name: "steps/" + step + "/" + name, Data: text})
		}
		for _, name := range from.Tests {
			archive.Comment = fmt.Appendf(archive.Comment, "steps/%s/%s\n", step, name)
		}
	}
	return archive
}

// TestStarter: the archive has each step's files, under their own names.
func TestStarter(t *testing.T) {
	for _, step := range Steps {
		files := Starter(step)
		require.Contains(t, files, "main.go", step)
		assert.Contains(t, string(files["main.go"]), "package main", step)
		for name, text := range files {
			assert.NotEmpty(t, text, "%s/%s", step, name)
		}
		assert.Contains(t, Tests(step), "main_test.go", step)
	}
	assert.Empty(t, Starter("00-nothing"))
}

// TestFind: a step is found by what people call it.
func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "2": Steps[1], "02": Steps[1], "token": Steps[1], "02-token-endpoint": Steps[1],
		"steps/03-protected": Steps[2], "steps/03-protected/": Steps[2], `steps\03-protected`: Steps[2],
	} {
		got, err := Find(name)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"0", "9", "x"} {
		_, err := Find(name)
		assert.ErrorContains(t, err, "the steps are 01-setup", name)
	}
}

// TestRule: what the lesson says of a rule, in both languages' words, as text.
func TestRule(t *testing.T) {
	assert.Equal(t, "TODO 1, signingKey: return the bytes of the secret, as they are. Refuse a secret that is empty: name the variable, and say how to make a good secret.", Rule("../..", "01-setup", "S1"))
	assert.Regexp(t, "^Refuse the placeholder of .env.example, .* or a part of it.$", Rule("../..", "01-setup", "S2"))
	assert.Empty(t, Rule("../..", "01-setup", "S99"))
	assert.Empty(t, Rule("../..", "01-setup", ""))
}
