package browser

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTroubles: what keeps an app.js from working is named, with its place, on
// both engines.
func TestTroubles(t *testing.T) {
	defer func(settle, loop time.Duration) { settleLimit, loopLimit = settle, loop }(settleLimit, loopLimit)
	settleLimit, loopLimit = 2*time.Second, 300*time.Millisecond
	for _, tc := range []struct {
		name   string
		source string
		says   string
		at     string
	}{
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
				got := page.engine.call("login", []any{})
				assert.Contains(t, got.Trouble, tc.says)
				assert.Contains(t, got.Trouble, tc.at)
				assert.NotEmpty(t, got.Why)
				assert.NotEmpty(t, got.Want)
			})
		}
	}
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
				o := &Outcome{outcome: page.engine.call(function, []any{})}
				require.Empty(t, o.Trouble, function)
				return o.Got()
			}
			assert.Equal(t, `it threw "no"`, got("text"))
			assert.Equal(t, `it threw {"msg":"no"}`, got("object"))
			assert.Equal(t, `it threw RangeError "no" (web/app.js:4)`, got("error"))
			assert.Equal(t, `it returned a value of the type Object`, got("cyclic"))
			assert.Equal(t, `it returned a value of the type Response`, got("response"))
			assert.Equal(t, `it returned undefined`, got("nothing"))
			assert.Equal(t, []string{`a {"b":1} Error: c`, "2", "object bigint {} undefined"}, page.engine.call("printed", []any{}).Printed)
			assert.Empty(t, page.engine.call("nothing", []any{}).Printed, "each call's own")
			assert.Contains(t, got("deep"), `it threw RangeError "Maximum call stack size exceeded"`)
		})
	}
}
