#!/usr/bin/env python3
"""Asks the real hosts about the modules: run.py [OPTION...] [HOST...].

Prints the answers in numbers, and each disagreement with the table, which is recorded.tsv. A host that
is not to be had is "skipped: why". --record writes the answers into the table; --new asks only
about modules for which it has no answer. --only FOLDER names other modules than the generated
ones, such as real filters, and --table FILE their table.
"""

import argparse
import collections
import glob
import os
import subprocess
import sys
import tempfile

import apisix
import envoy
import generate
import mosn
import recorded
import verdicts
import wasmedge

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "..", "build")


def find_envoy(version):
    for path in (f"{BUILD}/hosts/envoy-{version}/envoy", f"{BUILD}/peers/usr/bin/envoy"):
        if os.access(path, os.X_OK):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            if f"/{version}/" in said.stdout:
                return path
    raise verdicts.Absent(f"there is no Envoy {version} in build/")


def find_wasmedge(version):
    for path in glob.glob(f"{BUILD}/hosts/wasmedge-*/wasmedge"):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if f"version {version}" in said.stdout:
            return path
    raise verdicts.Absent(f"there is no WasmEdge {version} in build/hosts")


def find_wheel(version):
    path = f"{BUILD}/hosts/wasmtime-{version}"
    if os.path.isdir(path):
        return path
    raise verdicts.Absent(f"there is no wasmtime {version} in build/hosts")


# The first word of a column -> the program, and the module that asks it.
ENGINES = {
    "envoy": (find_envoy, envoy.judge),
    "wasmedge": (find_wasmedge, wasmedge.judge),
    "apisix": (lambda _: find_wheel("0.38.0"), apisix.judge),
    "mosn": (lambda _: None, mosn.judge),
}


def ask(host, modules):
    name, _, version = host.partition("-")
    find, judge = ENGINES[name]
    return judge(find(version), modules)


def note(host, found, table, paths):
    for name, (verdict, words) in found.items():
        row = table.setdefault(name, {"name": name})
        now = recorded.digest(paths[name])
        if row.get("sha256") != now:
            row.clear()
            row.update(name=name, sha256=now)
        row[host] = verdict
        if host == recorded.WORDS_OF:
            row["words"] = verdicts.plain(words)


def asked_before(table, host, name, path):
    row = table.get(name, {})
    return row.get(host) and row.get("sha256") == recorded.digest(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--table", default=recorded.FILE)
    parser.add_argument("hosts", nargs="*")
    options = parser.parse_args()
    table, differences = recorded.read(options.table), 0
    with tempfile.TemporaryDirectory(prefix="wasme-hosts.") as folder:
        modules = generate.all_modules(folder, options.only)
        paths = dict(modules)
        for host in options.hosts or recorded.HOSTS:
            todo = [m for m in modules if not (options.new and asked_before(table, host, *m))]
            try:
                found = ask(host, todo)
            except verdicts.Absent as absent:
                print(f"{host:14} skipped: {absent}")
                continue
            counts = collections.Counter(verdict for verdict, _ in found.values())
            print(
                f"{host:14} "
                + ", ".join(f"{verdict} {counts[verdict]}" for verdict in sorted(counts)),
                flush=True,
            )
            for name, (verdict, words) in found.items():
                before = table.get(name, {}).get(host)
                if before and before != verdict:
                    differences += 1
                    print(f"  {name}: {verdict} now, {before} as recorded: {words}")
            if options.record:
                note(host, found, table, paths)
        if options.record:
            recorded.write(
                {name: row for name, row in table.items() if name in paths}, options.table
            )
    sys.exit(differences != 0 and not options.record)


if __name__ == "__main__":
    main()
