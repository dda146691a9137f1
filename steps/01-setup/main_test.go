package main

import (
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// TestMain runs the program of this step beside its tests.
func TestMain(m *testing.M) { check.Main(m, main, rules) }

// rules are what the checks are about, as README.md marks it in the task.
var rules = check.Rules{
	"TestSecret":                 "S2",
	"TestSecret/empty":           "S1",
	"TestSecret/missing":         "S1",
	"TestSecret/of_each_program": "S7",
	"TestLifetime":               "S3",
	"TestTimePasses":             "S3",
	"TestDatabase":               "S4",
	"TestFirstUser":              "S5",
	"TestAnyOrder":               "S6",
	"TestInterrupted":            "S6",
	"TestForeignTable":           "S6",
	"TestSettingsAnew":           "S6",
	"TestHealth":                 "given",
	"TestAtOnce":                 "given",
	"TestListens":                "given",
	"TestPortTaken":              "given",
	"TestEnvFile":                "given",
	"TestAlways":                 "always",
}

// healthAdvice is where to look when there is no good answer to GET /health.
var healthAdvice = check.Advice{Why: "people and monitors ask here whether the program runs", Look: check.File("main.go")}

// TestHealth: the program says that it is well and how it makes tokens.
func TestHealth(t *testing.T) {
	reply := check.Running(t).Get(t, "/health")
	reply.WantStatus(t, healthAdvice, http.StatusOK)
	body := reply.JSON(t, healthAdvice)
	settings, _ := body["jwt"].(map[string]any)
	if body["status"] != "ok" || settings["algorithm"] != "HS256" {
		reply.Fail(t, "", check.Verbatim(`{"status":"ok","jwt":{"algorithm":"HS256","expires_in":…}}`), healthAdvice)
	}
	p := check.New(t)
	p.Start(t)
	for _, method := range []string{http.MethodHead, http.MethodPost} {
		p.Do(t, check.Request{Method: method, Path: "/health"})
	}
	again := p.Do(t, check.Request{Path: "/health", About: "after HEAD and POST, in a program that has just started", NoCurl: true})
	again.WantStatus(t, check.Advice{Why: "is the answer to another request kept, and sent to this one? A method that is not there says nothing about GET", Look: check.File("main.go")}, http.StatusOK)
}

// TestAtOnce: requests at the same time do not disturb each other.
func TestAtOnce(t *testing.T) {
	t.Run("many", wantManyAnswered)
	t.Run("a slow body and a quick one", func(t *testing.T) {
		_, quick := check.Running(t).Between(
			check.Request{Method: http.MethodPost, Path: "/health", Body: "{      }", About: "its body comes in two halves; another one asks between them"},
			check.Request{Path: "/health", About: "while half of the body of a POST has come", NoCurl: true})
		quick.WantStatus(t, check.Advice{Why: "a client that is slow makes all others wait: is something locked while a body is read?", Look: check.File("main.go")}, http.StatusOK)
	})
}

// wantManyAnswered expects the answers to many that ask at the same time, some for what is not
// there, to be those that they get alone.
func wantManyAnswered(t *testing.T) {
	p := check.NewForMany(t)
	p.Start(t)
	wantLifetime(t, p.Get(t, "/health"), 900, lifetimeAdvice)
	var requests []check.Request
	for _, path := range []string{"/health", "/health", "/health", "/health", "/health", "/health", "/nothing", "/nothing"} {
		requests = append(requests, check.Request{Path: path, About: "8 clients at once, and two of them ask for /nothing", NoCurl: true})
	}
	advice := check.Advice{Why: "requests are answered at the same time, and this one is like the first, which was answered well: what belongs to one goes into variables inside the function, not into one that all share", Look: check.File("main.go")}
	p.AtOnce(t, 4000, requests, func(t testing.TB, number int, reply *check.Reply) {
		var body struct {
			Status string
			JWT    struct {
				Algorithm string
				ExpiresIn int `json:"expires_in"`
			}
		}
		err := json.Unmarshal([]byte(reply.Body), &body)
		if requests[number].Path == "/health" && (reply.Status != http.StatusOK || err != nil || body.Status != "ok" || body.JWT.Algorithm != "HS256" || body.JWT.ExpiresIn != 900) {
			reply.Fail(t, "", check.Verbatim(`200 OK  {"status":"ok","jwt":{"algorithm":"HS256","expires_in":900}}`), advice)
		}
	})
}

// TestListens: on this computer only, at the port that the environment names.
func TestListens(t *testing.T) {
	p := check.Running(t)
	advice := check.Advice{
		Why:  "a program that listens on every address can be reached by everyone in the café's Wi-Fi",
		Look: check.File("serve.go"),
	}
	for _, address := range otherAddresses() {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(address, p.Port()), time.Second)
		if err == nil {
			conn.Close()
			check.Fail(t, check.Finding{Sent: check.Textf("connect to %s", check.Verbatim(net.JoinHostPort(address, p.Port()))), Got: "a connection", Want: "none: the program listens on 127.0.0.1 only", Advice: advice})
		}
	}
}

