"""Images of every form, and with every fault: cases() gives them all.

A case is a name, the reference in its repository (":v1", or "@sha256:..."), and what the registry has: manifests by
tag or digest with the Content-Type that they are sent with, and blobs by digest.
"""
from parts import *  # noqa: F403: the words that images are told in


class Case:
    def __init__(self, name):
        self.name = name
        self.reference = ":v1"
        self.manifests = {}  # tag or digest: (type, bytes)
        self.blobs = {}      # digest: bytes
        self.chunked = False  # blobs come without a Content-Length

    def blob(self, data):
        self.blobs[digest_of(data)] = data
        return data

    def put(self, text, kind, tag=None):
        """Stores a manifest or index under its digest, and under the tag."""
        text = to_json(text)
        self.manifests[digest_of(text)] = (kind, text)
        if tag:
            self.manifests[tag] = (kind, text)
        return text


CASES = []


def add(name):
    case = Case(name)
    assert name not in [other.name for other in CASES], name
    CASES.append(case)
    return case


def image(case, layers, config=(OCI_CONFIG, CONFIG), kind=OCI, own_kind=True, tag="v1", sent=None, **more):
    """An image of layers, each (type, bytes) or (type, bytes, changes of its descriptor)."""
    described = []
    for layer in layers:
        case.blob(layer[1])
        described.append(descriptor(layer[0], layer[1], **(layer[2] if len(layer) > 2 else {})))
    case.blob(config[1])
    text = {"schemaVersion": 2}
    if own_kind:
        text["mediaType"] = kind
    text["config"] = descriptor(config[0], config[1], **(config[2] if len(config) > 2 else {}))
    text["layers"] = described
    for key, value in more.items():
        if value is None:
            text.pop(key)
        else:
            text[key] = value
    return case.put(text, kind if sent is None else sent, tag)


def compat(name, data, kind=OCI_TGZ, **more):
    """One layer with these bytes."""
    case = add(name)
    image(case, [(kind, data)], **more)
    return case


def plain(mark):
    """A layer with a plugin.wasm."""
    return gz(tar(entry("plugin.wasm", module(mark))))


# --- Forms ---

def forms():
    oci = [(WASM_CONFIG, RUNTIME), (WASM_LAYER, module("oci"))]
    for own in (True, False):
        image(add("form-oci%s" % ("-typed" if own else "")), oci, (WASM_CONFIG, RUNTIME), own_kind=own)
        image(add("form-compat%s" % ("" if own else "-untyped")), [(OCI_TGZ, plain("compat"))], own_kind=own)
    image(add("form-docker"), [(DOCKER_TGZ, plain("docker"))], (DOCKER_CONFIG, CONFIG), DOCKER)
    image(add("form-docker-untyped"), [(DOCKER_TGZ, plain("docker"))], (DOCKER_CONFIG, CONFIG), DOCKER, own_kind=False)
    image(add("form-cncf"), [(CNCF_LAYER, module("cncf"))], (CNCF_CONFIG, b'{"os":"wasip1"}'))
    image(add("form-spin"), [(CONTENT_LAYER, module("spin"))], (STREAM, b"{}"))
    image(add("form-plugin"), [(SPEC, b"spec"), (DOC, b"doc"), (OCI_TGZ, plain("plugin"))])
    image(add("form-one-content-layer"), [(WASM_LAYER, module("one"))], (WASM_CONFIG, RUNTIME))
    image(add("form-artifact"), oci, ("application/vnd.oci.empty.v1+json", b"{}"),
          artifactType="application/vnd.module.wasm")
    image(add("form-subject"), [(OCI_TGZ, plain("subject"))],
          subject={"mediaType": OCI, "digest": digest_of(b"nothing"), "size": 7})
    image(add("form-octet-stream"), [(STREAM, module("stream"))])
    image(add("form-variant-annotation"), [(OCI_TGZ, plain("annotated"))],
          annotations={"module.wasm.image/variant": "compat"})


# --- Layers by number and type ---

