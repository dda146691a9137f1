package main

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/words"
)

// The two scripts that Gradescope calls: to make its image, and for each submission.
//
//go:embed gradescope_setup.sh
var gradescopeSetup string

//go:embed gradescope_run.sh
var gradescopeRun string

// newGradescopeCommand returns the command that makes the zip for Gradescope.
func newGradescopeCommand() *cobra.Command {
	var archive string
	cmd := &cobra.Command{
		Use:   "gradescope " + say("ZIP"),
		Short: say("Make the zip that Gradescope wants of an autograder"),
		Args:  asUsed,
		RunE: func(cmd *cobra.Command, args []string) error {
			return gradescope(cmd, args[0], archive)
		},
	}
	cmd.Flags().StringVar(&archive, "go", "", say("put this `ARCHIVE` of Go for Linux (go1….linux-amd64.tar.gz) into it; else it is fetched there"))
	return cmd
}

// gradescope makes the zip: the scripts, what students get of the workshop, and Go if there is an
// archive of it.
func gradescope(cmd *cobra.Command, file, archive string) error {
	root, err := folder.Find()
	if err != nil {
		return err
	}
	temporary, err := folder.Temporary()
	if err != nil {
		return err
	}
	defer folder.RemoveAll(temporary)
	if err := copyForStudents(root, filepath.Join(temporary, "workshop")); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	to := zip.NewWriter(f)
	err = addScript(to, "setup.sh", strings.ReplaceAll(gradescopeSetup, "GOVERSION", runtime.Version()))
	if err == nil {
		err = addScript(to, "run_autograder", strings.ReplaceAll(gradescopeRun, "LANGUAGE", words.Name()))
	}
	if err == nil {
		err = addFolder(to, temporary)
	}
	if err == nil && archive != "" {
		err = addFile(to, filepath.Base(archive), archive)
	}
	if err == nil {
		err = to.Close()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(file)
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), words.Textf("%s is ready: in Gradescope, it is uploaded under Configure Autograder.", file))
	return nil
}

// addScript adds a script to a zip, which may be executed.
func addScript(to *zip.Writer, name, text string) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Now()}
	header.SetMode(0o755)
	w, err := to.CreateHeader(header)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}

// addFolder adds the files in a folder to a zip, by their names in it.
func addFolder(to *zip.Writer, dir string) error {
	return filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		return addFile(to, filepath.ToSlash(name), file)
	})
}

// addFile adds a file to a zip.
func addFile(to *zip.Writer, name, file string) error {
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	w, err := to.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Now()})
	if err == nil {
		_, err = io.Copy(w, from)
	}
	return err
}
