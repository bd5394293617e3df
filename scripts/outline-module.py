#!/usr/bin/env python3
"""Writes the outline of a module: outline-module.py MODULE OUTLINE

The outline is a module with the same imports, memories and start, and with the same exports of functions and
memories; no function does anything. A host that judges by these alone judges both modules alike.
lib/starter/outlines/ has the outlines of the starters, by which `wasme init` knows the hosts that load them;
tests/cli/starters.bats says when they no longer fit.
"""
import sys

TYPE, IMPORT, FUNCTION, MEMORY, EXPORT, START, CODE = 1, 2, 3, 5, 7, 8, 10
FUNC, MEM = 0, 2
# By the type of a result: an instruction that gives a result. 1 means success in the callbacks of a filter.
ONE = {0x7F: b"\x41\1", 0x7E: b"\x42\1", 0x7D: b"\x43\0\0\x80\x3f", 0x7C: b"\x44\0\0\0\0\0\0\xf0\x3f"}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def name(self):
        return self.take(self.number())

    def limits(self):
        begin = self.at
        flags = self.number()
        self.number()
        if flags & 1:
            self.number()
        return self.data[begin:self.at]


def number(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def vector(items):
    return number(len(items)) + b"".join(items)


def name(text):
    return number(len(text)) + text


def read(data):
    """The sections by their numbers, each as a reader behind the number of its items."""
    module, sections = Reader(data), {}
    assert module.take(8) == b"\0asm\1\0\0\0", "no WebAssembly module of version 1"
    while module.at < len(data):
        kind = module.number()
        sections[kind] = Reader(module.take(module.number()))
    return sections


def read_types(section):
    types = []
    for _ in range(section.number()):
        assert section.take(1) == b"\x60", "a type that is no function"
        types.append((section.name(), section.name()))
    return types


def outline(data):
    sections = read(data)
    types = read_types(sections[TYPE])
    kept = []

    def keep(kind):
        if kind not in kept:
            kept.append(kind)
        return number(kept.index(kind))

    imports, functions = [], []
    section = sections[IMPORT]
    for _ in range(section.number()):
        module, item, kind = section.name(), section.name(), section.take(1)[0]
        assert kind == FUNC, "an import that is no function"
        functions.append(types[section.number()])
        imports.append(name(module) + name(item) + bytes([kind]) + keep(functions[-1]))
    imported = len(functions)
    section = sections[FUNCTION]
    functions += [types[section.number()] for _ in range(section.number())]
    section = sections.get(MEMORY, Reader(b"\0"))
    memories = [section.limits() for _ in range(section.number())]

    made, exports = [], []

    def place(index):
        if index < imported:
            return number(index)
        made.append(functions[index])
        return number(imported + len(made) - 1)

    section = sections[EXPORT]
    for _ in range(section.number()):
        item, kind, index = section.name(), section.take(1)[0], section.number()
        if kind in (FUNC, MEM):
            exports.append(name(item) + bytes([kind]) + (place(index) if kind == FUNC else number(index)))
    start = place(sections[START].number()) if START in sections else b""
    bodies = [b"\0" + b"".join(ONE[result] for result in results) + b"\x0b" for _, results in made]
    parts = {
        FUNCTION: vector([keep(kind) for kind in made]),
        MEMORY: vector(memories),
        EXPORT: vector(exports),
        START: start,
        CODE: vector([name(body) for body in bodies]),
    }
    parts = {
        TYPE: vector([b"\x60" + name(params) + name(results) for params, results in kept]),
        IMPORT: vector(imports),
        **parts,
    }
    return b"\0asm\1\0\0\0" + b"".join(bytes([kind]) + name(part) for kind, part in parts.items() if part)


def main():
    source, target = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        file.write(outline(data))


if __name__ == "__main__":
    main()
