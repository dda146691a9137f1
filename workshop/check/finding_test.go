package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFindingString: six parts at most, each under its own name, whatever the
// number of its lines.
func TestFindingString(t *testing.T) {
	whole := Finding{Sent: "GET /x", Got: "one\ntwo", Want: "three", Hint: someHint, Notes: []string{"note\n  | line", "another"}}
	assert.Equal(t, `GET /x
    got:  one
          two
    want: three
    why:  it matters
    look: steps/check/main.go, TODO 2
    try:  look twice
    note
      | line
    another`, whole.String())
	assert.Equal(t, "GET /x: got one, want three (main.go, TODO 2)", whole.line())
	short := Finding{Sent: "GET /x", Got: "one", Want: "three"}
	assert.Equal(t, "GET /x\n    got:  one\n    want: three", short.String())
	assert.Equal(t, "GET /x: got one, want three", short.line())
}

// TestFindingFail: the test fails with one line, or with -v with all of them,
// and names a command to run it again.
func TestFindingFail(t *testing.T) {
	f := Finding{Sent: "GET /x", Got: "one", Want: "three"}
	fake, finding := runFake(t, func(t testing.TB) { f.Fail(t) })
	again := "\n    try:  go test ./steps/check -run TestFake/some_case"
	assert.Equal(t, f.String()+again, finding)
	if testing.Verbose() {
		assert.Equal(t, "\n"+finding, fake.failure)
	} else {
		assert.Equal(t, f.line(), fake.failure)
	}
}

// TestSummarize: the finding to begin with is the one of the lowest TODO, and
// among those the first; a program that does not run comes before all.
func TestSummarize(t *testing.T) {
	at := func(sent, look string) Finding {
		return Finding{Sent: sent, Got: "a", Want: "b", Hint: Hint{Look: look}}
	}
	const parts = "\n    got:  a\n    want: b\n"
	for _, tc := range []struct {
		name     string
		findings []Finding
		want     string
	}{
		{"nothing", nil, ""},
		{"one", []Finding{at("A", "a.go, TODO 3")}, "\n1 check fails.\n\nTest0\nA" + parts + "    look: steps/check/a.go, TODO 3\n\n"},
		{"lowest TODO", []Finding{at("A", "a.go, TODO 10"), at("B", "b.go, TODO 2"), at("C", "c.go, TODO 2"), at("D", "main.go")},
			"\n4 checks fail. Begin with this one:\n\nTest1\nB" + parts + "    look: steps/check/b.go, TODO 2\n\n"},
		{"no TODO is last", []Finding{at("A", "main.go"), at("B", "b.go, TODO 9")},
			"\n2 checks fail. Begin with this one:\n\nTest1\nB" + parts + "    look: steps/check/b.go, TODO 9\n\n"},
		{"does not run", []Finding{at("A", "a.go, TODO 1"), at("B", "")},
			"\n2 checks fail. Begin with this one:\n\nTest1\nB" + parts + "\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r findings
			for i, f := range tc.findings {
				r.add("Test"+string(rune('0'+i)), f)
			}
			var b strings.Builder
			r.summarize(&b)
			assert.Equal(t, tc.want, b.String())
		})
	}
}

// TestSave: a program reads from a file what a person reads at the terminal.
func TestSave(t *testing.T) {
	var r findings
	r.add("TestA/one", Finding{Sent: "GET /a", Got: "a", Want: "b", Notes: []string{"n"}, Hint: Hint{Why: "w", Look: "a.go, TODO 1", Try: "t"}})
	file := filepath.Join(t.TempDir(), "findings.json")
	require.NoError(t, r.save(file))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"Test":"TestA/one","Sent":"GET /a","Got":"a","Want":"b","Notes":["n"],"Why":"w","Look":"a.go, TODO 1","Try":"t"}]`, string(text))
}

// TestQuoteShell: a word stays one word in the learner's shell.
func TestQuoteShell(t *testing.T) {
	assert.Equal(t, "localhost:8080/token", quoteShell("localhost:8080/token"))
	for _, text := range []string{"", "a b", "a$b", "a;b", "a\"b", "ñ", "a?b&c"} {
		assert.Equal(t, "'"+text+"'", quoteShell(text))
	}
	want := `'it'\''s'`
	if onWindows {
		want = `'it''s'`
	}
	assert.Equal(t, want, quoteShell("it's"))
}
