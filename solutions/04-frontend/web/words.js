// The words of the page, in English and in Spanish. What the server and app.js
// say is English; where the page knows it, it shows it in the reader's language.

const words = {
  en: {
    title: "The JWT workshop",
    loginTitle: "Log in",
    loginHelp: "The first user is ada, with the password 12341234.",
    username: "Username",
    password: "Password",
    logIn: "Log in",
    hello: "Hello,",
    private: "This is what GET /protected answers, and to you alone:",
    logOut: "Log out",
    tokenTitle: "Your token, taken apart",
    tokenHelp: "It is kept in localStorage, under jwt-token. It is signed, not encrypted: whoever has it can read it, as this page does.",
    header: "Header",
    payload: "Payload",
    signature: "Signature",
    signatureHelp: "Made from the two others and the server’s secret. This page does not have the secret, so it can neither check nor make one.",
    forgeTitle: "Can you cheat?",
    forgeHelp: "Change one letter of the payload, so that the token names somebody else, and send it:",
    forge: "Change one letter and send it",
    noToken: "What is stored under jwt-token is no token: {text}",
    sub: "for the user with the id {text}",
    iat: "made at {time}",
    exp: "expires in {left}, at {time}",
    expired: "expired at {time}",
    other: "{text}",
    forgedSays: "The token now says that you are user {sub}. The signature is the old one. GET /protected answers:",
    forgedRefused: "Refused: the signature does not fit the payload any more, and only the server can make one that does.",
    forgedLetIn: "Let in! This server does not look at the signature.",
    loggedOut: "You are logged out: the token is forgotten.",
    "Invalid credentials": "Invalid credentials",
    "Invalid email or password format": "Invalid email or password format",
    "There was a problem in the login request": "There was a problem in the login request",
    "Missing or invalid token": "Missing or invalid token. Please log in again.",
    "Unknown error": "Unknown error",
  },
  es: {
    title: "El taller de JWT",
    loginTitle: "Iniciar sesión",
    loginHelp: "El primer usuario es ada, con la contraseña 12341234.",
    username: "Usuario",
    password: "Contraseña",
    logIn: "Entrar",
    hello: "Hola,",
    private: "GET /protected responde esto, y solo a ti:",
    logOut: "Cerrar sesión",
    tokenTitle: "Tu token, por partes",
    tokenHelp: "Está guardado en localStorage, con el nombre jwt-token. Está firmado, no cifrado: quien lo tiene puede leerlo, como lo hace esta página.",
    header: "Header",
    payload: "Payload",
    signature: "Firma",
    signatureHelp: "Se calcula con las otras dos partes y con el secreto del servidor. Esta página no tiene el secreto: no puede verificar la firma ni crear otra firma.",
    forgeTitle: "¿Puedes hacer trampa?",
    forgeHelp: "Cambia una letra del payload para que el token diga que eres otra persona, y envíalo:",
    forge: "Cambiar una letra y enviar",
    noToken: "Lo que está guardado con el nombre jwt-token no es un token: {text}",
    sub: "para el usuario con el id {text}",
    iat: "creado a las {time}",
    exp: "vence en {left}, a las {time}",
    expired: "venció a las {time}",
    other: "{text}",
    forgedSays: "Ahora el token dice que eres el usuario {sub}. La firma es la de antes. GET /protected responde:",
    forgedRefused: "Rechazado: la firma ya no corresponde al payload, y solo el servidor puede crear una firma que corresponda.",
    forgedLetIn: "¡Entró! Este servidor no revisa la firma.",
    loggedOut: "Cerraste sesión: esta página borró el token.",
    "Invalid credentials": "Usuario o contraseña incorrectos",
    "Invalid email or password format": "El formato del usuario o de la contraseña no es válido",
    "There was a problem in the login request": "Hubo un problema al iniciar sesión",
    "Missing or invalid token": "El token falta o no es válido. Inicia sesión otra vez.",
    "Unknown error": "Error desconocido",
  },
};

// language is the reader's: the one in the page's address, ?lang=es, if it is there and the
// page speaks it; else the first of the browser's that the page speaks.
const asked = new URLSearchParams(location.search).get("lang");
export const language = [asked, ...navigator.languages.map((tag) => tag.slice(0, 2))].find((tag) => Object.hasOwn(words, tag)) ?? "en";

// say returns a text in the reader's language, with values put in for {names};
// a text that is not in the list stays as it is.
export function say(text, values = {}) {
  const known = words[language];
  const template = Object.hasOwn(known, text) ? known[text] : text;
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// sayTime returns the time of day of a number of seconds since 1970.
export function sayTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(language);
}

// sayLeft returns a number of seconds as "14 min 02 s".
export function sayLeft(seconds) {
  const two = (n) => String(n).padStart(2, "0");
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h} h ${two(min)} min`;
  return min > 0 ? `${min} min ${two(s)} s` : `${s} s`;
}
