package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/loopback"
	"jwtworkshop/workshop/internal/tree"
	"jwtworkshop/workshop/internal/words"
)

// An Instance is the program of a step, running by itself.
type Instance struct {
	URL    string
	Secret string // what it signs its tokens with
	tree   *tree.Tree
	dir    string
	output *capped
}

// startLimit is how long a program may take to listen.
const startLimit = 10 * time.Second

// Start builds the program of a step and starts it, with an empty database, a fresh
// secret and a port of its own.
func (w Workshop) Start(ctx context.Context, step string) (*Instance, error) {
	dir, err := folder.Temporary()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "program.exe")
	if printed, err := w.buildProgram(ctx, step, file); err != nil {
		folder.RemoveAll(dir)
		return nil, explain(err, string(printed))
	}
	address, err := loopback.FreeAddress()
	if err != nil {
		folder.RemoveAll(dir)
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	secret := make([]byte, 32)
	rand.Read(secret)
	p := &Instance{URL: "http://" + address, Secret: hex.EncodeToString(secret), dir: dir, output: &capped{limit: 1 << 16}}
	cmd := exec.CommandContext(ctx, file)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIN_MODE=", "PORT="+port, "JWT_SECRET_KEY="+p.Secret, "DATABASE_PATH="+filepath.Join(dir, "workshop.db"))
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if p.tree, err = tree.Start(cmd, false); err != nil {
		folder.RemoveAll(dir)
		return nil, err
	}
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return p, nil
		}
		if !p.tree.Running() {
			p.Stop()
			return nil, words.Errorf("steps/%s does not start; it says:\n%s\nhint: go run ./workshop check %s", step, lastLines(p.output.String(), 10), step)
		}
	}
	p.Stop()
	return nil, words.Errorf("steps/%s does not listen within %v\nhint: go run ./workshop check %s", step, startLimit, step)
}

// Stop ends the program, with all that it started, and removes its files.
func (p *Instance) Stop() {
	p.tree.Stop(0)
	folder.RemoveAll(p.dir)
}
