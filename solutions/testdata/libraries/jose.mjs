// Tokens made and verified by jose: see ../../libraries_test.go.
import { readFileSync } from "node:fs";
import { CompactSign, UnsecuredJWT, SignJWT, jwtVerify } from "jose";

const { secret, sub, token } = JSON.parse(readFileSync(0, "utf8"));
const key = (text) => new TextEncoder().encode(text);
const now = Math.floor(Date.now() / 1000);
const good = { sub, iat: now, exp: now + 60 };
const sign = (claims, alg = "HS256", signingKey = key(secret)) => new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT" }).sign(signingKey);
const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);

const tokens = [
  ["good", await sign(good), 200],
  ["with more claims", await sign({ ...good, nbf: now - 1, jti: "x", username: "eve", admin: true }), 200],
  ["expired", await sign({ ...good, exp: now - 60 }), 401, "Token has expired"],
  ["no exp", await sign({ sub, iat: now }), 401],
  ["nbf in the future", await sign({ ...good, nbf: now + 60 }), 401],
  ["iat in the future", await sign({ ...good, iat: now + 600, exp: now + 900 }), 401],
  ["no sub", await sign({ iat: now, exp: now + 60 }), 401],
  ["an unknown sub", await sign({ ...good, sub: "999999" }), 401],
  ["somebody else's aud", await sign({ ...good, aud: "shop" }), 401],
  ["another secret", await sign(good, "HS256", key(secret.replace(/^./, "z"))), 401],
  ["HS384", await sign(good, "HS384"), 401],
  ["HS512", await sign(good, "HS512"), 401],
  ["ES256", await sign(good, "ES256", privateKey), 401],
  ["unsecured", new UnsecuredJWT(good).encode(), 401],
  ["claims that are no object", await new CompactSign(key("[]")).setProtectedHeader({ alg: "HS256" }).sign(key(secret)), 401],
  ["an unknown extension", await new CompactSign(key(JSON.stringify(good))).setProtectedHeader({ alg: "HS256", crit: ["x"], x: 1 }).sign(key(secret), { crit: { x: true } }), 401],
];

const verified = await jwtVerify(token, key(secret), { algorithms: ["HS256"], subject: sub, requiredClaims: ["exp", "iat"] });
const refused = await jwtVerify(token, key(secret.replace(/^./, "z"))).then(() => false, () => true);
console.log(JSON.stringify({ tokens, verified: verified.payload, refused }));