def layers():
    wasm, other = module("layers"), module("other")
    image(add("layers-none"), [])
    image(add("layers-none-docker"), [], (DOCKER_CONFIG, CONFIG), DOCKER)
    case = add("layers-null")
    case.put({"schemaVersion": 2, "config": descriptor(OCI_CONFIG, case.blob(CONFIG)), "layers": JSON_NULL}, OCI, "v1")
    image(add("layers-content-first"), [(WASM_LAYER, wasm), (TEXT, b"text")])
    image(add("layers-content-twice"), [(WASM_LAYER, wasm), (WASM_LAYER, other)])
    image(add("layers-content-twice-same"), [(WASM_LAYER, wasm), (WASM_LAYER, wasm)])
    image(add("layers-content-of-three"), [(WASM_CONFIG, RUNTIME), (WASM_LAYER, wasm), (TEXT, b"text")])
    image(add("layers-content-twice-first-bad"), [(WASM_LAYER, b"no wasm at all"), (WASM_LAYER, wasm)])
    image(add("layers-two-none-typed"), [(TEXT, b"text"), (CNCF_LAYER, wasm)])
    image(add("layers-tar-then-content"), [(OCI_TGZ, plain("tar")), (WASM_LAYER, wasm)])
    image(add("layers-content-then-tar"), [(WASM_LAYER, wasm), (OCI_TGZ, plain("tar"))])
    image(add("layers-content-then-bare-tar"), [(WASM_LAYER, wasm), (OCI_TGZ, gz(tar(entry("README", b"text"))))])
    image(add("layers-content-then-folder"), [(WASM_LAYER, wasm),
                                              (OCI_TGZ, gz(tar(entry("plugin.wasm/", b"", b"5"))))])
    image(add("layers-content-then-sized-folder"),
          [(WASM_LAYER, wasm), (OCI_TGZ, gz(tar(header("plugin.wasm/", 9, b"5"))))])
    image(add("layers-content-then-empty-plugin"), [(WASM_LAYER, wasm), (OCI_TGZ, gz(tar(entry("plugin.wasm"))))])
    image(add("layers-content-then-text-plugin"),
          [(WASM_LAYER, wasm), (OCI_TGZ, gz(tar(entry("plugin.wasm", b"some text here"))))])
    image(add("layers-content-then-damaged-tar"), [(WASM_LAYER, wasm), (OCI_TGZ, gz(b"x" * 2048))])
    image(add("layers-content-then-no-gzip"), [(WASM_LAYER, wasm), (OCI_TGZ, tar(entry("plugin.wasm", other)))])
    image(add("layers-lower"), [(OCI_TGZ, plain("lower")), (OCI_TGZ, gz(tar(entry("README", b"text"))))])
    image(add("layers-lower-of-three"),
          [(OCI_TGZ, plain("lower")), (OCI_TGZ, gz(tar(entry("a", b"1")))), (OCI_TGZ, gz(tar(entry("b", b"2"))))])
    image(add("layers-upper"), [(OCI_TGZ, gz(tar(entry("README", b"text")))), (OCI_TGZ, plain("upper"))])
    image(add("layers-both"), [(OCI_TGZ, plain("lower")), (OCI_TGZ, plain("upper"))])
    image(add("layers-whiteout"), [(OCI_TGZ, plain("lower")), (OCI_TGZ, gz(tar(entry(".wh.plugin.wasm"))))])
    image(add("layers-whiteout-beside"),
          [(OCI_TGZ, plain("lower")),
           (OCI_TGZ, gz(tar(entry(".wh.plugin.wasm"), entry("plugin.wasm", module("again")))))])
    image(add("layers-many"), [(OCI_TGZ, gz(tar(entry("f%d" % n, b"%d" % n)))) for n in range(40)] +
          [(OCI_TGZ, plain("many"))])
    image(add("layers-same-thrice"), [(OCI_TGZ, plain("same"))] * 3)
    for kind in (OCI_TAR, OCI_TZST, OCI_FOREIGN, DOCKER_TGZ, DOCKER_TAR, DOCKER_FOREIGN, "application/gzip",
                 OCI_TGZ + "; x=y", OCI_TGZ.upper(), CNCF_LAYER, STREAM):
        image(add("layers-type-%d" % len(CASES)), [(kind, plain("typed"))])
    for kind in (OCI_TGZ, DOCKER_TAR, DOCKER_FOREIGN, WASM_LAYER):
        image(add("layers-docker-type-%d" % len(CASES)), [(kind, plain("typed"))], (DOCKER_CONFIG, CONFIG), DOCKER)
    for kind in (WASM_LAYER.upper(), WASM_LAYER + "+gzip", CONTENT_LAYER):
        image(add("layers-content-type-%d" % len(CASES)), [(WASM_CONFIG, RUNTIME), (kind, wasm)],
              (WASM_CONFIG, RUNTIME))
    image(add("layers-docker-oci"), [(WASM_CONFIG, RUNTIME), (WASM_LAYER, wasm)], (WASM_CONFIG, RUNTIME), DOCKER)
    image(add("layers-docker-oci-untyped"), [(WASM_CONFIG, RUNTIME), (WASM_LAYER, wasm)], (WASM_CONFIG, RUNTIME),
          DOCKER, own_kind=False)


# --- One digest, several descriptors ---

def digests():
    layer, wasm = plain("twice"), module("twice")
    image(add("digest-config-is-layer"), [(OCI_TGZ, layer)], (OCI_CONFIG, layer))
    image(add("digest-config-is-layer-same-type"), [(OCI_TGZ, layer)], (OCI_TGZ, layer))
    image(add("digest-config-typed-as-tar"), [(TEXT, layer)], (OCI_TGZ, layer))
    image(add("digest-config-is-content"), [(TEXT, b"text"), (WASM_LAYER, wasm)], (WASM_CONFIG, wasm))
    image(add("digest-config-typed-as-content"), [(TEXT, b"text"), (STREAM, wasm)], (WASM_LAYER, wasm))
    image(add("digest-both-content-layers"), [(TEXT, wasm), (WASM_LAYER, wasm)])
    image(add("digest-both-content-first"), [(WASM_LAYER, wasm), (TEXT, wasm)])
    image(add("digest-first-tar-type-wins"), [(TEXT, layer), (OCI_TGZ, layer)])
    image(add("digest-first-tar-type-right"), [(OCI_TGZ, layer), (TEXT, layer)])
    image(add("digest-docker-first-oci"), [(OCI_TGZ, layer), (DOCKER_TGZ, layer)], (DOCKER_CONFIG, CONFIG), DOCKER)
    image(add("digest-docker-second-oci"), [(DOCKER_TGZ, layer), (OCI_TGZ, layer)], (DOCKER_CONFIG, CONFIG), DOCKER)
    image(add("digest-size-of-first-wrong"), [(OCI_TGZ, layer, {"size": 3}), (OCI_TGZ, layer)])
    image(add("digest-size-of-second-wrong"), [(OCI_TGZ, layer), (OCI_TGZ, layer, {"size": 3})])


