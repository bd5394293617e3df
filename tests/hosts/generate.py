#!/usr/bin/env python3
"""Writes the modules that the hosts are asked about: generate.py FOLDER.

Each is good, or broken or odd in one way, which its name says; the same call gives the same bytes.
"""

import os
import sys

import bodies
import broken
import exports
import features
import imports
import starts
import verdicts

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples")


def modules():
    """Pairs of a name and the bytes of a module; no name comes twice."""
    seen = set()
    for family in (imports, starts, exports, features, bodies, broken):
        for title, module in family.all():
            if title in seen:
                raise ValueError(f"two modules are called {title}")
            seen.add(title)
            yield title, module if isinstance(module, bytes) else module.encode()


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for title, raw in modules():
        with open(os.path.join(folder, title + ".wasm"), "wb") as file:
            file.write(raw)


def all_modules(folder, only=None):
    """Names and paths: those of the folder `only`, or the generated ones and the examples."""
    if only:
        return verdicts.modules_of(only)
    write(folder)
    return verdicts.modules_of(folder) + verdicts.modules_of(EXAMPLES)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py FOLDER")
    write(sys.argv[1])
