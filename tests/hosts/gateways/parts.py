"""The parts that images are made of: a module, tars, gzip streams, descriptors, manifests.

Nothing here depends on the clock, the machine or the version of a library in a way that a verdict could see.
"""
import base64
import hashlib
import json
import struct
import zlib

OCI = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_TAR = "application/vnd.oci.image.layer.v1.tar"
OCI_TGZ = OCI_TAR + "+gzip"
OCI_TZST = OCI_TAR + "+zstd"
OCI_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_V1 = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_V1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_TAR = "application/vnd.docker.image.rootfs.diff.tar"
DOCKER_TGZ = DOCKER_TAR + ".gzip"
DOCKER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
WASM_CONFIG = "application/vnd.module.wasm.config.v1+json"
WASM_LAYER = "application/vnd.module.wasm.content.layer.v1+wasm"
CNCF_CONFIG = "application/vnd.wasm.config.v0+json"
CNCF_LAYER = "application/wasm"
CONTENT_LAYER = "application/vnd.wasm.content.layer.v1+wasm"
SPEC = "application/vnd.module.wasm.spec.v1+yaml"
DOC = "application/vnd.module.wasm.doc.v1+markdown"
STREAM = "application/octet-stream"
TEXT = "text/plain"

RUNTIME = b'{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["root_id"]}}'
CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
MIB = 1024 * 1024


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


# --- Modules ---

def leb(number):
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def name(text):
    return leb(len(text)) + text.encode()


def section(kind, body):
    return bytes([kind]) + leb(len(body)) + body


def module(mark="", fill=0):
    """A filter that does nothing; `mark` makes its bytes differ, `fill` makes it so much larger."""
    types = b"\x03\x60\x00\x00\x60\x01\x7f\x01\x7f\x60\x02\x7f\x7f\x01\x7f"
    exports = [("memory", 2, 0), ("proxy_abi_version_0_2_1", 0, 0), ("malloc", 0, 1), ("proxy_on_vm_start", 0, 2),
               ("proxy_on_configure", 0, 2)]
    body = (b"\0asm\1\0\0\0" + section(1, types) + section(3, b"\x03\x00\x01\x02") + section(5, b"\x01\x00\x01") +
            section(7, leb(len(exports)) + b"".join(name(n) + bytes([k, i]) for n, k, i in exports)) +
            section(10, b"\x03" + b"\x02\x00\x0b" + b"\x04\x00\x41\x08\x0b" + b"\x04\x00\x41\x01\x0b"))
    if mark or fill:
        body += section(0, name("mark") + mark.encode() + bytes(fill))
    return body


class Long:
    """The bytes of a filter of exactly so many bytes, nearly all of them zeros that take no memory."""

    def __init__(self, size):
        head = module()
        payload = size - len(head) - 1 - len(leb(size))
        self.head = head + b"\0" + leb(payload)
        self.size = size
        sha256 = hashlib.sha256()
        for piece in self.pieces():
            sha256.update(piece)
        self.digest = "sha256:" + sha256.hexdigest()

    def __len__(self):
        return self.size

    def pieces(self):
        yield self.head
        left = self.size - len(self.head)
        while left:
            piece = bytes(min(left, MIB))
            left -= len(piece)
            yield piece


# --- Tars ---

def field(number, width):
    return ("%0*o" % (width - 1, number)).encode() + b"\0"


def header(entry, size, kind=b"0", magic=b"ustar\00000", prefix=b"", link=b"", **fields):
    """A block of 512 bytes. `fields` puts raw bytes at offsets: at_124=b"..."; right=False spoils the sum."""
    block = bytearray(512)
    entry = entry if isinstance(entry, bytes) else entry.encode()
    block[0:len(entry)] = entry
    block[100:108], block[108:116], block[116:124] = field(0o644, 8), field(0, 8), field(0, 8)
    block[124:136], block[136:148] = field(size, 12), field(0, 12)
    block[156:157], block[157:157 + len(link)] = kind, link
    block[257:257 + len(magic)] = magic
    block[345:345 + len(prefix)] = prefix
    for key, value in fields.items():
        if key.startswith("at_"):
            at = int(key[3:])
            block[at:at + len(value)] = value
    block[148:156] = b" " * 8
    total = sum(block)
    if fields.get("signed"):
        total = sum(byte - 256 if byte > 127 else byte for byte in block)
    if fields.get("right") is False:
        total += 1
    block[148:156] = ("%06o" % total).encode() + b"\0 "
    return bytes(block)


def pad(data):
    return data + bytes(-len(data) % 512)


def entry(path, data=b"", kind=b"0", **fields):
    return header(path, len(data), kind, **fields) + pad(data)


def record(key, value):
    text = b" " + key.encode() + b"=" + (value if isinstance(value, bytes) else value.encode()) + b"\n"
    size = len(text) + 1
    while len(str(size)) + len(text) != size:
        size = len(str(size)) + len(text)
    return str(size).encode() + text


def pax(*pairs, kind=b"x", path="PaxHeaders/x"):
    return entry(path, b"".join(record(key, value) for key, value in pairs), kind)


def long_name(text, kind=b"L"):
    return entry("././@LongLink", text.encode() + b"\0", kind, magic=b"ustar  \0")


END = bytes(1024)


def tar(*entries):
    return b"".join(entries) + END


# --- Compression ---

def gz(data, level=6, flags=0, extra=b"", crc=True, size=True):
    """One member. Stored blocks (level 0) are the same everywhere."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    sums = [zlib.crc32(data) ^ (0 if crc else 1), (len(data) & 0xFFFFFFFF) ^ (0 if size else 1)]
    return b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\0\xff" + extra + body + struct.pack("<II", *sums)


def zstd(data):
    """A frame of one raw block per 128 KiB (RFC 8878)."""
    blocks = b""
    pieces = [data[at:at + 0x20000] for at in range(0, len(data), 0x20000)] or [b""]
    for number, piece in enumerate(pieces):
        head = len(piece) << 3 | (number == len(pieces) - 1)
        blocks += struct.pack("<I", head)[:3] + piece
    return b"\x28\xb5\x2f\xfd" + b"\xa0" + struct.pack("<I", len(data)) + blocks


# --- Images ---

def descriptor(kind, data, /, **more):
    """`more` replaces or adds members; None takes one away."""
    found = {"mediaType": kind, "digest": digest_of(data), "size": len(data)}
    for key, value in more.items():
        if value is None:
            found.pop(key)
        else:
            found[key] = value
    return found


def inline(data):
    return base64.b64encode(data).decode()


def to_json(value):
    """JSON_NULL stands for null; bytes stay as they are."""
    if isinstance(value, bytes):
        return value
    return json.dumps(value, separators=(",", ":"), default=lambda _: None).encode()


JSON_NULL = object()
