package browser

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/internal/words"
)

// An outcome is what came of a call, as the harness tells it.
type outcome struct {
	trouble  `json:"-"`        // the checks' own words: the harness does not tell it
	Called   bool              // the function was called, and came to an end
	Returned *value            // what it returned, or its promise
	Thrown   *value            // what it threw, or its promise
	Exported []string          // what app.js exports, if not this function
	Printed  []string          `json:"-"` // what app.js has written to the console, and given to alert
	Stored   map[string]string // what was in localStorage when the call ended
	Ended    int               // how many calls had ended then, with this one
}

// A value is one of JavaScript's.
type value struct {
	Type    string  // "undefined", "string", … or of an object, its class
	JSON    *string // nil if it has none
	IsError bool
	Message string // of an Error, or what String makes of any other
	Stack   string
}

// readOutcomes reads what the harness has returned, an outcome for each call; source is the
// text of app.js.
func readOutcomes(text string, actions []Action, source string) []outcome {
	var result struct {
		Outcomes []outcome
		Printed  []string
	}
	calls := callsOf(actions)
	if err := json.Unmarshal([]byte(text), &result); err != nil || len(result.Outcomes) != len(calls) {
		return inTrouble(actions, trouble{Trouble: check.Textf("the checks cannot read what came of it: %s", check.Verbatim(check.Short(text))), Want: "an end of the call"})
	}
	for i, call := range calls {
		o := &result.Outcomes[i]
		o.Printed = result.Printed
		if !o.Called {
			o.trouble = notExported(call.Function, o.Exported, source)
		}
	}
	return result.Outcomes
}

// position matches a place in a JavaScript file, in a stack of either engine.
var position = regexp.MustCompile(`([\w-]+\.js):(\d+)`)

// place returns the first place in the learner's files that a stack names, as
// "web/app.js:12", or "".
func place(stack string) string {
	for _, m := range position.FindAllStringSubmatch(stack, -1) {
		if !strings.HasPrefix(m[1], "sobek_") && m[1] != "harness.js" {
			return "web/" + m[1] + ":" + m[2]
		}
	}
	return ""
}

// text returns the value as a failing check shows it.
func (v *value) text() check.Text {
	switch {
	case v.IsError:
		return check.Verbatim(check.Short(v.Type) + " " + check.Short(check.JSONText(v.Message)))
	case v.Type == "string" || v.Type == "number" || v.Type == "boolean" || v.Type == "Object" || v.Type == "Array":
		if v.JSON != nil {
			return check.Verbatim(check.Short(*v.JSON))
		}
	case v.Type == "undefined" || v.Type == "null":
		return check.Verbatim(v.Type)
	}
	return check.Textf("a value of the type %s", check.Short(v.Type))
}

// An Outcome is what came of a call, for the checks.
type Outcome struct {
	outcome
	page *Page
	call string     // in JavaScript
	sent check.Text // the call, and what was prepared for it

	together bool // with another call
}

// Got says what came of the call.
func (o *Outcome) Got() check.Text {
	if o.Thrown == nil {
		return check.Textf("it returned %s", o.Returned.text())
	}
	if at := place(o.Thrown.Stack); at != "" {
		return check.Textf("it threw %s (%s)", o.Thrown.text(), at)
	}
	return check.Textf("it threw %s", o.Thrown.text())
}

// Fail fails the test because of this call. An empty got stands for what came
// of it.
func (o *Outcome) Fail(t testing.TB, got, want check.Text, advice check.Advice) {
	t.Helper()
	if got == "" {
		got = o.Got()
		if o.Thrown != nil && o.Thrown.Type == "ReferenceError" {
			advice.Why = "there is no such name at this place: is it spelled as where it is declared, and does it stand within the same { }?"
		}
	}
	if o.together {
		got = words.Join([]check.Text{check.Verbatim(o.call), got}, ": ")
	}
	sent := o.sent
	if sent == check.Verbatim(o.call) && advice.Try == "" {
		advice.Try = check.Textf("go run ./steps/04-frontend, open http://localhost:8080, press F12, and type in the Console:\n%s",
			check.Verbatim("await (await import(\"/app.js\"))."+check.AdasOwn(o.call)))
	}
	f := check.Finding{Sent: sent, Got: got, Want: want, Advice: advice}
	if len(o.page.proxy.sent()) == 0 {
		f.Notes = append(f.Notes, "app.js sent nothing")
	}
	for _, request := range o.page.proxy.sent() {
		f.Notes = append(f.Notes, check.Textf("app.js sent: %s", check.Verbatim(request.String())))
	}
	if len(o.Printed) > 0 {
		f.Notes = append(f.Notes, check.Textf("app.js printed:%s", check.Quote(o.Printed)))
	}
	if name := o.page.engine.name(); name != sobekName {
		f.Notes = append(f.Notes, check.Textf("seen in %s", name))
	}
	check.Fail(t, f)
}

