#!/usr/bin/env python3
"""A registry with the login quirks of one that is met in the world: of Harbor, ACR, GHCR, ECR.

    quirks.py --port-file FILE --log FILE --quirk NAME

Writes "PORT DIGEST" to FILE once it listens on 127.0.0.1. It holds proj/filter:v1, whose manifest has
the digest. The user is robot$proj+ci, the password right. Each request is a line of the log:

    METHOD PATH none|basic|TOKEN
"""
import argparse
import base64
import hashlib
import json
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

QUIRKS = {
    "harbor": "401 for all without a token; a wrong password gets a token when a scope is asked for",
    "harbor-narrow": "the first token allows too little, and then the challenge is Basic",
    "harbor-denied": "the same with every token",
    "harbor-no-project": "401 with an empty challenge",
    "zot": "open in part: /v2/ is 200 and names Basic, lists have what anybody may read",
    "acr": "an identity token goes by POST, and the answer has access_token alone",
    "acr-get-only": "takes no POST to the realm",
    "ghcr": "the realm answers 403 to a wrong password",
    "ecr": "Basic alone, with the user AWS and a password of 2 KB",
    "short-lived": "a token is good for three requests, and then invalid",
}
USER, PASSWORD, IDENTITY = "robot$proj+ci", "right", "the-identity-token"
AWS = "x" * 2000
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def make_image():
    """The blobs by digest, and the manifest."""
    config = b'{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["root_id"]}}'
    wasm = b"\0asm\1\0\0\0"
    parts = [("application/vnd.module.wasm.config.v1+json", config, "runtime-config.json"),
             ("application/vnd.module.wasm.content.layer.v1+wasm", wasm, "filter.wasm")]
    described = [{"mediaType": kind, "digest": digest_of(data), "size": len(data),
                  "annotations": {"org.opencontainers.image.title": title}}
                 for kind, data, title in parts]
    manifest = json.dumps({"schemaVersion": 2, "config": described[0], "layers": described}).encode()
    return {digest_of(data): data for _, data, _ in parts}, manifest


