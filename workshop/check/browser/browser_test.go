package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"jwtworkshop/workshop/check"
)

// TestMain gives the tests a workspace and closes the browser after them.
func TestMain(m *testing.M) { check.Main(m, func() {}, nil) }

// serveApp starts a program whose app.js is this, and returns its address.
func serveApp(t testing.TB, files map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch source, ok := files[r.URL.Path]; {
		case ok:
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, source)
		case r.URL.Path == "/echo":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Add("X-Two", "a")
			w.Header().Add("X-Two", "b")
			body, _ := io.ReadAll(r.Body)
			fmt.Fprint(w, check.JSONText(map[string]string{
				"method": r.Method, "url": r.URL.RequestURI(), "type": r.Header.Get("Content-Type"),
				"authorization": r.Header.Get("Authorization"), "body": string(body),
			}))
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/echo?moved", http.StatusFound)
		case r.URL.Path == "/html":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, "<h1>oops</h1>")
		case r.URL.Path == "/empty":
			w.WriteHeader(http.StatusNoContent)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// engines returns the engines that can be had here, each with a page on which
// app.js is this.
func engines(t *testing.T, files map[string]string) map[string]*Page {
	t.Helper()
	address := serveApp(t, files)
	pages := map[string]*Page{}
	for name, open := range map[string]opener{"sobek": newSobek, "chromium": newFrame} {
		if name == "chromium" && !findBrowser(t) {
			continue
		}
		page := openPage(t, address, open)
		t.Cleanup(func() { page.engine.close() })
		pages[name] = page
	}
	return pages
}

// callOne calls a function without arguments.
func callOne(page *Page, function string, limit time.Duration) outcome {
	return page.engine.call([]Action{{Function: function}}, limit)[0]
}

