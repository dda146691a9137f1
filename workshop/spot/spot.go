// Package spot has programs of step 3, wrong ones and a right one, of which somebody says which
// attacks get in before they are tried.
package spot

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"jwtworkshop/workshop/internal/words"
)

// Step is the one whose finished program is changed.
const Step = "03-protected"

// A Program is the finished program of Step, changed.
type Program struct {
	Name    string        // of the change, in solutions, such as mistakes/03-protected/none-allowed
	Says    words.Text    // what is different
	AsDiff  bool          // it is shown as a diff, and not as the functions that differ
	Attacks [4]words.Text // those of package attack that are asked about
}

// Programs are all programs, in the order in which they are shown.
var Programs = []Program{
	{
		Name:    "mistakes/03-protected/none-allowed",
		Says:    "none is among the algorithms, and the key function answers it with UnsafeAllowNoneSignatureType: a token without a signature is good.",
		AsDiff:  true,
		Attacks: [4]words.Text{"not signed, alg none", "another user in the payload, under the old signature", "signed with another secret", "no exp"},
	},
	{
		Name:    "mistakes/03-protected/exp-not-required",
		Says:    "No jwt.WithExpirationRequired: a token without exp lives for ever.",
		Attacks: [4]words.Text{"exp a minute ago", "no exp", "a year more in the payload, under the old signature", "sub of nobody"},
	},
	{
		Name:    "mistakes/03-protected/any-method",
		Says:    "The algorithms are not limited: the token chooses HS384 or HS512.",
		Attacks: [4]words.Text{"signed with HS512", "not signed, alg none", "signed with another secret", "exp a minute ago"},
	},
	{
		Name:    "variants/03-protected/verified-by-hand",
		Says:    "The signature is computed and compared by hand, with crypto/hmac; the library looks at the times alone.",
		Attacks: [4]words.Text{"not signed, alg nOnE", "signed with HS512", "exp a minute ago", "the last letters of the signature changed"},
	},
	{
		Name:    "mistakes/03-protected/refuses-only-none",
		Says:    "By hand: only the spelling none is refused, and only algorithms that begin with HS are verified.",
		Attacks: [4]words.Text{"not signed, alg none", "not signed, alg nOnE", "signed with another secret", "no exp"},
	},
	{
		Name:    "mistakes/03-protected/parse-unverified",
		Says:    "jwt.ParseUnverified takes the token apart and verifies nothing: anyone can write one.",
		AsDiff:  true,
		Attacks: [4]words.Text{"another user in the payload, under the old signature", "signed with another secret", "exp a minute ago", "the token in the address, ?token="},
	},
}

// Load reads a program from the workshop's folder. It returns what is shown of it, and the texts
// of the files that differ from those of the finished program, by their names.
func (p Program) Load(workshop fs.FS) (shown string, files map[string][]byte, err error) {
	text, err := fs.ReadFile(workshop, "solutions/"+p.Name+".diff")
	if err != nil {
		return "", nil, err
	}
	changes, _, err := gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	files = map[string][]byte{}
	var parts []string
	for _, f := range changes {
		before, err := fs.ReadFile(workshop, f.OldName)
		if err != nil {
			return "", nil, err
		}
		before = bytes.ReplaceAll(before, []byte("\r\n"), []byte("\n")) // as git for Windows may write it
		var after bytes.Buffer
		if err := gitdiff.Apply(&after, bytes.NewReader(before), f); err != nil {
			return "", nil, words.Errorf("%s is not as it came with the workshop, and the change for this program does not fit", f.OldName)
		}
		files[path.Base(f.OldName)] = after.Bytes()
		if p.AsDiff {
			parts = append(parts, strings.TrimRight(strings.Join(fragments(f), "\n"), "\n"))
			continue
		}
		different, err := different(before, after.Bytes())
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		parts = append(parts, different...)
	}
	return strings.Join(parts, "\n\n"), files, nil
}

// fragments returns the parts of a file that a diff changes.
func fragments(f *gitdiff.File) []string {
	var parts []string
	for _, fragment := range f.TextFragments {
		var b strings.Builder
		for _, line := range fragment.Lines {
			b.WriteString(line.String())
		}
		parts = append(parts, b.String())
	}
	return parts
}

// different returns the declarations of a Go file, but for the imports, that another has not.
func different(before, after []byte) ([]string, error) {
	old, err := declarations(before)
	if err != nil {
		return nil, err
	}
	now, err := declarations(after)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, text := range old {
		known[text] = true
	}
	var parts []string
	for _, text := range now {
		if !known[text] {
			parts = append(parts, text)
		}
	}
	return parts, nil
}

// declarations returns the texts of a Go file's declarations, with their comments.
func declarations(file []byte) ([]string, error) {
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, "", file, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, d := range parsed.Decls {
		from := d.Pos()
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		}
		texts = append(texts, string(file[positions.Position(from).Offset:positions.Position(d.End()).Offset]))
	}
	return texts, nil
}
