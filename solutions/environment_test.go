package solutions

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// deadline is how long these tests wait for a program.
const deadline = 10 * time.Second

// secret is a signing secret that is long enough.
const secret = "0123456789abcdef0123456789abcdef"

// A program is a finished program that runs.
type program struct {
	cmd     *exec.Cmd
	address string
	printed *lockedBuffer
	ended   chan struct{}
}

// A lockedBuffer is a bytes.Buffer that may be written and read at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds p to the buffer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newCommand returns the command that starts a program in an empty folder, with
// a good configuration and then env.
func newCommand(t testing.TB, file string, env ...string) (cmd *exec.Cmd, address string) {
	t.Helper()
	port := check.New(t).Port() // a free one
	cmd = exec.Command(file)
	cmd.Dir = t.TempDir()
	address = net.JoinHostPort("127.0.0.1", port)
	cmd.Env = append(os.Environ(), "JWT_SECRET_KEY="+secret, "PORT="+port, "DATABASE_PATH=test.db", "JWT_ACCESS_TOKEN_EXPIRES=")
	cmd.Env = append(cmd.Env, env...)
	return cmd, address
}

// startFinished starts the finished program of a step and waits until it listens.
func startFinished(t testing.TB, step string, env ...string) *program {
	t.Helper()
	return startFile(t, buildFinished(t, step), env...)
}

// startFile starts a program and waits until it listens.
func startFile(t testing.TB, file string, env ...string) *program {
	t.Helper()
	p := launchFile(t, file, env...)
	p.wantListening(t)
	return p
}

// launchFile starts a program.
func launchFile(t testing.TB, file string, env ...string) *program {
	t.Helper()
	p := &program{printed: &lockedBuffer{}, ended: make(chan struct{})}
	p.cmd, p.address = newCommand(t, file, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.printed, p.printed
	require.NoError(t, p.cmd.Start())
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// wantListening waits until the program listens.
func (p *program) wantListening(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return canConnect(p.address) }, deadline, 5*time.Millisecond, "it does not listen: %s", p.printed)
}

// canConnect says whether somebody listens at address.
func canConnect(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// TestUnusableEnvironment: where a finished program cannot run, it says so in
// one line that names the cause, and ends.
func TestUnusableEnvironment(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
	for _, tc := range []struct {
		name string
		env  string
		want string
	}{
		{"port in use", "PORT=" + port, "PORT chooses the port"},
		{"no such port", "PORT=99999", "127.0.0.1:99999"},
		{"a folder for a database", "DATABASE_PATH=" + folder, folder},
		{"a database under a file", "DATABASE_PATH=" + filepath.Join(folder, "file", "users.db"), "users.db"},
		{"a database in no folder", "DATABASE_PATH=" + filepath.Join(folder, "none", "users.db"), "users.db"},
		{"no secret", "JWT_SECRET_KEY=", "JWT_SECRET_KEY"},
		{"no lifetime", "JWT_ACCESS_TOKEN_EXPIRES=soon", "JWT_ACCESS_TOKEN_EXPIRES"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd, _ := newCommand(t, buildFinished(t, steps[2]), tc.env)
			wantOneLine(t, cmd, tc.want)
		})
	}
	t.Run("read-only folder", func(t *testing.T) {
		if os.Geteuid() == 0 || runtime.GOOS == "windows" {
			t.Skip("this user may write everywhere")
		}
		cmd, _ := newCommand(t, buildFinished(t, steps[2]))
		require.NoError(t, os.Chmod(cmd.Dir, 0o500))
		wantOneLine(t, cmd, "test.db")
	})
	t.Run("disk full", func(t *testing.T) {
		disk := t.TempDir()
		if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk).Run(); err != nil {
			t.Skip("cannot make a small disk here: mount: ", err)
		}
		defer exec.Command("umount", "-l", disk).Run()
		cmd, _ := newCommand(t, buildFinished(t, steps[2]), "DATABASE_PATH="+filepath.Join(disk, "users.db"))
		wantOneLine(t, cmd, "users.db")
	})
	for name, line := range map[string]string{
		"a line that is no variable": "this is no variable\nJWT_SECRET_KEY=",
		"a line of cmd":              "set JWT_SECRET_KEY=",
		"a line of PowerShell":       "$env:JWT_SECRET_KEY = ",
		"a line of fish":             "set\t-x\tJWT_SECRET_KEY=",
	} {
		t.Run(name+" in .env", func(t *testing.T) {
			cmd, _ := newCommand(t, buildFinished(t, steps[2]))
			cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "JWT_SECRET_KEY=") })
			require.NoError(t, os.WriteFile(filepath.Join(cmd.Dir, ".env"), []byte(line+strings.Repeat("s", 40)+"\n"), 0o600))
			printed := wantOneLine(t, cmd, "cannot read .env: each line must be NAME=value")
			assert.NotContains(t, printed, "ssss")
		})
	}
}

