# Tokens made and verified by PyJWT: see ../../libraries_test.go.
import json
import sys
import time

import jwt

given = json.load(sys.stdin)
secret, sub, token = given["secret"], given["sub"], given["token"]
other = "z" + secret[1:]
now = int(time.time())
good = {"sub": sub, "iat": now, "exp": now + 60}

tokens = [
    ["good", jwt.encode(good, secret, "HS256"), 200],
    ["with a key id", jwt.encode(good, secret, "HS256", headers={"kid": "../../dev/null"}), 200],
    ["expired", jwt.encode({**good, "exp": now - 60}, secret, "HS256"), 401, "Token has expired"],
    ["no exp", jwt.encode({"sub": sub}, secret, "HS256"), 401],
    ["exp as text", jwt.encode({**good, "exp": "soon"}, secret, "HS256"), 401],
    ["nbf in the future", jwt.encode({**good, "nbf": now + 60}, secret, "HS256"), 401],
    ["a space behind sub", jwt.encode({**good, "sub": sub + " "}, secret, "HS256"), 401],
    ["somebody else's aud", jwt.encode({**good, "aud": ["shop"]}, secret, "HS256"), 401],
    ["another secret", jwt.encode(good, other, "HS256"), 401],
    ["HS384", jwt.encode(good, secret, "HS384"), 401],
    ["HS512", jwt.encode(good, secret, "HS512"), 401],
    ["unsecured", jwt.encode(good, None, "none"), 401],
]

verified = jwt.decode(token, secret, ["HS256"], options={"require": ["exp", "iat", "sub"]})
try:
    jwt.decode(token, other, ["HS256"])
    refused = False
except jwt.InvalidSignatureError:
    refused = True
print(json.dumps({"tokens": tokens, "verified": verified, "refused": refused}))
