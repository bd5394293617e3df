#!/usr/bin/env python3
"""Hands out bearer tokens that a docker-registry with `auth: token` verifies.

    token_server.py --port-file FILE --key KEY.pem --certificate CERT.pem --log FILE
                    --user U --password P [--identity TOKEN] [--stale N] [--trap] [--one-scope]

Writes its port on 127.0.0.1 to FILE. The tokens are JWTs that openssl signs (RS256) with the key;
the registry is told the certificate. Anybody may pull from public/…; the user, and a client with
the identity token, may do everything. Each request is a line of the log:

    GET|POST anonymous|user|identity|wrong SCOPES

--stale N: the first N tokens have expired long ago. --trap: as in Harbor, a wrong password is refused only
when the request has no scope; with a scope, the answer is 200 and a token without a subject, which anybody
gets. A request without a login and without a scope is refused too. --one-scope: a request with several
scopes is answered by 403.
"""
import base64
import json
import subprocess
import time
import urllib.parse

from skeleton import Handler, State, basic, listen, parser_of, run


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def access_of(scopes, who):
    """What is granted of "repository:a/b:pull,push", in the form of the token."""
    granted = []
    for scope in scopes:
        kind, name, actions = scope.split(":", 2)
        allowed = actions.split(",") if who in ("user", "identity") else []
        if who in (None, "anonymous") and name.startswith("public/"):
            allowed = [action for action in actions.split(",") if action == "pull"]
        if allowed:
            granted.append({"type": kind, "name": name, "actions": allowed})
    return granted


class Signer(State):
    def __init__(self, args):
        super().__init__(args)
        self.made = 0
        with open(args.certificate, encoding="ascii") as pem:
            lines = [line.strip() for line in pem if not line.startswith("-----")]
        self.head = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(lines)]}

    def token(self, who, scopes):
        with self.lock:
            self.made += 1
            stale = self.made <= self.args.stale
        now = int(time.time())
        claims = {"iss": "wasme-tests", "aud": "registry", "jti": str(self.made),
                  "iat": now - 600, "nbf": now - 600, "exp": now - 300 if stale else now + 300,
                  "access": access_of(scopes, who)}
        if who:
            claims["sub"] = who
        text = b".".join(encode(json.dumps(part).encode()) for part in (self.head, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.args.key],
                                   input=text, stdout=subprocess.PIPE, check=True).stdout
        return (text + b"." + encode(signature)).decode()


class Tokens(Handler):
    def deny(self):
        self.refuse(401, "UNAUTHORIZED", "who are you")

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        scopes = query.get("scope", [])
        args = self.state.args
        given, _ = self.given()
        who = "anonymous"
        if given:
            who = "user" if given == basic(args.user, args.password) else "wrong"
        self.state.log(self.command, who, *scopes)
        if query.get("service") != ["registry"]:
            self.give({"details": "no such service"}, 400)
        elif args.one_scope and len(scopes) > 1:
            self.refuse(403, "DENIED", "requested access is denied")
        elif args.trap and who != "user":
            if scopes:
                self.give({"token": self.state.token(None, scopes), "expires_in": 300})
            else:
                self.give({}, 401)
        elif who == "wrong":
            self.deny()
        else:
            self.give({"token": self.state.token(who, scopes), "expires_in": 300})

    def do_POST(self):
        fields = urllib.parse.parse_qs(self.body().decode())
        form = {name: values[0] for name, values in fields.items()}
        scopes = form.get("scope", "").split()
        known = self.state.args.identity and form.get("refresh_token") == self.state.args.identity
        who = "identity" if known else "wrong"
        self.state.log(self.command, who, *scopes)
        if (form.get("grant_type") != "refresh_token" or form.get("service") != "registry" or
                form.get("client_id") != "wasme" or self.headers.get("Authorization") or
                self.headers.get("Content-Type") != "application/x-www-form-urlencoded"):
            self.give({"error": "invalid_request"}, 400)
        elif who == "wrong":
            self.deny()
        else: # as ACR: this member only, and a new identity token that need not be kept
            self.give({"access_token": self.state.token(who, scopes),
                       "refresh_token": "another-identity-token"})


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--key", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--identity", default="")
    parser.add_argument("--stale", type=int, default=0)
    parser.add_argument("--trap", action="store_true")
    parser.add_argument("--one-scope", action="store_true")
    args = parser.parse_args()
    run(args, listen(Tokens, Signer(args), port=args.port).server_port)


if __name__ == "__main__":
    main()
