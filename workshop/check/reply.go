package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"jwtworkshop/workshop/internal/words"
)

// Fail fails the test because of this reply. An empty got stands for the
// status and the body.
func (r *Reply) Fail(t testing.TB, got, want Text, advice Advice, notes ...Text) {
	t.Helper()
	if got == "" {
		got = r.summary()
	}
	if advice.Try == "" {
		advice.Try = r.try()
		advice.Running = advice.Try != ""
	}
	// What another request has printed meanwhile is in there, too: only 500 is of this one.
	printed := r.lastWords()
	switch {
	case advice.Failure: // of which it is about
	case r.Status == http.StatusInternalServerError && recovered.MatchString(printed):
		advice.Why = "the program panicked while it answered: a nil pointer, an index that is not there, an assertion .(T) of another type? What it said, and where, stands below"
	case r.late:
		advice.Why = "the program has this request, and does not answer it: what does it wait for? A lock that is not given back, since a return stands before Unlock; a transaction that is neither committed nor rolled back, or Rows that are not closed, which keep a connection; a channel?"
	}
	sent := r.request.text()
	if lines := r.story(t); lines != nil {
		sent, advice.Try, advice.Running = words.Join([]Text{byStep, list(lines)}, "\n"), "", false
		if !advice.Failure && !r.late {
			advice.Why = leftBehind
		}
	}
	if printed != "" {
		notes = append(notes, Textf("the program printed:%s", markLines(meanwhile(printed))))
	}
	if mark := r.request.Mark; mark != "" {
		_, raw, _ := strings.Cut(r.request.Header.Get("Authorization"), " ")
		if token, err := DecodeToken(raw); err == nil {
			notes = append(notes, token.Describe(mark))
		}
	}
	Fail(t, Finding{Sent: sent, Got: got, Want: want, Advice: advice, Notes: notes})
}

// summary returns the status and the body on one line.
func (r *Reply) summary() Text {
	if r.err != nil {
		return words.Of(r.err)
	}
	return Verbatim(strings.TrimSpace(statusText(r.Status) + "  " + Short(r.Body)))
}

// statusText returns a status such as "404 Not Found".
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// WantStatus fails the test unless the reply has one of these statuses.
func (r *Reply) WantStatus(t testing.TB, advice Advice, statuses ...int) {
	t.Helper()
	if r.err == nil && slices.Contains(statuses, r.Status) {
		return
	}
	var want Text
	for _, status := range statuses {
		if want == "" {
			want = Verbatim(statusText(status))
		} else {
			want = Textf("%s or %s", want, Verbatim(statusText(status)))
		}
	}
	if r.Status == http.StatusNotImplemented {
		advice.Why = Textf("%s; 501 is the line that says it is not finished: delete it when the code above it is done", advice.Why)
	}
	r.Fail(t, "", want, advice)
}

// JSON returns the one JSON object in the body, with numbers as json.Number. It
// fails the test if the body is anything else.
func (r *Reply) JSON(t testing.TB, advice Advice) map[string]any {
	t.Helper()
	if r.err != nil {
		r.Fail(t, "", "one JSON object in the body", advice)
	}
	value, err := decodeOne(r.Body)
	object, ok := value.(map[string]any)
	switch {
	case errors.Is(err, errSeveral):
		advice.Why = severalWhy
		r.Fail(t, r.summary(), "one JSON value in the body, not two", advice)
	case err != nil:
		advice.Why = "clients of this API read JSON, in errors too: c.JSON(status, gin.H{\"msg\": …})"
		r.Fail(t, Textf("%s\n(%s)", r.summary(), err), "one JSON object in the body", advice)
	case !ok:
		advice.Why = "clients of this API look for fields by their names: an object has them, {…}, other JSON values do not"
		r.Fail(t, "", "a JSON object in the body", advice)
	}
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		advice.Why = "clients look at the Content-Type before they read the body; c.JSON sets it, unless something has answered before, as c.BindJSON does"
		r.Fail(t, Verbatim(fmt.Sprintf("Content-Type %q", printable(kind, 80))), Verbatim("Content-Type application/json"), advice)
	}
	return object
}

