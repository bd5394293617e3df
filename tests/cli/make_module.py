#!/usr/bin/env python3
"""Writes a WebAssembly module: make_module.py FILE ITEM...

An item is one of these; SIG is a signature as "iI:i" (i: i32, I: i64, f: f32, F: f64, V: v128):
    import MODULE.NAME SIG      a function
    memory-import MODULE.NAME MIN
    global-import MODULE.NAME
    export NAME SIG [BYTES]     a function of about that many bytes
    func NAME SIG [BYTES]       the same, not exported; NAME stands in the name section
    memory MIN [MAX]            exported as memory
    table MIN [MAX]
    start                       a start section
    feature sign|simd|tail      a function that needs the feature
    producer FIELD NAME VERSION with '_' for spaces
    custom NAME BYTES
"""
import sys

TYPES = {"i": 0x7F, "I": 0x7E, "f": 0x7D, "F": 0x7C, "V": 0x7B}
ZERO = {"i": b"\x41\0", "I": b"\x42\0", "f": b"\x43" + bytes(4), "F": b"\x44" + bytes(8)}
FEATURES = {
    "sign": b"\x41\0\xc0\x1a",
    "simd": b"\xfd\x0c" + bytes(16) + b"\x1a",
    "tail": None, # filled in below: calls the function itself
}


def number(value):
    out = b""
    while True:
        byte, value = value & 0x7F, value >> 7
        out += bytes([byte | (0x80 if value else 0)])
        if not value:
            return out


def vector(items):
    return number(len(items)) + b"".join(items)


def text(value):
    raw = value.encode()
    return number(len(raw)) + raw


def section(code, content):
    return bytes([code]) + number(len(content)) + content


def custom(name, content):
    return section(0, text(name) + content)


def limits(words):
    least = number(int(words[0]))
    return b"\1" + least + number(int(words[1])) if len(words) > 1 else b"\0" + least


class Module:
    def __init__(self):
        self.types, self.imports, self.functions, self.bodies = [], [], [], []
        self.exports, self.memories, self.tables, self.customs = [], [], [], []
        self.names, self.producers, self.imported, self.start = [], {}, 0, False

    def type_of(self, signature):
        before, after = signature.split(":")
        coded = b"\x60" + vector([bytes([TYPES[c]]) for c in before])
        coded += vector([bytes([TYPES[c]]) for c in after])
        if coded not in self.types:
            self.types.append(coded)
        return self.types.index(coded)

    def add_import(self, name, kind):
        module, name = name.split(".", 1)
        self.imports.append(text(module) + text(name) + kind)

    def add_function(self, signature, code=b""):
        index = self.imported + len(self.functions)
        result = b"".join(ZERO[c] for c in signature.split(":")[1])
        body = b"\0" + code + result + b"\x0b"
        self.functions.append(number(self.type_of(signature)))
        self.bodies.append(number(len(body)) + body)
        return index

    def add(self, item):
        what, *words = item.split()
        padding = b"\1" * (int(words[2]) if len(words) > 2 and what in ("export", "func") else 0)
        if what == "import":
            self.add_import(words[0], b"\0" + number(self.type_of(words[1])))
            self.imported += 1
        elif what == "memory-import":
            self.add_import(words[0], b"\2" + limits(words[1:]))
        elif what == "global-import":
            self.add_import(words[0], b"\3\x7f\0")
        elif what == "export":
            index = self.add_function(words[1], padding)
            self.exports.append(text(words[0]) + b"\0" + number(index))
        elif what == "func":
            self.names.append((self.add_function(words[1], padding), words[0]))
        elif what == "memory":
            self.exports.append(text("memory") + b"\2" + number(len(self.memories)))
            self.memories.append(limits(words))
        elif what == "table":
            self.tables.append(b"\x70" + limits(words))
        elif what == "start":
            self.start = True
        elif what == "feature":
            code = FEATURES[words[0]]
            self.add_function(":", code or b"\x12" + number(self.imported + len(self.functions)))
        elif what == "producer":
            made = text(words[1]) + text(words[2].replace("_", " "))
            self.producers.setdefault(words[0], []).append(made)
        elif what == "custom":
            self.customs.append(custom(words[0], bytes(int(words[1]))))
        else:
            sys.exit("no such item: " + item)

    def bytes(self):
        if self.start:
            start = number(self.add_function(":"))
        out = b"\0asm\1\0\0\0" + section(1, vector(self.types))
        for code, items in ((2, self.imports), (3, self.functions), (4, self.tables),
                            (5, self.memories), (7, self.exports)):
            if items:
                out += section(code, vector(items))
        if self.start:
            out += section(8, start)
        out += section(10, vector(self.bodies))
        if self.names:
            named = vector([number(index) + text(name) for index, name in self.names])
            out += custom("name", section(1, named))
        if self.producers:
            fields = [text(field) + vector(made) for field, made in self.producers.items()]
            out += custom("producers", vector(fields))
        return out + b"".join(self.customs)


def main():
    module = Module()
    # All imports come first among the functions.
    for item in sorted(sys.argv[2:], key=lambda item: not item.split()[0].endswith("import")):
        module.add(item)
    with open(sys.argv[1], "wb") as file:
        file.write(module.bytes())


if __name__ == "__main__":
    main()