// snippets are pieces of JavaScript that a learner's code may hold: what each
// returns in a browser it must return in Sobek, too. Where Chromium is found, it
// says so.
var snippets = []struct{ code, want string }{
	// The language.
	{`const { a, ...rest } = { a: 1, b: 2 }; return [a, rest, rest?.c ?? "none"]`, `[1,{"b":2},"none"]`},
	{`let x = null; x ??= 3; x ||= 4; x &&= 5; return x ** 2`, `25`},
	{`class A { #n = 1; static s = 2; get n() { return this.#n } } return [new A().n, A.s]`, `[1,2]`},
	{`return [..."añ€😀"].length + "x".padStart(3, "-") + "a-b".replaceAll("-", "+")`, `"4--xa+b"`},
	{`try { JSON.parse("<"); } catch { return "caught" } finally { }`, `"caught"`},
	{`const a = new Set([1, 2, 3]), b = new Set([3, 4]);
		return [[...a.union(b)], [...a.intersection(b)], [...a.difference(b)], [...a.symmetricDifference(b)], a.isSubsetOf(b), new Set([3]).isSubsetOf(b), a.isSupersetOf(new Set([1])), a.isDisjointFrom(b)]`,
		`[[1,2,3,4],[3],[1,2],[1,2,4],false,true,true,false]`},
	{`return [[...Map.groupBy([1, 2, 3], (n) => n % 2)], await Promise.try((n) => n, 1), await Promise.try(() => { throw 2 }).catch((n) => n)]`, `[[[1,[1,3]],[0,[2]]],1,2]`},
	{`return [crypto.randomUUID().replace(/[0-9a-f]/g, "x"), crypto.randomUUID() === crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(4)).length]`, `["xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",false,4]`},
	{`const f = async (n) => n === 0 ? 0 : 1 + await f(n - 1); return f(20)`, `20`},
	{`return Promise.all([1, Promise.resolve(2)]).then(([a, b]) => a + b)`, `3`},
	{`return Promise.any([Promise.reject(1), Promise.resolve(2)]).finally(() => 9)`, `2`},
	{`const r = await Promise.allSettled([Promise.reject(new Error("no"))]); return r[0].reason.message`, `"no"`},
	{`return [1, [2, [3]]].flat(Infinity).at(-1) + Object.entries({ a: 1 }).length`, `4`},
	{`switch (401) { case 400: return "a"; case 401: return "b"; default: return "c" }`, `"b"`},
	{"return `Bearer ${[1, 2].includes(2) ? 'yes' : 'no'}`", `"Bearer yes"`},
	{`function* g() { yield 1; yield 2 } return [...g()]`, `[1,2]`},
	{`label: for (const i of [1, 2]) { for (;;) { continue label } } return "out"`, `"out"`},
	{`return new Map([["a", 1]]).get("a") + new Set([1, 1]).size`, `2`},
	{`return /(?:Bearer )(.+)/.exec("Bearer x")[1]`, `"x"`},
	{`return 1_000 + Number("0x10") + parseInt("12px")`, `1028`},
	{`return { type: typeof 10n, date: new Date(0).toISOString() }`, `{"type":"bigint","date":"1970-01-01T00:00:00.000Z"}`},
	{`const { n } = await import("./other.js"); return n`, `7`},
	// Errors.
	{`class Late extends Error { constructor(m) { super(m); this.name = "Late" } } const e = new Late("x"); return [e instanceof Error, e instanceof Late, e.name, e.message, String(e)]`, `[true,true,"Late","x","Late: x"]`},
	{`const e = new Error("a", { cause: "b" }); return [e.cause, Error("c") instanceof Error, typeof e.stack]`, `["b",true,"string"]`},
	{`try { null.x } catch (e) { return e instanceof TypeError }`, `true`},
	{`try { nowhere } catch (e) { return [e.name, e.message] }`, `["ReferenceError","nowhere is not defined"]`},
	// fetch.
	{`const r = await fetch("/echo?a=b", { headers: { Authorization: "Bearer x" } }); return [r.status, r.ok, r.statusText, r.type, r.redirected, await r.json()]`,
		`[200,true,"OK","basic",false,{"authorization":"Bearer x","body":"","method":"GET","type":"","url":"/echo?a=b"}]`},
	{`const r = await fetch("echo", { method: "post", body: JSON.stringify({ a: "é" }), headers: { "content-type": "application/json" } }); return r.json()`,
		`{"authorization":"","body":"{\"a\":\"é\"}","method":"POST","type":"application/json","url":"/echo"}`},
	{`const r = await fetch("/echo", { method: "POST", body: "text" }); return (await r.json()).type`, `"text/plain;charset=UTF-8"`},
	{`const r = await fetch("/echo", { method: "POST", body: { a: 1 } }); return (await r.json()).body`, `"[object Object]"`},
	{`const r = await fetch("/echo", { method: "POST", body: new URLSearchParams({ a: "b c", d: "é'" }) }); const j = await r.json(); return [j.type, j.body]`, `["application/x-www-form-urlencoded;charset=UTF-8","a=b+c&d=%C3%A9%27"]`},
	{`const f = new FormData(); f.append("a", "b"); const r = await fetch("/echo", { method: "POST", body: f }); return (await r.json()).type.split(";")[0]`, `"multipart/form-data"`},
	{`const r = await fetch(new URL("/echo?x=1", location.origin)); return [(await r.json()).url, r.url === location.origin + "/echo?x=1"]`, `["/echo?x=1",true]`},
	{`const r = await fetch(new Request("/echo", { method: "POST", body: "b" })); return (await r.json()).body`, `"b"`},
	{`const r = await fetch("/html"); return [r.ok, r.status, r.statusText, await r.text()]`, `[false,500,"Internal Server Error","<h1>oops</h1>"]`},
	{`const r = await fetch("/html"); try { await r.json() } catch (e) { return [e.name, r.bodyUsed] }`, `["SyntaxError",true]`},
	{`const r = await fetch("/empty"); try { await r.json() } catch (e) { return [r.status, e.name] }`, `[204,"SyntaxError"]`},
	{`const r = await fetch("/echo"); await r.json(); try { await r.json() } catch (e) { return e.name }`, `"TypeError"`},
	{`const r = await fetch("/echo"); const c = r.clone(); await r.text(); return [(await c.json()).method, c.status, c instanceof Response]`, `["GET",200,true]`},
	{`try { await ({ fetch }).fetch("/echo") } catch (e) { return e.name }`, `"TypeError"`},
	{`const r = await fetch("/echo", { method: "POST", mode: "no-cors", headers: { "Content-Type": "application/json", Authorization: "x" }, body: "{}" }); const j = await r.json(); return [j.type, j.authorization]`, `["text/plain;charset=UTF-8",""]`},
	{`const r = await fetch("/moved"); return [r.redirected, r.status, (await r.json()).url]`, `[true,200,"/echo?moved"]`},
	{`try { await fetch("/gone") } catch (e) { return [e instanceof TypeError, e.message] }`, `[true,"Failed to fetch"]`},
	{`return fetch("/gone").then(() => "answer", (e) => e.name)`, `"TypeError"`},
	{`try { await fetch("/echo", { body: "x" }) } catch (e) { return e.name }`, `"TypeError"`},
	{`try { await fetch("/echo", { headers: { "a b": "c" } }) } catch (e) { return e.name }`, `"TypeError"`},
	{`try { await fetch("/echo", { headers: { Authorization: "Bearer €" } }) } catch (e) { return e.name }`, `"TypeError"`},
	{`const c = new AbortController(); const p = fetch("/echo", { signal: c.signal }); c.abort(); try { await p } catch (e) { return [e.name, e instanceof Error] }`, `["AbortError",true]`},
	{`const r = await fetch("/echo"); return [typeof r.json, r.json() instanceof Promise, JSON.stringify(r), String(r), r.constructor.name]`, `["function",true,"{}","[object Response]","Response"]`},
	{`const r = await fetch("/echo"); return [r.headers.get("Content-Type"), r.headers.get("x-two"), r.headers.get("none"), r.headers.has("CONTENT-TYPE")]`, `["application/json","a, b",null,true]`},
	{`const r = Response.json({ a: 1 }, { status: 201 }); return [r.status, r.ok, await r.json()]`, `[201,true,{"a":1}]`},
	{`const r = new Response("x"); return [r.status, await r.text(), r.headers.get("content-type")]`, `[200,"x","text/plain;charset=UTF-8"]`},
	// Headers.
	{`const h = new Headers({ "X-A": "1" }); h.append("x-a", " 2 "); h.set("B", "3"); return [[...h], h.get("X-a")]`, `[[["b","3"],["x-a","1, 2"]],"1, 2"]`},
	{`const h = new Headers([["a", "b"]]); h.delete("A"); return [[...h.keys()], h.get("a")]`, `[[],null]`},
	{`const seen = []; new Headers({ a: "b" }).forEach((value, name) => seen.push(name + value)); return seen`, `["ab"]`},
	{`const r = await fetch("/echo", { headers: new Headers([["Authorization", "Bearer y"]]) }); return (await r.json()).authorization`, `"Bearer y"`},
	// Storage.
	{`localStorage.clear(); return [localStorage.getItem("none"), localStorage.length]`, `[null,0]`},
	{`localStorage.setItem("a", { b: 1 }); localStorage.setItem("c", null); return [localStorage.getItem("a"), localStorage.getItem("c")]`, `["[object Object]","null"]`},
	{`localStorage.setItem("a", undefined); return localStorage.getItem("a")`, `"undefined"`},
	{`localStorage.clear(); localStorage["x-y"] = 5; return [localStorage["x-y"], localStorage.getItem("x-y"), localStorage.none === undefined, Object.keys(localStorage)]`, `["5","5",true,["x-y"]]`},
	{`localStorage.clear(); localStorage.token = "t"; delete localStorage.token; return ["token" in localStorage, localStorage.length]`, `[false,0]`},
	{`localStorage.setItem("k", "v"); localStorage.removeItem("k"); localStorage.removeItem("k"); return localStorage.getItem("k")`, `null`},
	{`try { localStorage.setItem("k") } catch (e) { return e.name }`, `"TypeError"`},
	{`sessionStorage.setItem("s", "1"); return [window.sessionStorage.getItem("s"), localStorage.getItem("s"), localStorage instanceof Storage]`, `["1",null,true]`},
	{`localStorage.clear(); localStorage.setItem("a", "1"); return [localStorage.key(0), localStorage.key(1), JSON.stringify(localStorage)]`, `["a",null,"{\"a\":\"1\"}"]`},
	{`const { getItem } = localStorage; try { getItem("a") } catch (e) { return e.message }`, `"Illegal invocation"`},
	{`localStorage.clear(); localStorage.setItem("length2", 1); return [localStorage.length2, localStorage.length, typeof localStorage.setItem, Object.entries(localStorage)]`, `["1",1,"function",[["length2","1"]]]`},
	// Timers and turns.
	{`const seen = []; setTimeout(() => seen.push("timer")); Promise.resolve().then(() => seen.push("promise")); queueMicrotask(() => seen.push("micro")); seen.push("now"); await new Promise((r) => setTimeout(r, 5)); return seen`, `["now","promise","micro","timer"]`},
	{`let n = 0; await new Promise((done) => { const id = setInterval(() => { if (++n === 3) { clearInterval(id); done() } }, 1) }); return n`, `3`},
	{`let n = 0; const id = setTimeout(() => n++, 1); clearTimeout(id); clearTimeout(undefined); await new Promise((r) => setTimeout(r, 5)); return n`, `0`},
	{`return new Promise((done) => setTimeout((a, b) => done(a + b), 1, "x", "y"))`, `"xy"`},
	// XMLHttpRequest.
	{`return new Promise((done, fail) => { const x = new XMLHttpRequest(); x.open("POST", "/echo"); x.setRequestHeader("Content-Type", "application/json"); x.responseType = "json"; x.onload = () => done([x.status, x.response.method, x.response.body]); x.onerror = fail; x.send("{}") })`, `[200,"POST","{}"]`},
	{`return new Promise((done) => { const x = new XMLHttpRequest(); x.open("GET", "/html"); x.onreadystatechange = () => { if (x.readyState === 4) done([x.status, x.responseText]) }; x.send() })`, `[500,"<h1>oops</h1>"]`},
	{`return new Promise((done) => { const x = new XMLHttpRequest(); x.open("GET", "/gone"); x.addEventListener("error", () => done(["error", x.status])); x.send() })`, `["error",0]`},
	{`const x = new XMLHttpRequest(); return new Promise((done) => { x.onreadystatechange = () => { if (x.readyState === x.DONE) done(x.status) }; x.open("GET", "/echo"); x.send() })`, `200`},
	{`const seen = []; return new Promise((done) => { const x = new XMLHttpRequest(); x.onreadystatechange = () => seen.push(x.readyState, x.status); x.onload = () => seen.push("load"); x.onloadend = () => done([...new Set(seen)]); x.open("GET", "/echo"); x.overrideMimeType("text/plain"); x.send(null) })`, `[1,0,2,200,3,4,"load"]`},
	{`return new Promise((done) => { const x = new XMLHttpRequest(), seen = []; for (const type of ["abort", "error", "load"]) x.addEventListener(type, () => seen.push(type)); x.onloadend = () => done([seen, x.status, x.readyState]); x.open("GET", "/echo"); x.send(); x.abort() })`, `[["abort"],0,4]`},
	{`const x = new XMLHttpRequest(); try { x.send() } catch (e) { return [e.name, XMLHttpRequest.HEADERS_RECEIVED, x.LOADING] }`, `["InvalidStateError",2,3]`},
	// The rest.
	{`return [new TextDecoder().decode(new TextEncoder().encode("aé€")), new TextEncoder().encode("é").length]`, `["aé€",2]`},
	{`const r = await fetch("/echo", { method: "POST", body: new Blob(['{"a":', "1}"], { type: "application/json" }) }); const j = await r.json(); return [j.type, j.body]`, `["application/json","{\"a\":1}"]`},
	{`const bytes = new TextEncoder().encode('{"a":"é"}'); const r = await fetch(new Request("/echo", { method: "POST", body: new Blob([bytes], { type: "application/json" }) })); const j = await r.json(); return [j.type, j.body]`, `["application/json","{\"a\":\"é\"}"]`},
	{`const bytes = new TextEncoder().encode("é"); const sent = []; for (const body of [bytes, bytes.buffer]) { const r = await fetch("/echo", { method: "POST", headers: { "Content-Type": "text/x" }, body }); const j = await r.json(); sent.push(j.type, j.body) } return sent`, `["text/x","é","text/x","é"]`},
	{`const r = await fetch("/html"); return (await r.blob()).text()`, `"<h1>oops</h1>"`},
	{`const u = new URL("/x", location.href); return [u.hostname, u.port === location.host.split(":")[1], u.protocol]`, `["127.0.0.1",true,"http:"]`},
	{`return import.meta.url === location.origin + "/app.js"`, `true`},
	{`let seen; addEventListener("out", (e) => { seen = e.detail }); dispatchEvent(new CustomEvent("out", { detail: 5 })); return seen`, `5`},
	{`const { promise, resolve } = Promise.withResolvers(); requestAnimationFrame(() => resolve(performance.now() > 0)); return promise`, `true`},
	{`const c = new AbortController(); const s = AbortSignal.any([c.signal, AbortSignal.timeout(5000)]); c.abort(); return s.aborted`, `true`},
	{`console.table([1]); console.group("a"); console.groupEnd(); console.count(); return Object.groupBy([1, 2, 3], (n) => n % 2 ? "odd" : "even")`, `{"odd":[1,3],"even":[2]}`},
	{`return [btoa("hi?>"), atob("aGk/Pg=="), typeof window, window === globalThis, location.pathname.length > 1]`, `["aGk/Pg==","hi?>","object",true,true]`},
	{`try { atob("*") } catch (e) { return e.name }`, `"InvalidCharacterError"`},
	{`return [encodeURIComponent("a b&"), new URLSearchParams("?a=1&b=%20").get("b"), new URL("/x?y=1", "http://h:1/z").pathname]`, `["a%20b%26"," ","/x"]`},
	{`return [structuredClone({ a: [1] }), typeof fetch, typeof XMLHttpRequest, this === undefined]`, `[{"a":[1]},"function","function",true]`},
}

