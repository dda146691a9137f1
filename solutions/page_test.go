package solutions

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
	"jwtworkshop/workshop/check/browser"
)

// views are how people look at the page: on a phone and on a desk, in two
// languages, by day and by night.
var views = map[string]browser.View{
	"desk":               {},
	"desk at night":      {Language: "es", Dark: true},
	"phone":              {Width: 360, Language: "es"},
	"phone at night":     {Width: 360, Dark: true},
	"a language unknown": {Language: "fr"},
}

// greeting is how the page begins when somebody is logged in.
func greeting(view browser.View) string {
	if view.Language == "es" {
		return "Hola,"
	}
	return "Hello,"
}

// visit logs ada in on the finished page, by the keyboard alone.
func visit(t *testing.T, view browser.View) *browser.Tab {
	t.Helper()
	tab := browser.Visit(t, "http://"+startFinished(t, steps[3]).address, view, nil)
	require.True(t, tab.True(t, `document.activeElement.id === "username"`), "the page begins where one types")
	tab.Keys(t, "ada\t12341234\r")
	tab.WantShown(t, "session-title", greeting(view)+" ada", check.Advice{})
	return tab
}

// TestPageByKeyboard: what the mouse can do the keyboard can do, in the order in
// which it stands on the page.
func TestPageByKeyboard(t *testing.T) {
	tab := visit(t, browser.View{})
	require.True(t, tab.True(t, `document.activeElement.id === "session-title"`), "who has logged in is taken to what is new")
	tab.Keys(t, "\t")
	require.True(t, tab.True(t, `document.activeElement.id === "log-out"`))
	tab.Keys(t, "\t\r")
	tab.WantShown(t, "forged-why", "Refused", check.Advice{})
	tab.WantShown(t, "who", "ada", check.Advice{})
	assert.True(t, tab.True(t, `getComputedStyle(document.activeElement).outlineStyle === "solid"`), "where the focus is can be seen")
	assert.Len(t, tab.Stored(t), 1, "the token stays as it was")
}

// TestPageForges: the button changes one letter, the token then names somebody
// else, and the server refuses it.
func TestPageForges(t *testing.T) {
	tab := visit(t, browser.View{})
	tab.Press(t, "forge", "Change one letter and send it")
	tab.WantShown(t, "forged-answer", "401 Unauthorized", check.Advice{})
	tab.WantShown(t, "forged-says", "The token now says that you are user 2.", check.Advice{})
	stored := tab.Stored(t)["jwt-token"]
	forged := tab.Evaluate(t, `Promise.resolve(document.querySelector("#forged .raw").textContent)`)
	require.Len(t, forged, len(stored))
	different := 0
	for i := range stored {
		if stored[i] != forged[i] {
			different++
		}
	}
	assert.Equal(t, 1, different, "%s\n%s", stored, forged)
}

// TestPageExpires: when the token is over, the page asks for a new login by itself.
func TestPageExpires(t *testing.T) {
	p := startFinished(t, steps[3], "JWT_ACCESS_TOKEN_EXPIRES=2s")
	tab := browser.Visit(t, "http://"+p.address, browser.View{}, nil)
	tab.Keys(t, "ada\t12341234\r")
	tab.WantShown(t, "claims", "sub\nfor the user with the id 1\nexp\nexpires in ", check.Advice{})
	for end := time.Now().Add(deadline); !tab.True(t, `document.getElementById("message").innerText === "Missing or invalid token. Please log in again."`); {
		require.True(t, time.Now().Before(end), "it does not ask for a login")
		time.Sleep(50 * time.Millisecond)
	}
	assert.Empty(t, tab.Stored(t))
}

// TestPageAsksOnce: where the computer's clock is ahead of the server's, the page asks once
// whether the token is over, and not for ever.
func TestPageAsksOnce(t *testing.T) {
	tab := visit(t, browser.View{})
	tab.Evaluate(t, `Promise.resolve((() => {
		const fetched = window.fetch, now = Date.now;
		window.asked = 0;
		window.fetch = (...args) => { window.asked++; return fetched(...args); };
		Date.now = () => now() + 3600e3;
		return "";
	})())`)
	time.Sleep(3500 * time.Millisecond)
	assert.Equal(t, "1", tab.Evaluate(t, `Promise.resolve(String(window.asked))`))
	tab.WantShown(t, "who", "ada", check.Advice{})
}

// TestPageStorage: a storage that takes nothing is a problem in the login request, and a late
// 401 removes only the token that it was for.
func TestPageStorage(t *testing.T) {
	tab := browser.Visit(t, "http://"+startFinished(t, steps[3]).address, browser.View{}, nil)
	assert.Equal(t, "There was a problem in the login request", tab.Evaluate(t, `(async () => {
		const { login } = await import("/app.js"), setItem = Storage.prototype.setItem;
		Storage.prototype.setItem = () => { throw new DOMException("no room", "QuotaExceededError"); };
		try {
			await login("ada", "12341234");
		} catch (error) {
			return error.message;
		} finally {
			Storage.prototype.setItem = setItem;
		}
	})()`))
	assert.Equal(t, "newer", tab.Evaluate(t, `(async () => {
		const { getMyTasks } = await import("/app.js");
		localStorage.setItem("jwt-token", "older");
		window.fetch = async () => {
			localStorage.setItem("jwt-token", "newer");
			return new Response("{}", { status: 401 });
		};
		await getMyTasks().catch(() => {});
		return localStorage.getItem("jwt-token");
	})()`))
}

