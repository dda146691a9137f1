package check

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"jwtworkshop/workshop/internal/report"
)

// mark is what stands before a line of a test binary's own, with -test.v=test2json.
const mark = "\x16"

// controls matches what moves the cursor of a terminal, or tells it something else. Findings have none: this is for
// what is printed past them.
var controls = regexp.MustCompile(`[\x00-\x08\x0b-\x15\x17-\x1f\x7f-\x9f]`)

// verdictLine is what is printed when a test is over: its verdict and name.
var verdictLine = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (\S+)`)

// A testLines reads what a test binary prints with -test.v=test2json. It passes on all of it or what one
// without -test.v would print, in about its order: of tests that pass, nothing.
type testLines struct {
	all     bool
	events  bool                     // with the marks
	results map[string]report.Result // of tests without subtests, by name

	mu      sync.Mutex
	open    string              // the beginning of a line
	current string              // the test whose lines come
	logged  map[string][]string // what tests have logged
}

// Write takes in a piece of what is printed.
func (l *testLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := controls.ReplaceAllString(string(p), "�")
	switch {
	case l.all && l.events:
		fmt.Print(text)
	case l.all:
		fmt.Print(strings.ReplaceAll(text, mark, ""))
	}
	lines := strings.Split(l.open+text, "\n")
	l.open = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		l.line(line)
	}
	return len(p), nil
}

// flush prints what is left.
func (l *testLines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != "" {
		l.line(l.open)
		l.open = ""
	}
}

// line takes in a line.
func (l *testLines) line(line string) {
	text, own := strings.CutPrefix(line, mark)
	if l.logged == nil {
		l.logged = map[string][]string{}
	}
	if own && strings.HasPrefix(text, "=== ") {
		fields := strings.Fields(text)
		if l.current = ""; len(fields) > 2 {
			l.current = fields[2]
		}
		if fields[1] == "RUN" {
			l.results[l.current] = report.NotRun
			for parent := l.current; strings.Contains(parent, "/"); {
				parent = parent[:strings.LastIndexByte(parent, '/')]
				delete(l.results, parent) // its subtests count
			}
		}
		return
	}
	if m := verdictLine.FindStringSubmatch(text); own && m != nil {
		if _, counts := l.results[m[2]]; counts {
			l.results[m[2]] = map[string]report.Result{"PASS": report.CheckPassed, "FAIL": report.CheckFailed, "SKIP": report.NotRun}[m[1]]
		}
		if m[1] == "FAIL" && !l.all {
			indent := strings.Repeat("    ", strings.Count(m[2], "/"))
			fmt.Println(indent + text)
			for _, logged := range l.logged[m[2]] {
				fmt.Println(indent + logged)
			}
		}
		delete(l.logged, m[2])
		return
	}
	if l.all {
		return
	}
	if own && (text == "PASS" || text == "FAIL") { // all tests are over
		l.current = ""
	}
	if l.current != "" && strings.HasPrefix(text, "    ") {
		l.logged[l.current] = append(l.logged[l.current], text)
		return
	}
	fmt.Println(text)
}