// TestPortTaken: a program whose port is taken says so, and ends.
func TestPortTaken(t *testing.T) {
	p := check.New(t)
	p.Setenv("PORT", check.Running(t).Port())
	p.WantExit(t, "start the program with the PORT of one that is running", check.Advice{Why: "who has set PORT looks for the program there, and for none elsewhere: that it cannot listen is an error, and main ends with it", Look: check.File("serve.go")})
}

// otherAddresses returns addresses of this computer on which nobody is to listen: those by
// which others reach it and, where all of 127.0.0.0/8 is this computer, one more of that.
func otherAddresses() (addresses []string) {
	own, _ := net.InterfaceAddrs() // where the system does not tell, there are none
	for _, address := range own {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() && len(addresses) < 3 {
			addresses = append(addresses, network.IP.String())
		}
	}
	if runtime.GOOS == "linux" {
		addresses = append(addresses, "127.0.0.2")
	}
	return addresses
}

// TestEnvFile: .env fills in what the environment leaves open.
func TestEnvFile(t *testing.T) {
	check.Judges(t, 2)
	p := check.New(t)
	p.Setenv("JWT_ACCESS_TOKEN_EXPIRES", "2m")
	startWithEnvFile(t, p, "JWT_ACCESS_TOKEN_EXPIRES=60s\n")
	advice := check.Advice{
		Why:  "what the environment says wins over .env (here: 2m over 60s), so that one run can differ",
		Look: check.Todo("jwt.go", 2),
	}
	reply := p.Get(t, "/health")
	if strings.Contains(reply.Body, `"expires_in":60`) { // which only .env says
		advice.Look = check.File("serve.go")
		advice.Why = "what the environment says wins over .env (here: 2m over 60s), so that one run can differ: loadEnv leaves alone what is set, and godotenv.Load does, too"
	}
	wantLifetime(t, reply, 120, advice)
	writeEnvFile(t, p, "JWT_ACCESS_TOKEN_EXPIRES=61s\n")
	advice.Why = ".env has changed while the program runs, and it still has the environment that it was started with: settings are read once, at the start"
	wantLifetime(t, p.Get(t, "/health"), 120, advice)
}

// startWithEnvFile starts a program whose secret, and more, stands in .env.
func startWithEnvFile(t *testing.T, p *check.Program, more string) {
	t.Helper()
	p.Unsetenv("JWT_SECRET_KEY")
	writeEnvFile(t, p, more)
	p.Start(t, check.Advice{Why: "the secret is in the file .env, in the working folder: is it looked at before loadEnv has read that? A variable of the package gets its value before main begins", Look: check.File("main.go")})
}

// writeEnvFile writes .env with a good secret and more.
func writeEnvFile(t *testing.T, p *check.Program, more string) {
	t.Helper()
	p.Secret = check.RandomText(32)
	file := "JWT_SECRET_KEY=" + p.Secret + "\n" + more
	if err := check.WriteFile(filepath.Join(p.Dir, ".env"), []byte(file)); err != nil {
		t.Fatal(err)
	}
}

// TestEnvFileAlone: what the environment leaves open, .env says, whatever it is.
func TestEnvFileAlone(t *testing.T) {
	p := check.New(t)
	p.Unsetenv("JWT_ACCESS_TOKEN_EXPIRES")
	p.Unsetenv("DATABASE_PATH")
	startWithEnvFile(t, p, "JWT_ACCESS_TOKEN_EXPIRES=60s\nDATABASE_PATH=from-env-file.db\n")
	wantLifetime(t, p.Get(t, "/health"), 60, check.Advice{
		Why:  "JWT_ACCESS_TOKEN_EXPIRES=60s stands in .env, and the environment has none: is it looked at before loadEnv has read .env? A variable of the package gets its value before main begins",
		Look: check.Todo("jwt.go", 2),
	})
	wantFile(t, filepath.Join(p.Dir, "from-env-file.db"), "start with DATABASE_PATH=from-env-file.db in .env")
}
