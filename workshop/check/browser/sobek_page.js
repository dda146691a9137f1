// What a browser offers to app.js beside the language and fetch, for Sobek, as far
// as a learner's code can notice: storage, timers and what belongs to the page
// (html.spec.whatwg.org). It needs sobek_fetch.js.
//
// host is Go's part: setTimer(f, ms, again) and clearTimer(id), leave() when the page
// is left, print(line), toBase64 and fromBase64, toBytes and fromBytes, origin, href.
// It returns what Go asks about the page.
(function (host) {
  "use strict";

  // A Storage keeps texts under names; its items are its properties, too.
  const itemsOf = new WeakMap();
  const items = (storage) => {
    if (!itemsOf.has(storage)) throw new TypeError("Illegal invocation");
    return itemsOf.get(storage);
  };
  class Storage {
    getItem(key) { return items(this).get(String(key)) ?? null; }
    setItem(...args) {
      if (args.length < 2) throw new TypeError(`Failed to execute 'setItem' on 'Storage': 2 arguments required, but only ${args.length} present.`);
      items(this).set(String(args[0]), String(args[1]));
    }
    removeItem(key) { items(this).delete(String(key)); }
    clear() { items(this).clear(); }
    key(n) { return [...items(this).keys()][n] ?? null; }
    get length() { return items(this).size; }
  }
  const newStorage = () => {
    const own = new Map();
    const inherited = (key) => typeof key === "symbol" || key in Storage.prototype;
    const storage = new Proxy(Object.create(Storage.prototype), {
      get: (target, key) => (inherited(key) ? Reflect.get(target, key, storage) : own.get(key)),
      set: (_, key, value) => (own.set(key, String(value)), true),
      has: (_, key) => inherited(key) || own.has(key),
      deleteProperty: (_, key) => (own.delete(key), true),
      ownKeys: () => [...own.keys()],
      getOwnPropertyDescriptor: (_, key) => (own.has(key) ? { value: own.get(key), writable: true, enumerable: true, configurable: true } : undefined),
    });
    itemsOf.set(storage, own);
    return storage;
  };

  const show = (value) => {
    try {
      return typeof value === "string" || value instanceof Error ? String(value) : JSON.stringify(value) ?? String(value);
    } catch {
      return typeof value; // it has no JSON, or no text
    }
  };
  const print = (...args) => host.print(args.map(show).join(" "));
  const quiet = () => {};
  const started = Date.now();
  const timer = (again) => (f, ms = 0, ...args) => host.setTimer(() => (typeof f === "function" ? f(...args) : undefined), Math.max(0, Number(ms) || 0), again);
  const stores = { localStorage: newStorage(), sessionStorage: newStorage() };
  const { pathname, host: hostname } = new URL(host.href);
  const location = {
    get href() { return host.href; },
    set href(_) { host.leave(); },
    origin: host.origin, protocol: "http:", host: hostname, pathname, search: "", hash: "",
    assign: host.leave,
    replace: host.leave,
    reload: host.leave,
    toString: () => host.href,
  };

  const silent = new Set(["groupEnd", "time", "timeEnd", "timeLog", "assert", "clear", "count", "countReset"]);
  const console = new Proxy({}, { get: (_, level) => (silent.has(level) ? quiet : print) });
  const events = new EventTarget();

  class TextEncoder {
    encode(text = "") { return Uint8Array.from(host.toBytes(String(text))); }
  }
  class TextDecoder {
    decode(bytes = new Uint8Array()) { return host.fromBytes([...new Uint8Array(bytes.buffer ?? bytes)]); }
  }

  Object.assign(globalThis, {
    Storage, TextEncoder, TextDecoder, console,
    ...stores,
    window: globalThis,
    self: globalThis,
    alert: (text) => print(`alert: ${text}`),
    navigator: { onLine: true, language: "en", languages: ["en"] },
    addEventListener: (...args) => events.addEventListener(...args),
    removeEventListener: (...args) => events.removeEventListener(...args),
    dispatchEvent: (event) => events.dispatchEvent(event),
    performance: { now: () => Date.now() - started },
    requestAnimationFrame: (f) => host.setTimer(() => f(Date.now() - started), 16, false),
    setTimeout: timer(false),
    setInterval: timer(true),
    clearTimeout: host.clearTimer,
    clearInterval: host.clearTimer,
    queueMicrotask: (f) => { Promise.resolve().then(f); },
    structuredClone: (value) => JSON.parse(JSON.stringify(value)),
    btoa: (text) => {
      text = String(text);
      if (/[^\0-\xff]/.test(text)) throw new DOMException("The string to be encoded contains characters outside of the Latin1 range.", "InvalidCharacterError");
      return host.toBase64(text);
    },
    atob: (text) => {
      const decoded = host.fromBase64(String(text).replace(/[\t\n\f\r ]/g, ""));
      if (decoded === null) throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
      return decoded;
    },
  });

  // Newer parts of the language that Sobek does not have yet.
  Promise.withResolvers ??= function () {
    let resolve, reject;
    const promise = new this((yes, no) => { resolve = yes; reject = no; });
    return { promise, resolve, reject };
  };
  Object.groupBy ??= (values, keyOf) => {
    const groups = Object.create(null);
    let n = 0;
    for (const value of values) (groups[keyOf(value, n++)] ??= []).push(value);
    return groups;
  };

  Map.groupBy ??= (values, keyOf) => {
    const groups = new Map();
    let n = 0;
    for (const value of values) {
      const key = keyOf(value, n++);
      groups.set(key, [...(groups.get(key) ?? []), value]);
    }
    return groups;
  };
  Promise.try ??= function (f, ...args) { return new this((resolve) => resolve(f(...args))); };
  Error.isError ??= (value) => value instanceof Error;
  RegExp.escape ??= (text) => String(text).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const other = (set) => {
    if (typeof set?.has !== "function" || typeof set.keys !== "function") throw new TypeError("The value is not set-like");
    return set;
  };
  const setMethods = {
    union(set) { return new Set([...this, ...other(set).keys()]); },
    intersection(set) { return new Set([...this].filter((value) => other(set).has(value))); },
    difference(set) { return new Set([...this].filter((value) => !other(set).has(value))); },
    symmetricDifference(set) { return this.difference(set).union(new Set(other(set).keys()).difference(this)); },
    isSubsetOf(set) { return [...this].every((value) => other(set).has(value)); },
    isSupersetOf(set) { return [...other(set).keys()].every((value) => this.has(value)); },
    isDisjointFrom(set) { return ![...this].some((value) => other(set).has(value)); },
  };
  for (const [name, value] of Object.entries(setMethods)) {
    if (!(name in Set.prototype)) Object.defineProperty(Set.prototype, name, { value, writable: true, configurable: true });
  }

  globalThis.crypto = {
    getRandomValues(array) {
      for (let i = 0; i < array.length; i++) array[i] = Math.floor(Math.random() * 2 ** 32);
      return array;
    },
    randomUUID() {
      const digits = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`; // RFC 9562 §5.4
    },
    get subtle() { return host.lack("crypto.subtle"); },
  };

  Object.defineProperty(globalThis, "location", { get: () => location, set: host.leave });

  return {
    items: (name) => items(stores[name]),
  };
});
