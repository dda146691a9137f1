package attack

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"jwtworkshop/workshop/internal/words"
)

// TestNames: each attack has its words, in both languages, and no words are left over.
func TestNames(t *testing.T) {
	for _, texts := range []*words.Words{&words.English, &words.Spanish} {
		assert.Len(t, texts.Attacks, len(Names()))
		for _, name := range Names() {
			assert.NotEmpty(t, texts.Attacks[name], name)
		}
	}
}
