#!/usr/bin/env python3
"""Hands out bearer tokens that a docker-registry with `auth: token` verifies.

    token_server.py --port-file FILE --key KEY.pem --certificate CERT.pem --log FILE
                    --user U --password P [--identity TOKEN] [--stale N] [--trap] [--one-scope]

Writes its port on 127.0.0.1 to FILE. The tokens are JWTs that openssl signs (RS256) with the key;
the registry is told the certificate. Anybody may pull from public/…; the user, and who has the
identity token, may do all. Each request is a line of the log:

    GET|POST anonymous|user|identity|wrong SCOPES

--stale N: the first N tokens have expired long ago. --trap: as Harbor, a wrong password is refused
only where no scope is asked for; with one, the answer is 200 and the token that anybody gets, which
names no subject; and so is who asks without a login and without a scope. --one-scope: 403 to who
asks for several.
"""
import argparse
import base64
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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


class Signer:
    def __init__(self, args):
        self.args = args
        self.lock = threading.Lock()
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


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    signer = None

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_line(self, who, scopes):
        with self.signer.lock, open(self.signer.args.log, "a", encoding="utf-8") as log:
            log.write(" ".join([self.command, who] + scopes) + "\n")

    def refuse(self):
        self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "who are you"}]})

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        scopes = query.get("scope", [])
        args = self.signer.args
        right = args.user + ":" + args.password
        given = self.headers.get("Authorization")
        who = "anonymous"
        if given:
            known = given == "Basic " + base64.b64encode(right.encode()).decode()
            who = "user" if known else "wrong"
        self.log_line(who, scopes)
        if query.get("service") != ["registry"]:
            self.answer(400, {"details": "no such service"})
        elif args.one_scope and len(scopes) > 1:
            self.answer(403, {"errors": [{"code": "DENIED", "message": "requested access is denied"}]})
        elif args.trap and who != "user":
            if scopes:
                self.answer(200, {"token": self.signer.token(None, scopes), "expires_in": 300})
            else:
                self.answer(401, {})
        elif who == "wrong":
            self.refuse()
        else:
            self.answer(200, {"token": self.signer.token(who, scopes), "expires_in": 300})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
        scopes = form.get("scope", "").split()
        known = self.signer.args.identity and form.get("refresh_token") == self.signer.args.identity
        who = "identity" if known else "wrong"
        self.log_line(who, scopes)
        if (form.get("grant_type") != "refresh_token" or form.get("service") != "registry" or
                form.get("client_id") != "wasme" or self.headers.get("Authorization") or
                self.headers.get("Content-Type") != "application/x-www-form-urlencoded"):
            self.answer(400, {"error": "invalid_request"})
        elif who == "wrong":
            self.refuse()
        else: # as ACR: this member only, and a new identity token that need not be kept
            self.answer(200, {"access_token": self.signer.token(who, scopes),
                              "refresh_token": "another-identity-token"})


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description="hands out bearer tokens")
    for name in ("--port-file", "--key", "--certificate", "--log", "--user", "--password"):
        parser.add_argument(name, required=True)
    parser.add_argument("--identity", default="")
    parser.add_argument("--stale", type=int, default=0)
    parser.add_argument("--trap", action="store_true")
    parser.add_argument("--one-scope", action="store_true")
    args = parser.parse_args()
    Handler.signer = Signer(args)
    server = Server(("127.0.0.1", 0), Handler)
    with open(args.port_file + ".new", "w", encoding="ascii") as out:
        out.write("%d\n" % server.server_port)
    os.rename(args.port_file + ".new", args.port_file)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
