package run

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/loopback"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// A Program is one that was built, in a folder of its own.
type Program struct {
	Dir  string // where it is started, and may leave files
	name string // of its package, such as steps/03-protected
	file string
}

// Build builds the program of a step.
func (w Workshop) Build(ctx context.Context, step string) (*Program, error) {
	return w.build("steps/"+step, func(file string) ([]byte, error) {
		printed, err := w.buildProgram(ctx, step, file)
		if didNotCompile(err, printed) {
			return nil, words.Errorf("your code does not compile. Go says:\n%s\nhint: go run ./workshop check %s", shorten(string(printed)), step)
		}
		return printed, err
	})
}

// BuildFinished builds the finished program of a step with these texts in the place of some of
// its files.
func (w Workshop) BuildFinished(ctx context.Context, step string, files map[string][]byte) (*Program, error) {
	return w.build("solutions/"+step, func(file string) ([]byte, error) {
		dir := filepath.Dir(file)
		replace := map[string]string{}
		for name, text := range files {
			changed := filepath.Join(dir, "changed-"+name)
			if err := os.WriteFile(changed, text, 0o600); err != nil {
				return nil, err
			}
			replace[filepath.Join(w.Root, "solutions", step, name)] = changed
		}
		overlay, err := writeReplaced(dir, replace)
		if err != nil {
			return nil, err
		}
		return w.goBuild(ctx, file, "-overlay", overlay, "./solutions/"+step)
	})
}

// build has a program built into a folder of its own.
func (w Workshop) build(name string, into func(file string) (printed []byte, err error)) (*Program, error) {
	dir, err := folder.Temporary()
	if err != nil {
		return nil, err
	}
	p := &Program{Dir: dir, name: name, file: filepath.Join(dir, "program.exe")}
	if printed, err := into(p.file); err != nil {
		p.Remove()
		return nil, explain(err, string(printed))
	}
	return p, nil
}

// Remove removes the program, and what it has left in its folder.
func (p *Program) Remove() { folder.RemoveAll(p.Dir) }

// An EndedError says that a program has ended by itself in the place of listening.
type EndedError struct{ Name, Said string }

// Error says what the program has said.
func (e *EndedError) Error() string {
	return words.Textf("%s does not start; it says:\n%s%s", e.Name, e.Said, wayOut(e.Name)).String()
}

// wayOut is how one comes to know more of a program that does not start: the checks of its step.
func wayOut(name string) words.Text {
	step, own := strings.CutPrefix(name, "steps/")
	if !own {
		return ""
	}
	return words.Textf("\nhint: go run ./workshop check %s", step)
}

// An Instance is a program that runs.
type Instance struct {
	URL    string
	Secret string // what it signs its tokens with
	tree   *tree.Tree
	output *capped
}

// startLimit is how long a program may take to listen.
const startLimit = 10 * time.Second

// NewSecret returns a secret that nobody can guess.
func NewSecret() string {
	secret := make([]byte, 32)
	rand.Read(secret)
	return hex.EncodeToString(secret)
}

// Start starts the program with a secret, a new one if it is empty, and a database file in its
// folder, at a port of its own. An error may be an *EndedError.
func (p *Program) Start(ctx context.Context, secret, database string) (*Instance, error) {
	address, err := loopback.FreeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	i := &Instance{URL: "http://" + address, Secret: cmp.Or(secret, NewSecret()), output: &capped{limit: 1 << 16}}
	cmd := exec.CommandContext(ctx, p.file)
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), "GIN_MODE=", "PORT="+port, "JWT_SECRET_KEY="+i.Secret, "JWT_ACCESS_TOKEN_EXPIRES=", "DATABASE_PATH="+filepath.Join(p.Dir, database))
	cmd.Stdout, cmd.Stderr = i.output, i.output
	if i.tree, err = tree.Start(cmd, false); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return i, nil
		}
		if !i.tree.Running() {
			i.Stop()
			said := lastLines(i.output.String(), 10)
			if said == "" {
				said = words.Text("(nothing)").String()
			}
			return nil, &EndedError{p.name, said}
		}
	}
	i.Stop()
	return nil, words.Errorf("%s does not listen within %v%s", p.name, startLimit, wayOut(p.name))
}

// Stop ends the program, with all that it started.
func (i *Instance) Stop() { i.tree.Stop(0) }
