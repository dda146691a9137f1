package words

import (
	"reflect"
	"regexp"
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
	compare("", en, reflect.ValueOf(Spanish))
	for i := range en.NumField() {
		if en.Field(i).Kind() == reflect.String {
			assert.NotEmpty(t, en.Field(i).String(), en.Type().Field(i).Name)
		}
	}
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