// TestEnvFileOfEveryEditor: .env is read as editors write it, on Windows too, and leaves alone
// what is set.
func TestEnvFileOfEveryEditor(t *testing.T) {
	for name, file := range map[string]string{
		"plain":                            "JWT_ACCESS_TOKEN_EXPIRES=77s\nPORT=1\n",
		"a byte order mark and Windows":    "\uFEFFJWT_ACCESS_TOKEN_EXPIRES=77s\r\nPORT=1\r\n",
		"a byte order mark and a comment":  "\uFEFF# mine\nJWT_ACCESS_TOKEN_EXPIRES=77s\nPORT=1",
		"quotes and spaces as in a shell":  "export JWT_ACCESS_TOKEN_EXPIRES=\"77s\" # short\n\nPORT = 1\n",
		"a mark before the variable alone": "\uFEFFJWT_ACCESS_TOKEN_EXPIRES=77s",
	} {
		t.Run(name, func(t *testing.T) {
			cmd, address := newCommand(t, buildFinished(t, steps[0]))
			cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "JWT_ACCESS_TOKEN_EXPIRES=") })
			require.NoError(t, os.WriteFile(filepath.Join(cmd.Dir, ".env"), []byte(file), 0o600))
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			require.Eventually(t, func() bool { return canConnect(address) }, deadline, 5*time.Millisecond, "it does not listen")
			reply, err := http.Get("http://" + address + "/health")
			require.NoError(t, err)
			defer reply.Body.Close()
			text, err := io.ReadAll(reply.Body)
			require.NoError(t, err)
			assert.Contains(t, string(text), `"expires_in":77`)
		})
	}
}

// wantOneLine expects a command to end with exit code 1 and one line.
func wantOneLine(t *testing.T, cmd *exec.Cmd, want string) string {
	t.Helper()
	timer := time.AfterFunc(deadline, func() { cmd.Process.Kill() })
	defer timer.Stop()
	printed, _ := cmd.CombinedOutput()
	text := string(printed)
	assert.Equal(t, 1, cmd.ProcessState.ExitCode(), text)
	assert.Equal(t, 1, strings.Count(text, "\n"), "one line: %s", text)
	assert.Contains(t, text, want)
	return text
}

// TestGracefulEnd: told to stop, a finished program takes no new request and
// finishes the one that it has begun; nothing but the database file stays.
func TestGracefulEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal to send to another process")
	}
	p := startFinished(t, steps[2])
	conn, err := net.Dial("tcp", p.address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(deadline)))
	body := `{"username":"ada","password":"12341234"}`
	fmt.Fprintf(conn, "POST /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	begun := make([]byte, len("HTTP/1.1 100"))
	_, err = io.ReadFull(conn, begun) // the handler reads the body
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100", string(begun))

	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.Eventually(t, func() bool { return !canConnect(p.address) }, deadline, 5*time.Millisecond, "it still listens")
	_, err = io.WriteString(conn, body)
	require.NoError(t, err)
	reply, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Contains(t, string(reply), "HTTP/1.1 200 OK")
	select {
	case <-p.ended:
	case <-time.After(deadline):
		t.Fatal("it does not end")
	}
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode(), p.printed.String())
	left, err := os.ReadDir(p.cmd.Dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "the log beside the database is merged into it")
}

// TestNothingSecretIsPrinted: neither the secret nor a token nor a password gets
// into the log, whatever is asked.
func TestNothingSecretIsPrinted(t *testing.T) {
	p := startFinished(t, steps[2])
	token := tokenOf(t, p)
	for _, header := range []string{"Bearer " + token, "Bearer x" + token, "Basic " + token, token} {
		r, err := http.NewRequest(http.MethodGet, "http://"+p.address+"/protected?token="+token, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", header)
		reply, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		reply.Body.Close()
	}
	for _, hidden := range []string{secret, token, "12341234", "Bearer", "$2a$"} {
		assert.NotContains(t, p.printed.String(), hidden)
	}
}

// tokenOf logs ada in and returns her token.
func tokenOf(t testing.TB, p *program) string {
	t.Helper()
	reply, err := http.Post("http://"+p.address+"/token", "application/json", strings.NewReader(`{"username":"ada","password":"12341234"}`))
	require.NoError(t, err)
	defer reply.Body.Close()
	require.Equal(t, http.StatusOK, reply.StatusCode)
	body, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(body), `"token":"`)
	token, _, found := strings.Cut(rest, `"`)
	require.True(t, found, string(body))
	return token
}

