package browser

import (
	"slices"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"
)

// An Action is a call of a function that app.js exports, or what happens between two calls.
type Action struct {
	Function string            `json:"function,omitempty"`
	Args     []any             `json:"args,omitempty"`
	Store    map[string]string `json:"store,omitempty"`  // items that another tab puts into localStorage
	Sent     int               `json:"sent,omitempty"`   // it waits until app.js has sent so many requests in all
	Hour     bool              `json:"hour,omitempty"`   // an hour passes, in Sobek only: all timers are up
	Minute   bool              `json:"minute,omitempty"` // less time passes, in Sobek only: the timers are up that were set before these calls
	Rest     bool              `json:"rest,omitempty"`   // it waits until all requests are answered, and the answers taken in
}

// String returns a call as JavaScript.
func (a Action) String() string {
	var args []string
	for _, arg := range a.Args {
		args = append(args, check.JSONText(arg))
	}
	return a.Function + "(" + strings.Join(args, ", ") + ")"
}

// callsOf returns the calls among actions, in their order.
func callsOf(actions []Action) []Action {
	return slices.DeleteFunc(slices.Clone(actions), func(a Action) bool { return a.Function == "" })
}

// firstOf returns the first function that actions call, or "".
func firstOf(actions []Action) string {
	for _, call := range callsOf(actions) {
		return call.Function
	}
	return ""
}

// inTrouble returns the outcome of each call of actions that could not come to an end.
func inTrouble(actions []Action, t trouble) []outcome {
	return slices.Repeat([]outcome{{trouble: t}}, len(callsOf(actions)))
}

// Call calls a function that app.js exports, and waits until it has returned or
// thrown or, if it returned a promise, until that is settled. It fails the test
// if there is no such function, and if it does not come to an end.
func (p *Page) Call(t testing.TB, advice check.Advice, function string, args ...any) *Outcome {
	t.Helper()
	return p.Calls(t, advice, Action{Function: function, Args: args})[0]
}

// Calls has several calls under way at once, and what else actions say between them, and
// does with each call as Call does.
func (p *Page) Calls(t testing.TB, advice check.Advice, actions ...Action) []*Outcome {
	t.Helper()
	under := callsOf(actions)
	if lost.Load() {
		check.GivenUp(t, "app.js runs and runs where the checks cannot stop it, so that nothing else of it can be judged; the failing check says more")
	}
	if check.Submitted() && modules.GivenUp() {
		check.GivenUp(t, "app.js has not come whole, time and again; the failing checks say more")
	}
	for _, call := range under {
		if calls.With(call.Function).GivenUp() {
			check.GivenUp(t, check.Textf("%s has not come to an end, time and again; the failing checks say more", call.Function))
		}
	}
	p.proxy.beginCalls()
	patience, begun := calls.With(firstOf(actions)), time.Now()
	sent := p.describe(actions)
	p.sent = sent
	check.Did(t, sent)
	var outcomes []*Outcome
	for i, came := range p.engine.call(actions, patience.Limit()) {
		outcomes = append(outcomes, &Outcome{outcome: came, page: p, call: under[i].String(), sent: sent, together: len(under) > 1})
	}
	if outcomes[0].Hangs {
		patience.Missed()
	} else {
		patience.Came(time.Since(begun))
	}
	for _, o := range outcomes {
		p.wantAnEnd(t, o, advice)
	}
	check.Came(t, outcomes[0].Got())
	return outcomes
}

// describe says what actions do, and what was prepared for them.
func (p *Page) describe(actions []Action) check.Text {
	var done []check.Text
	for _, a := range actions {
		switch {
		case a.Function != "":
			done = append(done, check.Verbatim(a.String()))
		case len(a.Store) > 0:
			done = append(done, "another tab logs in")
		case a.Hour && p.InSobek():
			done = append(done, "an hour passes")
		case a.Minute && p.InSobek():
			done = append(done, "a minute passes")
		}
	}
	about := p.about
	if len(p.items) > 0 {
		about = append([]check.Text{check.Textf("localStorage holds %s", storageText(p.items))}, about...)
	}
	sent := joinAnd(done)
	if len(callsOf(actions)) > 1 {
		sent = check.Textf("at the same time: %s", sent)
	}
	if len(about) > 0 {
		sent = check.Textf("%s, while %s", sent, joinAnd(about))
	}
	return sent
}

// wantAnEnd fails the test unless the call has come to an end, and does not judge it if that
// is the engine's doing.
func (p *Page) wantAnEnd(t testing.TB, o *Outcome, advice check.Advice) {
	t.Helper()
	if o.Lacks != "" || o.Unloaded || o.Thrown != nil && o.Thrown.Type == "ReferenceError" { // a name that only browsers have?
		p.leaveToBrowser(t)
	}
	if o.Lacks != "" {
		check.NotJudged(t, check.Textf("%s lacks %s, which browsers have; %s", p.engine.name(), o.Lacks, howToGetOne))
	}
	if o.Trouble != "" {
		advice.Why = o.Why
		if o.Unloaded {
			advice.Try = "go run ./steps/04-frontend, open http://localhost:8080, and press F12: the Console shows the error"
		}
		o.Fail(t, o.Trouble, o.Want, advice)
	}
}

// Hour lets an hour pass in which nobody calls a function: in Sobek, all timers are up then.
// Nothing passes in the real browser, and it says so.
func (p *Page) Hour(t testing.TB) bool {
	t.Helper()
	if !p.InSobek() {
		return false
	}
	p.engine.call([]Action{{Hour: true}, {Rest: true}}, calls.Usual)
	return true
}
