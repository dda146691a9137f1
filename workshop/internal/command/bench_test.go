package main

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkCold compares, on an empty build cache, the time from go run ./workshop to
// the first words and to the first verdict with that of a go test of step 1. It prints
// the ratios; a round takes minutes: -bench Cold -benchtime 1x.
func BenchmarkCold(b *testing.B) {
	dir := b.TempDir()
	require.NoError(b, copyWorkshop(dir))
	cold := func(args ...string) (first, all time.Duration) {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOCACHE="+b.TempDir())
		require.NoError(b, os.RemoveAll(dir+"/.workshop"))
		out, in, err := os.Pipe()
		require.NoError(b, err)
		cmd.Stdout, cmd.Stderr = in, in
		start := time.Now()
		require.NoError(b, cmd.Start())
		in.Close()
		_, err = out.Read(make([]byte, 1))
		first = time.Since(start)
		require.NoError(b, err)
		io.Copy(io.Discard, out)
		cmd.Wait() // the starter fails
		return first, time.Since(start)
	}
	var coachFirst, coachAll, plain time.Duration
	for b.Loop() {
		first, all := cold("run", "./workshop", "check", "1")
		coachFirst, coachAll = coachFirst+first, coachAll+all
		_, all = cold("test", "./steps/01-setup")
		plain += all
	}
	b.ReportMetric(plain.Seconds()/float64(b.N), "gotest-s/op")
	b.ReportMetric(coachFirst.Seconds()/plain.Seconds(), "first-ratio")
	b.ReportMetric(coachAll.Seconds()/plain.Seconds(), "verdict-ratio")
}
