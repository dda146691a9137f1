// How both engines call functions of app.js: this is the function that does it. The actions
// are JSON, those of Go's Action; they happen one after the other, without waiting for the
// end of the calls among them. It returns JSON that says what came of each call, in the
// fields of Go's outcome.
async (app, actions, printed, { fetch, sentPath, timers, timersUp }) => {
  const describe = (value) => {
    const type = value === null ? "null" : typeof value;
    const isError = value instanceof Error;
    let json;
    try {
      json = JSON.stringify(value);
    } catch {
      // A BigInt, or an object that holds itself: it has no JSON.
    }
    return {
      type: type === "object" ? (value.constructor?.name ?? "object") : type,
      json,
      isError,
      message: isError ? String(value.message) : type === "object" || type === "function" ? "" : String(value),
      stack: isError ? String(value.stack) : "",
    };
  };
  const call = async (name, args) => {
    const called = app[name];
    if (typeof called !== "function") return { exported: Object.keys(app) };
    const outcome = { called: true };
    try {
      outcome.returned = describe(await called(...args));
    } catch (thrown) {
      outcome.thrown = describe(thrown);
    }
    outcome.stored = { ...localStorage };
    return outcome;
  };
  const outcomes = [];
  const before = timers?.();
  for (const action of JSON.parse(actions)) {
    if (action.function) outcomes.push(call(action.function, action.args ?? []));
    for (const [key, text] of Object.entries(action.store ?? {})) localStorage.setItem(key, text);
    if (action.hour) timersUp?.(timers());
    if (action.minute) timersUp?.(before);
    if (action.sent) await Promise.race([fetch(`${sentPath}?${action.sent}`), ...outcomes]); // what has ended sends no more
    for (const _ of action.rest ? [1, 2] : []) await fetch(sentPath); // the second time, what the first has let come is taken in
  }
  return JSON.stringify({ outcomes: await Promise.all(outcomes), printed });
}
