package words

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// french is a language for these tests.
type french map[string]string

func (f french) Name() string { return "fr" }

func (f french) Get(english string) string {
	if t, ok := f[english]; ok {
		return t
	}
	return english
}

func (f french) Plural(one, many string, n int) string {
	if n < 2 { // none is one, too
		return f.Get(one)
	}
	return f.Get(many)
}

// speak has texts printed in a language until the test is over.
func speak(t *testing.T, c Catalogue) {
	t.Helper()
	Use(c)
	t.Cleanup(func() { Use(nil) })
}

// TestText: a text is English until it is printed in another language.
func TestText(t *testing.T) {
	const bread Text = "bread"
	say := func() []string {
		printed, err := json.Marshal(map[string]Text{"want": bread})
		require.NoError(t, err)
		return []string{bread.String(), Textf("%d of %s", 2, bread).String(), Counted(0, "%d loaf", "%d loaves").String(), Counted(3, "%d loaf", "%d loaves").String(),
			string(printed), Verbatim("bread()").String(), Join([]Text{bread, "wine"}, ", ").String(), Text("").String()}
	}
	assert.Equal(t, []string{"bread", "2 of bread", "0 loaves", "3 loaves", `{"want":"bread"}`, "bread()", "bread, wine", ""}, say())
	speak(t, french{"bread": "pain", "%d of %s": "%[2]s, %[1]d", "%d loaf": "%d pain", "%d loaves": "%d pains"})
	assert.Equal(t, []string{"pain", "pain, 2", "0 pain", "3 pains", `{"want":"pain"}`, "bread()", "pain, wine", ""}, say())
	speak(t, Marked{})
	assert.Equal(t, []string{"⟦bread⟧", "⟦2 of ⟦bread⟧⟧", "⟦0 loaves⟧", "⟦3 loaves⟧", `{"want":"⟦bread⟧"}`, "⟪bread()⟫", "⟦bread⟧, ⟦wine⟧", ""}, say())
	assert.Equal(t, "⟦bread⟧", Text(bread.String()).String(), "marked once")
}

// TestErrorf: an error is in the language in which it is printed, and wraps what it wraps.
func TestErrorf(t *testing.T) {
	err := Errorf("cannot watch %s: %w", "steps", io.EOF)
	assert.EqualError(t, err, "cannot watch steps: EOF")
	speak(t, french{"cannot watch %s: %w": "%[2]w: %[1]s"})
	assert.EqualError(t, err, "EOF: steps")
	assert.ErrorIs(t, err, io.EOF)
	assert.Equal(t, "EOF: steps\nEOF", errors.Join(err, io.EOF).Error())
}

// TestLanguage: the option decides, then what was kept, then the environment.
func TestLanguage(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "kept")
	environment := func(values string) func(string) string {
		return func(name string) string {
			_, value, _ := strings.Cut(" "+values+" ", " "+name+"=")
			value, _, _ = strings.Cut(value, " ")
			return value
		}
	}
	for _, tc := range []struct{ asked, environment, want string }{
		{"", "LANG=es_MX.UTF-8", "es"},
		{"", "LC_ALL=en_US.UTF-8 LANG=es_MX.UTF-8", "en"},
		{"", "LC_MESSAGES=es LANG=en_US", "es"},
		{"", "LANG=C.UTF-8", "en"},
		{"", "LANG=POSIX", "en"},
		{"", "LANG=pt_BR@x", "pt"},
		{"fr", "LANG=es_MX.UTF-8", "fr"},
		{"ES", "LANG=en_US.UTF-8", "es"},
		{"es-MX", "LANG=en_US.UTF-8", "es"},
		{"", "", Base(interfaceLanguage())},
	} {
		assert.Equal(t, tc.want, Language(tc.asked, folder, environment(tc.environment)), "%+v", tc)
	}
	assert.Equal(t, "es", Base("es-419"), "as Windows says it")
	require.NoError(t, Keep("es", folder))
	require.NoError(t, Keep("es", folder))
	assert.Equal(t, "es", Language("", folder, environment("LANG=en_US")))
	assert.Equal(t, "en", Language("en", folder, environment("")))
	assert.Error(t, Keep("es", filepath.Join(folder, "language", "no folder")))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "language"), nil, 0o644)) // as a full disk leaves it
	assert.Equal(t, "fr", Language("", folder, environment("LANG=fr_FR")))
}

// TestOption: --lang is found as cobra finds it.
func TestOption(t *testing.T) {
	assert.Equal(t, "es", Option([]string{"check", "--lang", "es"}))
	assert.Equal(t, "es", Option([]string{"--lang=es"}))
	assert.Empty(t, Option([]string{"check", "--lang"}))
	assert.Empty(t, Option(nil))
}
