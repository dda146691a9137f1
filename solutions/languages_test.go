package solutions

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A shape is what two documents that say the same in two languages have in common.
type shape struct {
	headings []string // their levels, and what is the same in every language: `code` and TODO n
	code     []string // the blocks of code, with the comments above them
	links    []string
	rungs    int // hints that can be opened
	items    int // of lists
	rows     int // of tables
}

var (
	codeSpan    = regexp.MustCompile("`[^`]+`|TODO \\d")
	linkTarget  = regexp.MustCompile(`\]\(([^)]+)\)`)
	listItem    = regexp.MustCompile(`^\s*(?:[-*]|\d+\.) `)
	spanishFile = regexp.MustCompile(`(?:\.es)?(\.md|\.png)(?:#.*)?$`) // with a heading in it, perhaps
)

// shapeOf returns the shape of a document.
func shapeOf(text string) (s shape) {
	_, text, _ = strings.Cut(text, "\n") // the first line leads to the other
	var block []string
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case block != nil:
			block = append(block, line)
			if line == "```" {
				switch {
				case block[0] == "```mermaid":
					block = block[:1] // its words are translated
				case strings.HasPrefix(block[1], "$ go test "):
					block = block[:2] // so are those of the checks
				}
				s.code = append(s.code, strings.Join(block, "\n"))
				block = nil
			}
		case strings.HasPrefix(line, "```"):
			block = []string{line}
		case strings.HasPrefix(line, "#"):
			level, _, _ := strings.Cut(line, " ")
			same := slices.DeleteFunc(codeSpan.FindAllString(line, -1), func(code string) bool {
				return strings.Contains(code, "app.js") // what the checks say, in their language
			})
			s.headings = append(s.headings, level+" "+strings.Join(same, " "))
		case strings.HasPrefix(line, "<!--"):
			s.code = append(s.code, line)
		case strings.Contains(line, "<details>"):
			s.rungs++
		case strings.HasPrefix(line, "|"):
			s.rows++
		case listItem.MatchString(line):
			s.items++
		}
		if block == nil {
			for _, m := range linkTarget.FindAllStringSubmatch(line, -1) {
				s.links = append(s.links, spanishFile.ReplaceAllString(m[1], "$1"))
			}
		}
	}
	return s
}

// TestDocuments: each document for learners is there in Spanish, in the same shape, and
// leads to the other.
func TestDocuments(t *testing.T) {
	files := []string{"README.md", "steps/beyond.md"}
	for _, step := range steps {
		files = append(files, "steps/"+step+"/README.md", "steps/"+step+"/hints.md")
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			english, spanish := document(t, file), document(t, strings.TrimSuffix(file, ".md")+".es.md")
			name := strings.TrimSuffix(filepath.Base(file), ".md")
			assert.True(t, strings.HasPrefix(english, "[Español]("+name+".es.md)\n\n# "), "the first line leads to Spanish")
			assert.True(t, strings.HasPrefix(spanish, "[English]("+name+".md)\n\n# "), "the first line leads to English")
			spanish = strings.Replace(spanish, "go run ./workshop --lang es\n", "go run ./workshop\n", 1) // the first command
			want, got := shapeOf(english), shapeOf(spanish)
			assert.Equal(t, want.headings, got.headings)
			assert.Equal(t, want.code, got.code)
			assert.Equal(t, want.links, got.links)
			assert.Equal(t, []int{want.rungs, want.items, want.rows}, []int{got.rungs, got.items, got.rows}, "hints, items of lists, rows of tables")
		})
	}
}

// document returns the text of a file of the workshop.
func document(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(file)))
	require.NoError(t, err)
	return string(text)
}
