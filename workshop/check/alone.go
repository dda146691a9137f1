package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	aloneWait   = time.Second            // for an answer, where another program gave none
)

// alone is what is left of aloneBudget.
var alone = struct {
	sync.Mutex
	left time.Duration
}{left: aloneBudget}

// leftBehind is why a request is answered otherwise than in a program that has just started.
const leftBehind = "something is left behind by the requests before the last, in whichever TODO. A value in a field or variable that all requests share, or in what a sync.Pool, a cache or a hash.Hash without Reset gives back; the conditions of a *gorm.DB; a lock, a transaction or Rows that are not ended in every case; a count?"

// byStep is above a story.
const byStep = "to see it, step by step (without the others, the last one passes):"

// story returns the requests that lead to this reply, to a program that has just started,
// and what came of them, if a single one does not: nothing, if the last alone is answered
// like that or nobody knows which ones lead there.
func (r *Reply) story(t testing.TB) []line {
	if _, ok := t.(*trial); ok || !shared.is(r.program) || *urlFlag != "" {
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
			if r.late {
				request.within = aloneWait
			}
			reply := p.exchange(request)
			lines, same = append(lines, line{did: request.text(), came: reply.summary()}), reply.sameAs(r)
		}
		return lines, same
	}
	if _, same := shows(nil); same {
		if !r.late { // what waits does not work
			alone.left -= time.Since(begun)
		}
		return nil
	}
	r.program.sending.Lock()
	earlier := slices.Clone(r.program.sent[:r.before])
	if r.late { // what came while it waited may be why
		earlier = append(earlier, r.program.sent[r.before+1:]...)
	}
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
	if text, err := ReadFile(filepath.Join(p.Dir, ".env")); err == nil {
		WriteFile(filepath.Join(other.Dir, ".env"), text)
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

// sameAs says whether two replies say the same, of their tokens too.
func (r *Reply) sameAs(other *Reply) bool {
	return r.Status == other.Status && (r.err == nil) == (other.err == nil) && reflect.DeepEqual(r.content(), other.content())
}

// content returns what the body says and, instead of its tokens, which are others each time,
// what they say. Of a body that is no JSON it returns the letters in order: XML of a map has
// its fields in any order.
func (r *Reply) content() any {
	text := longToken.ReplaceAllStringFunc(r.Body, r.tokenSays)
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		letters := []byte(text)
		slices.Sort(letters)
		return string(letters)
	}
	return value
}

// tokenSays returns what does not change from one good token of a user's to the next: the
// subject, the algorithm, whether the program's secret verifies it, whether it is made now,
// and for how long.
func (r *Reply) tokenSays(raw string) string {
	token, err := DecodeToken(raw)
	if err != nil {
		return ""
	}
	issued, _ := token.Time("iat")
	expires, _ := token.Time("exp")
	lifetime := expires.Unix() - issued.Unix() // in whole seconds: of what a fraction is, nobody says
	now := !issued.Before(r.sent.Truncate(time.Second)) && !issued.After(r.came)
	return fmt.Sprintf("%v %v %t %t %v", token.Header["alg"], token.Claims["sub"], token.Verify(r.program.Secret) == nil, now, lifetime)
}
