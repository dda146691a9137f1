package check

import (
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
)

// onWindows is for what the system does; what a learner types depends on her shell.
const onWindows = runtime.GOOS == "windows"

// A shell is what a learner types commands into.
type shell int

const (
	unixShell  shell = iota // on Windows too, in Git Bash
	powerShell              // the usual one on Windows
	cmdShell                // cmd.exe
)

// typedIn is the shell in whose words commands are shown.
var typedIn = findShell(runtime.GOOS, os.Getenv)

// findShell returns the shell that this process was started from, as far as its environment
// tells: Git Bash sets MSYSTEM, and cmd.exe sets PROMPT.
func findShell(system string, getenv func(string) string) shell {
	switch {
	case system != "windows" || getenv("MSYSTEM") != "":
		return unixShell
	case getenv("PROMPT") != "":
		return cmdShell
	}
	return powerShell
}

// plainWord is a word that every shell reads as it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=-]+$`)

// quote returns text as one word of a command line.
func (s shell) quote(text string) string {
	switch {
	case plainWord.MatchString(text):
		return text
	case s == powerShell:
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case s == cmdShell:
		return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// withVariable returns a command that runs with a variable set, for this one time, or "" if
// there is none: Windows has no empty variables.
func (s shell) withVariable(name, value, command string) string {
	switch {
	case s == unixShell && value == "":
		return name + "='' " + command
	case s == unixShell:
		return name + "=" + s.quote(value) + " " + command
	case plainWord.MatchString(value):
		return `cmd /c "set ` + name + `=` + value + `&& ` + command + `"` // in PowerShell, too
	}
	return ""
}

// request returns a command that sends a request.
func (s shell) request(method, address, body string) string {
	if s == powerShell {
		command := "Invoke-RestMethod " + s.quote(address)
		if method != http.MethodGet {
			command += " -Method " + method + " -ContentType application/json -Body " + s.quote(body)
		}
		return command
	}
	command := "curl -i " + s.quote(strings.TrimPrefix(address, "http://"))
	if method != http.MethodGet {
		command += " -X " + method + " -d " + s.quote(body)
	}
	return command
}
