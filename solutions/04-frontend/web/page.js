// The page: it shows what the functions of app.js return, and the messages of
// the Errors that they throw. What comes from outside, a username above all, is
// only ever shown as text (textContent), never as HTML.

import { login, getMyTasks, logout } from "./app.js";
import { changeOneLetter, takeApart } from "./token.js";
import { language, say, sayLeft, sayTime } from "./words.js";

const $ = (id) => document.getElementById(id);

// claims is the payload of the token that is shown, if there is one.
let claims = null;

// askedAbout is the token about which the server was asked when it was over.
let askedAbout = null;

// showMessage says what happened, or nothing if text is "".
function showMessage(text, good = false) {
  $("message").textContent = say(text);
  $("message").classList.toggle("bad", !good);
  $("message").hidden = text === "";
}

// showLogin asks for a name and a password.
function showLogin() {
  claims = null;
  $("session").hidden = $("token").hidden = true;
  $("login-form").hidden = false;
  $("password").value = "";
  $("username").focus();
}

// showSession shows who is logged in, or asks for a login if that is over.
async function showSession() {
  try {
    const tasks = await getMyTasks();
    $("who").textContent = tasks.username;
    $("tasks").textContent = JSON.stringify(tasks);
    $("login-form").hidden = true;
    $("session").hidden = false;
    showToken();
    showMessage("");
    $("session-title").focus();
  } catch (error) {
    showLogin();
    showMessage(error.message);
  }
}

// showToken takes the stored token apart.
function showToken() {
  const token = localStorage.getItem("jwt-token");
  $("forged").hidden = true;
  try {
    const { parts, header, claims: payload } = takeApart(token);
    claims = payload;
    showParts($("raw"), parts);
    $("header").textContent = JSON.stringify(header, null, 2);
    $("payload").textContent = JSON.stringify(claims, null, 2);
    $("claims").replaceChildren(...Object.keys(claims).flatMap((name) => [element("dt", name), element("dd", "")]));
    showClaims();
    $("token").hidden = false;
  } catch {
    $("token").hidden = true;
    showMessage(say("noToken", { text: String(token).slice(0, 60) }));
  }
}

// showParts shows a token in its three colours, with a mark at one letter of
// the payload if there is one.
function showParts(line, parts, marked = -1) {
  ["header", "payload", "signature"].forEach((name, i) => {
    line.querySelector(`.${name}`).textContent = parts[i];
  });
  if (marked < 0) return;
  const letters = parts[1];
  line.querySelector(".payload").replaceChildren(letters.slice(0, marked), element("mark", letters[marked]), letters.slice(marked + 1));
}

// showClaims says in words what the token claims, as of now.
function showClaims() {
  const left = Math.ceil(claims.exp - Date.now() / 1000);
  $("claims").querySelectorAll("dd").forEach((line, i) => {
    const [name, value] = Object.entries(claims)[i];
    const known = { sub: "sub", iat: "iat", nbf: "iat", exp: left > 0 ? "exp" : "expired" }[name] ?? "other";
    line.textContent = say(known, { text: typeof value === "string" ? value : JSON.stringify(value), time: sayTime(value), left: sayLeft(left) });
  });
  return left;
}

// element returns a new element with a text in it.
function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// forge changes one letter of the stored token, sends it, and shows the answer.
// What is stored stays as it was.
async function forge() {
  const { token, index } = changeOneLetter(localStorage.getItem("jwt-token"));
  showParts($("forged").querySelector(".raw"), token.split("."), index);
  $("forged-says").textContent = say("forgedSays", { sub: takeApart(token).claims.sub });
  $("forged").hidden = false;
  try {
    const resp = await fetch("/protected", { headers: { Authorization: `Bearer ${token}` } });
    $("forged-answer").textContent = `${resp.status} ${resp.statusText}\n${await resp.text()}`;
    $("forged-why").textContent = say(resp.ok ? "forgedLetIn" : "forgedRefused");
  } catch (error) {
    $("forged-answer").textContent = error.message;
    $("forged-why").textContent = "";
  }
}

$("login-form").addEventListener("submit", async (event) => {
  event.preventDefault(); // the browser would load the page anew
  $("log-in").disabled = true;
  showMessage("");
  try {
    await login($("username").value, $("password").value);
    await showSession();
  } catch (error) {
    showMessage(error.message);
    $("password").select();
  } finally {
    $("log-in").disabled = false;
  }
});

$("log-out").addEventListener("click", () => {
  try {
    logout();
    showLogin();
    showMessage("loggedOut", true);
  } catch (error) {
    showMessage(error.message);
  }
});

$("forge").addEventListener("click", forge);

// The claims count down; when the token is over, the server is asked again, and
// says so. It is asked once: this computer's clock may be ahead of its own.
setInterval(() => {
  const token = localStorage.getItem("jwt-token");
  if (claims?.exp && showClaims() <= 0 && askedAbout !== token) {
    askedAbout = token;
    showSession();
  }
}, 1000);

document.documentElement.lang = language;
document.title = say("title");
document.querySelectorAll("[data-text]").forEach((place) => {
  place.textContent = say(place.dataset.text);
});
$("not-started").remove();
$("log-in").disabled = false;
if (localStorage.getItem("jwt-token") === null) {
  showLogin();
} else {
  showSession();
}