# --- Tars ---

def tars():
    wasm = module("tar")
    fine = entry("plugin.wasm", wasm)
    put = lambda name, data: compat("tar-" + name, gz(data))  # noqa: E731
    for number, path in enumerate(("./plugin.wasm", "a/plugin.wasm", "/plugin.wasm", "a/b/c/plugin.wasm",
                                   "../plugin.wasm", "plugin.wasm//", "a\\plugin.wasm", "Plugin.wasm", "plugin.wasm ",
                                   "plugin.wasm.gz", "xplugin.wasm", ".plugin.wasm", "main.wasm", "plugin.wasm/x")):
        put("path-%02d" % number, tar(entry(path, wasm)))
    put("empty-name", tar(entry("", wasm)))
    put("prefix", tar(header("plugin.wasm", len(wasm), prefix=b"long/prefix") + pad(wasm)))
    put("prefix-has-name", tar(header("x", len(wasm), prefix=b"plugin.wasm") + pad(wasm)))
    put("prefix-only", tar(header("", len(wasm), prefix=b"plugin.wasm") + pad(wasm)))
    put("name-of-100", tar(entry("d" * 88 + "/plugin.wasm"[:12], wasm)))
    for kind, word in ((b"1", "hardlink"), (b"2", "symlink"), (b"3", "character-device"), (b"4", "block-device"),
                       (b"5", "folder"), (b"6", "fifo"), (b"7", "contiguous"), (b"\0", "old-file"), (b"Z", "unknown-type"),
                       (b"g", "global-as-entry")):
        data = wasm if kind in b"7\0Z" else b""
        put("first-%s" % word, tar(entry("plugin.wasm", data, kind, link=b"else"), entry("x/plugin.wasm", module("2"))))
    put("folder-with-slash", tar(entry("plugin.wasm/", b"", b"5"), fine))
    put("folder-before-in-it", tar(entry("plugin.wasm/", b"", b"5"), entry("plugin.wasm/plugin.wasm", wasm)))
    put("old-folder", tar(entry("plugin.wasm/", wasm, b"\0", magic=b""), fine))
    put("old-file", tar(entry("plugin.wasm", wasm, b"\0", magic=b"")))
    put("symlink-with-size", tar(header("plugin.wasm", 8, b"2", link=b"x"), fine))
    put("hardlink-before-with-size", tar(header("a", len(wasm), b"1", link=b"x"), fine))
    put("hardlink-before-with-bytes", tar(header("a", len(wasm), b"1", link=b"x") + pad(wasm), fine))
    put("two", tar(fine, entry("plugin.wasm", module("second"))))
    put("two-first-bad", tar(entry("a/plugin.wasm", b"no wasm, but text"), fine))
    put("two-first-empty", tar(entry("a/plugin.wasm"), fine))
    put("behind-others", tar(entry("a", b"1" * 5000), entry("b/", b"", b"5"), entry("main.wasm", module("main")), fine))
    put("whiteout-first", tar(entry(".wh.plugin.wasm"), fine))
    put("opaque", tar(entry(".wh..wh..opq"), fine))
    put("none", tar(entry("README", b"text")))
    put("no-entries", tar())
    put("nothing", b"")
    put("one-zero-block", bytes(512))
    put("zero-blocks-first", bytes(1024) + tar(fine))
    put("zero-block-between", entry("a", b"1") + bytes(512) + tar(fine))
    put("cut-behind", fine)
    put("cut-no-padding", header("plugin.wasm", len(wasm)) + wasm)
    put("cut-one-byte", header("plugin.wasm", len(wasm)) + wasm[:-1])
    put("cut-in-header", header("plugin.wasm", len(wasm))[:300])
    put("cut-after-header", header("plugin.wasm", len(wasm)))
    put("cut-later-entry", fine + header("z", 100000)[:200])
    put("garbage-behind", fine + b"garbage" * 300)
    put("garbage-first", b"garbage" * 300 + tar(fine))
    put("unpadded-later", fine + header("z", 5) + b"12345")
    put("one-zero-block-behind", fine + bytes(512))
    put("size-0", tar(header("plugin.wasm", 0) + pad(wasm)))
    put("size-too-large", tar(header("plugin.wasm", len(wasm) + 100000) + pad(wasm)))
    put("size-smaller", tar(header("plugin.wasm", len(wasm)) + pad(wasm + bytes(600))))
    put("size-7", tar(entry("plugin.wasm", wasm[:7])))
    put("size-binary", tar(header("plugin.wasm", 0, at_124=b"\x80" + len(wasm).to_bytes(11, "big")) + pad(wasm)))
    put("size-negative", tar(header("plugin.wasm", 0, at_124=b"\xff" * 12) + pad(wasm)))
    put("size-spaces", tar(header("plugin.wasm", 0, at_124=("%11o " % len(wasm)).encode()) + pad(wasm)))
    put("size-letters", tar(header("plugin.wasm", 0, at_124=b"00000000xyz\0") + pad(wasm)))
    put("size-empty", tar(header("plugin.wasm", 0, at_124=bytes(12)) + pad(wasm)))
    put("huge-entry-before", tar(header("a", 0o77777777777), fine))
    put("mode-letters", tar(header("plugin.wasm", len(wasm), at_100=b"rw-r--r-") + pad(wasm)))
    put("uid-letters", tar(header("plugin.wasm", len(wasm), at_108=b"root\0\0\0\0") + pad(wasm)))
    put("mtime-negative", tar(header("plugin.wasm", len(wasm), at_136=b"\xff" * 12) + pad(wasm)))
    put("mtime-letters", tar(header("plugin.wasm", len(wasm), at_136=b"yesterday\0\0\0") + pad(wasm)))
    put("device-letters", tar(header("plugin.wasm", len(wasm), at_329=b"xx\0\0\0\0\0\0") + pad(wasm)))
    put("device-letters-v7", tar(header("plugin.wasm", len(wasm), magic=b"", at_329=b"xx\0\0\0\0\0\0") + pad(wasm)))
    put("sum-wrong", tar(header("plugin.wasm", len(wasm), right=False) + pad(wasm)))
    put("sum-signed", tar(header(b"\xc3\xa9/plugin.wasm", len(wasm), signed=True) + pad(wasm)))
    put("sum-wrong-before", tar(header("a", 0, right=False), fine))
    put("gnu", tar(entry("plugin.wasm", wasm, magic=b"ustar  \0")))
    put("gnu-long-name", tar(long_name("d/" * 80 + "plugin.wasm"), entry("short", wasm, magic=b"ustar  \0")))
    put("gnu-long-name-hides", tar(long_name("d/" * 80 + "other.wasm"), entry("plugin.wasm", wasm, magic=b"ustar  \0")))
    put("gnu-long-link", tar(long_name("l" * 200, b"K"), entry("a", b"", b"2", magic=b"ustar  \0"), fine))
    put("star", tar(header("plugin.wasm", len(wasm), at_508=b"tar\0") + pad(wasm)))
    put("star-letters", tar(header("plugin.wasm", len(wasm), at_508=b"tar\0", at_476=b"yesterday\0\0\0") + pad(wasm)))
    put("utf8-name", tar(entry("\u00e9/plugin.wasm", wasm)))
    put("latin1-name", tar(entry(b"\xe9/plugin.wasm", wasm)))
    put("pax-path", tar(pax(("path", "x/plugin.wasm")), entry("short", wasm)))
    put("pax-path-hides", tar(pax(("path", "other.wasm")), fine))
    put("pax-path-empty", tar(pax(("path", "")), fine))
    put("pax-size", tar(pax(("size", str(len(wasm)))), header("plugin.wasm", 0) + pad(wasm)))
    put("pax-size-wrong", tar(pax(("size", "x")), fine))
    put("pax-size-negative", tar(pax(("size", "-1")), fine))
    put("pax-mtime", tar(pax(("mtime", "1350244992.023960108")), fine))
    put("pax-mtime-wrong", tar(pax(("mtime", "now")), fine))
    put("pax-mtime-points", tar(pax(("mtime", "1.2.3")), fine))
    put("pax-uid-wrong", tar(pax(("uid", "0x10")), fine))
    put("pax-xattr", tar(pax(("SCHILY.xattr.user.a", b"\0\1\2")), fine))
    put("pax-path-nul", tar(pax(("path", b"a\0b")), fine))
    put("pax-record-wrong", tar(entry("x", b"7 path=plugin.wasm\n", b"x"), fine))
    put("pax-record-no-equals", tar(entry("x", b"9 path x\n", b"x"), fine))
    put("pax-record-empty", tar(entry("x", b"", b"x"), fine))
    put("pax-twice", tar(pax(("path", "other.wasm")), pax(("mtime", "1")), fine))
    put("pax-global", tar(pax(("comment", "x"), kind=b"g", path="pax_global_header"), fine))
    put("pax-global-path", tar(pax(("path", "other.wasm"), kind=b"g", path="pax_global_header"), fine))
    put("pax-global-wrong", tar(entry("pax_global_header", b"7 x\n", b"g"), fine))
    put("pax-alone", pax(("path", "plugin.wasm")) + END)
    put("pax-large", tar(pax(("comment", "x" * (2 * MIB))), fine))
    put("sparse-before", tar(
        header("a", 0, b"S", magic=b"ustar  \0", at_386=field(0, 12) + field(0, 12), at_483=field(4096, 12)), fine))
    put("sparse-before-extended", tar(
        header("a", 0, b"S", magic=b"ustar  \0", at_386=field(0, 12) + field(0, 12), at_482=b"\1",
               at_483=field(4096, 12)), bytes(512), fine))
    put("sparse-pax-before", tar(
        pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"),
            ("GNU.sparse.realsize", "1024")), entry("GNUSparseFile.0/s", pad(b"1\n0\n0\n")), fine))
    put("not-wasm", tar(entry("plugin.wasm", b"#!/bin/sh\nexit 0\n")))


