// How both engines call a function of app.js: this is the function that does it.
// It returns JSON that says what came of it, in the fields of Go's outcome.
async (app, name, args, printed) => {
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
  const called = app[name];
  if (typeof called !== "function") {
    return JSON.stringify({ exported: Object.keys(app), printed });
  }
  try {
    const value = await called(...args);
    return JSON.stringify({ called: true, returned: describe(value), printed });
  } catch (thrown) {
    return JSON.stringify({ called: true, thrown: describe(thrown), printed });
  }
}