class State:
    def __init__(self, args):
        self.args = args
        self.quirk = args.quirk
        self.lock = threading.Lock()
        self.tokens = {}  # what each grants: "scope" and how often it was used
        self.blobs, self.manifest = make_image()
        self.digest = digest_of(self.manifest)

    def new_token(self, grant):
        with self.lock:
            name = "token%d" % (len(self.tokens) + 1)
            self.tokens[name] = [grant, 0]
            return name

    def use_token(self, name):
        """(what it grants, how often it was used before); None: no such token."""
        with self.lock:
            if name not in self.tokens:
                return None
            self.tokens[name][1] += 1
            return self.tokens[name][0], self.tokens[name][1] - 1

    def log(self, line):
        with self.lock, open(self.args.log, "a", encoding="ascii") as log:
            log.write(line + "\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, message, challenge=None):
        body = json.dumps({"errors": [{"code": "UNAUTHORIZED", "message": message}]}).encode()
        fields = {"WWW_Authenticate": challenge} if challenge is not None else {}
        self.answer(status, body, Content_Type="application/json", **fields)

    def arrive(self):
        given = self.headers.get("Authorization", "none")
        kind = given.split(" ")[1] if given.startswith("Bearer ") else given.split(" ")[0].lower()
        self.state.log("%s %s %s" % (self.command, self.path, kind))
        return given

    # The realm.

    def realm(self):
        return "http://127.0.0.1:%d/service/token" % self.server.server_port

    def bearer(self, repository=None, error=None):
        """Harbor's, word for word; nothing of a scope on /v2/."""
        text = 'Bearer realm="%s",service="harbor-registry"' % self.realm()
        if repository:
            reads = self.command in ("GET", "HEAD")
            text += ',scope="repository:%s:%s"' % (repository, "pull" if reads else "pull,push")
        return text + (',error="%s"' % error if error else "")

    def give_token(self, scope, member="token"):
        name = self.state.new_token(scope)
        self.answer(200, json.dumps({member: name, "expires_in": 1800}).encode(),
                    Content_Type="application/json")

    def token(self, given):
        scope = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("scope", [""])[0]
        right = "Basic " + base64.b64encode((USER + ":" + PASSWORD).encode()).decode()
        quirk = self.state.quirk
        if given == right:
            self.give_token(scope)
        elif quirk.startswith("harbor") and scope:
            # With less access for a wrong login, and no word of it.
            self.give_token("public " + scope if given == "none" else "")
        elif quirk == "ghcr":
            self.refuse(403, "denied: denied")
        else:
            self.refuse(401, "unauthorized")

    def do_POST(self):
        given = self.arrive()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = urllib.parse.parse_qs(body)
        if self.state.quirk != "acr" or given != "none":
            self.refuse(405, "no such method")
        elif form.get("grant_type") != ["refresh_token"] or form.get("refresh_token") != [IDENTITY]:
            self.refuse(401, "unauthorized")
        else:
            self.give_token(form.get("scope", [""])[0], "access_token")

    # The registry.

    def is_let_in(self, given, repository):
        """Answers itself when not."""
        quirk = self.state.quirk
        if quirk == "ecr":
            if given == "Basic " + base64.b64encode(("AWS:" + AWS).encode()).decode():
                return True
            self.refuse(401, "Not Authorized", 'Basic realm="https://ecr.example/",service="ecr"')
            return False
        if quirk == "harbor-no-project":
            self.refuse(401, "unauthorized to access repository", "")
            return False
        used = self.state.use_token(given[7:]) if given.startswith("Bearer ") else None
        if used is None:
            self.refuse(401, "unauthorized", self.bearer(repository))
            return False
        grant, before = used
        if quirk == "short-lived" and before >= 3:
            self.refuse(401, "invalid token", self.bearer(repository, "invalid_token"))
            return False
        wanted = "repository:%s:pull" % repository
        enough = not repository or wanted in grant
        if quirk in ("harbor-narrow", "harbor-denied"):
            enough = "pull,push" in grant and quirk == "harbor-narrow"
        if not enough:
            self.refuse(401, "unauthorized to access repository", 'Basic realm="harbor"')
        return enough

    def zot(self, given, path):
        """Word for word zot's, with its realm "the tests": without quotes in a 200."""
        right = "Basic " + base64.b64encode((USER + ":" + PASSWORD).encode()).decode()
        lists = {"/v2/_catalog": {"repositories": ["public/filter"]},
                 "/v2/public/filter/tags/list": {"name": "public/filter", "tags": ["v1"]},
                 "/v2/proj/filter/tags/list": {"name": "proj/filter", "tags": ["v1"]}}
        if given == right:
            lists["/v2/_catalog"]["repositories"].append("proj/filter")
        if given not in ("none", right) or (given == "none" and "/proj/" in path):
            body = json.dumps({"code": "UNAUTHORIZED", "message": "authentication required"})
            self.answer(401, body.encode(), Content_Type="application/json",
                        WWW_Authenticate='Basic realm="the tests"')
        elif path == "/v2/":
            self.answer(200, Content_Type="application/json",
                        WWW_Authenticate="basic realm=the tests")
        elif path in lists:
            self.answer(200, json.dumps(lists[path]).encode(), Content_Type="application/json")
        elif path.endswith("/manifests/v1"):
            self.answer(200, self.state.manifest, Content_Type=MANIFEST_TYPE)
        else:
            self.answer(404, b"404 page not found\n")

    def do_GET(self):
        given = self.arrive()
        path = self.path.split("?", 1)[0]
        if self.state.quirk == "zot":
            self.zot(given, path)
            return
        if path == "/service/token":
            self.token(given)
            return
        repository = path[len("/v2/"):].rsplit("/", 2)[0] if path != "/v2/" else None
        if not self.is_let_in(given, repository):
            return
        key = path.rsplit("/", 1)[1]
        if path == "/v2/":
            self.answer(200, b"{}")
        elif key in ("v1", self.state.digest):
            self.answer(200, self.state.manifest, Content_Type=MANIFEST_TYPE)
        elif key in self.state.blobs:
            self.answer(200, self.state.blobs[key])
        else:
            self.refuse(404, "not found")

    do_HEAD = do_GET


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description="a registry with the login quirks of a known one")
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--quirk", required=True, choices=sorted(QUIRKS))
    args = parser.parse_args()
    Handler.state = State(args)
    server = Server(("127.0.0.1", 0), Handler)
    with open(args.port_file + ".new", "w", encoding="ascii") as out:
        out.write("%d %s\n" % (server.server_port, Handler.state.digest))
    os.rename(args.port_file + ".new", args.port_file)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
