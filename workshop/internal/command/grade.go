package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/grade"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/sandbox"
	"jwtworkshop/workshop/internal/words"
	"jwtworkshop/workshop/points"
)

// A grading is what the options of grade ask for.
type grading struct {
	dir, format, out, weights, isolation, shard string
	unsafe, stretch                             bool
	jobs                                        int
}

// newGradeCommand returns the command for instructors.
func newGradeCommand() *cobra.Command {
	var asked grading
	cmd := &cobra.Command{
		Use:   "grade " + say("PATH…"),
		Short: say("For instructors: grade students' folders and zips"),
		Args:  somePaths,
		RunE:  func(cmd *cobra.Command, args []string) error { return asked.grade(cmd, args) },
	}
	output(cmd, &asked.dir)
	flags := cmd.Flags()
	flags.StringVar(&asked.format, "format", "", say(words.Textf("one student's result for a service: `%s`", strings.Join(grade.Formats(), "|"))))
	flags.StringVar(&asked.out, "out", "", say("the `FILE` for that"))
	flags.StringVar(&asked.weights, "weights", "", say("a `FILE` with the points of each TODO, as JSON"))
	flags.StringVar(&asked.isolation, "isolation", "", say("keep programs from this machine by `bubblewrap|user|none` (else the first that it has)"))
	flags.BoolVar(&asked.unsafe, "unsafe", false, say("grade even if nothing keeps programs from this machine"))
	flags.BoolVar(&asked.stretch, "stretch", false, say("run the stretch checks, too; they count for nothing"))
	flags.IntVar(&asked.jobs, "jobs", max(1, runtime.NumCPU()/2), say("how many students at a time: `N`"))
	flags.StringVar(&asked.shard, "shard", "", say("grade one part of the class: `i/n`, such as 2/7"))
	merge := &cobra.Command{
		Use:   "merge " + say("FOLDER…"),
		Short: say("Make one table of the results of all parts of a class"),
		Args:  somePaths,
		RunE:  func(cmd *cobra.Command, args []string) error { return asked.merge(cmd, args) },
	}
	output(merge, &asked.dir)
	cmd.AddCommand(merge, newGradescopeCommand())
	return cmd
}

// output adds the option for the folder of the tables.
func output(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVarP(dir, "output", "o", "grades", say("the `FOLDER` for the tables"))
}

// somePaths wants at least one argument.
func somePaths(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return words.Errorf("that is not how %s is used\nhint: %s", cmd.Name(), cmd.UseLine())
	}
	return nil
}

// shardPattern is what names a part of a class.
var shardPattern = regexp.MustCompile(`^([1-9]\d{0,5})/([1-9]\d{0,5})$`)

// part returns the students of a shard, such as 2/7; all if it is "".
func part(handins []grade.Handin, shard string) ([]grade.Handin, error) {
	if shard == "" {
		return handins, nil
	}
	m := shardPattern.FindStringSubmatch(shard)
	if m == nil {
		return nil, words.Errorf("there is no shard %s\nhint: --shard 2/7 is the second part of seven", shard)
	}
	i, _ := strconv.Atoi(m[1])
	n, _ := strconv.Atoi(m[2])
	if i > n {
		return nil, words.Errorf("there is no shard %s\nhint: --shard 2/7 is the second part of seven", shard)
	}
	var mine []grade.Handin
	for at := i - 1; at < len(handins); at += n {
		mine = append(mine, handins[at])
	}
	return mine, nil
}

// grader returns the grader that is asked for.
func (a *grading) grader(root string, w io.Writer) (*grade.Grader, error) {
	weights := points.Usual()
	if a.weights != "" {
		var err error
		if weights, err = points.Load(a.weights); err != nil {
			return nil, err
		}
	}
	found, err := sandbox.Find(sandbox.Rung(a.isolation))
	if err != nil {
		return nil, err
	}
	found.End()
	if found.Rung == sandbox.None && !a.unsafe {
		return nil, words.Errorf("nothing would keep the students' programs from this machine: they could read your files, and change each other's grades\nhint: on Linux, install bubblewrap, or grade in a container as root (INSTRUCTORS.md says more); if you trust all of them: --unsafe")
	}
	fmt.Fprintln(w, found.Rung.Says())
	return &grade.Grader{Workshop: run.Workshop{Root: root}, Isolation: string(found.Rung), Stretch: a.stretch, Weights: weights, Jobs: a.jobs}, nil
}

// grade grades what students have handed in at these paths.
func (a *grading) grade(cmd *cobra.Command, paths []string) error {
	root, err := folder.Find()
	if err != nil {
		return err
	}
	if (a.format == "") != (a.out == "") || a.format != "" && !slices.Contains(grade.Formats(), a.format) {
		return words.Errorf("--format and --out go together: a format (%s), and a file\nhint: go run ./workshop grade FOLDER --format json --out result.json", strings.Join(grade.Formats(), ", "))
	}
	if a.jobs < 1 {
		return words.Errorf("--jobs %d: at least one student at a time\nhint: leave --jobs out, and half of the processors are used", a.jobs)
	}
	temporary, err := folder.Temporary()
	if err != nil {
		return err
	}
	defer folder.RemoveAll(temporary)
	for _, path := range paths {
		if inside, err := isInside(a.dir, path); err == nil && inside && a.format == "" {
			return words.Errorf("the folder for the tables, %s, is in %s, where the students' are\nhint: name one beside it: -o ../grades", a.dir, path)
		}
	}
	handins, others, err := grade.Find(paths, temporary)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), words.Textf("Not a student's, and left out: %s", strings.Join(others, ", ")))
	}
	if handins, err = part(handins, a.shard); err != nil {
		return err
	}
	if a.format != "" && len(handins) != 1 {
		return words.Errorf("--format is for one student, and there are %d in %s\nhint: name one student's folder or zip; for a class, leave --format out", len(handins), strings.Join(paths, ", "))
	}
	g, err := a.grader(root, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if a.format != "" {
		g.Kept = temporary
		return a.one(cmd, g, handins[0])
	}
	return a.class(cmd, g, handins)
}

