package words

import "strings"

// Marked is a language for tests: each text is English between two marks, and what is the
// same in every language between two others, so that words which nobody can translate
// stand out.
type Marked struct{}

// The marks around what can be translated, and around what need not be.
var (
	translated = [2]string{"⟦", "⟧"}
	same       = [2]string{"⟪", "⟫"}
)

// Name is that of English: documents are not marked.
func (Marked) Name() string { return "en" }

// Get returns a text between the marks. One that has marks was made of others, and is left
// as it is.
func (Marked) Get(english string) string {
	if strings.HasPrefix(english, translated[0]) || strings.HasPrefix(english, same[0]) {
		return english
	}
	return translated[0] + english + translated[1]
}

// Plural does as Get does.
func (m Marked) Plural(one, many string, n int) string {
	if n == 1 {
		return m.Get(one)
	}
	return m.Get(many)
}
