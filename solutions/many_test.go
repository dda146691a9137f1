package solutions

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// buildMany builds programs, given by their names and files, as one: to link each
// alone would take longer than all their checks. The name under which it is started
// says which of them it is. Those that do not compile are taken out of programs. The folder
// solutions/many is in the overlay only. The file that it makes has this name.
func buildMany(t testing.TB, name string, programs map[string]map[string][]byte) (file string, broken map[string]error) {
	t.Helper()
	file, broken = filepath.Join(check.Workspace(), name+".exe"), map[string]error{}
	for {
		cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-overlay", writeOverlay(t, filesOfMany(t, programs)), "-o", file, "./solutions/many")
		cmd.Dir = root(t)
		printed, err := cmd.CombinedOutput()
		if err == nil {
			return file, broken
		}
		failed := failedPackage.FindAllStringSubmatch(string(printed), -1)
		require.NotEmpty(t, failed, "%s: %s", cmd, printed)
		for _, f := range failed {
			require.Contains(t, programs, f[1], string(printed))
			broken[f[1]] = fmt.Errorf("it does not compile: %s", f[2])
			delete(programs, f[1])
		}
	}
}

// failedPackage is what go build says of a program that does not compile.
var failedPackage = regexp.MustCompile(`(?m)^# jwtworkshop/solutions/(\S+)\n((?:[^#].*\n)*)`)

// filesOfMany returns the files of a package for each program, and of one that starts the
// others, by their names in the workshop. A program that differs from the finished step 4 in
// its page only is compiled in a tenth of the time: its package has that page alone, and
// passes it to the one copy of the finished program, many/with-page.
func filesOfMany(t testing.TB, programs map[string]map[string][]byte) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	write := func(name, text string) { all["solutions/"+name] = []byte(text) }
	writeAll := func(program string, files map[string][]byte) {
		for name, text := range files {
			if strings.HasSuffix(name, ".go") {
				require.NotRegexp(t, `(?m)^(func init\(|var .*bcrypt\.Generate)`, string(text), "%s: it would run at the start of all programs", program)
				text = mainPackage.ReplaceAll(text, []byte("package program\n"))
			}
			write(program+"/"+name, string(text))
		}
	}
	const withPage = "many/with-page"
	quick := finished(t, steps[3])
	quicken(quick)
	writeAll(withPage, quick)
	write(withPage+"/exported_main.go", "package program\n\nimport \"embed\"\n\nfunc Main(page embed.FS) {\n\tweb = page\n\tmain()\n}\n")

	var imports, cases strings.Builder
	n := 0
	for program, files := range programs {
		if page := onlyPage(files, quick); page != nil {
			writeAll(program, page)
			write(program+"/main.go", "package program\n\nimport (\n\t\"embed\"\n\n\tprogram \"jwtworkshop/solutions/"+withPage+"\"\n)\n\n//go:embed web\nvar web embed.FS\n\nfunc Main() { program.Main(web) }\n")
		} else {
			writeAll(program, files)
			write(program+"/exported_main.go", "package program\n\nfunc Main() { main() }\n")
		}
		fmt.Fprintf(&imports, "\tp%d %q\n", n, "jwtworkshop/solutions/"+program)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\tp%d.Main()\n", linkName(program), n)
		n++
	}
	write("many/main.go", fmt.Sprintf("package main\n\nimport (\n\t\"os\"\n\t\"path/filepath\"\n%s)\n\nfunc main() {\n\tswitch filepath.Base(os.Args[0]) {\n%s\t}\n}\n", &imports, &cases))
	return all
}

// quicken lowers the cost of the hashes that a program makes and compares with, which is
// most of what it does.
func quicken(files map[string][]byte) {
	for name, text := range files {
		if strings.HasSuffix(name, ".go") {
			text = bytes.ReplaceAll(text, []byte("bcrypt.DefaultCost"), []byte("bcrypt.MinCost"))
			files[name] = bytes.ReplaceAll(text, []byte("$2a$10$"), []byte("$2a$04$"))
		}
	}
}

// onlyPage returns the files of the page, or nil if any other is not as in the
// finished program.
func onlyPage(files, finished map[string][]byte) map[string][]byte {
	page := maps.Clone(files)
	for name, text := range finished {
		if !strings.HasPrefix(name, "web/") {
			if !bytes.Equal(files[name], text) {
				return nil
			}
			delete(page, name)
		}
	}
	for name := range page {
		if !strings.HasPrefix(name, "web/") {
			return nil
		}
	}
	return page
}

// mainPackage is how a file of a program begins, after its comment.
var mainPackage = regexp.MustCompile(`(?m)^package main\r?\n`)

// linkName is the name under which a program is started.
func linkName(program string) string {
	return strings.ReplaceAll(program, "/", "-") + ".exe"
}

// linkProgram returns a file that is one of the programs in the file of many.
func linkProgram(t testing.TB, many, name string) string {
	t.Helper()
	file := filepath.Join(check.Workspace(), linkName(name))
	if os.Link(many, file) == nil {
		return file
	}
	from, err := os.Open(many) // no links here
	require.NoError(t, err)
	defer from.Close()
	to, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o700)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return file
}
