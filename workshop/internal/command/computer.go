package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/course"
	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/gobuild"
	"jwtworkshop/workshop/internal/loopback"
	"jwtworkshop/workshop/internal/run"
	"jwtworkshop/workshop/internal/words"
)

// inspect takes a token apart.
func (o *options) inspect(cmd *cobra.Command, args []string) error {
	s, err := o.session(nil)
	if err != nil {
		return err
	}
	lines, ok := s.Inspect(strings.Join(args, " "), time.Now(), width())
	coach.Print(cmd.OutOrStdout(), lines)
	if !ok {
		return errFails
	}
	return nil
}

// doctor looks for what the computer lacks.
func (o *options) doctor(cmd *cobra.Command, args []string) error {
	s, err := o.session(nil)
	if err != nil {
		return err
	}
	for _, look := range looks {
		found, err := look.find(s.Workshop.Root)
		line := fmt.Sprintf("%-16s %s (%s)", look.at, found, words.Text("fine"))
		if err != nil {
			cause, hint, own := strings.Cut(err.Error(), "\n")
			if !own && look.wayOut != "" {
				hint = words.Textf("hint: %s", look.wayOut).String()
			}
			line = strings.TrimRight(fmt.Sprintf("%-16s %s\n%17s%s", look.at, cause, "", strings.ReplaceAll(hint, "\n", "\n                 ")), " \n")
		}
		coach.Print(cmd.OutOrStdout(), strings.Split(line, "\n"))
	}
	return nil
}

// looks are what doctor looks at: each is found, or there is a way out.
var looks = []struct {
	at     words.Text
	find   func(root string) (found string, err error)
	wayOut words.Text
}{
	{"Go", findGo, "install a newer one from https://go.dev/dl/"},
	{"libraries", findModules, "connect to the internet once, and type: go mod download"},
	{"C compiler", findCompiler, ""},
	{"browser", findBrowser, "for all checks of step 4, install Chromium, Chrome or Edge, or name one with the variable CHROME_PATH"},
	{"port", findPort, "end the program that listens there, or set PORT to another number"},
	{"connections", findLoopback, "let programs on this computer reach each other there: a firewall or a sandbox stops them"},
	{"writing here", findWriting, "make room on the disk, or move the workshop to a folder of your own"},
	{"temporary files", findTemporary, "set TMPDIR (on Windows, TMP) to a folder on another disk"},
	{"network", findNetwork, "none is needed once the libraries are there"},
	{".env", findEnv, "go run ./workshop makes a good one (delete a bad one first)"},
}

// findGo returns the version of the go command.
func findGo(root string) (string, error) {
	text, err := goOutput(goCommand(root, "version"))
	return strings.TrimPrefix(text, "go version "), err
}

// goOutput returns what a command of Go's prints, or the first line of its error: not what it
// says of downloads on the way.
func goOutput(cmd *exec.Cmd) (string, error) {
	text, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		for line := range strings.Lines(string(exit.Stderr)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "go: downloading ") {
				return "", errors.New(line)
			}
		}
	}
	return strings.TrimSpace(string(text)), err
}

// goCommand returns a command of Go's in the workshop's folder, as learners type it.
func goCommand(root string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	return cmd
}

// findModules says where the libraries are, if all are there.
func findModules(root string) (string, error) {
	args := append([]string{"list", "-deps", "-test"}, gobuild.Tags...)
	for _, step := range course.Steps {
		if _, err := (run.Workshop{Root: root}).Source(step); err != nil {
			return "", err
		}
		args = append(args, "./steps/"+step) // and not a folder that somebody has put beside them
	}
	cmd := gobuild.Plain(context.Background(), root, args...)
	cmd.Env = append(cmd.Env, "GOPROXY=off")
	if _, err := goOutput(cmd); err != nil {
		return "", cmp.Or(gobuild.Damaged(err.Error()), err)
	}
	return goOutput(goCommand(root, "env", "GOMODCACHE"))
}

// findCompiler returns the C compiler, if there is one, and which SQLite follows.
func findCompiler(root string) (string, error) {
	compiler, err := goOutput(goCommand(root, "env", "CC"))
	if err != nil {
		return "", err
	}
	enabled, err := goOutput(goCommand(root, "env", "CGO_ENABLED"))
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath(compiler); err == nil && enabled == "1" {
		return path + "; SQLite: github.com/mattn/go-sqlite3", nil
	}
	return "–; SQLite: modernc.org/sqlite", nil
}

