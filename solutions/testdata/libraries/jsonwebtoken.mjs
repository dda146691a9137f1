// Tokens made and verified by jsonwebtoken: see ../../libraries_test.go.
import { readFileSync } from "node:fs";
import jwt from "jsonwebtoken";

const { secret, sub, token } = JSON.parse(readFileSync(0, "utf8"));
const other = secret.replace(/^./, "z");
const now = Math.floor(Date.now() / 1000);
const good = { sub, exp: now + 60 };

const tokens = [
  ["good", jwt.sign(good, secret), 200],
  ["by its options", jwt.sign({}, secret, { subject: sub, expiresIn: "1h", notBefore: 0, jwtid: "x" }), 200],
  ["expired", jwt.sign({ ...good, exp: now - 60 }, secret), 401, "Token has expired"],
  ["no exp", jwt.sign({ sub }, secret), 401],
  ["nbf in the future", jwt.sign(good, secret, { notBefore: 60 }), 401],
  ["no sub", jwt.sign({}, secret, { expiresIn: 60 }), 401],
  ["an empty sub", jwt.sign({ ...good, sub: "" }, secret), 401],
  ["somebody else's aud", jwt.sign(good, secret, { audience: "shop" }), 401],
  ["a text for claims", jwt.sign("text", secret), 401],
  ["another secret", jwt.sign(good, other), 401],
  ["HS384", jwt.sign(good, secret, { algorithm: "HS384" }), 401],
  ["HS512", jwt.sign(good, secret, { algorithm: "HS512" }), 401],
  ["unsecured", jwt.sign(good, "", { algorithm: "none" }), 401],
];

const verified = jwt.verify(token, secret, { algorithms: ["HS256"], subject: sub });
let refused = false;
try {
  jwt.verify(token, other);
} catch {
  refused = true;
}
console.log(JSON.stringify({ tokens, verified, refused }));
