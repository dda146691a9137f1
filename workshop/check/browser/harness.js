// How both engines call functions of app.js, and see what it has touched. This function is
// called before app.js is loaded, and takes what it needs of the language then: whatever
// app.js makes of JSON or String later is no concern of it. It returns two functions:
//
// call(app, actions, printed, host): the actions are JSON, those of Go's Action; they happen
// one after the other, without waiting for the end of the calls among them. It returns JSON
// that says what came of each call, in the fields of Go's outcome. What app.js throws while it is asked
// for a value, in a getter, is told as thrown; it rejects only if app.js has broken what pages are made of.
//
// touched(): the names of what was there before app.js and is something else now.
() => {
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  const { assign, create, defineProperty, entries, keys, getOwnPropertyDescriptor, getOwnPropertyDescriptors, getPrototypeOf } = Object;
  const { apply, ownKeys } = Reflect;
  const [PromiseClass, race] = [Promise, Promise.race.bind(Promise)];
  const [ErrorClass, text, storage, page] = [Error, String, localStorage, globalThis];
  const setItem = Function.prototype.call.bind(Storage.prototype.setItem);
  const hasOwn = Function.prototype.call.bind(Object.prototype.hasOwnProperty);
  const [hasInstance, isSame] = [Function.prototype.call.bind(Function.prototype[Symbol.hasInstance]), Object.is];
  const cookies = typeof Document === "function" ? getOwnPropertyDescriptor(Document.prototype, "cookie").get.bind(document) : () => "";

  // append adds to a list, and pin has everybody take a promise for what it is: neither asks what app.js may
  // have put into the prototypes.
  const own = (value) => ({ __proto__: null, value, enumerable: true, writable: true, configurable: true });
  const append = (list, value) => defineProperty(list, list.length, own(value));
  const { then } = Promise.prototype;
  const pin = (promise) => defineProperty(defineProperty(promise, "constructor", own(PromiseClass)), "then", own(then));

  // What JSON.stringify would write, but for toJSON, which nothing is asked for: page.js reads the fields.
  const toJSON = (value) => stringify(plain(value, 0));
  const plain = (value, depth) => {
    if (typeof value === "bigint" || depth > 1000) throw new ErrorClass("it has no JSON");
    if (value === null || typeof value !== "object") return typeof value === "function" ? undefined : value;
    const copy = isArray(value) ? [] : create(null);
    const put = (name, own, enumerable) => defineProperty(copy, name, { __proto__: null, value: own, enumerable, writable: true, configurable: true });
    const names = keys(value);
    for (let i = 0; i < names.length; i += 1) put(names[i], plain(value[names[i]], depth + 1), true);
    if (!hasOwn(copy, "toJSON")) put("toJSON", undefined, false);
    return copy;
  };

  const describe = (value) => {
    const type = value === null ? "null" : typeof value;
    const isError = hasInstance(ErrorClass, value);
    const message = isError ? text(value.message) : type === "object" || type === "function" ? "" : text(value); // first, as page.js does
    const stack = isError ? text(value.stack) : "";
    let json;
    try {
      json = toJSON(value);
    } catch {
      // A BigInt, or an object that holds itself: it has no JSON.
    }
    return { type: type === "object" ? (value.constructor?.name ?? "object") : type, json, isError, message, stack };
  };
  let ended = 0;
  const callOne = async (app, name, args) => {
    const called = app[name];
    if (typeof called !== "function") return { exported: keys(app) };
    const outcome = { __proto__: null, called: true };
    try {
      outcome.returned = describe(await apply(called, undefined, args));
    } catch (thrown) {
      try {
        outcome.thrown = describe(thrown);
      } catch {
        outcome.thrown = { type: typeof thrown, isError: false, message: "", stack: "" }; // whose parts nobody can read
      }
    }
    outcome.stored = assign({}, storage);
    outcome.ended = ended += 1;
    return outcome;
  };
  const call = (app, actions, printed, host) => pin(callAll(app, actions, printed, host));
  const callAll = async (app, actions, printed, { fetch, sentPath, timers, timersUp }) => {
    const underWay = [];
    const outcomes = [];
    const todo = parse(actions);
    const before = timers?.();
    for (let i = 0; i < todo.length; i += 1) {
      const action = assign(create(null), todo[i]);
      if (action.function) append(underWay, pin(callOne(app, action.function, action.args ?? [])));
      const items = entries(action.store ?? {});
      for (let j = 0; j < items.length; j += 1) setItem(storage, items[j][0], items[j][1]);
      if (action.hour) timersUp?.(timers());
      if (action.minute) timersUp?.(before);
      if (action.sent) {
        const any = [fetch(`${sentPath}?${action.sent}`)];
        for (let j = 0; j < underWay.length; j += 1) append(any, underWay[j]); // what has ended sends no more
        await race(any);
      }
      if (action.rest) await fetch(sentPath);
      if (action.rest) await fetch(sentPath); // what the first has let come is taken in
    }
    for (let i = 0; i < underWay.length; i += 1) append(outcomes, await underWay[i]);
    return toJSON({ outcomes, printed });
  };

  // What a page has, and what its objects have from their classes: those of the language and of Sobek's page, and
  // what a document is. A browser has a thousand more, makes most of them when they are first asked for, and
  // takes longer for that than for a check. From here on, no loop asks an iterator, which the page may have
  // replaced.
  const classes = `
    AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
    Float32Array Float64Array Function Int16Array Int32Array Int8Array Map Number Object Promise Proxy RangeError
    ReferenceError RegExp Set String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array
    Uint8ClampedArray WeakMap WeakSet
    AbortController AbortSignal Blob CustomEvent DOMException Event EventTarget FormData Headers Request Response
    Storage TextDecoder TextEncoder URL URLSearchParams XMLHttpRequest
    Document Element HTMLElement Node Window`.trim().split(/\s+/);
  const owners = [["window", page], ["JSON", JSON], ["Math", Math], ["Reflect", Reflect]];
  const looked = create(null);
  for (const [name] of owners) looked[name] = true;
  for (const name of classes) {
    looked[name] = true;
    const made = getOwnPropertyDescriptor(page, name)?.value;
    if (typeof made !== "function") continue;
    owners[owners.length] = [name, made];
    if (made.prototype) owners[owners.length] = [`${name}.prototype`, made.prototype];
  }
  for (const [name, of] of [["Array", []], ["Map", new Map()], ["Set", new Set()], ["String", ""]]) {
    owners[owners.length] = [`the iterator of ${name}`, getPrototypeOf(of[Symbol.iterator]())];
  }
  const partsOf = (owner) => {
    if (owner !== page) return getOwnPropertyDescriptors(owner);
    const parts = create(null);
    const names = ownKeys(page);
    for (let i = 0; i < names.length; i += 1) {
      const isClass = typeof names[i] === "string" && names[i] >= "A" && names[i] < "[";
      if (!isClass || looked[names[i]]) parts[names[i]] = getOwnPropertyDescriptor(page, names[i]);
    }
    return parts;
  };
  const [address, cookie] = [location.href, cookies()];
  const before = [];
  for (const [ownersName, owner] of owners) before[before.length] = [ownersName, owner, partsOf(owner)];
  const same = (was, is) => isSame(was.value, is.value) && isSame(was.get, is.get) && isSame(was.set, is.set);
  const touched = () => {
    let names = "";
    for (let i = 0; i < before.length; i += 1) {
      const ownersName = before[i][0];
      const owner = before[i][1];
      const were = before[i][2];
      const are = partsOf(owner);
      const now = ownKeys(are);
      for (let j = 0; j < now.length; j += 1) {
        const known = hasOwn(were, now[j]);
        if (owner === page && !known) continue; // a new name in the page is the page's own
        if (!known || !same(were[now[j]], are[now[j]])) names += ` ${ownersName}.${text(now[j])}`;
      }
    }
    return names + (cookies() === cookie ? "" : " document.cookie") + (location.href === address ? "" : " location");
  };
  return { call, touched };
}
