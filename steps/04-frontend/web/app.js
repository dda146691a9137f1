// The part of the page that talks to the server: log in, ask with the token,
// log out. page.js calls these three functions and shows what they return, or
// the message of the Error that they throw.

// tokenKey is where the token is kept in localStorage between two visits.
const tokenKey = "jwt-token";

// login trades a username and a password for a token, keeps the token, and
// returns the server's answer: { token, user_id }.
export async function login(username, password) {
  // TODO 1: fetch "/token" (POST, JSON); localStorage.setItem the token and return the data, or throw new Error(…).
  // Delete this line when you are done.
  throw new Error("login is not finished");
}

// getMyTasks brings the token to the private endpoint and returns what that
// answers: { id, username }.
export async function getMyTasks() {
  // TODO 2: fetch "/protected" with the header Authorization: Bearer <token>; return the data, or throw new Error(…).
  // Delete this line when you are done.
  throw new Error("getMyTasks is not finished");
}

// logout forgets the token.
export function logout() {
  // TODO 3: localStorage.removeItem the token.
  // Delete this line when you are done.
  throw new Error("logout is not finished");
}
