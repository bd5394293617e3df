"""A small assembler for WebAssembly modules.

A module is built by names; indexes are found when it is encoded. A body is a list of bytes and of
names in Call(), Func() and the like. Nothing is checked, because most of the modules are broken on
purpose.
"""

I32, I64, F32, F64, V128, FUNCREF, EXTERNREF = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F
LETTERS = {"i": I32, "I": I64, "f": F32, "F": F64, "v": V128, "r": FUNCREF, "x": EXTERNREF}
VOID = 0x40

(
    TYPE,
    IMPORT,
    FUNCTION,
    TABLE,
    MEMORY,
    GLOBAL,
    EXPORT,
    START,
    ELEMENT,
    CODE,
    DATA,
    DATA_COUNT,
    TAG,
) = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
ORDER = (
    TYPE,
    IMPORT,
    FUNCTION,
    TABLE,
    MEMORY,
    TAG,
    GLOBAL,
    EXPORT,
    START,
    ELEMENT,
    DATA_COUNT,
    CODE,
    DATA,
)
HEADER = b"\0asm\1\0\0\0"


def uleb(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sleb(value):
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


def vector(items):
    return uleb(len(items)) + b"".join(items)


def name(text):
    raw = text.encode() if isinstance(text, str) else text
    return uleb(len(raw)) + raw


def limits(low, high=None, flags=0):
    return (
        bytes([flags | (high is not None)]) + uleb(low) + (uleb(high) if high is not None else b"")
    )


def section(number, payload):
    return bytes([number]) + uleb(len(payload)) + payload


def custom(title, payload=b""):
    return section(0, name(title) + payload)


def i32(value):
    return b"\x41" + sleb(value)


def i64(value):
    return b"\x42" + sleb(value)


class Call:
    """call NAME, or another instruction that the index of a function follows."""

    def __init__(self, target, opcode=b"\x10", after=b""):
        self.target, self.opcode, self.after = target, opcode, after


DROP, END, UNREACHABLE, IF, ELSE, RETURN = b"\x1a", b"\x0b", b"\x00", b"\x04\x40", b"\x05", b"\x0f"
ZERO_OF = {
    "i": b"\x41\0",
    "I": b"\x42\0",
    "f": b"\x43\0\0\0\0",
    "F": b"\x44" + bytes(8),
    "v": b"\xfd\x0c" + bytes(16),
    "r": b"\xd0\x70",
    "x": b"\xd0\x6f",
}


class Module:
    def __init__(self):
        self.types, self.imports, self.functions = [], [], []
        self.tables, self.memories, self.tags, self.globals = [], [], [], []
        self.exports, self.elements, self.data = [], [], []
        self.start = self.data_count = None
        self.first = self.last = b""  # custom sections in front of and behind the others

    # "ii:i" -> the index of that type
    def type(self, text):
        params, results = text.split(":")
        return self.raw_type(
            b"\x60"
            + vector([bytes([LETTERS[c]]) for c in params])
            + vector([bytes([LETTERS[c]]) for c in results])
        )

    def raw_type(self, raw):
        if raw not in self.types:
            self.types.append(raw)
        return self.types.index(raw)

    def import_function(self, module, title, kind, alias=None):
        self.imports.append((module, title, b"\0" + uleb(self.type(kind)), alias or title))

    # kind: 1 table, 2 memory, 3 global, 4 tag
    def import_other(self, module, title, kind, raw):
        self.imports.append((module, title, bytes([kind]) + raw, None))

    # `body` without the end; declared locals come as raw bytes.
    def function(self, title, kind, body=(), export=True, locals_=b"\0"):
        self.functions.append((title, self.type(kind), list(body), locals_))
        if export:
            self.exports.append((title, 0, title))

    # A function of the type that gives zeros, or `value`.
    def stub(self, title, kind, value=None, export=True):
        results = kind.split(":")[1]
        body = (
            [i32(value)] if value is not None and results == "i" else [ZERO_OF[c] for c in results]
        )
        self.function(title, kind, body, export)

    def export(self, title, kind, target):
        self.exports.append((title, kind, target))

    def index(self, title):
        names = [alias for _, _, raw, alias in self.imports if raw[0] == 0]
        names += [function[0] for function in self.functions]
        return names.index(title) if isinstance(title, str) else title

    def body(self, parts, locals_=b"\0"):
        raw = locals_
        for part in parts:
            raw += (
                part.opcode + uleb(self.index(part.target)) + part.after
                if isinstance(part, Call)
                else part
            )
        return name(raw + END)

    # The sections as a dictionary: number -> payload. Bodies can still add types.
    def sections(self):
        code = vector([self.body(body, locals_) for _, _, body, locals_ in self.functions])
        out = {}
        if self.types:
            out[TYPE] = vector(self.types)
        if self.imports:
            out[IMPORT] = vector([name(m) + name(f) + raw for m, f, raw, _ in self.imports])
        if self.functions:
            out[FUNCTION] = vector([uleb(f[1]) for f in self.functions])
            out[CODE] = code
        for number, items in (
            (TABLE, self.tables),
            (MEMORY, self.memories),
            (TAG, self.tags),
            (GLOBAL, self.globals),
            (DATA, self.data),
        ):
            if items:
                out[number] = vector(items)
        if self.elements:
            out[ELEMENT] = vector(
                [
                    (
                        e
                        if isinstance(e, bytes)
                        else b"\0" + i32(0) + END + vector([uleb(self.index(f)) for f in e])
                    )
                    for e in self.elements
                ]
            )
        if self.exports:
            out[EXPORT] = vector(
                [
                    name(title) + bytes([kind]) + uleb(self.index(target) if kind == 0 else target)
                    for title, kind, target in self.exports
                ]
            )
        if self.start is not None:
            out[START] = uleb(self.index(self.start))
        if self.data_count is not None:
            out[DATA_COUNT] = uleb(self.data_count)
        return out

    def encode(self, order=ORDER):
        sections = self.sections()
        return (
            HEADER
            + self.first
            + b"".join(section(n, sections[n]) for n in order if n in sections)
            + self.last
        )
