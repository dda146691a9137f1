package check

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/report"

	"github.com/stretchr/testify/require"
)

// A fakeTest is a test that may fail or be skipped for others to look at.
type fakeTest struct {
	testing.TB // nil, so that what is not written below panics
	failure    string
	skipped    string
	cleanups   []func()
}

// Helper does nothing: nobody looks for the line.
func (*fakeTest) Helper() {}

// Name returns a name with a space in it, as go test writes it.
func (*fakeTest) Name() string { return "TestFake/some_case" }

// Fatal ends the test and keeps what it fails with.
func (f *fakeTest) Fatal(args ...any) {
	f.failure = fmt.Sprint(args...)
	runtime.Goexit()
}

// Fatalf ends the test and keeps what it fails with.
func (f *fakeTest) Fatalf(format string, args ...any) { f.Fatal(fmt.Sprintf(format, args...)) }

// Skip ends the test and keeps why.
func (f *fakeTest) Skip(args ...any) {
	f.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

// Cleanup keeps a function for the end.
func (f *fakeTest) Cleanup(cleanup func()) { f.cleanups = append(f.cleanups, cleanup) }

// runFake runs body as a test, to its end. It returns the test, and the finding
// that it failed with, if one did, as a learner reads it.
func runFake(t *testing.T, body func(testing.TB)) (fake *fakeTest, finding string) {
	t.Helper()
	fake = &fakeTest{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, cleanup := range slices.Backward(fake.cleanups) {
				cleanup()
			}
		}()
		body(fake)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the check does not come to an end")
	}
	said.mu.Lock()
	defer said.mu.Unlock()
	if len(said.Findings) > 0 {
		finding = inFull(said.Findings[0])
	}
	said.Report = report.Report{} // or Main would sum it up
	return fake, finding
}

// findingOf runs body as a test that has to fail, and returns its finding.
func findingOf(t *testing.T, body func(testing.TB)) string {
	t.Helper()
	fake, finding := runFake(t, body)
	require.NotEmpty(t, fake.failure, "it should have failed")
	require.NotEmpty(t, finding, "it should have failed with a finding: %s", fake.failure)
	return finding
}

// setFor sets a package variable for the rest of the test.
func setFor[T any](t *testing.T, variable *T, value T) {
	t.Helper()
	before := *variable
	*variable = value
	t.Cleanup(func() { *variable = before })
}

// ownWhy matches the why of a finding.
var ownWhy = regexp.MustCompile(`(?m)^(    why:  ).*$`)

// anyWhy returns a finding with the why of someAdvice, whatever its own.
func anyWhy(finding string) string {
	return ownWhy.ReplaceAllString(finding, "${1}"+string(someAdvice.Why))
}

// someAdvice is that of checks that are made to fail.
var someAdvice = Advice{Why: "it matters", Look: Todo("main.go", 2), Try: "look twice"}

// withSomeAdvice returns the finding with someAdvice and these notes, if any.
func withSomeAdvice(sent, got, want, notes string) string {
	return sent + "\n    got:  " + got + "\n    want: " + want +
		"\n    why:  it matters\n    look: steps/check/main.go, TODO 2\n    try:  look twice" + notes
}
