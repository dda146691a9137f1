package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFindShell: the shell is known by what it leaves in the environment.
func TestFindShell(t *testing.T) {
	for _, tc := range []struct {
		system string
		name   string // of a variable that is set
		want   shell
	}{
		{"linux", "", unixShell}, {"darwin", "PROMPT", unixShell},
		{"windows", "", powerShell}, {"windows", "PROMPT", cmdShell}, {"windows", "MSYSTEM", unixShell},
	} {
		getenv := func(name string) string {
			if name == tc.name {
				return "x"
			}
			return ""
		}
		assert.Equal(t, tc.want, findShell(tc.system, getenv), "%s, %s", tc.system, tc.name)
	}
}

// TestShells: commands as they are typed into each shell. A variable is set for one command
// and no longer, in every shell.
func TestShells(t *testing.T) {
	const run = "go run ./steps/01-setup"
	for _, tc := range []struct {
		got                  func(s shell) string
		unix, power, command string
	}{
		{func(s shell) string { return s.withVariable("PORT", "8081", run) },
			"PORT=8081 " + run, `cmd /c "set PORT=8081&& ` + run + `"`, `cmd /c "set PORT=8081&& ` + run + `"`},
		{func(s shell) string { return s.withVariable("JWT_SECRET_KEY", "", run) }, "JWT_SECRET_KEY='' " + run, "", ""},
		{func(s shell) string { return s.withVariable("X", `a"b c`, run) }, `X='a"b c' ` + run, "", ""},
		{func(s shell) string { return s.request("GET", "http://localhost:8080/health", "") },
			"curl -i localhost:8080/health", "Invoke-RestMethod http://localhost:8080/health", "curl -i localhost:8080/health"},
		{func(s shell) string { return s.request("POST", "http://localhost:8080/token", `{"a":"it's"}`) },
			`curl -i localhost:8080/token -X POST -d '{"a":"it'\''s"}'`,
			`Invoke-RestMethod http://localhost:8080/token -Method POST -ContentType application/json -Body '{"a":"it''s"}'`,
			`curl -i localhost:8080/token -X POST -d "{\"a\":\"it's\"}"`},
		{func(s shell) string { return s.quote("TestSecret/too_short,_and") }, "'TestSecret/too_short,_and'", "'TestSecret/too_short,_and'", `"TestSecret/too_short,_and"`},
		{func(s shell) string { return s.quote("TestSecret/missing") }, "TestSecret/missing", "TestSecret/missing", "TestSecret/missing"},
	} {
		assert.Equal(t, tc.unix, tc.got(unixShell))
		assert.Equal(t, tc.power, tc.got(powerShell))
		assert.Equal(t, tc.command, tc.got(cmdShell))
	}
}
