package browser

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowApp is an app.js whose functions are answered by /slow and /quick, and one that sets a
// timer.
const slowApp = `let calls = 0;
export const slow = async () => { calls++; const r = await fetch("/slow"); return [r.status, await r.text()] };
export const quick = async () => { calls++; const r = await fetch("/quick"); return [r.status, await r.text(), localStorage.token] };
export const count = () => calls;
export const later = () => { setTimeout(() => localStorage.setItem("late", "yes"), 60 * 60 * 1000) };
export const late = () => localStorage.late ?? "no";
export const first = async () => {
  const seen = [];
  for (const hours of [3, 1, 2]) setTimeout(() => seen.push(hours), hours * 60 * 60 * 1000);
  await fetch("/slow");
  return [...seen, "answer"];
};
export const broken = async () => { const r = await fetch("/broken"); try { return await r.text() } catch (e) { return [r.status, e.name] } };
export const xhr = () => new Promise((resolve) => {
  const states = [];
  const x = new XMLHttpRequest();
  x.onreadystatechange = () => states.push([x.readyState, x.status]);
  x.onload = () => resolve(["load", states.at(-1)]);
  x.onerror = () => resolve(["error", x.status, x.responseText]);
  x.open("GET", "/broken");
  x.send();
});
`

// TestCalls: two calls are under way at once, and what happens between them does.
func TestCalls(t *testing.T) {
	for name, page := range engines(t, map[string]string{"/app.js": slowApp}) {
		t.Run(name, func(t *testing.T) {
			page.Answer("GET /slow", Answer{Status: 200, Body: "slow", Delay: 20 * time.Millisecond, BodyDelay: 20 * time.Millisecond})
			page.Answer("GET /quick", Answer{Status: 201, Body: "first"}, Answer{Status: 202, Body: "second"})
			got := page.engine.call([]Action{{Function: "slow"}, {Sent: 1, Store: map[string]string{"token": "t"}}, {Function: "quick"}}, calls.Usual)
			require.Len(t, got, 2)
			assert.Equal(t, []any{200.0, "slow"}, decode[[]any](t, got[0]))
			assert.Equal(t, []any{201.0, "first", "t"}, decode[[]any](t, got[1]))
			assert.Equal(t, []any{202.0, "second", "t"}, decode[[]any](t, callOne(page, "quick", calls.Usual)))
			assert.Equal(t, []any{202.0, "second", "t"}, decode[[]any](t, callOne(page, "quick", calls.Usual)), "the last answer stays")
			assert.Equal(t, 4, decode[int](t, callOne(page, "count", calls.Usual)))
		})
	}
}

// TestReload: variables begin anew, and what was stored is there.
func TestReload(t *testing.T) {
	for name, page := range engines(t, map[string]string{"/app.js": slowApp}) {
		t.Run(name, func(t *testing.T) {
			page.OtherTab(t, map[string]string{"token": "t", "theme": "dark"})
			page.Answer("GET /quick", Answer{Status: 200})
			callOne(page, "quick", calls.Usual)
			page.Reload(t)
			assert.Equal(t, 0, decode[int](t, callOne(page, "count", calls.Usual)))
			assert.Equal(t, []any{200.0, "", "t"}, decode[[]any](t, callOne(page, "quick", calls.Usual)))
			page.OtherTab(t, map[string]string{"theme": ""})
			assert.Equal(t, map[string]string{"token": "t"}, page.Stored(t))
		})
	}
}

// TestHour: in Sobek, timers are up when an hour has passed.
func TestHour(t *testing.T) {
	for name, page := range engines(t, map[string]string{"/app.js": slowApp}) {
		callOne(page, "later", calls.Usual)
		assert.Equal(t, "no", decode[string](t, callOne(page, "late", calls.Usual)))
		assert.Equal(t, name == "sobek", page.Hour(t))
		want := map[string]string{"sobek": "yes", "chromium": "no"}[name]
		assert.Equal(t, want, decode[string](t, callOne(page, "late", calls.Usual)))
	}
}

// TestHourFirst: when an hour passes, timers are up in the order of their times, and before any answer that
// is held until the page rests.
func TestHourFirst(t *testing.T) {
	for name, page := range engines(t, map[string]string{"/app.js": slowApp}) {
		if name != "sobek" {
			continue
		}
		page.Answer("GET /slow", Answer{Status: 200, Rest: true})
		got := page.engine.call([]Action{{Function: "first"}, {Sent: 1}, {Hour: true}, {Rest: true}}, calls.Usual)
		assert.Equal(t, []any{1.0, 2.0, 3.0, "answer"}, decode[[]any](t, got[0]))
	}
}

// TestMinute: in Sobek, the timers of earlier calls are up while another is under way, and its
// own are not.
func TestMinute(t *testing.T) {
	for name, page := range engines(t, map[string]string{"/app.js": slowApp}) {
		if name != "sobek" {
			continue
		}
		page.Answer("GET /slow", Answer{Status: 200, Delay: 20 * time.Millisecond})
		callOne(page, "later", calls.Usual)
		page.engine.call([]Action{{Function: "slow"}, {Sent: 1}, {Minute: true}}, calls.Usual)
		assert.Equal(t, "yes", decode[string](t, callOne(page, "late", calls.Usual)))
		page.OtherTab(t, map[string]string{"late": ""})
		got := page.engine.call([]Action{{Function: "slow"}, {Sent: 1}, {Function: "later"}, {Minute: true}}, calls.Usual)
		assert.NotContains(t, got[0].Stored, "late")
	}
}

// TestBroken: an answer that breaks off has a status, and no body.
func TestBroken(t *testing.T) {
	for name, page := range engines(t, map[string]string{"/app.js": slowApp}) {
		t.Run(name, func(t *testing.T) {
			page.Answer("GET /broken", Answer{Status: 401, Body: "half", Broken: true})
			assert.Equal(t, []any{401.0, "TypeError"}, decode[[]any](t, callOne(page, "broken", calls.Usual)))
			assert.Equal(t, []any{"error", 0.0, ""}, decode[[]any](t, callOne(page, "xhr", calls.Usual)))
		})
	}
}
