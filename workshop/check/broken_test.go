package check

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestMain makes this test binary the program under check: with asProgram as a
// step's tests would start it, and with misbehave alone as one built elsewhere.
func TestMain(m *testing.M) {
	if os.Getenv(misbehave) != "" && os.Getenv(asProgram) == "" {
		brokenProgram()
		os.Exit(0)
	}
	*langFlag = "en" // these tests compare words
	Main(m, brokenProgram, nil)
}

// The variables that tell brokenProgram what to do.
const (
	misbehave = "MISBEHAVE" // what it does wrong as a whole; its paths do the rest
	leashAt   = "LEASH"     // where a process of it holds on, so that its end is seen
)

// newBroken returns a program that is not running yet and misbehaves like this.
func newBroken(t testing.TB, behaviour string) *Program {
	t.Helper()
	p := New(t)
	p.Setenv(misbehave, behaviour)
	return p
}

// brokenProgram is the program under check of this package's tests.
func brokenProgram() {
	switch behaviour := os.Getenv(misbehave); behaviour {
	case "", "not at all":
	case "exits at once":
		fmt.Println("cannot go on: no coffee")
		os.Exit(3)
	case "exits with 0":
		fmt.Println("nothing to do")
		return
	case "never listens":
		fmt.Println("waiting for a sign")
		select {}
	case "listens elsewhere":
		serve("127.0.0.1:0")
	case "panics":
		panic("no coffee")
	case "prints without end":
		sing()
	case "prints without end, and works":
		go sing()
	case "finds its port taken", "finds its port taken once":
		if _, err := os.Stat("tried"); err != nil || behaviour == "finds its port taken" {
			os.WriteFile("tried", nil, 0o600)
			for _, err := os.Stat("taken"); err != nil && behaviour == "finds its port taken once"; _, err = os.Stat("taken") {
				time.Sleep(time.Millisecond)
			}
			fmt.Println("bind: Solo se permite un uso de cada dirección de socket") // in whatever language
			os.Exit(1)
		}
	case "waits half a second":
		waited, _ := Over(time.Second / 2)
		fmt.Println("waiting")
		<-waited
		return
	case "ignores Ctrl-C":
		signal.Ignore(os.Interrupt)
	case "listens to Ctrl-C":
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		go sayGoodbye(interrupted)
	case "leaves a process behind":
		leaveBehind()
	case "checks a program itself":
		beParent()
	case "holds the leash":
		holdLeash()
	default:
		panic("misbehave how? " + behaviour)
	}
	serve("127.0.0.1:" + os.Getenv("PORT"))
}

// sing prints without end.
func sing() {
	for song := strings.Repeat("la la la\n", 500); ; {
		fmt.Print(song)
	}
}

// sayGoodbye ends the program, with a word, when it is interrupted.
func sayGoodbye(interrupted chan os.Signal) {
	<-interrupted
	fmt.Println("goodbye")
	os.Exit(0)
}

// leaveBehind starts a process that does not end with this one.
func leaveBehind() {
	file, _ := os.Executable()
	cmd := exec.Command(file)
	cmd.Env = append(os.Environ(), misbehave+"=holds the leash")
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// beParent starts a program as the tests do, and waits to be killed.
func beParent() {
	if os.Getenv("ELSEWHERE") != "" {
		programFile, _ = os.Executable()
	}
	_, err := startProcess(".", append(os.Environ(), misbehave+"=holds the leash"), nil)
	if err != nil {
		panic(err)
	}
	select {}
}

// holdLeash keeps a connection to the tests open for as long as this process is.
func holdLeash() {
	conn, err := net.Dial("tcp", os.Getenv(leashAt))
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, conn)
	os.Exit(0)
}

// serve answers at this address, each path in a wrong way of its own.
func serve(address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	for path, reply := range wrongReplies {
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", reply.kind)
			io.WriteString(w, reply.body)
		})
	}
	for path, handler := range wrongHandlers {
		http.HandleFunc(path, handler)
	}
	panic(http.Serve(listener, nil))
}

// wrongReplies are replies that no check takes, but for /ok.
var wrongReplies = map[string]struct{ kind, body string }{
	"/ok":     {"application/json; charset=utf-8", `{"status":"ok"}`},
	"/two":    {"application/json", `{"msg":"who are you?"}{"id":1}`},
	"/latin1": {"application/json", "{\"msg\":\"ma\xf1ana\"}"},
	"/text":   {"application/json", "hello"},
	"/list":   {"application/json", "[1,2]"},
	"/empty":  {"application/json", ""},
	"/html":   {"text/html", `{"status":"ok"}`},
}

// spoiled says whether /spoil was asked for.
var spoiled atomic.Bool

// wrongHandlers do worse than to send a wrong reply.
var wrongHandlers = map[string]http.HandlerFunc{
	"/panic":    func(w http.ResponseWriter, r *http.Request) { panic("no coffee") },
	"/redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) },
	"/hang":     func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"/endless": func(w http.ResponseWriter, r *http.Request) {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(w, strings.Repeat("x", 4096))
		}
	},
	"/half": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"status":`)
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	"/recovered": func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("panic recovered: no coffee")
		http.Error(w, "", http.StatusInternalServerError)
	},
	"/close": func(w http.ResponseWriter, r *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
	},
	"/spoil": func(w http.ResponseWriter, r *http.Request) { spoiled.Store(true) },
	"/spoiled": func(w http.ResponseWriter, r *http.Request) {
		if spoiled.Load() {
			http.Error(w, "sour", http.StatusTeapot)
			return
		}
		io.WriteString(w, `{"status":"ok"}`)
	},
	"/spoiled-token": func(w http.ResponseWriter, r *http.Request) {
		key := os.Getenv("JWT_SECRET_KEY")
		if spoiled.Load() {
			key = "sour"
		}
		now := jwt.NewNumericDate(time.Now()) // so that no two tokens are alike for long
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Subject: "1", IssuedAt: now, ExpiresAt: now, ID: RandomText(6)}).SignedString([]byte(key))
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, JSONText(map[string]any{"token": token}))
	},
	"/spoiled-hang": func(w http.ResponseWriter, r *http.Request) {
		if spoiled.Load() {
			<-r.Context().Done()
		}
	},
	"/in-any-order": func(w http.ResponseWriter, r *http.Request) {
		fields := []string{"<msg>no</msg>", "<id>7</id>"}
		if spoiled.Swap(!spoiled.Load()) {
			slices.Reverse(fields)
		}
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, strings.Join(fields, ""))
	},
	"/exit": func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("giving up")
		os.Exit(7)
	},
	"/surroundings": func(w http.ResponseWriter, r *http.Request) {
		entries, _ := os.ReadDir(".")
		files := []string{}
		for _, entry := range entries {
			files = append(files, entry.Name())
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, JSONText(map[string]any{"files": files, "env": slices.Sorted(slices.Values(os.Environ()))}))
	},
}
