package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/source"
	"jwtworkshop/workshop/internal/words"
)

// inTemplate are the files of the workshop that students get, beside the steps and the coach. Nothing else of
// the folder is copied: grades may lie there.
var inTemplate = []string{"README.md", "README.es.md", "LICENSE", "CHANGELOG.md", "AGENTS.md", "go.mod", "go.sum", ".env.example", ".gitignore", ".gitattributes",
	".devcontainer/devcontainer.json", ".devcontainer/create.sh", ".vscode/extensions.json", ".vscode/launch.json", ".vscode/settings.json", ".vscode/tasks.json"}

// forInstructors is what students do not get of a text: what stands between these marks.
var forInstructors = regexp.MustCompile(`(?s)\n*<!-- instructors -->.*?<!-- /instructors -->`)

// toSolutions is a link to the finished programs, in a lesson.
var toSolutions = regexp.MustCompile(`\[(solutions/[^\]]*)\]\((?:\.\./)+solutions[^)]*\)`)

// template copies what students get into a folder: all but the finished programs, the mistakes and
// the tests of these, with every step as it is at first.
func (o *options) template(cmd *cobra.Command, args []string) error {
	root, err := folder.Find()
	if err != nil {
		return err
	}
	dir := args[0]
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 || err != nil && !os.IsNotExist(err) {
		return words.Errorf("%s is there already, and is no empty folder\nhint: name a folder that is not there yet", dir)
	}
	if inside, err := isInside(dir, root); err != nil || inside {
		return words.Errorf("%s is in the workshop itself\nhint: name a folder outside of it: ../jwt-workshop", dir)
	}
	if err := copyForStudents(root, dir); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), words.Textf("What students get is in %s: the steps as they are at first, the coach and the checks; no finished code, and no mistakes.", dir))
	return nil
}

// copyForStudents copies what students get of the workshop in the folder root.
func copyForStudents(root, dir string) error {
	for _, name := range inTemplate {
		if err := copyLesson(root, dir, name); err != nil {
			return err
		}
	}
	for _, step := range course.Steps {
		if err := copyStep(root, dir, step); err != nil {
			return err
		}
	}
	for _, name := range []string{"steps/beyond.md", "steps/beyond.es.md"} {
		if err := copyLesson(root, dir, name); err != nil {
			return err
		}
	}
	return copyCoach(root, dir)
}

// isInside says whether a folder, which need not be there, is another or in it.
func isInside(dir, other string) (bool, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	if other, err = filepath.Abs(other); err != nil {
		return false, err
	}
	relative, err := filepath.Rel(other, absolute)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator)), nil
}

// copyStep copies a step as it is at first: the starter, the checks, the lesson and the hints.
func copyStep(root, dir, step string) error {
	for name, text := range course.Starter(step) {
		if err := writeNew(filepath.Join(dir, "steps", step, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}
	names := slices.Clone(course.Tests(step))
	entries, err := os.ReadDir(filepath.Join(root, "steps", step))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		switch filepath.Ext(entry.Name()) {
		case ".png":
			names = append(names, entry.Name())
		case ".md":
			if err := copyLesson(root, dir, path.Join("steps", step, entry.Name())); err != nil {
				return err
			}
		}
	}
	for _, name := range names {
		if err := source.CopyFile(filepath.Join(root, "steps", step, name), filepath.Join(dir, "steps", step, name)); err != nil {
			return err
		}
	}
	return nil
}

// copyLesson copies a text that may lead to the finished programs.
func copyLesson(root, dir, name string) error {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	has := "$1 (your instructor has it)"
	if strings.HasSuffix(name, ".es.md") {
		has = "$1 (lo tiene tu instructor)"
	}
	text = toSolutions.ReplaceAll(forInstructors.ReplaceAll(text, nil), []byte(has))
	return writeNew(filepath.Join(dir, filepath.FromSlash(name)), text)
}

// copyCoach copies the coach and what checks are made with, without their own tests.
func copyCoach(root, dir string) error {
	return filepath.WalkDir(filepath.Join(root, "workshop"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && entry.Name() == "testdata":
			return fs.SkipDir
		case entry.IsDir(), strings.HasSuffix(name, "_test.go"), strings.HasPrefix(entry.Name(), "."):
			return nil
		}
		return source.CopyFile(file, filepath.Join(dir, name))
	})
}

// writeNew writes a file and the folders that it is in.
func writeNew(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