# --- Compression ---

def packings():
    inner = tar(entry("plugin.wasm", module("packed")))
    crc = zlib.crc32(b"\x1f\x8b\x08\x02" + bytes(4) + b"\0\xff") & 0xFFFF
    put = lambda name, data: compat("gzip-" + name, data)  # noqa: E731
    put("none", inner)
    put("twice", gz(gz(inner)))
    put("zstd", zstd(inner))
    put("zstd-in-gzip", gz(zstd(inner)))
    put("of-wasm", gz(module("packed")))
    put("raw-wasm", module("packed"))
    put("empty", b"")
    put("text", b"some text, and no archive")
    for level in (0, 1, 9):
        put("level-%d" % level, gz(inner, level))
    put("members", gz(inner[:600]) + gz(inner[600:]))
    put("member-empty-first", gz(b"") + gz(inner))
    put("member-wrong-sum-first", gz(inner[:300], crc=False) + gz(inner[300:]))
    put("member-wrong-size-first", gz(inner[:300], size=False) + gz(inner[300:]))
    put("member-garbage-between", gz(inner[:300]) + b"xyz" + gz(inner[300:]))
    put("garbage-behind", gz(inner) + b"garbage")
    put("zeros-behind", gz(inner) + bytes(100))
    put("sum-wrong", gz(inner, crc=False))
    put("size-wrong", gz(inner, size=False))
    put("name", gz(inner, flags=8, extra=b"plugin.tar\0"))
    put("name-long", gz(inner, flags=8, extra=b"n" * 600 + b"\0"))
    put("name-511", gz(inner, flags=8, extra=b"n" * 511 + b"\0"))
    put("name-512", gz(inner, flags=8, extra=b"n" * 512 + b"\0"))
    put("comment", gz(inner, flags=16, extra=b"comment\0"))
    put("extra", gz(inner, flags=4, extra=b"\4\0abcd"))
    put("head-sum", gz(inner, flags=2, extra=struct.pack("<H", crc)))
    put("head-sum-wrong", gz(inner, flags=2, extra=struct.pack("<H", crc ^ 1)))
    put("reserved-flag", gz(inner, flags=0x80))
    put("method-7", gz(inner).replace(b"\x1f\x8b\x08", b"\x1f\x8b\x07", 1))
    whole = gz(inner, 0)
    put("cut-trailer", whole[:-8])
    put("cut-in-padding", whole[:-400])
    put("cut-in-wasm", whole[:600])
    put("cut-in-head", whole[:5])
    put("cut-packed-trailer", gz(inner, 9)[:-4])
    put("cut-packed-early", gz(inner, 9)[:60])
    put("block-type-3", b"\x1f\x8b\x08\0" + bytes(4) + b"\0\xff" + b"\x07" + bytes(50))
    put("stored-wrong-length", whole[:12] + b"\1\1" + whole[14:])
    put("data-damaged-behind", gz(inner[:2048], 0)[:-8] + b"")
    content = lambda name, data: image(add("content-" + name), [(WASM_CONFIG, RUNTIME), (WASM_LAYER, data)],  # noqa: E731
                                       (WASM_CONFIG, RUNTIME))
    content("gzip", gz(module("packed")))
    content("tar", inner)
    content("tar-gzip", gz(inner))
    content("empty", b"")
    content("text", b"some text, and no module")
    content("head-only", b"\0asm\1\0\0\0"[:7])
    content("before-wasm", b"x" + module("packed"))


