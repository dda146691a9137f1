// Package words has what people read, in their language.
//
// English stands in the code, where it can be read. Another language has a catalogue of
// texts by what they are in English; package catalogue has those that there are. A text
// that lacks its translation stays English; a test finds those that Spanish lacks.
package words

import (
	"fmt"
	"strings"
)

// A Text is something that people read. A constant is written in English, and becomes a
// Text by itself; it is translated when it is printed. What is made of several pieces is a
// Textf, so that a translation can put them in another order.
type Text string

// A Catalogue has the texts of a language by what they are in English. A text that it
// lacks it returns as it is.
type Catalogue interface {
	Name() string // of the language, such as es
	Get(english string) string
	// Plural returns the format for n things, one and many being those of English.
	Plural(one, many string, n int) string
}

// chosen is that of the language in which texts are printed, nil for English.
var chosen Catalogue

// Use chooses the language in which texts are printed from now on, by its catalogue; nil is
// for English.
func Use(c Catalogue) { chosen = c }

// Name returns the name of the language that was chosen, such as es.
func Name() string {
	if chosen == nil {
		return "en"
	}
	return chosen.Name()
}

// String returns the text in the language that was chosen.
func (t Text) String() string {
	if t == "" || chosen == nil {
		return string(t)
	}
	return chosen.Get(string(t))
}

// MarshalText writes the text, into JSON for one, as String does.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Textf returns a text as fmt.Sprintf does. What is translated is the format; of the
// values, those that are texts.
func Textf(format string, values ...any) Text {
	return Text(fmt.Sprintf(Text(format).String(), values...))
}

// Counted returns the text for n things, by the language's rules for plurals: one and many
// are formats in English, in which %d stands for n.
func Counted(n int, one, many string) Text {
	format := many
	switch {
	case chosen != nil:
		format = chosen.Plural(one, many, n)
	case n == 1:
		format = one
	}
	return Text(fmt.Sprintf(format, n))
}

// Verbatim returns what is the same in every language as a Text: code, JSON, what a
// program has printed.
func Verbatim(s string) Text {
	if _, ok := chosen.(Marked); ok && s != "" {
		return Text(same[0] + s + same[1])
	}
	return Text(s)
}

// Join returns texts with a separator between them.
func Join(texts []Text, separator string) Text {
	var words []string
	for _, t := range texts {
		words = append(words, t.String())
	}
	return Text(strings.Join(words, separator))
}