// prepare compiles the checks, and says so where that takes long.
func prepare(cmd *cobra.Command, g *grade.Grader) error {
	told := false
	return g.Prepare(cmd.Context(), func(done, all int) {
		if !told {
			fmt.Fprintln(cmd.ErrOrStderr(), words.Text("The checks are compiled: on a new computer, this takes a minute or two."))
			told = true
		}
	})
}

// one grades one student for a service.
func (a *grading) one(cmd *cobra.Command, g *grade.Grader, h grade.Handin) error {
	if info, err := os.Stat(filepath.Dir(a.out)); err != nil || !info.IsDir() {
		return words.Errorf("there is no folder for %s\nhint: make it, or name a file elsewhere: --out result.json", a.out)
	}
	if err := os.Remove(a.out); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := grade.CanWrite(a.format); err != nil {
		return err
	}
	if err := prepare(cmd, g); err != nil {
		return err
	}
	var result *grade.Student
	if err := g.Grade(cmd.Context(), []grade.Handin{h}, func(_ int, s *grade.Student) { result = s }); err != nil {
		return err
	}
	fmt.Fprint(cmd.OutOrStdout(), result.Summary())
	return grade.WriteFor(a.format, a.out, result, h.Path, g.Workshop.Root)
}

// mayWrite returns an error if the folder for the tables holds what is not of this grader's: feedback of somebody's
// own would go.
func (a *grading) mayWrite() error {
	entries, err := os.ReadDir(a.dir)
	ours := func(entry os.DirEntry) bool { return entry.Name() == "judged" || entry.Name() == "results.json" }
	if err == nil && len(entries) > 0 && !slices.ContainsFunc(entries, ours) { // else it is made
		return words.Errorf("the folder %s holds other things already\nhint: name one that is not there yet, beside the class: -o grades", a.dir)
	}
	return nil
}

// class grades a class into a folder.
func (a *grading) class(cmd *cobra.Command, g *grade.Grader, handins []grade.Handin) error {
	g.Kept = filepath.Join(a.dir, "judged")
	g.Workshop.Optimized = true // which pays when there are many
	if err := a.mayWrite(); err != nil {
		return err
	}
	if there := grade.Graded(a.dir); len(handins) == 1 && there > 1 {
		return words.Errorf("%s holds the results of %d students, and this one would take their place\nhint: grade the class again (nobody is judged twice), or name another folder: -o", a.dir, there)
	}
	if err := os.MkdirAll(g.Kept, 0o755); err != nil {
		return words.Errorf("cannot write to %s: %w\nhint: name another folder: -o ../grades", a.dir, err)
	}
	if err := prepare(cmd, g); err != nil {
		return err
	}
	class, err := grade.NewClass(a.dir, a.shard, len(handins))
	if err != nil {
		return err
	}
	defer class.Close()
	progress := cmd.ErrOrStderr()
	start, done, ungraded := time.Now(), 0, 0
	var failed error
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	err = g.Grade(ctx, handins, func(i int, s *grade.Student) {
		if err := class.Add(i, s); err != nil {
			failed = err // the disk is full
			cancel()
			return
		}
		done++
		if s.Points == nil {
			ungraded++
		}
		line := fmt.Sprintf("%*d/%d  %s  %s", len(fmt.Sprint(len(handins))), done, len(handins), s.Name, s.Score())
		if s.Note != "" {
			line += "  " + strings.ReplaceAll(s.Note, "\n", " ")
		}
		if left := time.Since(start) / time.Duration(done) * time.Duration(len(handins)-done); left > time.Second && (done >= 3 || 10*done > len(handins)) {
			line += "  " + say(words.Textf("(about %s left)", left.Round(time.Second)))
		}
		fmt.Fprintln(progress, line)
	})
	switch {
	case failed != nil:
		return failed
	case err != nil:
		fmt.Fprintln(progress, words.Textf("Ended. The same command goes on from here: what was judged is kept in %s.", g.Kept))
		return err
	}
	if err := class.Write(g.Workshop.Root); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), words.Textf("Graded: %s (open it in a browser), grades.csv, junit.xml, and feedback for each student in %s.", filepath.Join(a.dir, "report.html"), filepath.Join(a.dir, "feedback")))
	if ungraded > 0 {
		return words.Errorf("%d could not be graded, by an error of the grader's own; report.html says which\nhint: the same command tries these again, and no others", ungraded)
	}
	return nil
}

// merge makes one table of the results of shards.
func (a *grading) merge(cmd *cobra.Command, shards []string) error {
	root, err := folder.Find()
	if err != nil {
		return err
	}
	for _, shard := range shards {
		if _, err := os.Stat(filepath.Join(shard, "results.json")); err != nil {
			return words.Errorf("there are no results in %s\nhint: name the folder that a part of the class was graded into, by -o", shard)
		}
	}
	if err := a.mayWrite(); err != nil {
		return err
	}
	if err := os.MkdirAll(a.dir, 0o755); err != nil {
		return words.Errorf("cannot write to %s: %w\nhint: name another folder: -o ../grades", a.dir, err)
	}
	if err := grade.Merge(shards, a.dir, root); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), words.Textf("Merged: %s", filepath.Join(a.dir, "report.html")))
	return nil
}
