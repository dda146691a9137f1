package check

import (
	"strings"
	"testing"

	"jwtworkshop/workshop/internal/report"

	"github.com/stretchr/testify/assert"
)

// TestInFull: six parts at most, each under its own name, whatever the number of its
// lines.
func TestInFull(t *testing.T) {
	whole := Finding{Sent: "GET /x", Got: "one\ntwo", Want: "three", Advice: someAdvice, Notes: []Text{"note\n  | line", "another"}}
	assert.Equal(t, `GET /x
    got:  one
          two
    want: three
    why:  it matters
    look: steps/check/main.go, TODO 2
    try:  look twice
    note
      | line
    another`, inFull(whole))
	assert.Equal(t, "GET /x: got one, want three (main.go, TODO 2)", inOneLine(whole))
	short := Finding{Sent: "GET /x", Got: "one", Want: "three"}
	assert.Equal(t, "GET /x\n    got:  one\n    want: three", inFull(short))
	assert.Equal(t, "GET /x: got one, want three", inOneLine(short))
}

// TestFail: the test fails with one line, or with -v with all of them, and names a
// command to run it again.
func TestFail(t *testing.T) {
	f := Finding{Sent: "GET /x", Got: "one", Want: "three"}
	fake, finding := runFake(t, func(t testing.TB) { Fail(t, f) })
	again := "\n    try:  go test ./steps/check -run TestFake/some_case"
	assert.Equal(t, inFull(f)+again, finding)
	if testing.Verbose() {
		assert.Equal(t, "\n"+finding, fake.failure)
	} else {
		assert.Equal(t, inOneLine(f), fake.failure)
	}
}

// TestJudges: a check is about the TODOs that it or the test around it names, and else
// about the one that its failure looks at.
func TestJudges(t *testing.T) {
	var r recorder
	assert.Equal(t, []int{2}, r.todosOf("TestA/one", Todo("a.go", 2)))
	assert.Empty(t, r.todosOf("TestA/one", File("main.go")))
	r.judges = map[string][]int{"TestA": {1, 3}, "TestA/none": {}, "TestA/of/its own": {4}}
	assert.Equal(t, []int{1, 3}, r.todosOf("TestA/one", Todo("a.go", 2)))
	assert.Empty(t, r.todosOf("TestA/none", Todo("a.go", 2)))
	assert.Equal(t, []int{4}, r.todosOf("TestA/of/its own", Todo("a.go", 2)))
	assert.Equal(t, []int{2}, r.todosOf("TestAB", Todo("a.go", 2)))

	runFake(t, func(fake testing.TB) {
		Judges(fake, 5)
		defer func() { assert.Equal(t, []int{5}, said.Findings[0].Judges) }()
		Fail(fake, Finding{Sent: "x", Advice: someAdvice})
	})
	delete(said.judges, "TestFake/some_case")
}

// TestNotJudged: what was not judged is neither passed nor failed, and its reason is
// told once.
func TestNotJudged(t *testing.T) {
	fake, _ := runFake(t, func(fake testing.TB) {
		defer func() { assert.Equal(t, Text("no browser"), said.Unjudged[0].Reason) }()
		NotJudged(fake, "no browser")
	})
	assert.Equal(t, "not judged: no browser", fake.skipped)
	assert.Empty(t, fake.failure)
}

// TestSummarize: what was not judged, and why; then what to begin with, whole.
func TestSummarize(t *testing.T) {
	at := func(sent Text, look Place) Finding {
		return Finding{Test: "Test" + string(sent), Sent: sent, Got: "a", Want: "b", Advice: Advice{Look: look}}
	}
	const parts = "\n    got:  a\n    want: b\n"
	for _, tc := range []struct {
		name string
		said report.Report
		want string
	}{
		{"nothing", report.Report{}, ""},
		{"one", report.Report{Findings: []Finding{at("A", Todo("a.go", 3))}}, "\n1 check fails.\n\nTestA\nA" + parts + "    look: steps/check/a.go, TODO 3\n\n"},
		{"two", report.Report{Findings: []Finding{at("A", Todo("a.go", 3)), at("B", Todo("b.go", 2))}},
			"\n2 checks fail. Begin with this one:\n\nTestB\nB" + parts + "    look: steps/check/b.go, TODO 2\n\n"},
		{"not judged", report.Report{Unjudged: []report.Unjudged{{Test: "TestA", Reason: "it hangs"}, {Test: "TestB", Reason: "no browser"}, {Test: "TestC", Reason: "it hangs"}}},
			"\n2 checks were not judged: it hangs\n\n1 check was not judged: no browser\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := recorder{Report: tc.said}
			var b strings.Builder
			r.summarize(&b)
			assert.Equal(t, tc.want, b.String())
		})
	}
}
