// What a browser offers to app.js for its talk with the server, for Sobek, as far as
// a learner's code can notice: fetch and what belongs to it (fetch.spec.whatwg.org),
// URL (url.spec.whatwg.org), XMLHttpRequest (xhr.spec.whatwg.org).
//
// host is Go's part: send(method, url, headers, body) returns a promise of an answer whose
// body is a promise,
// parseURL(url, base), href.
(function (host) {
  "use strict";

  class DOMException extends Error {
    #name;
    constructor(message = "", name = "Error") {
      super(message);
      this.#name = name;
    }
    get name() { return this.#name; }
  }

  // ByteString and header names, as the standard checks them.
  const headerName = (name) => {
    name = String(name);
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw new TypeError(`Invalid name: ${name}`);
    return name.toLowerCase();
  };
  const headerValue = (value) => {
    value = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
    if (/[\0\r\n]/.test(value)) throw new TypeError("Invalid value");
    if (/[^\0-\xff]/.test(value)) throw new TypeError("String contains non ISO-8859-1 code point.");
    return value;
  };

  let pairsOf;
  const { forEach } = Map.prototype;
  class Headers {
    #list = new Map();
    constructor(init) {
      if (init === undefined) return;
      if (init === null || typeof init !== "object") throw new TypeError("The provided value is not of type '(record<ByteString, ByteString> or sequence<sequence<ByteString>>)'.");
      const pairs = typeof init[Symbol.iterator] === "function" ? [...init] : Object.keys(init).map((name) => [name, init[name]]);
      for (const pair of pairs) {
        const [name, value, more] = [...pair];
        if (value === undefined && pair.length !== 2 || more !== undefined) throw new TypeError("Invalid value");
        this.append(name, value);
      }
    }
    append(name, value) {
      const old = this.#list.get(headerName(name));
      value = headerValue(value);
      this.#list.set(headerName(name), old === undefined ? value : `${old}, ${value}`);
    }
    set(name, value) { this.#list.set(headerName(name), headerValue(value)); }
    get(name) { return this.#list.get(headerName(name)) ?? null; }
    has(name) { return this.#list.has(headerName(name)); }
    delete(name) { this.#list.delete(headerName(name)); }
    forEach(f, self) { for (const [name, value] of this) f.call(self, value, name, this); }
    keys() { return [...this].map(([name]) => name)[Symbol.iterator](); }
    values() { return [...this].map(([, value]) => value)[Symbol.iterator](); }
    entries() { return this[Symbol.iterator](); }
    [Symbol.iterator]() { return [...this.#list].sort(([a], [b]) => (a < b ? -1 : 1))[Symbol.iterator](); }
    static { pairsOf = (headers) => { // whatever the page has made of iterators
      const pairs = [];
      forEach.call(headers.#list, (value, name) => { pairs[pairs.length] = [name, value]; });
      return pairs;
    }; }
  }

  class URLSearchParams {
    #list = [];
    constructor(init = "") {
      if (typeof init === "object") {
        this.#list = (typeof init[Symbol.iterator] === "function" ? [...init] : Object.entries(init)).map(([name, value]) => [String(name), String(value)]);
        return;
      }
      for (const part of String(init).replace(/^\?/, "").split("&").filter(Boolean)) {
        const [name, ...value] = part.split("=");
        this.#list.push([name, value.join("=")].map((text) => decodeURIComponent(text.replaceAll("+", " "))));
      }
    }
    append(name, value) { this.#list.push([String(name), String(value)]); }
    set(name, value) { this.delete(name); this.append(name, value); }
    get(name) { return this.#list.find(([n]) => n === name)?.[1] ?? null; }
    has(name) { return this.get(name) !== null; }
    delete(name) { this.#list = this.#list.filter(([n]) => n !== name); }
    [Symbol.iterator]() { return this.#list.map((pair) => [...pair])[Symbol.iterator](); }
    toString() {
      const encode = (text) => encodeURIComponent(text).replaceAll("%20", "+").replace(/[!'()~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
      return this.#list.map((pair) => pair.map(encode).join("=")).join("&");
    }
  }

  class FormData {
    #list = [];
    append(name, value) { this.#list.push([String(name), String(value)]); }
    set(name, value) { this.#list = this.#list.filter(([n]) => n !== name); this.append(name, value); }
    get(name) { return this.#list.find(([n]) => n === name)?.[1] ?? null; }
    [Symbol.iterator]() { return this.#list.map((pair) => [...pair])[Symbol.iterator](); }
  }

  class URL {
    #parts;
    constructor(url, base) {
      this.#parts = host.parseURL(String(url), base === undefined ? "" : String(base));
      if (this.#parts === null) throw new TypeError("Failed to construct 'URL': Invalid URL");
    }
    get href() { return this.#parts.href; }
    get origin() { return this.#parts.origin; }
    get host() { return this.#parts.host; }
    get hostname() { return this.#parts.hostname; }
    get port() { return this.#parts.port; }
    get protocol() { return this.#parts.protocol; }
    get hash() { return this.#parts.hash; }
    get pathname() { return this.#parts.pathname; }
    get search() { return this.#parts.search; }
    get searchParams() { return new URLSearchParams(this.#parts.search); }
    toString() { return this.href; }
    toJSON() { return this.href; }
  }

  // textOfPart returns the text of a part of a body, which may be bytes.
  const textOfPart = (part) => {
    if (part instanceof Blob) return textOf(part);
    return part instanceof ArrayBuffer || ArrayBuffer.isView(part) ? new TextDecoder().decode(part) : String(part);
  };

  class Blob {
    #text;
    constructor(parts = [], { type = "" } = {}) {
      this.#text = [...parts].map(textOfPart).join("");
      this.type = String(type).toLowerCase();
    }
    async text() { return this.#text; }
    static textOf(blob) { return blob.#text; }
  }
  const { textOf } = Blob;
  delete Blob.textOf;

  // A body is a text that can be read once.
  const body = (Base) => class extends Base {
    #text;
    #used = false;
    constructor(text, ...rest) {
      super(...rest);
      this.#text = text;
    }
    get bodyUsed() { return this.#used; }
    get body() { return host.lack("Response.body"); } // a stream
    formData() { return host.lack("Response.formData"); }
    async text() {
      if (this.#used) throw new TypeError("body stream already read");
      this.#used = this.#text !== null;
      return (await this.#text) ?? ""; // of an answer, it is a promise
    }
    async json() {
      const text = await this.text();
      if (text === "") throw new SyntaxError("Unexpected end of JSON input");
      try {
        return JSON.parse(text.replace(/^\ufeff/, ""));
      } catch {
        throw new SyntaxError(`Unexpected token '${text[0]}', ${JSON.stringify(text.slice(0, 10))}... is not valid JSON`);
      }
    }
    async blob() { return new Blob([await this.text()], { type: this.headers.get("content-type") ?? "" }); }
    async arrayBuffer() { return new TextEncoder().encode(await this.text()).buffer; }
    copyText() {
      if (this.#used) throw new TypeError("Response body is already used");
      return this.#text;
    }
  };

  // takeBody returns the text of a body and the Content-Type that it brings.
  const takeBody = (value) => {
    if (value === undefined || value === null) return [null, null];
    if (value instanceof URLSearchParams) return [String(value), "application/x-www-form-urlencoded;charset=UTF-8"];
    if (value instanceof Blob) return [textOf(value), value.type || null];
    if (value instanceof FormData) {
      const boundary = "----WorkshopFormBoundary";
      const parts = [...value].map(([name, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`);
      return [`${parts.join("")}--${boundary}--\r\n`, `multipart/form-data; boundary=${boundary}`];
    }
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return [textOfPart(value), null];
    return [String(value), "text/plain;charset=UTF-8"];
  };

  class ResponseParts {
    #init;
    constructor(init) { this.#init = init; }
    get status() { return this.#init.status; }
    get statusText() { return this.#init.statusText; }
    get ok() { return this.status >= 200 && this.status <= 299; }
    get headers() { return this.#init.headers; }
    get url() { return this.#init.url; }
    get redirected() { return this.#init.redirected; }
    get type() { return this.#init.type; }
  }

  class Response extends body(ResponseParts) {
    constructor(value, init = {}) {
      const [text, kind] = init[received] ? [value, null] : takeBody(value);
      const headers = new Headers(init.headers);
      if (kind && !headers.has("content-type")) headers.set("content-type", kind);
      super(text, { url: "", redirected: false, type: "default", status: init.status ?? 200, statusText: init.statusText ?? "", ...init[received], headers });
    }
    clone() {
      const copy = new Response(this.copyText(), { headers: this.headers, [received]: { url: this.url, redirected: this.redirected, type: this.type, status: this.status, statusText: this.statusText } });
      return copy;
    }
    static json(value, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
      return new Response(JSON.stringify(value), { ...init, headers });
    }
    get [Symbol.toStringTag]() { return "Response"; }
  }
  const received = Symbol("received");

  class RequestParts {
    #init;
    constructor(init) { this.#init = init; }
    get method() { return this.#init.method; }
    get url() { return this.#init.url; }
    get headers() { return this.#init.headers; }
    get signal() { return this.#init.signal; }
  }

  class Request extends body(RequestParts) {
    constructor(input, init = {}) {
      const old = input instanceof Request ? input : null;
      const url = host.parseURL(old ? old.url : String(input), host.href);
      if (url === null) throw new TypeError(`Failed to parse URL from ${input}`);
      if (url.credentials) throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${input}`);
      let method = String(init.method ?? old?.method ?? "GET");
      if (/^(delete|get|head|options|post|put)$/i.test(method)) method = method.toUpperCase();
      const [text, kind] = init.body === undefined && old ? [old.copyText(), null] : takeBody(init.body);
      if (text !== null && (method === "GET" || method === "HEAD")) throw new TypeError("Request with GET/HEAD method cannot have body.");
      const headers = new Headers(init.headers ?? old?.headers);
      if (kind && !headers.has("content-type")) headers.set("content-type", kind);
      if (init.mode === "no-cors") { // only what a form could send (Fetch §2.2.2)
        for (const [name, value] of [...headers]) {
          const simple = /^(accept|accept-language|content-language)$/.test(name) || name === "content-type" && /^(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)(;|$)/i.test(value);
          if (!simple) headers.delete(name);
        }
        if (kind && !headers.has("content-type")) headers.set("content-type", kind);
      }
      super(text, { method, url: url.href, headers, signal: init.signal ?? old?.signal });
    }
  }

  // fetch settles with the answer, whatever its status; it rejects if there is none.
  async function fetch(input, init) {
    if (this !== undefined && this !== globalThis) throw new TypeError("Failed to execute 'fetch' on 'Window': Illegal invocation");
    const request = new Request(input, init);
    const { signal } = request;
    if (signal?.aborted) throw signal.reason;
    const failed = new TypeError("Failed to fetch");
    const answer = host.send(request.method, request.url, pairsOf(request.headers), request.copyText() ?? "").then(
      (reply) => new Response(reply.body, { headers: reply.headers.map((pair) => [...pair]), [received]: { url: reply.url, redirected: reply.redirected, type: reply.type, status: reply.status, statusText: reply.statusText } }),
      () => { throw failed; },
    );
    if (!signal) return answer;
    return Promise.race([answer, new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))]);
  }

  class Event {
    constructor(type) { this.type = String(type); }
  }
  class CustomEvent extends Event {
    constructor(type, { detail = null } = {}) {
      super(type);
      this.detail = detail;
    }
  }

  class EventTarget {
    #listeners = [];
    addEventListener(type, f) { this.#listeners.push([type, f]); }
    removeEventListener(type, f) { this.#listeners = this.#listeners.filter(([t, g]) => t !== type || g !== f); }
    dispatchEvent(event) {
      event.target = this;
      const own = this[`on${event.type}`];
      if (typeof own === "function") own.call(this, event);
      for (const [type, f] of [...this.#listeners]) if (type === event.type) f.call(this, event);
      return true;
    }
  }

  class AbortSignal extends EventTarget {
    aborted = false;
    reason = undefined;
    throwIfAborted() { if (this.aborted) throw this.reason; }
    static any(signals) {
      const controller = new AbortController();
      for (const signal of signals) {
        if (signal.aborted) controller.abort(signal.reason);
        else signal.addEventListener("abort", () => controller.abort(signal.reason));
      }
      return controller.signal;
    }
    static timeout(ms) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException("signal timed out", "TimeoutError")), ms);
      return controller.signal;
    }
  }

  class AbortController {
    signal = new AbortSignal();
    abort(reason = new DOMException("signal is aborted without reason", "AbortError")) {
      if (this.signal.aborted) return;
      this.signal.aborted = true;
      this.signal.reason = reason;
      this.signal.dispatchEvent(new Event("abort"));
    }
  }

  const states = { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 };
  class XMLHttpRequest extends EventTarget {
    readyState = 0;
    status = 0;
    statusText = "";
    responseText = "";
    responseType = "";
    responseURL = "";
    timeout = 0;
    withCredentials = false;
    upload = new EventTarget();
    #request = null;
    #reply = new Headers();
    #controller = null;
    open(method, url) {
      this.abort();
      this.#request = { method: String(method), url, headers: new Headers() };
      Object.assign(this, { status: 0, statusText: "", responseText: "" });
      this.#turn(states.OPENED);
    }
    setRequestHeader(name, value) {
      this.#needOpen("setRequestHeader");
      this.#request.headers.append(name, value);
    }
    overrideMimeType() {}
    getResponseHeader(name) { return this.#reply.get(name); }
    getAllResponseHeaders() { return [...this.#reply].map(([name, value]) => `${name}: ${value}\r\n`).join(""); }
    get response() {
      if (this.responseType === "" || this.responseType === "text") return this.responseText;
      if (this.responseType !== "json") return host.lack(`XMLHttpRequest.responseType ${this.responseType}`);
      try {
        return JSON.parse(this.responseText);
      } catch {
        return null;
      }
    }
    send(text) {
      this.#needOpen("send");
      const { method, url, headers } = this.#request;
      const controller = new AbortController();
      this.#controller = controller;
      const timer = this.timeout > 0 ? setTimeout(() => this.#end(controller, "timeout"), this.timeout) : undefined;
      const current = () => this.#controller === controller;
      this.dispatchEvent(new Event("loadstart"));
      fetch(url, { method, headers, body: /^(get|head)$/i.test(method) ? undefined : text ?? undefined, signal: controller.signal }).then((response) => {
        if (!current()) return "";
        Object.assign(this, { status: response.status, statusText: response.statusText, responseURL: response.url });
        this.#reply = response.headers;
        this.#turn(states.HEADERS_RECEIVED);
        return response.text();
      }).then((text) => {
        clearTimeout(timer);
        if (!current()) return;
        this.responseText = text;
        this.#turn(states.LOADING);
        this.#end(controller, "load");
      }, () => { // no answer, or one that breaks off
        clearTimeout(timer);
        this.#end(controller, "error");
      });
    }
    abort() {
      if (this.#controller) this.#end(this.#controller, "abort");
      this.readyState = states.UNSENT;
    }
    // end ends a request, unless it has ended.
    #end(controller, how) {
      if (this.#controller !== controller) return;
      this.#controller = null;
      if (how !== "load") {
        Object.assign(this, { status: 0, statusText: "", responseText: "" });
        controller.abort();
      }
      this.#turn(states.DONE);
      this.dispatchEvent(new Event(how));
      this.dispatchEvent(new Event("loadend"));
    }
    #needOpen(name) {
      if (this.readyState !== states.OPENED || this.#controller) throw new DOMException(`Failed to execute '${name}' on 'XMLHttpRequest': The object's state must be OPENED.`, "InvalidStateError");
    }
    #turn(state) {
      this.readyState = state;
      this.dispatchEvent(new Event("readystatechange"));
    }
  }
  Object.assign(XMLHttpRequest, states);
  Object.assign(XMLHttpRequest.prototype, states);

  const names = { fetch, Headers, Request, Response, Blob, URL, URLSearchParams, FormData, XMLHttpRequest, DOMException, Event, CustomEvent, EventTarget, AbortController, AbortSignal };
  for (const [name, value] of Object.entries(names)) Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
});