# --- Types that a registry sends, and that a manifest has ---

def sent_types():
    layer, oci = [(OCI_TGZ, plain("sent"))], [(WASM_CONFIG, RUNTIME), (WASM_LAYER, module("sent"))]
    for number, kind in enumerate(("application/json", "text/plain; charset=utf-8", "", STREAM, OCI + "; charset=utf-8",
                                   OCI.upper(), DOCKER, DOCKER_LIST, OCI_INDEX, DOCKER_V1, DOCKER_V1_SIGNED,
                                   OCI_INDEX + "; charset=utf-8", DOCKER_V1 + ";x=y", "application/vnd.oci.artifact.manifest.v1+json")):
        image(add("sent-image-%02d" % number), layer, sent=kind)
        image(add("sent-oci-%02d" % number), oci, (WASM_CONFIG, RUNTIME), sent=kind, own_kind=False)
    for number, kind in enumerate((OCI_INDEX, DOCKER_LIST, "application/json", OCI_INDEX + "; charset=utf-8", OCI,
                                   DOCKER, "", OCI_INDEX.upper())):
        case = add("sent-index-%02d" % number)
        child = image(case, layer, tag=None)
        case.put({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(OCI, child)]}, kind, "v1")
    for number, kind in enumerate((OCI, DOCKER, OCI_INDEX, "text/plain", DOCKER.upper())):
        case = add("own-type-%02d" % number)
        image(case, layer, sent=OCI, mediaType=kind)
        case = add("own-type-docker-layer-%02d" % number)
        image(case, [(DOCKER_TGZ, plain("own"))], sent=OCI, mediaType=kind)
    case = add("own-type-index-none")
    child = image(case, layer, tag=None)
    case.put({"schemaVersion": 2, "manifests": [descriptor(OCI, child)]}, OCI_INDEX, "v1")