// TestOtherAddresses: a program that others reach at an address of this computer is seen to be; and an
// address at which connections hang holds the check up for a moment only.
func TestOtherAddresses(t *testing.T) {
	const own = `
var held []net.Listener

func more(port string) {
	own, _ := net.InterfaceAddrs()
	for _, address := range own {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
			if l, err := net.Listen("tcp", net.JoinHostPort(network.IP.String(), port)); err == nil {
				held = append(held, l)
			}
		}
	}
}
`
	const hangs = `
func more(port string) {
	at := netip.MustParseAddrPort("127.0.0.2:" + port)
	socket, _ := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	syscall.Bind(socket, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
	syscall.Listen(socket, 0)
	for err := error(nil); err == nil; { // until no more connections are held
		_, err = net.DialTimeout("tcp", at.String(), time.Second/2)
	}
}
`
	step := steps[0]
	listens := func(t *testing.T, name, imports, more string) checks {
		files := finished(t, step)
		const address = "\taddress := \"127.0.0.1:\" + port\n"
		require.Contains(t, string(files["serve.go"]), address)
		files["serve.go"] = []byte(strings.Replace(string(files["serve.go"]), address, "\tmore(port)\n"+address, 1))
		files["more.go"] = []byte("package main\n\nimport (\n" + imports + ")\n" + more)
		program := build(t, name, "build", "-overlay", writeOverlay(t, inStep(t, step, files)), "./steps/"+step)
		return runChecks(t, step, "-program", program, "-test.run", "^TestListens$", "-test.timeout", "30s")
	}
	t.Run("its own", func(t *testing.T) {
		addresses, err := net.InterfaceAddrs()
		require.NoError(t, err)
		var at []string
		for _, address := range addresses {
			if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
				at = append(at, network.IP.String())
			}
		}
		if len(at) == 0 {
			t.Skip("nobody reaches this computer")
		}
		got := listens(t, "listens-at-its-own", "\"net\"\n", own)
		assert.Equal(t, []string{"TestListens"}, got.failed, got.output)
		assert.Contains(t, got.output, "connect to "+net.JoinHostPort(at[0], ""))
	})
	t.Run("one that hangs", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("127.0.0.2 is not everywhere an address of the computer")
		}
		got := listens(t, "hangs", "\"net\"\n\"net/netip\"\n\"syscall\"\n\"time\"\n", hangs)
		assert.Equal(t, []string{"TestListens"}, got.passed, got.output)
	})
}

// TestURL: a program that somebody else has started is checked where it listens,
// once it has the environment that the checks ask for.
func TestURL(t *testing.T) {
	database := filepath.Join(root(t), "debugger-"+steps[2]+".db") // where the checks want it
	t.Cleanup(func() {
		for _, end := range []string{"", "-shm", "-wal"} {
			os.Remove(database + end)
		}
	})
	address := net.JoinHostPort("127.0.0.1", check.New(t).Port())
	got := runChecks(t, steps[2], "-url", "http://"+address)
	require.Equal(t, 1, got.code)
	_, environment, found := strings.Cut(got.output, "start it with this environment:\n")
	require.True(t, found, got.output)
	require.Contains(t, environment, database, "and .vscode/launch.json says so")

	cmd, _ := newCommand(t, buildFinished(t, steps[2]), strings.Split(strings.TrimSpace(environment), "\n")...)
	require.NoError(t, cmd.Start())
	defer cmd.Wait()
	defer cmd.Process.Kill()
	require.Eventually(t, func() bool { return canConnect(address) }, deadline, 5*time.Millisecond, "it does not listen")
	got = runChecks(t, steps[2], "-url", "http://"+address, "-stretch")
	assert.Equal(t, 0, got.code, got.output)
	assert.Empty(t, got.failed)
	assert.Equal(t, []string{"TestSecretAnew"}, got.skipped, "it takes a start with another secret")
}
