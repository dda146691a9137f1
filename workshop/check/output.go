package check

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// maxOutput is how many bytes of a program's output are kept: the first half
// and the last half of them. A program may print without end.
const maxOutput = 256 << 10

// An output keeps what a program prints.
type output struct {
	mu      sync.Mutex
	first   []byte
	last    []byte
	dropped int // bytes that were neither

	limit  int               // how many bytes may be printed, if that is not 0
	beyond func()            // is called once when more are
	looked func(text string) // sees what is printed, if there is one
	seen   int               // how many bytes that was, at most maxLooked
	open   []byte            // the line that has not ended, or its end
}

// maxLine is how much of a line is looked at together.
const maxLine = 4 << 10

// Write keeps p; it never fails, so that the program never waits.
func (o *output) Write(p []byte) (int, error) {
	o.look(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	n := min(len(p), maxOutput/2-len(o.first))
	o.first = append(o.first, p[:n]...)
	o.last = append(o.last, p[n:]...)
	if len(o.last) > maxOutput { // and not at every write: that would move each byte many times
		extra := len(o.last) - maxOutput/2
		o.dropped += extra
		o.last = append(o.last[:0], o.last[extra:]...)
	}
	if o.limit > 0 && len(o.first)+o.dropped+len(o.last) > o.limit {
		o.limit = 0
		go o.beyond()
	}
	return len(p), nil
}

// look has what is printed looked at, together with the beginning of its line.
func (o *output) look(p []byte) {
	if o.looked == nil || o.seen > maxLooked {
		return
	}
	o.seen += len(p)
	text := append(o.open, p...)
	o.looked(string(text))
	text = text[bytes.LastIndexByte(text, '\n')+1:]
	o.open = text[max(0, len(text)-maxLine):]
}

// String returns what the program printed, less the middle if that was too much.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	last, dropped := o.end()
	if dropped == 0 {
		return string(o.first) + string(last)
	}
	return fmt.Sprintf("%s\n… %d bytes left out …\n%s", o.first, dropped, last)
}

// end returns the last bytes that are kept, and how many were dropped before them. Its caller has locked o.
func (o *output) end() (last []byte, dropped int) {
	extra := max(0, len(o.last)-maxOutput/2)
	return o.last[extra:], o.dropped + extra
}

// size returns how many bytes the program has printed.
func (o *output) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.first) + o.dropped + len(o.last)
}

// after returns what the program printed after its first n bytes, as far as
// that was kept.
func (o *output) after(n int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	last, dropped := o.end()
	from := min(n, max(len(o.first), n-dropped))
	return (string(o.first) + string(last))[from:]
}

// panicLine matches the line with which Go ends a program.
var panicLine = regexp.MustCompile(`^(panic|fatal error): `)

// quoteOutput returns the last max lines of a program's output, each marked as
// the program's own, so that nobody takes them for the check's words. Of a
// panic, it returns the first lines, without those that belong to the tests.
func quoteOutput(text string, max int) Text {
	text = strings.TrimSpace(text)
	if text == "" {
		return "the program printed nothing"
	}
	lines := strings.Split(text, "\n")
	if start := slices.IndexFunc(lines, panicLine.MatchString); start >= 0 {
		lines = lines[start:]
		// Where memory or the stack is used up, what the runtime was doing comes before what the program was.
		if runtimes := slices.Index(lines, "runtime stack:"); runtimes >= 0 {
			if n := slices.IndexFunc(lines[runtimes:], func(line string) bool { return strings.HasPrefix(line, "goroutine ") }); n >= 0 {
				lines = slices.Delete(lines, runtimes, runtimes+n)
			}
		}
		if own := slices.IndexFunc(lines, isOwnFrame); own >= 0 {
			lines = lines[:own]
		}
		return Textf("the program printed, from its panic on:%s", markLines(lines[:min(max, len(lines))]))
	}
	if len(lines) > max {
		return Textf("the program printed: (the last %d of %d lines)%s", max, len(lines), markLines(lines[len(lines)-max:]))
	}
	return Textf("the program printed:%s", markLines(lines))
}

// recovered matches how Gin reports a panic that it has recovered from, up to the
// panic's own words; ginFrame a function in the stack trace that follows.
var (
	recovered = regexp.MustCompile(`panic recovered:\r?\n(.*)`)
	ginFrame  = regexp.MustCompile(`(?m)^(.*)/([^/\n]+\.go:\d+) \(0x[0-9a-f]+\)\r?\n\t(.*)`)
)

// meanwhile returns the lines that matter of what the program printed while it
// answered: the first ones; of a panic that Gin has recovered from, what it says and
// where in the step's own code it was.
func meanwhile(text string) []string {
	at := recovered.FindStringSubmatchIndex(text)
	if at == nil {
		return firstLines(text, 8)
	}
	before := text[:strings.LastIndex(text[:at[0]], "\n")+1]
	lines := append(firstLines(before, 4), "panic recovered: "+text[at[2]:at[3]])
	for _, frame := range ginFrame.FindAllStringSubmatch(text[at[1]:], -1) {
		if path.Base(frame[1]) == stepName() {
			return append(lines, frame[2]+": "+frame[3])
		}
	}
	return append(lines, firstLines(text[at[1]:], 7)...)
}

// firstLines returns the first n lines of text that are not empty.
func firstLines(text string, n int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" && len(lines) < n {
			lines = append(lines, line)
		}
	}
	return lines
}

// isOwnFrame says whether a line of a stack trace names the function that runs
// a step's main in a process of its own.
func isOwnFrame(line string) bool { return strings.Contains(line, "/workshop/check.runAsProgram(") }

// markLines returns each line on a line of its own, marked as somebody else's.
func markLines(lines []string) Text {
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "\n  | %s", printable(line, 200))
	}
	return Verbatim(b.String())
}

// Quote returns the first 8 lines of what the learner's code printed, each on a
// line of its own and marked.
func Quote(lines []string) Text { return markLines(lines[:min(8, len(lines))]) }

// Short returns text fit for one line of a failing check: without the middle of
// its tokens and what comes after 200 characters.
func Short(text string) string { return printable(shortenTokens(text), 200) }

// printable returns text on one line and without anything that moves the
// cursor, cut to max characters.
func printable(text string, max int) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimRight(text, "\r\n") {
		if n++; n > max {
			return b.String() + "…"
		}
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