// TestPageViews: the page fits, and every word of it is in the reader's language.
func TestPageViews(t *testing.T) {
	for name, view := range views {
		t.Run(name, func(t *testing.T) {
			tab := visit(t, view)
			tab.Press(t, "forge", "Change one letter and send it")
			tab.WantShown(t, "forged-answer", "401", check.Advice{})
			assert.True(t, tab.True(t, `document.documentElement.scrollWidth <= innerWidth`), "nothing to scroll sideways")
			assert.Equal(t, map[bool]string{false: "en", true: "es"}[view.Language == "es"], tab.Evaluate(t, `Promise.resolve(document.documentElement.lang)`))
			wantAccessible(t, tab)

			words := map[bool][]string{false: {"You are logged out", "Invalid credentials"}, true: {"Cerraste sesión", "Usuario o contraseña incorrectos"}}[view.Language == "es"]
			tab.Press(t, "log-out", "Log out")
			tab.WantShown(t, "message", words[0], check.Advice{})
			wantAccessible(t, tab)
			tab.Keys(t, "ada\tguess\r")
			tab.WantShown(t, "message", words[1], check.Advice{})
			wantAccessible(t, tab)
		})
	}
}

// TestPageWords: nothing on the page is in English only.
func TestPageWords(t *testing.T) {
	words := map[string]map[string]string{}
	for _, language := range []string{"en", "es"} {
		tab := visit(t, browser.View{Language: language})
		text := tab.Evaluate(t, `Promise.resolve(JSON.stringify(Object.fromEntries([...document.querySelectorAll("[data-text]")].map((e) => [e.dataset.text, e.textContent]))))`)
		var shown map[string]string
		require.NoError(t, json.Unmarshal([]byte(text), &shown))
		words[language] = shown
	}
	require.Greater(t, len(words["en"]), 15)
	page, err := os.ReadFile(filepath.Join(steps[3], "web", "index.html"))
	require.NoError(t, err)
	for key, english := range words["en"] {
		assert.NotEqual(t, key, english, "a text that has no words")
		assert.Contains(t, string(page), `data-text="`+key+`">`+english+"<", "index.html says something else than words.js")
		if key != "header" && key != "payload" { // which Spanish says, too
			assert.NotEqual(t, english, words["es"][key], key)
		}
	}
}

// TestPageLanguage: the page's address wins over the browser's language.
func TestPageLanguage(t *testing.T) {
	tab := visit(t, browser.View{Language: "en"})
	tab.Evaluate(t, `new Promise((done) => { document.querySelector("[href='?lang=es']").click(); done("") })`)
	for end := time.Now().Add(deadline); !tab.True(t, `document.documentElement?.lang === "es" && document.getElementById("log-in")?.textContent === "Entrar"`); {
		require.True(t, time.Now().Before(end), "it stays English")
		time.Sleep(20 * time.Millisecond)
	}
}

// wantAccessible expects axe, a program that looks for what keeps people out, to
// find nothing (WCAG 2.2, A and AA). Its file comes from npm; the variable AXE
// names it.
func wantAccessible(t *testing.T, tab *browser.Tab) {
	t.Helper()
	file := os.Getenv("AXE")
	if file == "" {
		t.Log("not looked at by axe: npm pack axe-core, and name its axe.min.js with AXE")
		return
	}
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	tab.Evaluate(t, "(async () => {"+string(source)+"; window.axe = axe; return ''})()")
	found := tab.Evaluate(t, `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations, passes }) =>
		JSON.stringify({ violations: violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " " + n.failureSummary).join("; ")), passes: passes.length }))`)
	var result struct {
		Violations []string
		Passes     int
	}
	require.NoError(t, json.Unmarshal([]byte(found), &result))
	assert.Empty(t, result.Violations)
	assert.Greater(t, result.Passes, 10, "axe has looked at something")
}

// TestPicture: the lesson's picture of the finished page is one.
func TestPicture(t *testing.T) {
	for name, lang := range map[string]string{"page.png": "en", "page.es.png": "es"} {
		file := filepath.Join("..", "steps", steps[3], name)
		if *update {
			tab := visit(t, browser.View{Width: 820, Language: lang})
			require.NoError(t, os.WriteFile(file, tab.Screenshot(t), 0o644))
		}
		picture, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.True(t, bytes.HasPrefix(picture, []byte("\x89PNG")))
		assert.Less(t, len(picture), 200<<10, "bytes, which everyone downloads")
		text := document(t, "steps/"+steps[3]+"/README"+strings.TrimSuffix(strings.TrimPrefix(name, "page"), ".png")+".md")
		assert.Contains(t, text, "]("+name+")", "the lesson shows it")
	}
}
