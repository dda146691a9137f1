package check

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	aloneBudget = 400 * time.Millisecond // for finding nothing, in all checks together
	aloneSearch = 4 * time.Second        // for finding one story
)

// alone is what is left of aloneBudget.
var alone = struct {
	sync.Mutex
	left time.Duration
}{left: aloneBudget}

// leftBehind is why a request is answered otherwise than in a program that has just started.
const leftBehind = "a program that has just started answers the last of these well: something is left behind by those before it. A value in a field or variable that all requests share, the conditions of a *gorm.DB, a lock or a transaction that is not ended in every case, a count, a cache?"

// story returns the requests that lead to this reply, to a program that has just started,
// and what came of them, if a single one does not: nothing, if the last alone is answered
// like that or nobody knows which ones lead there.
func (r *Reply) story(t testing.TB) []line {
	if _, ok := t.(*trial); ok || r.late || !shared.is(r.program) || *urlFlag != "" {
		return nil
	}
	alone.Lock()
	defer alone.Unlock()
	begun := time.Now()
	if alone.left <= 0 {
		return nil
	}
	shows := func(before []Request) (lines []line, same bool) {
		p, err := r.program.again()
		if err != nil {
			return nil, true
		}
		defer p.stop()
		for _, request := range append(slices.Clip(before), r.request) {
			reply := p.exchange(request)
			lines, same = append(lines, line{did: request.text(), came: reply.summary()}), reply.sameAs(r)
		}
		return lines, same
	}
	if _, same := shows(nil); same {
		alone.left -= time.Since(begun)
		return nil
	}
	r.program.sending.Lock()
	earlier := r.program.sent[:r.before:r.before]
	r.program.sending.Unlock()
	var found []line
	var needed []Request
	try := func(before []Request) bool {
		if time.Since(begun) > aloneSearch {
			return false
		}
		lines, same := shows(before)
		if same {
			found, needed = lines, before
		}
		return same
	}
	for n := 1; !try(earlier[max(0, len(earlier)-n):]); n *= 4 {
		if n >= len(earlier) {
			return nil
		}
	}
	for size := len(needed) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(needed); {
			if !try(slices.Concat(needed[:from], needed[from+size:])) {
				from += size
			}
		}
	}
	if len(found) > shortStory {
		return nil
	}
	return found
}

// Again returns another program that has just started, with the same settings and the same
// rows in its database, or nil if there can be none.
func (p *Program) Again(t testing.TB) *Program {
	if *urlFlag != "" {
		return nil
	}
	other, err := p.again()
	if err != nil {
		return nil
	}
	t.Cleanup(other.stop)
	return other
}

// again does the work of Again; its caller stops the program.
func (p *Program) again() (*Program, error) {
	other, err := newProgram()
	if err != nil {
		return nil, err
	}
	settings := maps.Clone(p.env)
	for _, name := range []string{"PORT", "DATABASE_PATH", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"} {
		settings[name] = other.env[name]
	}
	other.env, other.Secret, other.fresh = settings, p.Secret, true
	if text, err := os.ReadFile(filepath.Join(p.Dir, ".env")); err == nil {
		os.WriteFile(filepath.Join(other.Dir, ".env"), text, 0o600)
	}
	db, err := p.database()
	if err == nil {
		err = db.Exec("VACUUM INTO ?", filepath.ToSlash(other.Database)).Error
	}
	if err == nil {
		if f := other.tryStart(); f != nil {
			err = errors.New("it does not start again")
		}
	}
	if err != nil {
		other.stop()
		return nil, err
	}
	return other, nil
}

// sameAs says whether two replies say the same, whatever token is in them.
func (r *Reply) sameAs(other *Reply) bool {
	return r.Status == other.Status && (r.err == nil) == (other.err == nil) && reflect.DeepEqual(r.content(), other.content())
}

// content returns what the body says, without its tokens: each is another one.
func (r *Reply) content() any {
	text := longToken.ReplaceAllString(r.Body, "")
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
}
