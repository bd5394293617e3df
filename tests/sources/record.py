"""The table of run.py as docs/sources.md."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "sources.md")

HEAD = """# Sources that were built, and the answers of Envoy

`wasme build` built each of these sources with the real compiler, `wasme check --host envoy:{envoy}` said that
Envoy {envoy} loads the module, and a real Envoy {envoy} loaded the module and was asked. `make check-sources` does
the same again; with `RECORD=1` it also writes this page. `tests/sources/sources.py` says where each source comes
from, and what Envoy must answer.

- "own" are filters of this repository, and "npm" are filters of this repository that use packages of npm.
- "starter" are the files that `wasme init` makes, with the configuration "good day".
- "tinygo" are the examples of the SDK of tetratelabs for TinyGo, and "rust" those of the crate proxy-wasm. Both come
  from packages.

The commands are the commands that wasme printed, without the names of folders. The last column has the status of a
response through the filter, and the signs of the filter's work in the response, the log or the counters of Envoy.

The compilers were {compilers}.

| source | command | bytes | ABI | answer of Envoy {envoy} |
|---|---|---|---|---|
"""


def compilers(wasme):
    """The compilers that `wasme doctor` finds, without their folders."""
    done = subprocess.run([wasme, "doctor"], capture_output=True, text=True, check=False)
    found = re.findall(r"^ok +(?:tinygo|go|rust|assemblyscript|c) +(.*)", done.stdout, re.MULTILINE)
    found = [re.sub(r", (/\S+|builds|for )[^,]*", "", words) for words in found]
    return ", ".join(found[:-1]) + " and " + found[-1] if found[1:] else "".join(found)


def bare(command):
    """The command without the folders of absolute paths."""
    return re.sub(r"(?<![^\s=@])/(?:[^\s/]+/)+", "", command)


def cell(text):
    return re.sub(r"\s+", " ", str(text)).replace("|", "\\|").strip()


def write(rows, wasme, envoy):
    """`rows` has (source, command, size, ABI, answer) of each source."""
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(HEAD.format(envoy=envoy, compilers=compilers(wasme)))
        for name, command, size, abi, answer in rows:
            cells = (name, f"`{bare(command)}`", size, abi, answer)
            file.write("| " + " | ".join(cell(part) for part in cells) + " |\n")
