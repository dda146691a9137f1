package main

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/spot"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

// TestMain lets the scripts run the coach as the command workshop.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"workshop": main}) }

// TestScripts runs the scripts in testdata, each in a copy of the workshop with the
// starters in it.
func TestScripts(t *testing.T) {
	cache, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	require.NoError(t, err)
	caches := strings.Split(string(cache), "\n") // a name in them may have spaces
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"copyworkshop": func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(copyWorkshop(ts.MkAbs(args[0]))) },
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOCACHE", caches[0])
			env.Setenv("GOMODCACHE", caches[1])
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("LANG", "C")
			return copyWorkshop(env.WorkDir)
		},
	})
}

// root is the workshop's folder, seen from here.
const root = "../../.."

// copyWorkshop copies what a workshop consists of into a folder, as far as learners
// need it, with the starters.
func copyWorkshop(to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, name := range append([]string{}, inTemplate...) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(to, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}
	for _, name := range []string{"steps", "solutions", "workshop"} {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if entry.Name() == "mistakes" || entry.Name() == "variants" || entry.Name() == "testdata" {
					return fs.SkipDir
				}
				return os.MkdirAll(filepath.Join(to, name), 0o755)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(to, name), text, 0o644)
		})
		if err != nil {
			return err
		}
	}
	for _, p := range spot.Programs {
		name := filepath.Join("solutions", filepath.FromSlash(p.Name)+".diff")
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
			return err
		}
	}
	for _, step := range course.Steps { // whatever a learner has made of them
		for name, text := range course.Starter(step) {
			if err := os.WriteFile(filepath.Join(to, "steps", step, filepath.FromSlash(name)), text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
