package solutions

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkEditLoop measures what a learner waits for after an edit: go test of
// step 2, beside go test of the same program with tests in the same process. Run
// it with: go test ./solutions -run '^$' -bench EditLoop -benchtime 5x
func BenchmarkEditLoop(b *testing.B) {
	dir := b.TempDir()
	for _, name := range []string{"workshop", "steps/" + steps[1]} { // with whatever the checks import
		require.NoError(b, os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root(b), name))))
	}
	for _, to := range []string{"steps/" + steps[1], "plain"} {
		for name, text := range finished(b, steps[1]) {
			write(b, filepath.Join(dir, to, name), text)
		}
	}
	for name, from := range map[string]string{"plain/plain_test.go": "testdata/plain_test.go.txt", "go.mod": "../go.mod", "go.sum": "../go.sum"} {
		text, err := os.ReadFile(from)
		require.NoError(b, err)
		write(b, filepath.Join(dir, name), text)
	}
	times := map[string][]time.Duration{}
	editAndTest := func(name string, i int) {
		edit := fmt.Sprintf("package main\n\nvar edit = %d\n", time.Now().UnixNano()+int64(i))
		require.NoError(b, os.WriteFile(filepath.Join(dir, name, "edit.go"), []byte(edit), 0o600))
		cmd := exec.Command("go", "test", "./"+name)
		cmd.Dir = dir
		start := time.Now()
		printed, err := cmd.CombinedOutput()
		require.NoError(b, err, "%s", printed)
		times[name] = append(times[name], time.Since(start))
	}
	checks, plain := "steps/"+steps[1], "plain"
	editAndTest(checks, 0) // compiles the libraries, if that has to be
	editAndTest(plain, 0)
	clear(times)
	for i := range b.N {
		editAndTest(checks, i)
		editAndTest(plain, i)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(times[checks]).Seconds(), "s/checks")
	b.ReportMetric(median(times[plain]).Seconds(), "s/httptest")
	b.ReportMetric(float64(median(times[checks]))/float64(median(times[plain])), "checks/httptest")
}

// write writes a file, and makes its folder.
func write(b *testing.B, file string, text []byte) {
	b.Helper()
	require.NoError(b, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(b, os.WriteFile(file, text, 0o600))
}

// median returns the one in the middle.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// bareHandler is a program that answers GET /protected with a constant: what
// net/http alone can do.
const bareHandler = `package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /protected", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write([]byte("{\"id\":1,\"username\":\"ada\"}"))
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`

// BenchmarkProtected measures GET /protected of the finished step 3, beside the
// same program with the database read replaced by a constant, and beside a bare
// net/http handler: all over loopback, by turns, with 8 connections. Run it with:
// go test ./solutions -run '^$' -bench Protected -benchtime 20x
func BenchmarkProtected(b *testing.B) {
	constant := finished(b, steps[2])
	read := "err = s.db.Take(&user, id).Error"
	require.Equal(b, 1, strings.Count(string(constant["protected.go"]), read))
	constant["protected.go"] = bytes.Replace(constant["protected.go"], []byte(read), []byte(`user, err = User{ID: uint(id), Username: "ada"}, nil`), 1)
	servers := []struct{ name, file string }{
		{"finished", buildFinished(b, steps[2])},
		{"constant", build(b, "constant", "build", "-overlay", writeOverlay(b, inStep(b, steps[2], constant)), "./steps/"+steps[2])},
		{"bare", build(b, "bare", "build", "-overlay", writeOverlay(b, inStep(b, steps[2], map[string][]byte{"main.go": []byte(bareHandler)})), "./steps/"+steps[2])},
	}
	const requests, connections = 4000, 8
	took := make([]time.Duration, len(servers))
	programs := make([]*program, len(servers))
	var token string
	for i, server := range servers {
		programs[i] = startFile(b, server.file)
		if i == 0 {
			token = tokenOf(b, programs[i])
		}
		load(b, programs[i].address, token, requests, connections) // warm
	}
	b.ResetTimer()
	for range b.N {
		for i, p := range programs {
			took[i] += load(b, p.address, token, requests, connections)
		}
	}
	perSecond := func(i int) float64 { return float64(requests*b.N) / took[i].Seconds() }
	b.ReportMetric(0, "ns/op")
	for i, server := range servers {
		b.ReportMetric(perSecond(i), "req/s-"+server.name)
	}
	b.ReportMetric(perSecond(0)/perSecond(1), "finished/constant")
	b.ReportMetric(perSecond(0)/perSecond(2), "finished/bare")
}

// load sends GET /protected many times over a few connections, and returns how
// long that took. It reads replies as cheaply as it can, to measure the server.
func load(b *testing.B, address, token string, requests, connections int) time.Duration {
	b.Helper()
	request := []byte("GET /protected HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n")
	errs := make(chan error, connections)
	start := time.Now()
	var wait sync.WaitGroup
	for range connections {
		wait.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				errs <- err
				return
			}
			defer conn.Close()
			reader := bufio.NewReader(conn)
			for range requests / connections {
				if _, err := conn.Write(request); err != nil {
					errs <- err
					return
				}
				reply, err := http.ReadResponse(reader, nil)
				if err != nil {
					errs <- err
					return
				}
				io.Copy(io.Discard, reply.Body)
				if reply.StatusCode != http.StatusOK {
					errs <- fmt.Errorf("%s", reply.Status)
					return
				}
			}
		})
	}
	wait.Wait()
	took := time.Since(start)
	close(errs)
	require.NoError(b, <-errs)
	return took
}

// BenchmarkFrontEnd measures all checks of step 4 on the finished program, once
// compiled: on Sobek, beside the real browser. Run it with:
// go test ./solutions -run '^$' -bench FrontEnd -benchtime 5x
func BenchmarkFrontEnd(b *testing.B) {
	program := buildFinished(b, steps[3])
	tests := buildTests(b, steps[3])
	times := map[string][]time.Duration{}
	for range b.N {
		for _, engine := range []string{"sobek", "chromium"} {
			start := time.Now()
			code, output := run(b, filepath.Join(root(b), "steps", steps[3]), tests, "-engine", engine, "-program", program)
			require.Equal(b, 0, code, output)
			times[engine] = append(times[engine], time.Since(start))
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, engine := range []string{"sobek", "chromium"} {
		b.ReportMetric(median(times[engine]).Seconds(), "s/"+engine)
	}
	b.ReportMetric(float64(median(times["chromium"]))/float64(median(times["sobek"])), "chromium/sobek")
}
