package solutions

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// BenchmarkGrade measures what grading costs, in seconds of processor and by the clock, beside the README's
// go test for each student: finished submissions that differ; a class in the middle of a course, in which one of
// three has not begun two steps, and another has handed in the same again; and thirty who have not
// begun. Run it with: go test ./solutions -run '^$' -bench Grade -benchtime 1x -timeout 30m
func BenchmarkGrade(b *testing.B) {
	handIn := func(class, student string, finishedSteps int) {
		for i, step := range steps {
			for name, text := range finished(b, step) {
				if i >= finishedSteps {
					text = starter(b, step)[name]
				}
				if name == "main.go" && i < finishedSteps {
					text = fmt.Appendf(text, "\n// %s\n", student)
				}
				if text != nil {
					write(b, filepath.Join(class, student, "steps", step, name), text)
				}
			}
		}
	}
	spend := func(args ...string) (cpu, clock time.Duration) {
		cmd := exec.Command("go", args...)
		cmd.Dir = root(b)
		before, start := spent(b), time.Now()
		printed, err := cmd.CombinedOutput()
		require.NoError(b, err, "%s", printed)
		clock = time.Since(start)
		return spent(b) - before, clock
	}
	grade := func(class, out string) (cpu, clock time.Duration) {
		return spend("run", "./workshop", "grade", class, "-o", out, "--isolation", "none", "--unsafe", "--jobs", "1")
	}
	dir := b.TempDir()
	for i := range 30 {
		handIn(filepath.Join(dir, "starters"), fmt.Sprint(i), 0)
	}
	grade(filepath.Join(dir, "starters"), filepath.Join(dir, "first")) // compiles the checks
	var loop, all, course, loopClock, allClock time.Duration
	for n := range b.N {
		class, later, out := filepath.Join(dir, fmt.Sprint("class-", n)), filepath.Join(dir, fmt.Sprint("later-", n)), filepath.Join(dir, fmt.Sprint("out-", n))
		for _, name := range []string{"ana-", "bea-", "eva-"} {
			handIn(class, fmt.Sprint(name, n), 4)
		}
		cpu, clock := spend("test", "./steps/...", "-args", "-submission", filepath.Join(class, fmt.Sprint("ana-", n)), "-isolation", "none")
		loop, loopClock = loop+cpu, loopClock+clock
		cpu, clock = grade(class, out)
		all, allClock = all+cpu/3, allClock+clock/3
		handIn(later, fmt.Sprint("ana-", n), 4) // who has changed nothing
		handIn(later, fmt.Sprint("ivy-", n), 2)
		handIn(later, fmt.Sprint("new-", n), 4)
		cpu, _ = grade(later, out)
		course += cpu
	}
	_, starters := grade(filepath.Join(dir, "starters"), filepath.Join(dir, "starters-out"))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(loop.Seconds()/float64(b.N), "s/student-gotest")
	b.ReportMetric(all.Seconds()/float64(b.N), "s/student-grade")
	b.ReportMetric(all.Seconds()/loop.Seconds(), "cpu-ratio")
	b.ReportMetric(allClock.Seconds()/loopClock.Seconds(), "clock-ratio")
	b.ReportMetric(course.Seconds()/(3*loop.Seconds()), "course-ratio")
	b.ReportMetric(starters.Seconds(), "s/30-starters")
}

// spent returns how much of the processor all processes that were started have needed so far. Those that end after
// what has started them, as some of Chromium's do, become this process's own, and count, too.
func spent(b *testing.B) time.Duration {
	b.Helper()
	require.NoError(b, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	for {
		if _, err := unix.Wait4(-1, nil, 0, nil); err == unix.ECHILD { // there is none any more
			break
		}
	}
	var used unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_CHILDREN, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
