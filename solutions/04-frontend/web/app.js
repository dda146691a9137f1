// The part of the page that talks to the server: log in, ask with the token,
// log out. page.js calls these three functions and shows what they return, or
// the message of the Error that they throw.

// tokenKey is where the token is kept in localStorage between two visits.
const tokenKey = "jwt-token";

// login trades a username and a password for a token, keeps the token, and
// returns the server's answer: { token, user_id }.
export async function login(username, password) {
  const { status, data } = await send("/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  if (status === 401) throw new Error("Invalid credentials");
  if (status === 400) throw new Error("Invalid email or password format");
  if (!data?.token) throw new Error("There was a problem in the login request");
  try {
    localStorage.setItem(tokenKey, data.token);
  } catch { // it is full, or turned off
    throw new Error("There was a problem in the login request");
  }
  return data;
}

// getMyTasks brings the token to the private endpoint and returns what that
// answers: { id, username }.
export async function getMyTasks() {
  const token = localStorage.getItem(tokenKey);
  if (!token) throw new Error("Missing or invalid token");
  const { status, data } = await send("/protected", {
    headers: { Authorization: `Bearer ${token}` },
  });
  if ([401, 403, 422].includes(status)) {
    if (localStorage.getItem(tokenKey) === token) localStorage.removeItem(tokenKey); // not a newer one
    throw new Error("Missing or invalid token");
  }
  if (!data) throw new Error("Unknown error");
  return data;
}

// logout forgets the token.
export function logout() {
  localStorage.removeItem(tokenKey);
}

// send sends a request and returns the status of the answer and, if that is a
// success, its data. The data is null if there is no answer or it is not JSON.
async function send(path, options) {
  let status = 0;
  try {
    const resp = await fetch(path, options);
    status = resp.status;
    return { status, data: resp.ok ? await resp.json() : null };
  } catch {
    return { status, data: null };
  }
}