// errSeveral says that a text holds more than one JSON value.
var errSeveral = words.Errorf("something follows the JSON value")

// decodeOne reads the one JSON value that text is.
func decodeOne(text string) (value any, err error) {
	if strings.TrimSpace(text) == "" {
		return nil, words.Errorf("the body is empty")
	}
	if !utf8.ValidString(text) {
		return nil, words.Errorf("the body is not valid UTF-8")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, words.Errorf("the body is not JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errSeveral
	}
	return value, nil
}

// WantFields fails the test unless the body is a JSON object with these fields; it may have
// more.
func (r *Reply) WantFields(t testing.TB, want map[string]any, advice Advice) {
	t.Helper()
	r.JSON(t, advice)
	if !r.HasFields(want) {
		r.Fail(t, "", Verbatim(JSONText(want)), advice)
	}
}

// HasFields says whether the body is a JSON object with these fields; it may have more.
func (r *Reply) HasFields(want map[string]any) bool {
	got, _ := decodeOne(r.Body)
	expected, _ := decodeOne(JSONText(want))
	fields, ok := got.(map[string]any)
	if !ok {
		return false
	}
	for name, value := range expected.(map[string]any) {
		if !reflect.DeepEqual(fields[name], value) {
			return false
		}
	}
	return true
}

// JSONText returns v as JSON in one line.
func JSONText(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// WantMsg fails the test unless the body is {"msg": …} with this msg or, if msg
// is empty, with any; it may have more fields.
func (r *Reply) WantMsg(t testing.TB, msg string, advice Advice) {
	t.Helper()
	object := r.JSON(t, advice)
	want := Textf("%s, with a few words of your own", Verbatim(`{"msg": "…"}`))
	if msg != "" {
		want = Verbatim(JSONText(map[string]string{"msg": msg}))
	}
	text, _ := object["msg"].(string)
	switch {
	case text == "":
		advice.Why = "errors have one shape in this API, so that clients can read each: an object with msg, a text"
	case msg != "" && text != msg:
		advice.Why = "these words are agreed, to the letter: clients compare them"
	default:
		return
	}
	r.Fail(t, "", want, advice)
}

// WantHeader fails the test unless the header name is there and accepted by ok;
// want says so in words.
func (r *Reply) WantHeader(t testing.TB, name string, want Text, advice Advice, ok func(value string) bool) {
	t.Helper()
	if r.err != nil {
		r.Fail(t, "", want, advice)
	}
	value := strings.Join(r.Header.Values(name), ", ")
	if ok(value) {
		return
	}
	got := Textf("no %s header", name)
	if value != "" {
		got = Verbatim(name + ": " + printable(value, 150))
	}
	r.Fail(t, got, want, advice)
}

// databaseWords are pieces of what SQLite says of a table that is not there.
var databaseWords = []string{"no such table", "SQL logic error"}

// WantFailure fails the test unless the reply says that the program has failed, which a
// database has that fails: 500, with a msg in which nothing is of the database's own words.
func (r *Reply) WantFailure(t testing.TB, advice Advice) {
	t.Helper()
	r.WantStatus(t, advice, http.StatusInternalServerError)
	r.WantMsg(t, "", advice)
	advice.Why = "an error's own text tells strangers how the program works inside: internalError prints it for you, and sends words of its own"
	for _, words := range databaseWords {
		r.WantWithout(t, Textf("the database's words, %s", words), words, advice)
	}
}

// WantWithout fails the test if secret is anywhere in the reply; the failure
// calls it name.
func (r *Reply) WantWithout(t testing.TB, name Text, secret string, advice Advice) {
	t.Helper()
	want := Textf("a reply without %s", name)
	if r.err != nil {
		r.Fail(t, "", want, advice)
	}
	for header, values := range r.Header {
		if strings.Contains(strings.Join(values, " "), secret) {
			r.Fail(t, Textf("%s in the header %s", name, header), want, advice)
		}
	}
	if strings.Contains(r.Body, secret) {
		r.Fail(t, "", want, advice)
	}
}