// findBrowser returns the browser for step 4.
func findBrowser(string) (string, error) {
	if path := os.Getenv("CHROME_PATH"); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", words.Errorf("CHROME_PATH names %s, where no browser is", path)
		}
		return found, nil
	}
	names := []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"}
	switch runtime.GOOS {
	case "darwin":
		names = append(names, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge")
	case "windows":
		for _, variable := range []string{"ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"} {
			for _, name := range []string{`Google\Chrome\Application\chrome.exe`, `Microsoft\Edge\Application\msedge.exe`} {
				names = append(names, filepath.Join(os.Getenv(variable), name))
			}
		}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("–")
}

// findPort says whether the programs can listen where they usually do.
func findPort(root string) (string, error) {
	values, _ := coach.ReadEnv(root) // another look says what is wrong with that
	port := cmp.Or(os.Getenv("PORT"), values["PORT"], "8080")
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", words.Errorf("PORT is %s\nhint: PORT is a number alone, such as 8080, in .env or in this terminal", port)
	}
	usual := "127.0.0.1:" + port
	addresses := []string{usual}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil { // a browser may ask this one first for localhost
		l.Close()
		addresses = append(addresses, "[::1]:"+port)
	}
	for _, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return "", words.Errorf("%s is in use", address)
		}
		l.Close()
	}
	return usual, nil
}

// findWriting says whether the coach can keep its files.
func findWriting(root string) (string, error) {
	dir := filepath.Join(root, folder.Kept)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return "", err
	}
	_, err = f.Write(make([]byte, enoughRoom))
	return dir, errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// enoughRoom is what must fit on a disk, at least, for the checks to be made: 1 MiB.
const enoughRoom = 1 << 20

// findTemporary says whether programs can be built and started where temporary files are.
func findTemporary(string) (string, error) {
	dir, err := folder.Temporary()
	if err != nil {
		return "", err
	}
	defer folder.RemoveAll(dir)
	program := filepath.Join(dir, "doctor.exe")
	if err := os.WriteFile(program, make([]byte, enoughRoom), 0o755); err != nil {
		return "", err
	}
	if err := folder.Startable(program); err != nil {
		return "", err
	}
	return os.TempDir(), nil
}

// findLoopback says whether programs on this computer reach each other.
func findLoopback(string) (string, error) { return "127.0.0.1", loopback.Reach() }

// findNetwork says whether modules could be downloaded.
func findNetwork(root string) (string, error) {
	proxy, err := goOutput(goCommand(root, "env", "GOPROXY"))
	if err != nil {
		return "", err
	}
	if _, err := goOutput(goCommand(root, "list", "-m", "-versions", "github.com/golang-jwt/jwt/v5")); err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(proxy, ",")
	return first, nil
}

// findEnv says whether there is a file with a secret that is long enough.
func findEnv(root string) (string, error) {
	file := filepath.Join(root, ".env")
	values, err := coach.ReadEnv(root)
	secret := values["JWT_SECRET_KEY"]
	set, isSet := os.LookupEnv("JWT_SECRET_KEY")
	switch {
	case isSet && set != secret:
		return "", words.Errorf("JWT_SECRET_KEY is set in this terminal, which counts more than %s\nhint: open another terminal, or take it away: unset JWT_SECRET_KEY (in PowerShell: Remove-Item Env:JWT_SECRET_KEY)", file)
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(file + ".txt"); err == nil { // as Notepad saves it
			return "", words.Errorf("there is none, but there is .env.txt\nhint: take .txt away from its name")
		}
		return "", words.Errorf("there is none")
	case errors.As(err, new(*fs.PathError)):
		return "", err
	case err != nil: // it quotes the secret
		return "", words.Errorf("%s: a line is not NAME=value", file)
	case secret == "":
		return "", words.Errorf("%s: JWT_SECRET_KEY is not set", file)
	case len(secret) < 32:
		return "", words.Errorf("%s: JWT_SECRET_KEY has %d bytes, and needs 32", file, len(secret))
	}
	return file, nil
}
