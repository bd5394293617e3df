"""The arguments and the output that the scripts for the hosts have in common."""

import os
import sys


class Absent(Exception):
    """The host is not to be had; the text says why."""


def modules_of(folder, names=()):
    """Pairs of the name and the path of each module."""
    found = sorted(entry[:-5] for entry in os.listdir(folder) if entry.endswith(".wasm"))
    return [
        (name, os.path.abspath(os.path.join(folder, name + ".wasm"))) for name in names or found
    ]


def plain(text):
    return "".join(c if c.isprintable() else " " for c in text)[:400]


def main(judge):
    if len(sys.argv) < 3:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} HOST FOLDER [NAME...]")
    for name, (verdict, words) in judge(
        sys.argv[1], modules_of(sys.argv[2], sys.argv[3:])
    ).items():
        print(name, verdict, plain(words), sep="\t")
