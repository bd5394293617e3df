#!/usr/bin/env python3
"""Builds each source of sources.py with wasme, and asks a real Envoy that has loaded the filter.

run.py [--record] WASME [NAME...] prints a line for each source: the command that wasme ran, the
size, the ABI, and what Envoy answered. A NAME picks the sources whose name contains it. --record
writes the table into docs/sources.md when all sources were built and all answers are right.
The exit status is 1 when an answer is wrong, and 3 when that is all right but a package or a
compiler is not to be had.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import record
import serving
from sources import SOURCES

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENVOY = "1.40"
AT_ONCE = 2
FAULT_MAX = 2000  # characters of what a failed build printed


class Absent(Exception):
    """What a source needs is not on this machine."""


class Wrong(Exception):
    """The source does not become the filter that it describes."""


def command(argv, **more):
    return subprocess.run(
        argv, capture_output=True, text=True, errors="replace", check=False, timeout=600, **more
    )


# --- Sources ---


def go_module(name):
    done = command(["go", "mod", "download", "-json", name], cwd="/")
    if done.returncode:
        raise Absent(f"the Go module {name}: {last_line(done.stdout + done.stderr)}")
    return json.loads(done.stdout)["Dir"]


def require(folder, sdk):
    """Has the examples of an older SDK be built with a newer one."""
    module, version = sdk.split("@")
    for part in ("proxywasm", "proxytest", "go.sum"):
        path = os.path.join(folder, part)
        shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.unlink(path)
    with open(os.path.join(folder, "go.mod"), "w", encoding="utf-8") as file:
        file.write(f"module sources.example/examples\n\ngo 1.21\n\nrequire {module} {version}\n")
    done = command(["go", "mod", "download", sdk], cwd=folder)
    if done.returncode:
        raise Absent(f"the Go module {sdk}: {last_line(done.stderr)}")


def crate(name, scratch):
    """The folder that cargo unpacks a crate into."""
    crate_name, version = name.split("@")
    folder = os.path.join(scratch, "wish")
    os.makedirs(folder + "/src", exist_ok=True)
    open(folder + "/src/lib.rs", "w", encoding="utf-8").close()
    with open(folder + "/Cargo.toml", "w", encoding="utf-8") as file:
        file.write('[package]\nname = "wish"\nversion = "0.1.0"\n')
        file.write(f'[dependencies]\n{crate_name} = "={version}"\n')
    done = command(["cargo", "vendor", "-q", "--versioned-dirs", "crates"], cwd=folder)
    if done.returncode:
        raise Absent(f"the crate {name}: {last_line(done.stderr)}")
    return f"{folder}/crates/{crate_name}-{version}"


def npm_project(name):
    """wasme installs the packages when there is a lockfile."""
    done = command(["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"], cwd=name)
    if done.returncode:
        raise Absent(f"the npm packages: {last_line(done.stderr)}")


def last_line(text):
    return (text.strip().splitlines() or ["no word"])[-1]


def starter(wasme, language, folder):
    """The folder above that of a starter."""
    os.makedirs(folder)
    done = command([wasme, "init", folder + "/filter", "--language", language])
    if done.returncode:
        raise Wrong(last_line(done.stderr))
    if os.path.exists(folder + "/filter/package.json"):
        npm_project(folder + "/filter")
    return folder


class Origins:
    """Copies of what the sources come from, which a build may write into."""

    def __init__(self, wasme, scratch):
        self.wasme = wasme
        self.scratch = scratch
        self.folders = {}
        self.lock = threading.Lock()

    def folder(self, origin):
        with self.lock:
            if origin not in self.folders:
                self.folders[origin] = self.fetch(origin)
        if isinstance(self.folders[origin], Absent):
            raise self.folders[origin]
        return self.folders[origin]

    def fetch(self, origin):
        kind, _, name = origin.partition(":")
        try:
            if kind == "own":
                return self.copy(ROOT, kind, ("examples", "tests/filters"))
            if kind == "npm":
                folder = self.copy(os.path.join(ROOT, name), name)
                npm_project(folder)
                return folder
            if kind == "init":
                return starter(self.wasme, name, os.path.join(self.scratch, "starters", name))
            if kind == "crate":
                return self.copy(crate(name, self.scratch), kind)
            examples, _, sdk = name.partition(" with ")
            folder = self.copy(go_module(examples), kind)
            if sdk:
                require(folder, sdk)
            return folder
        except (Absent, OSError) as error:
            return error if isinstance(error, Absent) else Absent(str(error))

    def copy(self, source, name, parts=(".",)):
        target = os.path.join(self.scratch, "sources", name)
        for part in parts:
            shutil.copytree(os.path.join(source, part), os.path.join(target, part))
        command(["chmod", "-R", "u+w", target])
        return target


# --- Building ---


class Built:
    """What wasme made of a source."""

    def __init__(self, wasme, source, folder, scratch):
        self.wasme = wasme
        self.store = tempfile.mkdtemp(prefix="store.", dir=scratch)
        self.ref = "filter:v1"
        place = os.path.join(folder, source.folder)
        flags = ["--", *source.flags] if source.flags else []
        done = self.run("build", source.language, place, "-t", self.ref, *flags)
        if done.returncode:
            fault = done.stderr.strip()[-FAULT_MAX:]
            raise Absent(last_line(fault)) if "not found in PATH" in fault else Wrong(fault)
        lines = [line for line in done.stderr.splitlines() if line.startswith("$ ")]
        self.command = lines[-1].partition(" && ")[2] if lines else ""
        facts = json.loads(self.run("inspect", "--json", self.ref).stdout)
        self.abi = " ".join(facts["abiVersions"])
        self.path = glob.glob(self.store + "/*/filter.wasm")[0]
        self.size = os.path.getsize(self.path)

    def run(self, *words):
        return command([self.wasme, words[0], "--store", self.store, *words[1:]])

    def check(self):
        done = self.run("check", self.ref, "--host", "envoy:" + ENVOY)
        line = last_line(done.stdout)
        if done.returncode:
            raise Wrong(f"check: {line}")


def try_source(wasme, source, origins, scratch):
    """The fields of the table, of which the last is the answer."""
    built = Built(wasme, source, origins.folder(source.origin), scratch)
    built.check()
    with tempfile.TemporaryDirectory(prefix="wasme-sources.") as folder:
        answer, missing = serving.ask(source, built.path, folder)
    if missing:
        raise Wrong(f"Envoy: {answer or 'no answer'}; no sign of {missing}")
    return built.command, built.size, built.abi, answer


def row(wasme, source, origins, scratch):
    """The fields of the table or why there are none, and which of the three kinds of end it is."""
    try:
        return try_source(wasme, source, origins, scratch), "fine"
    except Absent as error:
        return f"skipped: {error}", "absent"
    except (Wrong, subprocess.TimeoutExpired) as error:
        return f"WRONG: {error}", "wrong"


def try_all(wasme, chosen):
    """Prints each row, and returns all of them."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="wasme-sources.") as scratch, ThreadPoolExecutor(
        AT_ONCE
    ) as pool:
        origins = Origins(wasme, scratch)
        for source, (fields, end) in pool.map(
            lambda source: (source, row(wasme, source, origins, scratch)), chosen
        ):
            text = "{0} | {1} bytes | {2} | {3}".format(*fields) if end == "fine" else fields
            print(f"{source.name} | {text}", flush=True)
            rows.append((source.name, fields, end))
    return rows


def main():
    words = [word for word in sys.argv[1:] if word != "--record"]
    wasme, names = os.path.abspath(words[0]), words[1:]
    rows = try_all(wasme, [s for s in SOURCES if not names or any(n in s.name for n in names)])
    ends = [end for _, _, end in rows]
    wrong, absent = ends.count("wrong"), ends.count("absent")
    print(f"{ends.count('fine')} answered as they should, {wrong} wrong, {absent} skipped")
    if "--record" in sys.argv:
        if wrong or absent or names:
            print("docs/sources.md stays: the table needs all sources")
        else:
            record.write([(name, *fields) for name, fields, _ in rows], wasme, ENVOY)
    return 1 if wrong else 3 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
