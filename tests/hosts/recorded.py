"""The table recorded.tsv: which modules the real hosts loaded, refused or crashed at.

A line has the name of a module, the first half of the SHA-256 of its bytes, the verdict of each
host, and the words of the newest Envoy.
"""

import hashlib
import os

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded.tsv")
# The column, and the host as `wasme check --host` names it.
HOSTS = {
    "envoy-1.36.4": ("envoy", "1.36"),
    "envoy-1.39.1": ("envoy", "1.39"),
    "envoy-1.40.0": ("envoy", "1.40"),
    "mosn": ("mosn", ""),
    "apisix": ("apisix", ""),
    "wasmedge-0.14.1": ("wasmedge", "0.14"),
    "wasmedge-0.17.1": ("wasmedge", "0.17"),
}
WORDS_OF = "envoy-1.40.0"
COLUMNS = ["name", "sha256", *HOSTS, "words"]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:32]


def read(path=FILE):
    """Name -> column -> text."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    return {cells[0]: dict(zip(lines[0], cells)) for cells in lines[1:]}


def write(table, path=FILE):
    with open(path, "w", encoding="utf-8") as file:
        for row in [dict(zip(COLUMNS, COLUMNS)), *(table[name] for name in sorted(table))]:
            print(*(row.get(column, "") for column in COLUMNS), sep="\t", file=file)
