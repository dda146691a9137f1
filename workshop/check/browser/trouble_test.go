package browser

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"jwtworkshop/workshop/check"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTroubles: what keeps an app.js from working is named, with its place, on
// both engines.
func TestTroubles(t *testing.T) {
	defer func(before time.Duration) { loopLimit = before }(loopLimit)
	loopLimit = 300 * time.Millisecond
	for _, tc := range []struct {
		name   string
		source string
		says   string
		at     string
	}{
		{"in UTF-16", "\xff\xfee\x00x\x00", "app.js cannot be loaded: /app.js is in UTF-16: have the editor save it in UTF-8", ""},
		{"an open brace", "export function login() {\n\n", "app.js cannot be loaded: SyntaxError: Unexpected end of input", "web/app.js:3"},
		{"an open quote", "export function login() {\n  const x = 'abc\n}", "app.js cannot be loaded: SyntaxError: ", "web/app.js:2"},
		{"declared twice", "let a;\nlet a;\nexport function login() {}", "app.js cannot be loaded: SyntaxError: Identifier 'a' has already been declared", "web/app.js:2"},
		{"throws at the top", "export function login() {}\nnowhere();", "app.js cannot be loaded: ReferenceError: nowhere is not defined", "web/app.js:2"},
		{"imports what is not there", "import './nope.js';\nexport function login() {}", "app.js cannot be loaded: ", ""},
		{"imports a package", "import x from 'axios';\nexport function login() {}", `"axios"`, ""},
		{"never ends at the top", "export function login() {}\nwhile (true) {}", "it runs and runs", "web/app.js:2"},
		{"not exported", "\nconst login = async () => {}", "app.js exports no function login; it is declared", "web/app.js:2"},
		{"another name", "export function logIn() {}", "app.js exports no function login, but logIn", ""},
		{"not a function", "export const login = 3", "app.js exports login, but that is no function", "web/app.js:1"},
		{"not there", "const x = 1", "app.js exports no function login", ""},
		{"a loop", "export function login() {\n  let i = 0;\n  while (i < 3) {\n    i += 0;\n  }\n}", "it runs and runs", "web/app.js:"},
		{"a loop after an await", "export async function login() {\n  await 1;\n  for (;;) {}\n}", "it runs and runs", "web/app.js:3"},
		{"a loop in a timer", "export async function login() {\n  await new Promise(() => setTimeout(() => {\n    for (;;) {}\n  }));\n}", "it runs and runs", "web/app.js:3"},
		{"a promise for ever", "\nexport async function login() {\n  await new Promise(() => {});\n}", "it returned a promise that is never settled (login begins", "web/app.js:2"},
		{"another page", "export function login() {\n  location.href = '/';\n}", "it makes the browser load a page", ""},
		{"another page by name", "export function login() {\n  location = '/';\n}", "it makes the browser load a page", ""},
		{"the page anew", "export async function login() {\n  window.location.reload();\n  return 1;\n}", "it makes the browser load a page", ""},
		{"an interval for ever", "export function login() {\n  return new Promise(() => setInterval(() => {}, 50));\n}", "it returned a promise that is never settled (login begins", "web/app.js:1"},
	} {
		for name, page := range engines(t, map[string]string{"/app.js": tc.source}) {
			t.Run(tc.name+" on "+name, func(t *testing.T) {
				limit := calls.Usual
				if strings.Contains(tc.says, "runs and runs") || strings.Contains(tc.says, "never settled") {
					limit = 500 * time.Millisecond // it is waited for to the end
				}
				got := callOne(page, "login", limit)
				assert.Contains(t, got.Trouble, tc.says)
				assert.Contains(t, got.Trouble, tc.at)
				assert.NotEmpty(t, got.Why)
				assert.NotEmpty(t, got.Want)
			})
		}
	}
}

