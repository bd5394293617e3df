"""A git server over http that lies: about the size of its answers, or by never ending them.

The list of branches is that of a real repository (--repo); the answer to the request for objects is
the scenario's.
"""
import hashlib
import struct
import subprocess
import sys
import time
import zlib

import skeleton

SCENARIOS = {
    "honest": "the pack of the repository",
    "count": "a pack that says it has a billion objects",
    "short": "a pack that has one object less than it says",
    "object": "an object that says it has 2^50 bytes",
    "delta": "an object whose parts say that it has 2^50 bytes",
    "bomb": "an object of 1.3 GB in 20 KB of parts",
    "grinder": "ten thousand objects in parts of 128 MB each",
    "endless": "progress without an end",
    "refs": "a list of branches without an end",
    "length": "an answer that ends before its Content-Length",
    "stall": "nothing after the first bytes of the answer",
    "refusal": "an error within git's protocol",
    "page": "a page for people",
}


def line(data):
    return b"%04x" % (len(data) + 4) + data


def band(number, data):
    return b"".join(line(bytes([number]) + data[i:i + 60000]) for i in range(0, len(data), 60000))


def object_head(kind, size):
    """The first bytes of an object in a pack (gitformat-pack(5))."""
    out = bytearray([kind << 4 | size & 15])
    size >>= 4
    while size:
        out[-1] |= 128
        out.append(size & 127)
        size >>= 7
    return bytes(out)


def number(value):
    out = bytearray()
    while True:
        out.append(value & 127 | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return bytes(out)


def pack_of(count, *objects):
    data = b"PACK" + struct.pack(">II", 2, count) + b"".join(objects)
    return data + hashlib.sha1(data).digest()


def id_of(kind, data, size=None):
    return hashlib.sha1(b"%s %d\0" % (kind, size or len(data)) + data).digest()


# A commit with a file whose object says that it has 2^50 bytes.
LIE_TREE = b"100644 large\0" + id_of(b"blob", b"hello", 1 << 50)
LIE_WORDS = b"tree %s\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nlie\n" % (
    id_of(b"tree", LIE_TREE).hex().encode())
LIE_COMMIT = id_of(b"commit", LIE_WORDS)
LIE = [object_head(1, len(LIE_WORDS)) + zlib.compress(LIE_WORDS),
       object_head(2, len(LIE_TREE)) + zlib.compress(LIE_TREE),
       object_head(3, 1 << 50) + zlib.compress(b"hello")]


def bomb(objects, copies):
    """Objects that repeat a base of 16 MiB so often (gitformat-pack(5), "Deltified representation")."""
    base = bytes(0xffffff)
    name = id_of(b"blob", base)
    parts = [object_head(3, len(base)) + zlib.compress(base)]
    for i in range(objects):
        delta = number(len(base)) + number(copies * len(base) + 4)
        delta += b"\xf0\xff\xff\xff" * copies + b"\4" + struct.pack(">I", i)
        parts.append(object_head(7, len(delta)) + name + zlib.compress(delta))
    return pack_of(len(parts), *parts)


class Handler(skeleton.Handler):
    def upload_pack(self, *options, given=b""):
        command = ["git", "upload-pack", "--stateless-rpc", *options, self.state.args.repo]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout

    def do_GET(self):
        self.state.log("GET", self.path)
        scenario = self.state.scenario
        if scenario == "page":
            self.answer(200, b"<html>hello</html>", Content_Type="text/html")
            return
        kind = "application/x-git-upload-pack-advertisement"
        refs = self.upload_pack("--advertise-refs")
        if scenario == "object":
            refs = line(LIE_COMMIT.hex().encode() + b" refs/heads/main\0side-band-64k") + b"0000"
        body = line(b"# service=git-upload-pack\n") + b"0000" + refs
        if scenario != "refs":
            self.answer(200, body, Content_Type=kind)
            return
        self.head(200, Content_Type=kind, Connection="close")
        self.wfile.write(body[:-4])
        many = b"".join(line(b"%040x refs/tags/v%d\n" % (i, i)) for i in range(1000))
        while True:
            self.wfile.write(many)

    def do_POST(self):
        self.state.log("POST", self.path)
        request = self.body()
        scenario, kind = self.state.scenario, "application/x-git-upload-pack-result"
        start = (b"" if b"deepen" not in request else b"0000") + line(b"NAK\n")
        blob = zlib.compress(b"hello")
        packs = {
            "count": pack_of(1000000000, object_head(3, 5) + blob),
            "short": pack_of(2, object_head(3, 5) + blob),
            "object": pack_of(3, *LIE),
        }
        base = b"x" * 1000
        delta = number(len(base)) + number(1 << 50) + b"\x80" * 4
        packs["delta"] = pack_of(2, object_head(3, len(base)) + zlib.compress(base),
                                 object_head(7, len(delta)) + id_of(b"blob", base) +
                                 zlib.compress(delta))
        if scenario == "bomb":
            packs["bomb"] = bomb(1, 80)
        elif scenario == "grinder":
            packs["grinder"] = bomb(10000, 8)
        if scenario in packs:
            self.answer(200, start + band(1, packs[scenario]) + b"0000", Content_Type=kind)
        elif scenario == "refusal":
            self.answer(200, line(b"ERR the disk is\x1b[31m full\n"), Content_Type=kind)
        elif scenario == "endless":
            self.head(200, Content_Type=kind, Connection="close")
            self.wfile.write(start)
            piece = band(2, b"." * 60000) * 16
            while True:
                self.wfile.write(piece)
        elif scenario == "stall":
            self.head(200, Content_Type=kind, Content_Length="1000000")
            self.wfile.write(start)
            self.wfile.flush()
            time.sleep(3600)
        else:
            body = self.upload_pack(given=request)
            if scenario == "length":
                self.close_connection = True
                self.head(200, Content_Type=kind, Content_Length=str(len(body)))
                body = body[:len(body) // 2]
                self.wfile.write(body)
            else:
                self.answer(200, body, Content_Type=kind)


def main():
    parser = skeleton.parser_of(__doc__, SCENARIOS)
    parser.add_argument("--repo", required=True)
    args = parser.parse_args()
    server = skeleton.listen(Handler, skeleton.State(args))
    skeleton.run(args, server.server_address[1])


if __name__ == "__main__":
    sys.exit(main())
