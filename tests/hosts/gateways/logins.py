#!/usr/bin/env python3
"""Registries that want a token, and send for it to addresses that gateways accept or refuse.

    logins.py WASME [--oracles FOLDER]

Compares `wasme check` with the table below, and with --oracles the table with the gateways' own code. Fails when check
promises what a gateway refuses, or refuses what it accepts.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler

import images
from serve import Server

# The realm (OWN: the registry's port; OTHER: another port of this machine), whether GET /v2/ is open, and whether
# Istio and Envoy Gateway load the image.
CASES = (
    ("http://127.0.0.1:OWN/token", False, False, True),
    ("http://localhost:OWN/token", False, False, True),
    ("http://127.0.0.1:OTHER/token", False, False, False),
    ("http://localhost:OTHER/token", False, False, True),
    ("http://[::ffff:127.0.0.1]:OTHER/token", False, False, False),
    ("ftp://registry.example/token", False, False, False),
    ("http://127.0.0.1:OWN/token", True, False, False),
    ("http://localhost:OWN/token", True, False, False),
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    case = None

    def answer(self, status, kind, body, **fields):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in fields.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        words = self.path.split("/")
        if self.path.startswith("/token"):
            return self.answer(200, "application/json", b'{"token":"t","access_token":"t","expires_in":300}')
        is_open = self.path == "/v2/" and self.server.open_at_first
        if not is_open and self.headers.get("Authorization") != "Bearer t":
            return self.answer(401, "application/json", b'{"errors":[{"code":"UNAUTHORIZED"}]}',
                               WWW_Authenticate='Bearer realm="%s",service="x",scope="repository:a/b:pull"' %
                               self.server.realm)
        if self.path == "/v2/":
            return self.answer(200, "application/json", b"{}")
        if words[-2] == "manifests":
            return self.answer(200, *self.case.manifests[words[-1]])
        return self.answer(200, "application/octet-stream", self.case.blobs[words[-1]])

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def start(realm, open_at_first, other):
    server = Server(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    server.realm = realm.replace("OWN", str(port)).replace("OTHER", str(other))
    server.open_at_first = open_at_first
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return port


def ask_wasme(wasme, reference):
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder, XDG_CACHE_HOME=folder)
        done = subprocess.run([wasme, "check", "--json", "--gateway", "istio", "--gateway", "envoy-gateway", reference],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, check=False)
    try:
        return {answer["gateway"]: answer["verdict"] for answer in json.loads(done.stdout)["gateways"]}
    except (ValueError, KeyError):
        return {}


def ask_oracle(folder, gateway, reference):
    done = subprocess.run([os.path.join(folder, gateway)], input=reference + "\n", stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True)
    return done.stdout.split("\t", 1)[1].startswith("ok ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wasme")
    parser.add_argument("--oracles")
    args = parser.parse_args()
    Handler.case = next(case for case in images.cases() if case.name == "form-oci")
    other = start("", False, 0)
    wrong, unknown = [], 0
    for realm, open_at_first, *expected in CASES:
        reference = "127.0.0.1:%d/a/b:v1" % start(realm, open_at_first, other)
        answers = ask_wasme(args.wasme, reference)
        for gateway, loads in zip(("istio", "envoy-gateway"), expected):
            if args.oracles and ask_oracle(args.oracles, gateway, reference) != loads:
                wrong.append("%s: %s: the table is wrong" % (realm, gateway))
            verdict = answers.get(gateway, "unknown")
            unknown += verdict == "unknown"
            if verdict != "unknown" and (verdict == "loads") != loads:
                wrong.append("%s: %s: check says %s" % (realm, gateway, verdict))
    for line in wrong:
        print(line)
    print("%d realms: %d wrong answers, %d that are not known" % (len(CASES), len(wrong), unknown))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