// TestLacks: a program is not called wrong for what browsers have and Sobek lacks: the
// real browser judges it, and where there is none, nobody does.
func TestLacks(t *testing.T) {
	for name, source := range map[string]string{
		"for await":       "export async function login() { for await (const x of [1]) return x }",
		"async * methods": "export async function login() {\n  const o = { async *[Symbol.asyncIterator]() { yield 1 } };\n  return 1 }",
		"import … with":   "import data from './data.json' with { type: 'json' };\nexport const login = () => 1",
		"using":           "export function login() {\n  using x = null;\n  return 1 }",
		"Response.body":   "export const login = async () => (await new Response('1').body.getReader().read()).value.length",
		"crypto.subtle":   "export const login = () => crypto.subtle ? 1 : 2",
		"Intl":            "const words = new Intl.NumberFormat('en');\nexport const login = () => 1",
		"Array.fromAsync": "export const login = async () => { try { return (await Array.fromAsync([1]))[0] } catch { return 2 } }",
		"document":        "export const login = () => document ? 1 : 2",
		"Iterator":        "export const login = () => Iterator.from([1]).next().value",
	} {
		for engine, page := range engines(t, map[string]string{"/app.js": source, "/data.json": "{}"}) {
			t.Run(name+" on "+engine, func(t *testing.T) {
				got := callOne(page, "login", calls.Usual)
				if engine == "sobek" {
					assert.Equal(t, name, got.Lacks)
					wantNotJudged(t, page, name)
				} else if got.Trouble == "" { // an older browser may lack it, too
					assert.Equal(t, "1", got.Returned.text().String())
				}
			})
		}
	}
	for name, page := range engines(t, map[string]string{"/app.js": "export const login = () => { globalThis.matchMedia = 1; return matchMedia }"}) {
		got := callOne(page, "login", calls.Usual)
		if name == "sobek" {
			assert.Empty(t, got.Lacks, "a name of one's own")
		}
	}
}

// wantNotJudged expects a call on Sobek not to be judged where there is no real browser,
// and else to be left to that.
func wantNotJudged(t *testing.T, page *Page, lacks string) {
	t.Helper()
	defer func(before string) { *engineFlag = before }(*engineFlag)
	*engineFlag = "sobek"
	fake := &fakeT{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		page.Call(fake, check.Advice{}, "login")
	}()
	<-done
	assert.Contains(t, fake.skipped, "not judged: the checks' own JavaScript engine lacks "+lacks)
	*engineFlag = ""
	if findBrowser(t) {
		assert.PanicsWithValue(t, errLeftToBrowser, func() { page.Call(t, check.Advice{}, "login") })
	}
}

// TestLackedNames: what Sobek is said to lack, a browser has.
func TestLackedNames(t *testing.T) {
	_, text, _ := strings.Cut(lacksSource, "`")
	text, _, _ = strings.Cut(text, "`")
	paths := strings.Fields(text)
	assert.Greater(t, len(paths), 50)
	source := "export const login = () => " + check.JSONText(paths) + ".filter((path) => path.split('.').reduce((object, part) => object?.[part], globalThis) === undefined)"
	if page := engines(t, map[string]string{"/app.js": source})["chromium"]; page != nil {
		got := callOne(page, "login", calls.Usual)
		// What is new is not yet everywhere, and some of it is for https alone.
		assert.Subset(t, []string{"Temporal", "Math.sumPrecise", "Map.prototype.getOrInsert", "caches", "cookieStore"}, decode[[]string](t, got))
	}
}

// decode returns what a call returned.
func decode[T any](t *testing.T, o outcome) (value T) {
	t.Helper()
	require.Empty(t, o.Trouble)
	require.NotNil(t, o.Returned)
	require.NoError(t, json.Unmarshal([]byte(*o.Returned.JSON), &value))
	return value
}

// TestThrown: what a call throws is told apart, with its place.
func TestThrown(t *testing.T) {
	source := `export const text = () => { throw "no" };
export const object = async () => { throw { msg: "no" } };
export const error = async () => {
  throw new RangeError("no");
};
export const deep = () => deep();
export const cyclic = () => { const a = {}; a.a = a; return a };
export const response = async () => fetch("/echo");
export const nothing = () => {};
export const printed = () => { console.log("a", { b: 1 }, new Error("c")); console.error(2); const c = {}; c.c = c; console.log(c, 1n, Object.create(null), undefined) };
`
	for name, page := range engines(t, map[string]string{"/app.js": source}) {
		t.Run(name, func(t *testing.T) {
			got := func(function string) string {
				o := &Outcome{outcome: callOne(page, function, calls.Usual)}
				require.Empty(t, o.Trouble, function)
				return o.Got().String()
			}
			assert.Equal(t, `it threw "no"`, got("text"))
			assert.Equal(t, `it threw {"msg":"no"}`, got("object"))
			assert.Equal(t, `it threw RangeError "no" (web/app.js:4)`, got("error"))
			assert.Equal(t, `it returned a value of the type Object`, got("cyclic"))
			assert.Equal(t, `it returned a value of the type Response`, got("response"))
			assert.Equal(t, `it returned undefined`, got("nothing"))
			assert.Equal(t, []string{`a {"b":1} Error: c`, "2", "object bigint {} undefined"}, callOne(page, "printed", calls.Usual).Printed)
			assert.Empty(t, callOne(page, "nothing", calls.Usual).Printed, "each call's own")
			assert.Contains(t, got("deep"), `it threw RangeError "Maximum call stack size exceeded"`)
		})
	}
}
