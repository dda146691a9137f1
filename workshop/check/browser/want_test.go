package browser

import (
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// A fakeT is a test of which one wants to know whether it failed.
type fakeT struct {
	testing.TB
	failure string
	skipped string
}

func (f *fakeT) Helper()                   {}
func (f *fakeT) Name() string              { return "TestFake" }
func (f *fakeT) Output() io.Writer         { return io.Discard }
func (f *fakeT) Fatal(args ...any)         { f.failure = fmt.Sprint(args...); runtime.Goexit() }
func (f *fakeT) Skip(args ...any)          { f.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (f *fakeT) Fatalf(s string, a ...any) { f.Fatal(fmt.Sprintf(s, a...)) }

// failure runs a check on a fake test and returns how it failed, or "".
func failure(t *testing.T, check func(t testing.TB)) string {
	t.Helper()
	fake := &fakeT{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(fake)
	}()
	<-done
	return label.ReplaceAllString(fake.failure, "$1 ") // as without -v
}

// label is how a finding's got and want begin with -v.
var label = regexp.MustCompile(`\b(got|want): +`)

// TestWants: each expectation passes what is right, and fails what is not.
func TestWants(t *testing.T) {
	advice := check.Advice{Why: "because", Look: check.Todo("web/app.js", 1)}
	source := `export const object = async () => ({ b: 2, a: [1] });
export const fail = async () => { throw new Error("no") };
export const text = async () => { throw "no" };
export const store = () => { localStorage.setItem("k", "v") };
export const session = () => { sessionStorage.setItem("k", "v") };
`
	for name, page := range engines(t, map[string]string{"/app.js": source}) {
		t.Run(name, func(t *testing.T) {
			call := func(function string) *Outcome { return page.Call(t, advice, function) }
			for _, tc := range []struct {
				name string
				want string // of the failure, or ""
				run  func(t testing.TB)
			}{
				{"returned", "", func(t testing.TB) { call("object").WantReturned(t, map[string]any{"a": []int{1}, "b": 2}, advice) }},
				{"returned something else", `it returned {"b":2,"a":[1]}`, func(t testing.TB) { call("object").WantReturned(t, map[string]any{"a": []int{1}}, advice) }},
				{"returned nothing", `it returned undefined`, func(t testing.TB) { call("store").WantReturned(t, nil, advice) }},
				{"threw instead", `it threw Error "no"`, func(t testing.TB) { call("fail").WantReturned(t, nil, advice) }},
				{"threw", "", func(t testing.TB) { call("fail").WantThrown(t, "no", advice) }},
				{"threw anything", "", func(t testing.TB) { call("fail").WantThrown(t, "", advice) }},
				{"threw other words", `want it throws an Error "yes"`, func(t testing.TB) { call("fail").WantThrown(t, "yes", advice) }},
				{"threw no Error", `got it threw "no"`, func(t testing.TB) { call("text").WantThrown(t, "no", advice) }},
				{"returned instead", `it returned {"b":2`, func(t testing.TB) { call("object").WantThrown(t, "", advice) }},
				{"stored", "", func(t testing.TB) { call("store").WantStored(t, map[string]string{"k": "v"}, advice) }},
				{"stored something else", `in localStorage lies k: "v"`, func(t testing.TB) { call("store").WantStored(t, map[string]string{"k": "w"}, advice) }},
				{"stored what is not wanted", `want in localStorage lies nothing`, func(t testing.TB) { call("store").WantStored(t, map[string]string{}, advice) }},
				{"no such function", "app.js exports no function nowhere", func(t testing.TB) { page.Call(t, advice, "nowhere") }},
				{"stored in the session", `in sessionStorage lies k: "v"`, func(t testing.TB) { call("session").WantStored(t, map[string]string{"k": "v"}, advice) }},
			} {
				got := failure(t, tc.run)
				if tc.want == "" {
					assert.Empty(t, got, tc.name)
				} else {
					assert.Contains(t, got, tc.want, tc.name)
				}
			}
		})
	}
}

// TestNoBrowser: a browser that is not there, and one that is none, are told apart.
func TestNoBrowser(t *testing.T) {
	t.Setenv("CHROME_PATH", t.TempDir()+"/none")
	assert.ErrorContains(t, findOne("none").err, "CHROME_PATH names ")
	notOne, err := exec.LookPath("go")
	require.NoError(t, err)
	t.Setenv("CHROME_PATH", notOne)
	assert.ErrorContains(t, findOne("none").err, "the browser does not start: ")
}
