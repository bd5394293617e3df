#!/usr/bin/env python3
"""A registry that misbehaves in one stated way, which a conforming registry never does.

    peer.py --port-file FILE --scenario NAME [--log FILE] [--port N] [--user U --password P]

Writes "PORT OTHERPORT DIGEST" to FILE once it listens on 127.0.0.1:PORT, and on
127.0.0.2:OTHERPORT as another host. The registry holds the image fake/image:v1, whose manifest has the
digest, and accepts pushes. Each request is a line of the log:

    main|other METHOD PATH none|basic|bearer
"""
import hashlib
import socket
import time

from skeleton import (MANIFEST_TYPE, Handler, State, basic, digest_of, filter_parts, listen, manifest_of,
                      parser_of, run)

SCENARIOS = {
    "plain": "does all as it should",
    "fresh": "the same, and has no blobs yet",
    "fresh-bearer": "the same, and wants a token",
    "truncated": "blobs end early, always",
    "truncated-once": "the wasm ends early, the first time",
    "wrong-bytes": "the wasm is another one of the same size",
    "longer": "the wasm goes on after its size",
    "endless": "the wasm never ends",
    "stall": "the wasm stops halfway, and the connection stays",
    "retry-after": "429 with Retry-After: 1 at first",
    "busy": "503 twice at first",
    "long-wait": "429 with Retry-After: 86400",
    "cut-upload": "closes the connection in the first upload of the wasm",
    "busy-blobs": "each blob answers 503 the first time",
    "cut-often": "the connection is cut after every 70 kB of the wasm; ranges are understood",
    "drip": "the connection is cut after every byte of the wasm; ranges are understood",
    "see-saw": "the wasm is cut after one byte and after 100 kB in turn, always from its start",
    "trickle": "the wasm comes with 150 bytes a second, for ever on time",
    "trickle-upload": "the wasm is taken with 500 bytes a second",
    "huge": "says of the wasm that it has 10^12 bytes",
    "busy-heads": "each HEAD is answered by 503; it has no blobs yet",
    "endless-success": "an upload is begun with a body that never ends",
    "redirect-upload": "POST and PUT of uploads are redirected by 307 once each",
    "redirect-found": "POST of uploads is redirected by 302",
    "redirect": "blobs are on another host",
    "redirect-login": "the same, and wants user and password",
    "redirect-phish": "the other host asks for a login of its own",
    "redirect-loop": "blobs are always elsewhere",
    "bearer": "wants a token, which it hands out for user and password",
    "bearer-other-host": "wants a token that another host hands out",
    "bearer-moved": "the same as bearer, and the tokens have moved to another path",
    "bearer-moved-away": "the same, and the tokens have moved to another host",
    "bearer-metadata": "sends for a token to a metadata service",
    "basic": "wants user and password",
    "basic-fresh": "the same, and has no blobs yet",
    "echo-challenge": "wants user and password, and says them in its challenge",
    "echo-location": "the same, in a redirect that leads nowhere",
    "echo-reason": "the same, in the reason of a refusal",
    "loop-401": "hands out tokens and refuses them",
    "mute-401": "401 without a challenge",
    "bad-challenge": "401 with a malformed challenge",
    "wrong-manifest": "a manifest of other bytes than its digest",
    "never-modified": "each question for a manifest is answered by 304, also one without a condition",
    "other-modified": "a question with a condition is answered by 304, about another manifest",
    "giant-manifest": "a manifest of 8 MB",
    "giant-error": "400 with 64 MB of words",
    "rude-error": "400 whose words drive a terminal",
    "giant-head": "a head of many megabytes",
    "relative-location": "upload addresses are relative and have a query that matters",
    "no-location": "an upload without an address",
    "denied": "403 on each upload",
    "mounts-nothing": "says of each mount that the blob is there, without looking",
    "mounts-fail": "each mount is answered by 503",
    "forgetful": "loses the blobs before the first manifest that names them",
}


