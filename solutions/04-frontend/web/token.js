// What anyone can do with a token: read it, and change it. Nobody but the
// server can sign it.

// takeApart returns the three parts of a token as they are written, and the
// JSON of the first two as text and as values. It throws an Error if the text
// is no token.
export function takeApart(token) {
  const parts = token.split(".");
  if (parts.length !== 3) throw new Error(`a token has three parts, this has ${parts.length}`);
  const [header, payload] = parts.map(decode);
  return { parts, header: JSON.parse(header), claims: JSON.parse(payload) };
}

// changeOneLetter returns the token with another letter in its payload, and
// where in the payload that is. The token then names another user: the last
// digit of the subject becomes a neighbour that differs in the last two bits
// only, since those are always in one letter of base64url.
export function changeOneLetter(token) {
  const [header, payload, signature] = token.split(".");
  const text = binary(payload);
  const subject = /"sub"\s*:\s*"\d*(?=\d")/.exec(text);
  const at = subject ? subject.index + subject[0].length : text.search(/\d/);
  const neighbour = "1212547698"[text[at]];
  const changed = encode(text.slice(0, at) + neighbour + text.slice(at + 1));
  const index = [...changed].findIndex((letter, i) => letter !== payload[i]);
  return { token: [header, changed, signature].join("."), index };
}

// binary returns the bytes that base64url stands for, a character for each.
function binary(part) {
  return atob(part.replaceAll("-", "+").replaceAll("_", "/"));
}

// encode writes bytes, a character for each, in base64url.
function encode(bytes) {
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// decode returns the text that base64url stands for.
function decode(part) {
  const bytes = Uint8Array.from([...binary(part)], (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
