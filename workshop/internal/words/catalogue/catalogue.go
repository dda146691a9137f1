// Package catalogue has the languages of the workshop beside English: for each a file of
// texts by what they are in English, such as es.po for Spanish, in the format of GNU
// gettext, which translators' tools read.
package catalogue

import (
	"embed"
	"fmt"
	"strings"

	"github.com/leonelquinteros/gotext"

	"jwtworkshop/workshop/internal/words"
)

//go:embed *.po
var files embed.FS

// marked is the name of words.Marked, for the tests of checks that run as processes.
const marked = "marked"

// Use has texts printed in a language from now on: en, or that of a file here.
func Use(language string) error {
	switch language {
	case "en":
		words.Use(nil)
		return nil
	case marked:
		words.Use(words.Marked{})
		return nil
	}
	c, err := open(language)
	if err != nil {
		return words.Errorf("there is no language %s\nhint: --lang %s", language, strings.Join(Names(), ", "))
	}
	words.Use(c)
	return nil
}

// Names returns the names of all languages.
func Names() []string {
	names := []string{"en"}
	entries, _ := files.ReadDir(".")
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".po"))
	}
	return names
}

// A po is the texts of one file.
type po struct {
	*gotext.Po
	name         string
	translations map[string]*gotext.Translation // by what they are in English
}

// open reads the file of a language.
func open(language string) (po, error) {
	file, err := files.ReadFile(language + ".po")
	if err != nil {
		return po{}, fmt.Errorf("catalogue: %w", err)
	}
	c := po{Po: gotext.NewPo(), name: language}
	c.Parse(file)
	c.translations = c.GetDomain().GetTranslations()
	return c, nil
}

// Name returns the name of the language.
func (c po) Name() string { return c.name }

// Get returns a text in the language.
func (c po) Get(english string) string {
	if t, ok := c.translations[english]; ok {
		return t.Get()
	}
	return english
}

// Plural returns the format for n things, by the language's rules for plurals.
func (c po) Plural(one, many string, n int) string { return c.GetN(one, many, n) }
