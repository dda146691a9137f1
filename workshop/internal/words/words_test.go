package words

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBothLanguages: no text is missing in one language, and both say the same things
// in the same order.
func TestBothLanguages(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z]`)
	var compare func(name string, en, es reflect.Value)
	compare = func(name string, en, es reflect.Value) {
		switch en.Kind() {
		case reflect.Struct:
			for i := range en.NumField() {
				compare(en.Type().Field(i).Name, en.Field(i), es.Field(i))
			}
		case reflect.Array:
			for i := range en.Len() {
				compare(name, en.Index(i), es.Index(i))
			}
		case reflect.Map:
			assert.Equal(t, en.Len(), es.Len(), name)
			for _, key := range en.MapKeys() {
				if assert.True(t, es.MapIndex(key).IsValid(), "%s: %s", name, key) {
					compare(name, en.MapIndex(key), es.MapIndex(key))
				}
			}
		default:
			assert.Equal(t, en.String() == "", es.String() == "", "%s: one language has it", name)
			assert.Equal(t, verb.FindAllString(en.String(), -1), verb.FindAllString(es.String(), -1), name)
		}
	}
	en := reflect.ValueOf(English)
	spanish := Spanish
	spanish.Problems = nil // English's are in the code
	compare("", en, reflect.ValueOf(spanish))
	for i := range en.NumField() {
		if en.Field(i).Kind() == reflect.String {
			assert.NotEmpty(t, en.Field(i).String(), en.Type().Field(i).Name)
		}
	}
}

// TestProblems: each error for learners is in Spanish, too, and no other.
func TestProblems(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z]`)
	call := regexp.MustCompile(`Problemf\("(?:[^"\\]|\\.)*"`)
	made := map[string]bool{}
	err := filepath.WalkDir("../..", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, found := range call.FindAllString(string(text), -1) {
			format, err := strconv.Unquote(strings.TrimPrefix(found, "Problemf("))
			require.NoError(t, err)
			made[format] = true
			assert.Equal(t, verb.FindAllString(format, -1), verb.FindAllString(Spanish.Problems[format], -1), "%s: %s", name, format)
			assert.NotEmpty(t, Spanish.Problems[format], "%s: %s", name, format)
		}
		return err
	})
	require.NoError(t, err)
	assert.NotEmpty(t, made)
	for format := range Spanish.Problems {
		assert.Contains(t, made, format, "nobody says it")
	}
}

// TestSay: an error is said in the language, even if another wraps it.
func TestSay(t *testing.T) {
	_, err := Choose("fr", func(string) string { return "" })
	wrapped := errors.Join(io.EOF, err)
	assert.Equal(t, "no existe el idioma fr\npista: --lang en o --lang es", Spanish.Say(wrapped))
	assert.Equal(t, "there is no language fr\nhint: --lang en or --lang es", English.Say(wrapped))
	assert.Equal(t, "EOF", Spanish.Say(io.EOF))
	inside := Problemf("cannot watch %s: %w", "steps", io.EOF)
	assert.Equal(t, "no se pueden vigilar los cambios de steps: EOF", Spanish.Say(inside))
	assert.ErrorIs(t, inside, io.EOF)
}

// TestChoose: the option decides, then the environment.
func TestChoose(t *testing.T) {
	for _, tc := range []struct {
		option, lcAll, lang string
		want                *Words
	}{
		{"", "", "", &English},
		{"", "", "es_MX.UTF-8", &Spanish},
		{"", "en_US.UTF-8", "es_MX.UTF-8", &English},
		{"en", "", "es_MX.UTF-8", &English},
		{"es", "", "", &Spanish},
		{"", "C", "", &English},
	} {
		got, err := Choose(tc.option, func(name string) string {
			return map[string]string{"LC_ALL": tc.lcAll, "LANG": tc.lang}[name]
		})
		require.NoError(t, err)
		assert.Same(t, tc.want, got, "%+v", tc)
	}
	_, err := Choose("fr", func(string) string { return "" })
	assert.ErrorContains(t, err, "--lang es")
}
