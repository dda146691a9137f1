// What browsers have, Sobek lacks and a learner may well use. It is not put there: who
// asks for it is noted, so that no program is called wrong for using it.
//
// host is Go's part: lack(path).
(function (host) {
  "use strict";

  const paths = `
    Array.fromAsync Atomics FinalizationRegistry Float16Array Intl Iterator JSON.rawJSON
    Map.prototype.getOrInsert Math.sumPrecise String.prototype.isWellFormed
    String.prototype.toWellFormed Symbol.asyncIterator Symbol.dispose Symbol.asyncDispose Temporal
    Uint8Array.fromBase64 Uint8Array.fromHex Uint8Array.prototype.toBase64
    Uint8Array.prototype.toHex WeakRef WebAssembly

    BroadcastChannel CompressionStream DecompressionStream DOMParser Element EventSource File
    FileReader HTMLElement Image MessageChannel MutationObserver Node Notification ReadableStream
    SharedWorker TransformStream URLPattern WebSocket Worker WritableStream caches confirm
    cookieStore customElements document history indexedDB matchMedia navigation open
    postMessage prompt reportError requestIdleCallback screen`;

  for (const path of paths.trim().split(/\s+/)) {
    const parts = path.split(".");
    const last = parts.pop();
    const owner = parts.reduce((object, part) => object[part], globalThis);
    if (last in owner) throw new Error(`Sobek has ${path}: take it out of sobek_lacks.js`);
    Object.defineProperty(owner, last, {
      configurable: true,
      get() { host.lack(path); },
      set(value) { Object.defineProperty(this, last, { value, writable: true, configurable: true, enumerable: true }); },
    });
  }
})