// joinAnd returns texts with "and" between them.
func joinAnd(texts []check.Text) check.Text {
	joined := texts[0]
	for _, text := range texts[1:] {
		joined = check.Textf("%s, and %s", joined, text)
	}
	return joined
}

// WantReturned fails the test unless the call returned this JSON value.
func (o *Outcome) WantReturned(t testing.TB, want any, advice check.Advice) {
	t.Helper()
	if o.Thrown != nil || o.Returned.JSON == nil || !sameJSON(*o.Returned.JSON, check.JSONText(want)) {
		o.Fail(t, "", check.Textf("it returns %s", check.Verbatim(check.Short(check.JSONText(want)))), advice)
	}
}

// WantThrown fails the test unless the call threw an Error with this message or,
// if message is empty, with any.
func (o *Outcome) WantThrown(t testing.TB, message string, advice check.Advice) {
	t.Helper()
	var want check.Text = "it throws an Error"
	if message != "" {
		want = check.Textf("it throws an Error %s", check.Verbatim(check.JSONText(message)))
	}
	if slices.ContainsFunc(o.Printed, func(line string) bool { return strings.HasPrefix(line, "alert: ") }) {
		advice.Why = "alert shows a text, and then the next line runs: throw new Error(\"…\") ends the function, and page.js shows its message"
	}
	switch {
	case o.Thrown == nil:
		if o.Returned.IsError {
			advice.Why = "return hands the Error over as if it were the data: throw it, and nothing behind it runs"
		}
		o.Fail(t, "", want, advice)
	case !o.Thrown.IsError:
		advice.Why = "what is thrown is an Error, with the text in it: throw new Error(\"…\"). Whoever catches it asks for its message"
		o.Fail(t, "", want, advice)
	case message != "" && o.Thrown.Message != message:
		if strings.EqualFold(strings.Trim(o.Thrown.Message, " .!"), message) {
			advice.Why = "the words are the same to the letter, capitals and points included: others compare them"
		}
		o.Fail(t, "", want, advice)
	}
}

// WantStored fails the test unless localStorage holds exactly these items.
func (o *Outcome) WantStored(t testing.TB, want map[string]string, advice check.Advice) {
	t.Helper()
	o.wantStorage(t, "localStorage", want, advice)
	o.wantStorage(t, "sessionStorage", map[string]string{}, advice)
}

// wantStorage fails the test unless a storage holds exactly these items.
func (o *Outcome) wantStorage(t testing.TB, storage string, want map[string]string, advice check.Advice) {
	t.Helper()
	got, err := o.page.engine.stored(storage)
	if err != nil {
		check.Broken(t, err)
	}
	if !reflect.DeepEqual(got, want) {
		o.Fail(t, check.Textf("in %s lies %s", storage, storageText(got)), check.Textf("in %s lies %s", storage, storageText(want)), advice)
	}
}

// sameJSON says whether two texts are the same JSON value.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// String returns the request as a failing check shows it.
func (r Request) String() string {
	text := check.Request{Method: r.Method, Path: r.Elsewhere + r.Path, Header: r.Header, Body: r.Body}.String()
	if kind := r.Header.Get("Content-Type"); kind != "" {
		text += "  (" + kind + ")"
	}
	return text
}

// IsJSON says whether the request's body is this JSON value.
func (r Request) IsJSON(want string) bool { return sameJSON(r.Body, want) }

// Field returns a text in the object that the call returned.
func (o *Outcome) Field(name string) (text string, ok bool) {
	if o.Returned == nil || o.Returned.JSON == nil {
		return "", false
	}
	var object map[string]any
	if json.Unmarshal([]byte(*o.Returned.JSON), &object) != nil {
		return "", false
	}
	text, ok = object[name].(string)
	return text, ok
}
