package check

import (
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/loopback"
)

// Start starts the program and waits until it listens. It fails the test if
// the program does not, with the advice if there is one, and does not judge it if -url
// names a program that is already running with another environment.
func (p *Program) Start(t testing.TB, advice ...Advice) {
	t.Helper()
	if *urlFlag != "" {
		if p.special {
			ownProgramOnly(t)
		}
		return
	}
	wantPatience(t, &starts, "the program has not come to listen, time and again")
	if f := p.start(); f != nil {
		if len(advice) > 0 {
			f.Advice = advice[0]
		}
		Fail(t, *f)
	}
}

// Starts starts the program, and says whether it came to listen; it may also have ended.
func (p *Program) Starts(t testing.TB) bool {
	t.Helper()
	ownProgramOnly(t)
	wantPatience(t, &starts, "the program has not come to listen, time and again")
	return p.start() == nil
}

// StartTogether starts programs at once, and does something again and again until each of them
// listens or has ended: both are right.
func StartTogether(t testing.TB, meanwhile func(), programs ...*Program) {
	t.Helper()
	ownProgramOnly(t)
	wantPatience(t, &starts, "the program has not come to listen, time and again")
	var starting sync.WaitGroup
	for _, p := range programs {
		starting.Go(func() { p.start() })
	}
	defer starting.Wait() // also when meanwhile fails the test, whose end stops them
	started := make(chan struct{})
	go func() { starting.Wait(); close(started) }()
	for {
		meanwhile()
		select {
		case <-started:
			meanwhile()
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// StartTakes returns how long the slowest start of a program has taken so far.
func StartTakes() time.Duration { return starts.Slowest() }

// wantPatience skips a check that would wait for what has not come time and again.
func wantPatience(t testing.TB, p *Patience, reason Text) {
	t.Helper()
	if excesses.GivenUp() {
		GivenUp(t, "the program went beyond a limit, time and again")
	}
	if p.GivenUp() {
		GivenUp(t, Textf("%s; the failing checks say more", reason))
	}
}

// start does the work of Start.
func (p *Program) start() *Finding {
	for range 3 {
		f := p.tryStart()
		if f == nil || p.process == nil || p.process.Running() || !p.portTaken() {
			return f
		}
		// Somebody took the port between choosePort and now.
		if err := p.choosePort(); err != nil {
			return &Finding{Sent: "start the program", Got: Verbatim(err.Error()), Want: "a free port"}
		}
	}
	return p.tryStart()
}

// portTaken says whether somebody else has the program's port, now that the program has
// ended. What it has printed would say so in the words of the system, in any language.
func (p *Program) portTaken() bool {
	l, err := net.Listen("tcp", p.address())
	if err != nil {
		return true
	}
	l.Close()
	return false
}

// tryStart starts the program once.
func (p *Program) tryStart() *Finding {
	f := &Finding{
		Sent:   "start the program",
		Advice: Advice{Why: "nothing else can be checked while the program does not run", Try: Verbatim("go run ./steps/" + stepName())},
	}
	err := p.launch(f.Sent)
	f.Want = Textf("it listens on 127.0.0.1, at the port in PORT, here %s", p.Port())
	if err != nil {
		f.Got = Verbatim(err.Error())
		return f
	}
	limit, begun := starts.Limit(), time.Now()
	deadline, stop := Over(limit)
	defer stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := net.DialTimeout("tcp", p.address(), time.Second); err == nil {
			conn.Close()
			p.started = time.Now()
			p.listens.Store(true)
			starts.Came(time.Since(begun))
			exits.Slow(time.Since(begun)) // it takes as long to refuse
			return nil
		}
		select {
		case <-p.process.Ended:
			starts.Failed(time.Since(begun))
			f.Got = Textf("it ended, with exit code %d", p.process.Code)
			f.Notes = []Text{quoteOutput(p.Output(), 12)}
			return f
		case <-deadline:
			starts.Missed()
			f.Got = Textf("after %v it runs, but does not listen on the port in PORT", limit)
			if loopback.Reach() != nil {
				f.Got = "nothing on this computer reaches it at 127.0.0.1: does a firewall or a sandbox stop that? It is no fault of the program"
			}
			f.Notes = []Text{quoteOutput(p.Output(), 12)}
			p.process.Stop(0)
			return f
		case <-tick.C:
		}
	}
}

// Fresh has the program make its database itself at its first start, which a check needs
// that is about that. Others may get a copy of one that the program has made before: most
// of a first start goes into ada's hash.
func (p *Program) Fresh() { p.fresh = true }

// launch starts the process, as about says, whatever comes of it.
func (p *Program) launch(about Text) error {
	if !p.fresh && p.env["DATABASE_PATH"] == p.Database {
		if err := copySeed(p.Database); err != nil {
			return err
		}
	}
	if err := p.keepPort(); err != nil {
		return err
	}
	var env []string
	for name, value := range p.env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	p.listens.Store(false)
	p.asked(about, Request{})
	process, err := startProcess(p.Dir, env, p.printed)
	if err == nil {
		p.process = process
	}
	return err
}

// StartCommand returns the command that starts the step with a variable set, for
// Advice.Try, or "" if the learner's shell has none.
func StartCommand(name, value string) Text {
	if command := typedIn.withVariable(name, value, "go run ./steps/"+stepName()); command != "" {
		return Verbatim(command)
	}
	return ""
}

// WaitUntilOld waits until the program has listened for so long. It does not wait if -url names
// the program.
func (p *Program) WaitUntilOld(age time.Duration) {
	time.Sleep(time.Until(p.started.Add(age)))
}

// OneSecond is the age by which what a program does every second has been done.
const OneSecond = 1100 * time.Millisecond

// KillOnceUsed starts the program and ends it by force as soon as somebody is in its table
// users, as when the computer goes off. What the program does in that time is not judged.
func (p *Program) KillOnceUsed(t testing.TB) {
	t.Helper()
	ownProgramOnly(t)
	if err := p.launch("start the program, and kill it as soon as somebody is in its table users"); err != nil {
		Broken(t, err)
	}
	defer p.end(0)
	deadline, stop := Over(starts.Limit())
	defer stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !p.used() {
		select {
		case <-p.process.Ended:
			return
		case <-deadline:
			return
		case <-tick.C:
		}
	}
}

// Stop ends the program as Ctrl-C does, or by force where that has no effect;
// Start starts it again. It skips the test if -url names a running program.
func (p *Program) Stop(t testing.TB) {
	t.Helper()
	ownProgramOnly(t)
	p.end(stopGrace)
}

// Kill ends the program by force: it has no time to do anything. It skips the test if -url
// names a running program.
func (p *Program) Kill(t testing.TB) {
	t.Helper()
	ownProgramOnly(t)
	p.end(0)
}

// end ends the program, by force if it takes longer than grace; the database is no longer
// open here either, so that what is in its files is all that there is.
func (p *Program) end(grace time.Duration) {
	p.closeDatabase()
	p.client.CloseIdleConnections()
	if p.process != nil {
		p.process.Stop(grace)
	}
}

// stop ends the program and removes its files.
func (p *Program) stop() {
	p.end(0)
	if *urlFlag == "" {
		folder.RemoveAll(filepath.Dir(p.Dir))
	}
}

// Restart ends the program and starts it again, as a step of a story: gently, as Ctrl-C does,
// or by force. It fails the test if that changes the users, and does nothing if -url names a
// running program.
func (p *Program) Restart(t testing.TB, gently bool) {
	t.Helper()
	if *urlFlag != "" {
		return
	}
	about, end := Text("kill the program, and start it again"), p.Kill
	if gently {
		about, end = "stop the program, and start it again", p.Stop
	}
	Did(t, about)
	before := p.Users(t, usersAdvice)
	end(t)
	p.Start(t)
	after := p.Users(t, usersAdvice)
	if !slices.EqualFunc(before, after, func(a, b User) bool { return a.ID == b.ID && a.Username == b.Username }) {
		Fail(t, Finding{Sent: about, Got: "other users in the table users than before", Want: "the same users",
			Advice: Advice{Why: "as in step 1: where there is any user, whatever her name and id, a start changes nothing", Look: File("database.go")}})
	}
}
