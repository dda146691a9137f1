package check

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/loopback"
)

// An Exit is how a program ended by itself.
type Exit struct {
	Code   int
	Output string
	about  Text
}

// WantExit starts the program in an environment in which it must not listen,
// described by about ("start without JWT_SECRET_KEY"), and fails the test
// unless it ends by itself within 5 s, or longer if it is slow, with another exit code
// than 0.
func (p *Program) WantExit(t testing.TB, about Text, advice Advice) Exit {
	t.Helper()
	ownProgramOnly(t)
	return p.wantExit(t, about, advice, 2)
}

// wantExit does the work of WantExit, and so many times once more if it was somebody else who listened.
func (p *Program) wantExit(t testing.TB, about Text, advice Advice, more int) Exit {
	t.Helper()
	wantPatience(t, &exits, "the program has neither refused to start nor listened, time and again")
	f := Finding{Sent: about, Want: "it says what is wrong and ends, with an exit code other than 0", Advice: advice}
	if err := p.launch(about); err != nil {
		f.Got = Verbatim(err.Error())
		Fail(t, f)
	}
	defer p.end(0)
	limit, begun := exits.Limit(), time.Now()
	deadline, stop := Over(limit)
	defer stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.process.Ended:
			exits.Came(time.Since(begun))
			exit := Exit{Code: p.process.Code, Output: p.Output(), about: about}
			if exit.Code == 0 {
				f.Got = "it ended with exit code 0, which means: all is well"
				f.Why = "whoever started it has to learn that it failed: return the error, and main ends with os.Exit(1)"
				f.Notes = []Text{quoteOutput(exit.Output, 6)}
				Fail(t, f)
			}
			return exit
		case <-deadline:
			exits.Missed()
			f.Got = Textf("after %v it still runs", limit)
			f.Notes = []Text{quoteOutput(p.Output(), 6)}
			Fail(t, f)
		case <-tick.C:
			if conn, err := net.DialTimeout("tcp", p.address(), time.Second); err == nil {
				conn.Close()
				f.Got = Textf("it starts, and listens on port %s", p.Port())
				p.end(0)
				if more > 0 && loopback.Taken(p.address()) { // it has ended
					return p.wantExit(t, about, advice, more-1)
				}
				Fail(t, f)
			}
		}
	}
}

// WantNoPanic fails the test if the program has panicked.
func (e Exit) WantNoPanic(t testing.TB, advice Advice) {
	t.Helper()
	if strings.Contains(e.Output, "\ngoroutine ") {
		advice.Why = "a panic, or log.Panic, shows people where in the code it happened, which helps nobody who has only given a wrong setting: return the error, and main prints it in a line"
		e.fail(t, "it panicked", "it returns the error, says it in a line, and ends", advice)
	}
}

// WantNamed fails the test unless what the program printed before it ended names this
// variable, letter by letter.
func (e Exit) WantNamed(t testing.TB, variable string, advice Advice) {
	t.Helper()
	if !strings.Contains(e.message(), variable) {
		e.fail(t, e.said(), Textf("a message that names %s", variable), advice)
	}
}

// WantSaid fails the test unless what the program printed before it ended
// contains one of the given texts, in any case; want says so in words.
func (e Exit) WantSaid(t testing.TB, want Text, advice Advice, texts ...string) {
	t.Helper()
	printed := strings.ToLower(e.message())
	for _, text := range texts {
		if strings.Contains(printed, strings.ToLower(text)) {
			return
		}
	}
	e.fail(t, e.said(), want, advice)
}

// WantMoreThan fails the test unless the program said more than the error of a library: what
// it was about to do. GORM's own log, which may stand above it, does not count.
func (e Exit) WantMoreThan(t testing.TB, libraryError string, advice Advice) {
	t.Helper()
	var own []string
	for line := range strings.Lines(e.message()) {
		if !gormsLog.MatchString(line) {
			own = append(own, word.FindAllString(strings.NewReplacer(libraryError, "", "error", "").Replace(line), -1)...)
		}
	}
	if len(own) >= 2 {
		return
	}
	e.fail(t, Textf("a message that says only: %s", Verbatim(libraryError)), "a message that says what the program was about to do, too", advice)
}

var (
	gormsLog = regexp.MustCompile(`\.go:\d+|\[error\]`) // the two lines in which it tells an error
	word     = regexp.MustCompile(`\pL{3,}`)
)

// message returns what the program said to people: of a panic, not where it was.
func (e Exit) message() string {
	message, _, _ := strings.Cut(e.Output, "\ngoroutine ")
	return message
}

// said says how the program ended, where it should have said something else.
func (e Exit) said() Text {
	if strings.TrimSpace(e.Output) == "" {
		return "it ended, and printed nothing"
	}
	return "it ended, with another message"
}

// WantNumber fails the test unless what the program printed before it ended contains
// one of the given numbers, alone: not as a part of a time, a date or a command.
func (e Exit) WantNumber(t testing.TB, want Text, advice Advice, numbers ...string) {
	t.Helper()
	words := anyNumber.FindAllString(notANumber.ReplaceAllString(e.message(), " "), -1)
	for _, number := range numbers {
		if slices.Contains(words, number) {
			return
		}
	}
	e.fail(t, e.said(), want, advice)
}

// notANumber matches the digits of times, dates and options ("openssl rand -hex 32");
// anyNumber matches all others.
var (
	notANumber = regexp.MustCompile(`\d+([:/.]\d+)+|-\w+ \d+`)
	anyNumber  = regexp.MustCompile(`\d+`)
)

// WantUnsaid fails the test if what the program printed contains a part of a secret that is a
// RareText.
func (e Exit) WantUnsaid(t testing.TB, name Text, secret string, advice Advice) {
	t.Helper()
	if piece := PartOf(secret, e.Output); piece != "" {
		e.Output = strings.ReplaceAll(e.Output, piece, "<"+name.String()+">")
		e.fail(t, Textf("a message with %s in it, or a part of it", name), Textf("a message without %s", name), advice)
	}
}

// WantNoLetterOf fails the test if what the program printed contains a letter of the secret, or
// half of one: stars in the middle of a secret still show its ends. The letters are such as
// stand in no message.
func (e Exit) WantNoLetterOf(t testing.TB, name Text, secret string, advice Advice) {
	t.Helper()
	for _, letter := range secret {
		bytes := string(letter)
		for _, shown := range []string{bytes, bytes[:1], fmt.Sprintf(`\x%x`, bytes[0]), fmt.Sprintf(`\u%04x`, letter)} {
			if strings.Contains(strings.ToLower(e.Output), strings.ToLower(shown)) {
				e.fail(t, Textf("a message with %s in it, or a part of it", name), Textf("a message without %s", name), advice)
			}
		}
	}
}

// PartOf returns the first part of a RareText that text contains, or "".
func PartOf(rare, text string) string {
	const least = 3
	for from := 0; from+least <= len(rare); from++ {
		to := from + least
		if !strings.Contains(text, rare[from:to]) {
			continue
		}
		for to < len(rare) && strings.Contains(text, rare[from:to+1]) {
			to++
		}
		return rare[from:to]
	}
	return ""
}

// fail fails the test with what the program printed.
func (e Exit) fail(t testing.TB, got, want Text, advice Advice) {
	t.Helper()
	Fail(t, Finding{Sent: e.about, Got: got, Want: want, Advice: advice, Notes: []Text{quoteOutput(e.Output, 6)}})
}