// TestSnippets: both engines do with a learner's code what the standards say.
func TestSnippets(t *testing.T) {
	source := ""
	for i, s := range snippets {
		source += fmt.Sprintf("export async function f%d() { %s }\n", i, s.code)
	}
	for name, page := range engines(t, map[string]string{"/app.js": source, "/other.js": "export const n = 7;"}) {
		t.Run(name, func(t *testing.T) {
			page.Answer("GET /gone", NoAnswer)
			for i, s := range snippets {
				o := callOne(page, fmt.Sprintf("f%d", i), calls.Usual)
				require.Empty(t, o.Trouble, "%s: %s", s.code, o.Why)
				if o.Thrown != nil {
					t.Errorf("%s: threw %s %s", s.code, o.Thrown.text(), o.Thrown.Stack)
					continue
				}
				if o.Returned.JSON == nil || !sameJSON(*o.Returned.JSON, s.want) {
					t.Errorf("%s\n\tgot:  %s\n\twant: %s", s.code, o.Returned.text(), s.want)
				}
			}
		})
	}
}

// TestTouched: what app.js changes of the language's classes, and of those that a page has in Sobek, is seen in both
// engines; what it adds to the page is its own.
func TestTouched(t *testing.T) {
	sobek, err := newSobekPage(newProxy("http://127.0.0.1:1"))
	require.NoError(t, err)
	list, err := sobek.vm.RunString(`Reflect.ownKeys(globalThis).filter((name) => /^[A-Z]/.test(String(name)) && typeof Object.getOwnPropertyDescriptor(globalThis, name).value === "function").join(" ")`)
	require.NoError(t, err)
	source := "export const f = 1;\nglobalThis.own = globalThis.Own = 1;\n"
	var want []string
	for _, name := range append(strings.Fields(list.String()), "JSON", "Math", "Reflect") {
		if name == "GoError" { // of Sobek alone
			continue
		}
		source += fmt.Sprintf("%s.added = 1;\nif (%[1]s.prototype) %[1]s.prototype.added = 1;\n", name)
		want = append(want, name+".added")
		if name != "Proxy" && name != "JSON" && name != "Math" && name != "Reflect" {
			want = append(want, name+".prototype.added")
		}
	}
	source += "globalThis.fetch = () => 1;\nSymbol = null;\n"
	want = append(want, "window.fetch", "window.Symbol")
	for name, page := range engines(t, map[string]string{"/app.js": source}) {
		t.Run(name, func(t *testing.T) {
			callOne(page, "f", calls.Usual)
			touched, err := page.engine.touched()
			require.NoError(t, err)
			assert.ElementsMatch(t, want, touched)
		})
	}
}
