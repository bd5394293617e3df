"""The skeleton of the fake servers: a fake adds its scenarios, and nothing else.

    fake.py --port-file FILE [--log FILE] [--scenario NAME] [--port N] [--user U --password P]

A fake listens on 127.0.0.1, at a free port unless --port names one, and then writes the port to FILE
(with the words that the fake adds). Each connection has a thread and stays open. The log has a line
for each request. A client that goes away is no error.
"""
import argparse
import base64
import hashlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.module.wasm.config.v1+json"
LAYER_TYPE = "application/vnd.module.wasm.content.layer.v1+wasm"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def basic(user, password):
    """The Authorization field of a login."""
    return "Basic " + base64.b64encode((user + ":" + password).encode()).decode()


def filter_parts(wasm):
    """The descriptor and the bytes of each part of a filter: of its runtime config and of the wasm."""
    config = b'{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["root_id"]}}'
    return [({"mediaType": kind, "digest": digest_of(data), "size": len(data),
              "annotations": {"org.opencontainers.image.title": title}}, data)
            for kind, data, title in ((CONFIG_TYPE, config, "runtime-config.json"),
                                      (LAYER_TYPE, wasm, "filter.wasm"))]


def manifest_of(descriptors, **members):
    return json.dumps({"schemaVersion": 2, "config": descriptors[0], "layers": descriptors,
                       **members}).encode()


class State:
    """All that the threads of a fake share."""

    def __init__(self, args):
        self.args = args
        self.scenario = getattr(args, "scenario", None)
        self.lock = threading.Lock()

    def log(self, *words):
        if self.args.log:
            with self.lock, open(self.args.log, "a", encoding="utf-8") as log:
                log.write(" ".join(words) + "\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    state = None

    def log_message(self, *args):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def given(self):
        """The login of the request, and its kind: none, basic or bearer."""
        given = self.headers.get("Authorization", "")
        return given, (given or "none").split(" ")[0].lower()

    def head(self, status, **fields):
        """The start of an answer; an underscore in a field's name stands for a hyphen."""
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def answer(self, status, body=b"", **fields):
        self.head(status, **fields, Content_Length=str(len(body)))
        if self.command != "HEAD":
            self.wfile.write(body)

    def give(self, document, status=200, **fields):
        self.answer(status, json.dumps(document).encode(), Content_Type="application/json", **fields)

    def refuse(self, status, code, message, **fields):
        self.give({"errors": [{"code": code, "message": message}]}, status, **fields)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def parser_of(about, scenarios=None, user="", password=""):
    """The options that all fakes understand; `scenarios` are names with their meanings."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--log")
    parser.add_argument("--port", type=int, default=0, help="instead of any that is free")
    parser.add_argument("--user", default=user)
    parser.add_argument("--password", default=password)
    if scenarios:
        parser.add_argument("--scenario", required=True, choices=sorted(scenarios))
    return parser


def listen(handler, state, address="127.0.0.1", port=0, **members):
    """Serves in the background, with a class made from `handler` that has the members."""
    server = Server((address, port), type(handler.__name__, (handler,), {"state": state, **members}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def say(args, *words):
    """Says in the port file that the fake listens."""
    with open(args.port_file + ".new", "w", encoding="ascii") as out:
        out.write(" ".join(str(word) for word in words) + "\n")
    os.rename(args.port_file + ".new", args.port_file)


def run(args, *words):
    """Says that the fake listens, and waits to be ended."""
    say(args, *words)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        sys.exit(0)