# --- Indexes ---

AMD64 = {"os": "linux", "architecture": "amd64"}
ARM64 = {"os": "linux", "architecture": "arm64"}
WASIP1 = {"os": "wasip1", "architecture": "wasm"}
UNKNOWN = {"os": "unknown", "architecture": "unknown"}


def index_of(case, *children, kind=OCI_INDEX, tag="v1", sent=None, **more):
    """An index of (text, platform or None, changes of the descriptor)."""
    listed = []
    for child in children:
        changes = dict(child[2]) if len(child) > 2 else {}
        if child[1] is not None:
            changes["platform"] = child[1]
        listed.append(descriptor(changes.pop("mediaType", OCI), child[0], **changes))
    return case.put(dict({"schemaVersion": 2, "mediaType": kind, "manifests": listed}, **more), sent or kind, tag)


def one_child(name, platform, **changes):
    case = add("index-" + name)
    index_of(case, (image(case, [(OCI_TGZ, plain("child"))], tag=None), platform, changes))
    return case


def indexes():
    for number, platform in enumerate((
            AMD64, None, ARM64, WASIP1, UNKNOWN, {}, {"os": "linux"}, {"architecture": "amd64"},
            {"os": "Linux", "architecture": "amd64"}, {"os": "linux", "architecture": "x86_64"},
            dict(AMD64, variant="v2"), {"os": "linux", "architecture": "amd64", "os.version": "5"},
            {"os": "linux", "architecture": "amd64", "features": ["sse4"]},
            {"os": "windows", "architecture": "amd64"}, {"os": "linux", "architecture": ""})):
        one_child("platform-%02d" % number, platform)
    for kind in (OCI_INDEX, DOCKER_LIST):
        docker = kind == DOCKER_LIST
        case = add("index-docker-list" if docker else "index-of-docker")
        child = image(case, [(DOCKER_TGZ, plain("d"))], (DOCKER_CONFIG, CONFIG), DOCKER, tag=None)
        index_of(case, (child, AMD64, {"mediaType": DOCKER}), kind=kind)
    for word, order in (("amd64-second", (ARM64, AMD64)), ("amd64-twice", (AMD64, AMD64)), ("bare-first", (None, AMD64)),
                        ("bare-second", (AMD64, None)), ("arm64-bare", (ARM64, None)), ("wasm-amd64", (WASIP1, AMD64)),
                        ("none", (ARM64, WASIP1)), ("attested", (AMD64, UNKNOWN)), ("attested-first", (UNKNOWN, AMD64))):
        case = add("index-two-" + word)
        index_of(case, *[(image(case, [(OCI_TGZ, plain(word + str(n)))], tag=None), platform)
                         for n, platform in enumerate(order)])
    attestation = {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    for word, platform in (("bare", None), ("amd64", AMD64)):
        case = add("index-attestation-annotated-" + word)
        statement = image(case, [("application/vnd.in-toto+json", b"{}")], tag=None)
        index_of(case, (statement, platform, attestation),
                 (image(case, [(OCI_TGZ, plain("attested"))], tag=None), AMD64))
        case = add("index-attestation-only-" + word)
        index_of(case, (image(case, [(OCI_TGZ, plain("attested"))], tag=None), platform, attestation))
    case = add("index-first-bad")
    index_of(case, (image(case, [(WASM_LAYER, module("bad"))], tag=None), AMD64),
             (image(case, [(OCI_TGZ, plain("good"))], tag=None), AMD64))
    case = add("index-first-missing")
    index_of(case, (b'{"schemaVersion":2}', AMD64), (image(case, [(OCI_TGZ, plain("good"))], tag=None), AMD64))
    index_of(add("index-empty"))
    add("index-null").put({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": None}, OCI_INDEX, "v1")
    nested_indexes()
    child_types()
    pinned()


def nested_indexes():
    for word, outer, inner in (("amd64", AMD64, AMD64), ("bare", None, None), ("bare-amd64", None, AMD64),
                               ("arm64-inside", AMD64, ARM64), ("arm64-outside", ARM64, AMD64),
                               ("wasm-inside", None, WASIP1)):
        case = add("nested-" + word)
        child = image(case, [(OCI_TGZ, plain("nested"))], tag=None)
        nested = index_of(case, (child, inner), tag=None)
        index_of(case, (nested, outer, {"mediaType": OCI_INDEX}))
    case = add("nested-then-image")
    child = image(case, [(OCI_TGZ, plain("nested"))], tag=None)
    nested = index_of(case, (child, ARM64), tag=None)
    index_of(case, (nested, None, {"mediaType": OCI_INDEX}), (child, AMD64))
    case = add("nested-thrice")
    text, kind = image(case, [(OCI_TGZ, plain("nested"))], tag=None), OCI
    for _ in range(3):
        text, kind = index_of(case, (text, None, {"mediaType": kind}), tag="v1"), OCI_INDEX
    case = add("nested-docker-list")
    child = image(case, [(OCI_TGZ, plain("nested"))], tag=None)
    nested = index_of(case, (child, AMD64), tag=None, kind=DOCKER_LIST)
    index_of(case, (nested, None, {"mediaType": DOCKER_LIST}))
    case = add("nested-typed-as-image")
    nested = index_of(case, (image(case, [(OCI_TGZ, plain("nested"))], tag=None), AMD64), tag=None)
    index_of(case, (nested, None, {"mediaType": OCI}))


def child_types():
    for number, kind in enumerate((OCI_INDEX, DOCKER_LIST, DOCKER_V1, DOCKER, "text/plain", "application/json")):
        one_child("child-typed-%02d" % number, AMD64, mediaType=kind)
        case = add("index-child-sent-%02d" % number)
        child = image(case, [(OCI_TGZ, plain("child"))], tag=None, sent=kind)
        index_of(case, (child, AMD64))
    one_child("child-size-wrong", AMD64, size=3)
    one_child("child-size-huge", AMD64, size=10**12)
    one_child("child-urls", AMD64, urls=["https://registry.example/x"])
    one_child("child-artifact-type", AMD64, artifactType="x/y")
    case = add("index-child-data")
    child = image(case, [(OCI_TGZ, plain("child"))], tag=None)
    index_of(case, (child, AMD64, {"data": inline(child)}))
    case = add("index-child-data-other")
    index_of(case, (child, AMD64, {"data": inline(image(case, [(OCI_TGZ, plain("x"))], tag=None))}))
    image(case, [(OCI_TGZ, plain("child"))], tag=None)
    case = add("index-child-data-size-wrong")
    image(case, [(OCI_TGZ, plain("child"))], tag=None)
    index_of(case, (child, AMD64, {"data": inline(child), "size": 3}))
    case = add("index-child-data-empty")
    image(case, [(OCI_TGZ, plain("child"))], tag=None)
    index_of(case, (child, AMD64, {"data": ""}))


def pinned():
    case = add("pinned-image")
    case.reference = "@" + digest_of(image(case, [(OCI_TGZ, plain("pinned"))]))
    case = add("pinned-image-tagged")
    case.reference = ":v1@" + digest_of(image(case, [(OCI_TGZ, plain("pinned"))]))
    case = add("pinned-image-other-tag")
    case.reference = ":nowhere@" + digest_of(image(case, [(OCI_TGZ, plain("pinned"))]))
    for word in ("index", "index-tagged"):
        case = add("pinned-" + word)
        child = image(case, [(OCI_TGZ, plain("pinned"))], tag=None)
        case.reference = (":v1@" if "tagged" in word else "@") + digest_of(index_of(case, (child, AMD64)))
    case = add("pinned-child")
    child = image(case, [(OCI_TGZ, plain("pinned"))], tag=None)
    index_of(case, (child, AMD64))
    case.reference = "@" + digest_of(child)
    case = add("pinned-child-not-chosen")
    child = image(case, [(OCI_TGZ, plain("pinned"))], tag=None)
    index_of(case, (child, ARM64))
    case.reference = "@" + digest_of(child)
    case = add("pinned-nested-index")
    child = image(case, [(OCI_TGZ, plain("pinned"))], tag=None)
    nested = index_of(case, (child, AMD64), tag=None)
    index_of(case, (nested, None, {"mediaType": OCI_INDEX}))
    case.reference = "@" + digest_of(nested)
    case = add("pinned-docker-list")
    child = image(case, [(DOCKER_TGZ, plain("pinned"))], (DOCKER_CONFIG, CONFIG), DOCKER, tag=None)
    case.reference = "@" + digest_of(index_of(case, (child, AMD64, {"mediaType": DOCKER}), kind=DOCKER_LIST))


# --- Members of descriptors and manifests ---

def members():
    layer, wasm = plain("member"), module("member")

    def tarred(word, **changes):
        return image(add("member-" + word), [(OCI_TGZ, layer, changes)])

    def content(word, **changes):
        return image(add("member-content-" + word), [(WASM_CONFIG, RUNTIME), (WASM_LAYER, wasm, changes)])

    for make, data in ((tarred, layer), (content, wasm)):
        make("size-small", size=len(data) - 1)
        make("size-large", size=len(data) + 1)
        make("size-0", size=0)
        make("size-null", size=None)
        make("data", data=inline(data))
        make("data-other", data=inline(data[:-1] + b"x"))
        make("data-text", data="no base64!")
        make("data-no-padding", data=inline(data).rstrip("=") + "A" * 3)
        make("data-number", data=5)
        make("data-json-null", data=JSON_NULL)
        make("data-empty", data="")
        make("urls", urls=["https://registry.example/x"])
        make("urls-text", urls="https://registry.example/x")
        make("annotation", annotations={"org.opencontainers.image.title": "x"})
        make("annotation-number", annotations={"x": 1})
        make("annotation-null", annotations={"x": JSON_NULL})
        make("annotations-list", annotations=["x"])
        make("platform", platform=AMD64)
        make("platform-text", platform="linux/amd64")
        make("artifact-type-number", artifactType=1)
        make("size-text", size=str(len(data)))
        make("size-float", size=float(len(data)))
        make("unknown-member", foo={"bar": [1]})
    for word, more in (("schema-1", {"schemaVersion": 1}), ("schema-text", {"schemaVersion": "2"}),
                       ("schema-none", {"schemaVersion": None}), ("annotations", {"annotations": {"a": "b"}}),
                       ("annotations-number", {"annotations": {"a": 1}}), ("annotations-list", {"annotations": []}),
                       ("subject-text", {"subject": "x"}), ("subject-null", {"subject": JSON_NULL}),
                       ("artifact-type-number", {"artifactType": 1}), ("media-type-number", {"mediaType": 1}),
                       ("upper-case", {"MediaType": DOCKER}), ("unknown", {"x": {"y": 1}})):
        image(add("manifest-" + word), [(OCI_TGZ, layer)], **more)
    image(add("config-data"), [(OCI_TGZ, layer)], (OCI_CONFIG, CONFIG, {"data": inline(CONFIG)}))
    image(add("config-data-other"), [(OCI_TGZ, layer)], (OCI_CONFIG, CONFIG, {"data": inline(b"x")}))
    image(add("config-size-wrong"), [(OCI_TGZ, layer)], (OCI_CONFIG, CONFIG, {"size": 1}))
    for word, text in (("annotations-number", {"annotations": {"a": 1}}), ("schema-text", {"schemaVersion": "2"}),
                       ("subject-text", {"subject": "x"})):
        case = add("index-" + word)
        index_of(case, (image(case, [(OCI_TGZ, layer)], tag=None), AMD64), **text)
    for word, changes in (("platform-text", {"platform": "linux/amd64"}), ("size-text", {"size": "5"}),
                          ("features-text", {"platform": dict(AMD64, features="x")})):
        case = add("index-child-" + word)
        index_of(case, (image(case, [(OCI_TGZ, layer)], tag=None), None, changes))
    text = image(add("json-mark"), [(OCI_TGZ, layer)], tag=None)
    CASES[-1].put(b"\xef\xbb\xbf" + text, OCI, "v1")
    text = image(add("json-spaces"), [(OCI_TGZ, layer)], tag=None)
    CASES[-1].put(b"  \n" + text + b"\n\n", OCI, "v1")
    text = image(add("json-rest"), [(OCI_TGZ, layer)], tag=None)
    CASES[-1].put(text + b"{}", OCI, "v1")
    text = image(add("json-twice"), [(OCI_TGZ, layer)], tag=None)
    CASES[-1].put(text[:-1] + b',"layers":[]}', OCI, "v1")
    add("json-none").put(b"<html>", OCI, "v1")
    add("json-list").put(b"[]", OCI, "v1")
    for word, chunked in (("blob", False), ("blob-chunked", True)):
        case = add("missing-" + word)
        image(case, [(OCI_TGZ, layer)])
        case.chunked = chunked
        del case.blobs[digest_of(layer)]
    case = add("missing-blob-in-data")
    image(case, [(OCI_TGZ, layer, {"data": inline(layer)})])
    del case.blobs[digest_of(layer)]
    case = add("missing-config")
    image(case, [(OCI_TGZ, layer)])
    del case.blobs[digest_of(CONFIG)]
    case = add("missing-lower")
    image(case, [(OCI_TGZ, plain("lower")), (OCI_TGZ, layer)])
    del case.blobs[digest_of(plain("lower"))]
    add("missing-manifest")
    case = add("chunked")
    image(case, [(OCI_TGZ, layer)])
    case.chunked = True
    case = add("chunked-content")
    image(case, [(WASM_CONFIG, RUNTIME), (WASM_LAYER, wasm)])
    case.chunked = True


# --- Sizes ---

def zeros(size):
    """Members of zeros: a gzip stream that is small and soon made."""
    one = gz(bytes(MIB), 9)
    return one * (size // MIB) + (gz(bytes(size % MIB), 9) if size % MIB else b"")


def sizes():
    edge = 32 * MIB
    base = len(module("", edge)) - edge
    for word, size in (("32-mib", edge), ("32-mib-and-1", edge + 1)):
        wasm = module("", size - base)
        assert len(wasm) == size
        image(add("size-content-" + word), [(WASM_CONFIG, RUNTIME), (WASM_LAYER, wasm)])
        compat("size-tar-" + word, gz(tar(entry("plugin.wasm", wasm)), 1))
    case = add("size-content-256-mib-and-1")
    long = Long(256 * MIB + 1)
    case.blobs[long.digest] = long
    case.put({"schemaVersion": 2, "config": descriptor(WASM_CONFIG, case.blob(RUNTIME)), "layers": [
        descriptor(WASM_CONFIG, RUNTIME), {"mediaType": WASM_LAYER, "digest": long.digest, "size": len(long)}]}, OCI, "v1")
    small = module("deep")
    for word, size in (("within", 1024), ("one-byte-behind", 1025)):
        deep = module("deep", size - len(module("deep", 500)) + 500)
        before = 256 * MIB - 1024 - 1024
        compat("size-tar-256-mib-" + word, gz(header("zeros", before)) + zeros(before) + gz(tar(entry("plugin.wasm", deep))))
        assert len(deep) == size
    compat("size-entry-of-1-gib-stated", gz(tar(header("plugin.wasm", 1024 * MIB) + pad(small))))


def cases():
    for family in (forms, layers, digests, tars, packings, sent_types, indexes, members, sizes):
        family()
    return CASES
