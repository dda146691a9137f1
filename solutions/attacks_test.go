package solutions

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/attack"
)

// unseen are the mistakes of step 3 that let in what they should refuse, and none of the
// attacks, each a single request, sees it, with the reason. Those that do so only when requests
// overlap are not looked at: they may or may not.
var unseen = map[string]string{
	"former-secrets":             "the secret has to be replaced first",
	"good-while-in-use":          "the token has to expire first",
	"users-by-token-kept":        "its user has to be deleted first",
	"users-kept":                 "its user has to be deleted first",
	"users-until-the-file-grows": "its user has to be deleted first",
	"verified-tokens-kept":       "the token has to expire first",
}

// letsIn says whether a finding is about somebody who is let in and should not be.
func letsIn(got, want string) bool {
	return strings.HasPrefix(marks.Replace(got), "200 OK") && strings.HasPrefix(marks.Replace(want), "401")
}

// wantAttacked expects the attacks to get into a program of step 3 that lets people in, unless
// it is listed as one whose hole they do not see.
func (c change) wantAttacked(t *testing.T, program string, v verdict) {
	t.Helper()
	var into []string
	p := startFile(t, program)
	require.NoError(t, attack.AddGrace(filepath.Join(p.cmd.Dir, "test.db")))
	err := attack.Run(t.Context(), "http://"+p.address, secret, func(try attack.Try) {
		if try.LetIn() && (c.kind() == "mistakes" || !try.Stretch()) { // who has done no stretch checks is right, too
			into = append(into, string(try.What))
		}
	})
	switch reason := unseen[path.Base(c.name)]; {
	case err != nil: // not even a good token gets in
		assert.False(t, v.letsIn && reason == "", "%v", err)
	case c.kind() == "variants":
		assert.Empty(t, into, "a right program lets nobody in")
	case v.letsIn && reason == "":
		assert.NotEmpty(t, into, "it lets people in, and no attack gets in")
	case reason != "":
		assert.Empty(t, into, "it is listed as unseen")
		assert.True(t, v.letsIn, "it is listed as unseen, and lets nobody in")
	}
}
