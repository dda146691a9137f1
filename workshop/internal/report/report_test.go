package report

import (
	"os"
	"path/filepath"
	"testing"

	"jwtworkshop/workshop/internal/words"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFirst: the finding to begin with is the one of the lowest TODO, and among those
// the first; a program that does not run comes before all, and no TODO is last.
func TestFirst(t *testing.T) {
	at := func(sent words.Text, file string, todo int) Finding {
		return Finding{Sent: sent, Advice: Advice{Look: Place{file, todo}}}
	}
	assert.Nil(t, new(Report).First())
	for want, findings := range map[string][]Finding{
		"lowest":   {at("A", "a.go", 10), at("lowest", "b.go", 2), at("C", "c.go", 2), at("D", "main.go", 0)},
		"a TODO":   {at("A", "main.go", 0), at("a TODO", "b.go", 9)},
		"does not": {at("A", "a.go", 1), at("does not", "", 0)},
	} {
		r := Report{Findings: findings}
		assert.Equal(t, words.Text(want), r.First().Sent)
	}
}

// TestIncomplete: a check of a TODO that was not judged leaves open whether the program
// passes; one that is about no TODO does not.
func TestIncomplete(t *testing.T) {
	r := Report{Unjudged: []Unjudged{{Test: "TestVisit", Reason: "no browser"}}}
	assert.False(t, r.Incomplete())
	r.Unjudged = append(r.Unjudged, Unjudged{Test: "TestLogin", Reason: "it hangs", Judges: []int{1}}, Unjudged{Test: "TestPage", Reason: "no browser"})
	assert.True(t, r.Incomplete())
	assert.Equal(t, []Reason{{"no browser", 2}, {"it hangs", 1}}, r.Reasons())
}

// TestSave: what is written can be read again, and other programs can read it, too.
func TestSave(t *testing.T) {
	r := Report{
		Findings: []Finding{
			{Test: "TestA/one", Rule: "S1", Sent: "GET /a", Got: "a", Want: "b", Notes: []words.Text{"n"}, Advice: Advice{Why: "w", Look: Place{"a.go", 1}, Try: "t"}, Judges: []int{1, 2}},
			{Test: "TestB", Sent: "start", Got: "a", Want: "b", Advice: Advice{Why: "w"}},
		},
		Unjudged: []Unjudged{{Test: "TestC", Reason: "r", Judges: []int{3}}},
		Stretch:  []string{"TestD"},
		Seed:     7,
	}
	file := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, r.Save(file))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, `{"findings": [
		{"test":"TestA/one","rule":"S1","sent":"GET /a","got":"a","want":"b","notes":["n"],"why":"w","look":{"file":"a.go","todo":1},"try":"t","judges":[1,2]},
		{"test":"TestB","rule":"","sent":"start","got":"a","want":"b","why":"w","try":""}],
		"unjudged": [{"test":"TestC","reason":"r","judges":[3]}], "stretch": ["TestD"], "seed": 7}`, string(text))
	again, err := Load(file)
	require.NoError(t, err)
	assert.Equal(t, r, *again)
	_, err = Load(file + ".none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestParts: what a finding says has its labels, and what it does not say has none.
func TestParts(t *testing.T) {
	f := Finding{Got: "a", Want: "b", Advice: Advice{Look: Place{"a.go", 1}}}
	assert.Equal(t, []Part{{"got", "a"}, {"want", "b"}, {"look", "steps/01-setup/a.go, TODO 1"}}, f.Parts("01-setup"))
}