def make_wasm(size):
    """A module of one custom section, of about `size` bytes that differ."""
    fill = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(size // 32 + 1))[:size]
    body = bytes([4]) + b"fill" + fill
    length = b""
    n = len(body)
    while True:
        length += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            break
    return b"\0asm\1\0\0\0" + b"\0" + length + body


# The scenarios about uploads begin with an empty registry.
FRESH = ("fresh", "fresh-bearer", "cut-upload", "relative-location", "no-location", "denied",
         "endless-success", "redirect-upload", "redirect-found", "basic-fresh", "forgetful",
         "trickle-upload", "busy-heads", "mounts-nothing", "mounts-fail")


class Registry(State):
    def __init__(self, args):
        super().__init__(args)
        self.seen = {}  # how often something has happened
        self.uploads = 0
        self.other = ""
        wasm = make_wasm(200000)
        self.wasm_digest = digest_of(wasm)
        parts = filter_parts(wasm)
        if self.scenario == "huge":
            parts[1][0]["size"] = 10 ** 12
        self.blobs = {} if self.scenario in FRESH else {digest_of(data): data for _, data in parts}
        manifest = manifest_of([descriptor for descriptor, _ in parts])
        self.digest = digest_of(manifest)
        self.manifests = {"v1": manifest, self.digest: manifest}

    def count(self, what):
        """How often it has happened before now."""
        with self.lock:
            self.seen[what] = self.seen.get(what, 0) + 1
            return self.seen[what] - 1


class Peer(Handler):
    name = "main"

    # Answers.

    def begin(self, length):
        self.head(200, Content_Type="application/octet-stream", Content_Length=str(length))

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(2)

    # Logins.

    def credential(self):
        return basic(self.state.args.user, self.state.args.password)

    def challenge(self):
        kind = self.state.scenario
        main = "http://127.0.0.1:%d/token" % self.server.server_port
        realms = {"bearer": main, "bearer-moved": main, "bearer-moved-away": main,
                  "fresh-bearer": main, "loop-401": main,
                  "bearer-other-host": "http://%s/token" % self.state.other,
                  "bearer-metadata": "http://169.254.169.254/token"}
        if kind in realms:
            return 'Bearer realm="%s",service="peer",scope="repository:fake/image:pull"' % realms[kind]
        if kind.startswith("echo-"):
            return 'Basic realm="peer"'
        return {"basic": 'Basic realm="peer"', "basic-fresh": 'Basic realm="peer"',
                "redirect-login": 'Basic realm="peer"',
                "redirect-phish": 'Basic realm="peer"',
                "bad-challenge": 'Bearer realm="unended', "mute-401": ""}.get(kind)

    def is_let_in(self):
        challenge = self.challenge()
        given = self.headers.get("Authorization", "")
        kind = self.state.scenario
        if challenge is None or given == self.credential() and kind in (
                "basic", "basic-fresh", "redirect-login", "redirect-phish"):
            return True
        if kind in ("bearer", "fresh-bearer", "bearer-other-host", "bearer-moved",
                    "bearer-moved-away") and given == "Bearer good-token":
            return True
        if kind.startswith("echo-"):
            self.echo(kind, given)
            return False
        fields = {"WWW_Authenticate": challenge} if challenge else {}
        self.refuse(401, "UNAUTHORIZED", "authentication required", **fields)
        return False

    def echo(self, kind, given):
        secret = given.split(" ")[-1]
        if secret and kind == "echo-location":
            self.answer(307, Location="gopher://nowhere/?" + secret)
        elif secret and kind == "echo-reason":
            self.send_response(403, "No " + secret)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.refuse(401, "UNAUTHORIZED", "no", WWW_Authenticate='Basic realm="not %s"' % secret)

    def token_moved(self):
        kind = self.state.scenario
        if self.path.startswith("/token/") or self.name == "other":
            return False
        where = "http://" + self.state.other if kind == "bearer-moved-away" else ""
        query = self.path[len("/token"):]
        self.answer(307, Location=where + "/token/" + query)
        return True

    def token(self):
        if self.state.scenario.startswith("bearer-moved") and self.token_moved():
            return
        given = self.headers.get("Authorization")
        if self.state.args.user and given != self.credential():
            self.refuse(401, "UNAUTHORIZED", "wrong user or password")
            return
        self.give({"token": "worse-token", "access_token": "good-token", "expires_in": 300})

    # Pulls.

    def do_GET(self):
        path = self.arrive()
        if path is None:
            return
        if path in ("/token", "/token/"):
            self.token()
        elif self.name == "other":
            self.stored(path)
        elif self.is_let_in() and not self.is_busy():
            if "/manifests/" in path:
                self.manifest(path.rsplit("/", 1)[1])
            elif "/blobs/" in path:
                self.blob(path.rsplit("/", 1)[1])
            else:
                self.answer(200, b"{}")

    do_HEAD = do_GET

    def arrive(self):
        self.state.log(self.name, self.command, self.path, self.given()[1])
        return self.path.split("?", 1)[0]

    def is_busy(self):
        kind = self.state.scenario
        if kind == "retry-after" and self.state.count("busy") < 1:
            self.refuse(429, "TOOMANYREQUESTS", "slow down", Retry_After="1")
        elif kind == "long-wait":
            self.refuse(429, "TOOMANYREQUESTS", "come back tomorrow", Retry_After="86400")
        elif kind == "busy-heads" and self.command == "HEAD":
            self.refuse(503, "UNAVAILABLE", "no heads today")
        elif kind == "busy" and self.state.count("busy") < 2:
            self.refuse(503, "UNAVAILABLE", "restarting")
        elif kind == "giant-error":
            self.giant_error()
        elif kind == "rude-error":
            self.refuse(400, "RUDE", "\x1b]0;owned\x07\x1b[2J rude\r\n words\u202e")
        elif kind == "giant-head":
            self.giant_head()
        else:
            return False
        return True

    def giant_error(self):
        total = 64 << 20
        self.head(400, Content_Length=str(total))
        try:
            for _ in range(total >> 16):
                self.wfile.write(b"words " * 10922 + b"....")
        except OSError:
            self.state.log("main cut off none")
            self.close_connection = True

    def giant_head(self):
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for n in range(100000):
                self.wfile.write(b"X-%d: %s\r\n" % (n, b"x" * 100))
        except OSError:
            self.state.log("main cut off none")
        self.close_connection = True

    def manifest(self, key):
        data = self.state.manifests.get(key)
        if data is None:
            self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
            return
        if self.state.scenario == "giant-manifest":
            data = b" " * (8 << 20)
        digest = digest_of(data)
        asked = self.headers.get("If-None-Match")
        if self.state.scenario == "never-modified":
            self.answer(304)
            return
        if asked and self.state.scenario == "other-modified":
            self.answer(304, ETag='"%s"' % digest)
            return
        if self.state.scenario == "wrong-manifest":
            data = data.replace(b'"size"', b'"size" ', 1)
        try:
            self.answer(200, data, Content_Type=MANIFEST_TYPE, Docker_Content_Digest=digest)
        except OSError:
            self.state.log("main cut off none")

    def blob(self, digest):
        data = self.state.blobs.get(digest)
        kind = self.state.scenario
        if kind == "busy-blobs" and self.command == "GET" and not self.state.count(digest):
            self.refuse(503, "UNAVAILABLE", "restarting")
            return
        if kind == "redirect-loop":
            self.answer(307, Location=self.path + "x")
        elif data is None:
            self.refuse(404, "BLOB_UNKNOWN", "blob unknown")
        elif kind in ("redirect", "redirect-login", "redirect-phish"):
            self.answer(307, Location="http://%s/storage/%s" % (self.state.other, digest))
        elif self.command == "HEAD" or digest != self.state.wasm_digest:
            self.answer(200, data)
        else:
            self.wasm(kind, data)

    def wasm(self, kind, data):
        half = len(data) // 2
        if kind == "truncated" or (kind == "truncated-once" and not self.state.count("cut")):
            self.begin(len(data))
            self.wfile.write(data[:half])
            self.hang_up()
        elif kind == "wrong-bytes":
            self.answer(200, data[:half] + b"x" + data[half + 1:])
        elif kind == "cut-often":
            self.piece(data, 70000)
        elif kind == "drip":
            self.piece(data, 1)
        elif kind == "see-saw":
            self.begin(len(data))
            self.wfile.write(data[:half if self.state.count("see-saw") % 2 else 1])
            self.hang_up()
        elif kind == "trickle":
            self.trickle(data)
        elif kind == "longer":
            self.answer(200, data + b"and more")
        elif kind == "endless":
            self.endless(data)
        elif kind == "stall":
            self.begin(len(data))
            self.wfile.write(data[:half])
            self.wfile.flush()
            time.sleep(30)
            self.close_connection = True
        else:
            self.answer(200, data)

    def trickle(self, data):
        self.begin(len(data))
        for at in range(0, len(data), 30):
            self.wfile.write(data[at:at + 30])
            time.sleep(0.2)

    def piece(self, data, size):
        first = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        self.head(206 if first else 200, Content_Length=str(len(data) - first),
                  Content_Range="bytes %d-%d/%d" % (first, len(data) - 1, len(data)))
        self.wfile.write(data[first:first + size])
        if first + size < len(data):
            self.hang_up()

    def endless(self, data):
        self.head(200, Connection="close")
        self.pour(data)

    def pour(self, data):
        self.close_connection = True
        try:
            while True:
                self.wfile.write(data)
        except OSError:
            self.state.log("main cut off none")

    def stored(self, path):
        data = self.state.blobs.get(path.rsplit("/", 1)[1])
        if self.state.scenario == "redirect-phish":
            self.refuse(401, "UNAUTHORIZED", "log in here", WWW_Authenticate=(
                'Bearer realm="http://%s/token",service="storage"' % self.state.other))
        elif data is None:
            self.refuse(404, "BLOB_UNKNOWN", "blob unknown")
        else:
            self.answer(200, data)

    # Pushes.

    def do_POST(self):
        self.arrive()
        self.body()
        if self.path in ("/token", "/token/"):
            self.token()
            return
        if not self.is_let_in() or self.is_busy():
            return
        kind = self.state.scenario
        self.state.uploads += 1
        where = "%s%d" % (self.path.split("?")[0], self.state.uploads)
        if kind == "mounts-nothing" and "mount=" in self.path:
            self.answer(201, Location=where)
        elif kind == "mounts-fail" and "mount=" in self.path:
            self.refuse(503, "UNAVAILABLE", "no mounts today")
        elif kind == "redirect-found":
            self.answer(302, Location=self.path + "elsewhere/")
        elif kind == "redirect-upload" and "moved" not in self.path:
            self.answer(307, Location=self.path + "moved/")
        elif kind == "endless-success":
            self.head(202, Location=where, Connection="close")
            self.pour(b"x" * 65536)
        elif kind == "denied":
            self.refuse(403, "DENIED", "adding 3.0 MiB of storage resource, which when updated "
                        "to current usage of 1.5 MiB will exceed the configured upper limit of "
                        "3.0 MiB.")
        elif kind == "no-location":
            self.answer(202)
        elif kind == "relative-location":
            self.answer(202, Location=where + "?_state=a%2Fb%3D&part=1")
        else:
            self.answer(202, Location="http://127.0.0.1:%d%s" % (self.server.server_port, where))

    def do_DELETE(self):
        self.arrive()
        self.answer(204)

    def do_PUT(self):
        self.arrive()
        length = int(self.headers.get("Content-Length", "0"))
        kind = self.state.scenario
        if kind == "cut-upload" and length > 100000 and not self.state.count("cut"):
            self.rfile.read(length // 2)
            self.hang_up()
            return
        data = self.rfile.read(length) if kind != "trickle-upload" else self.sip(length)
        if len(data) < length:
            self.state.log("main short PUT none")
            self.close_connection = True
            return
        if not self.is_let_in():
            return
        if "/manifests/" in self.path and kind == "forgetful" and not self.state.count("lost"):
            self.state.blobs.clear()
            self.refuse(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
        elif "/manifests/" in self.path:
            key = self.path.rsplit("/", 1)[1]
            self.state.manifests[key] = self.state.manifests[digest_of(data)] = data
            self.answer(201, Docker_Content_Digest=digest_of(data))
        elif kind == "redirect-upload" and "again" not in self.path:
            self.answer(307, Location=self.path.replace("?", "?again=1&"))
        else:
            self.commit(kind, data)

    def sip(self, length):
        data = b""
        while length > 100000 and len(data) < length:
            piece = self.rfile.read1(50)
            if not piece:
                return data
            data += piece
            time.sleep(0.1)
        return data + self.rfile.read(length - len(data))

    def commit(self, kind, data):
        query = self.path.split("?", 1)[1] if "?" in self.path else ""
        if kind == "relative-location" and not query.startswith("_state=a%2Fb%3D&part=1&digest="):
            self.refuse(400, "BLOB_UPLOAD_INVALID", "the query is lost")
        elif not query.endswith("digest=" + digest_of(data)):
            self.refuse(400, "DIGEST_INVALID", "the bytes are others")
        else:
            self.state.blobs[digest_of(data)] = data
            self.state.log("main commit %d none" % len(data))
            self.answer(201)


def main():
    args = parser_of(__doc__, SCENARIOS).parse_args()
    state = Registry(args)
    other = listen(Peer, state, "127.0.0.2", name="other")
    state.other = "127.0.0.2:%d" % other.server_port
    slow = args.scenario == "trickle-upload"
    server = listen(Peer, state, port=args.port, **({"rbufsize": 512} if slow else {}))
    if slow:
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    run(args, server.server_port, other.server_port, state.digest)


if __name__ == "__main__":
    main()
