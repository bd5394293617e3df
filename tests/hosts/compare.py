#!/usr/bin/env python3
"""Holds what `wasme check --host` says against recorded.tsv: compare.py [OPTION...] WASME.

Fails for each "loads" of a module that the real host refused or crashed at, for each "refuses" of
one that it loaded, for a module that is not in the table, and when more than N answers are "unknown".
--list names the unknown ones too. --only and --table: see run.py.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import generate
import recorded

# Traps that only show when the code runs: a promise about these is no fault of the reader.
BY_RUNNING = ("_initialize-division_by_zero", "_start-division_by_zero")


def ask(wasme, modules):
    """(path, host, version) -> the answer of wasme."""
    command = [wasme, "check", "--json"]
    for name, version in recorded.HOSTS.values():
        command += ["--host", f"{name}:{version}" if version else name]
    done = subprocess.run(
        command + [path for _, path in modules], capture_output=True, check=False
    )
    try:
        subjects = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"wasme check gave no JSON: {done.stderr.decode(errors='replace')[:2000]}")
    return {
        (subject["file"], answer["host"], version): answer
        for subject in subjects
        for answer in subject["hosts"]
        for version in (answer["version"], "")
    }


def judge(said, real):
    if said == "loads" and real != "loads":
        return "promised, but the host " + real
    if said == "refuses" and real == "loads":
        return "refused, but the host loads it"
    return "right" if said in ("loads", "refuses") else said


def letters(text):
    return "".join(c for c in text if c.isascii() and c.isprintable() and c != " ")


def same_words(quote, words):
    return letters(quote) in letters(words) or letters(words) in letters(quote)


def stale(modules, table):
    for name, path in modules:
        if table.get(name, {}).get("sha256") != recorded.digest(path):
            yield name


def compare(wasme, modules, table, listed):
    answers = ask(wasme, modules)
    counts = collections.defaultdict(collections.Counter)
    bad, unknown, odd = [], [], []
    for name, path in modules:
        for column, host in recorded.HOSTS.items():
            real = table[name].get(column)
            if not real:
                continue
            answer = answers.get((path, *host), {"verdict": "not answered"})
            result = judge(answer["verdict"], real)
            counts[column][result] += 1
            line = f"{column} {name}: {result}: {answer.get('because') or 'no reason'}"
            if result == "unknown":
                unknown.append(line)
            elif name in BY_RUNNING and result != "right":
                print(f"not counted: {line}")
            elif result != "right":
                bad.append(line)
            words = table[name].get("words")
            quote = answer.get("quote")
            if (
                column == recorded.WORDS_OF
                and real == "refuses"
                and quote
                and words
                and not same_words(quote, words)
            ):
                odd.append(f'{column} {name}: quoted "{quote}", the host logs "{words}"')
    for column, results in counts.items():
        print(
            f"{column:16}", ", ".join(f"{result} {results[result]}" for result in sorted(results))
        )
    print(*bad, *odd, *(unknown if listed else []), sep="\n")
    print(
        f"{len(modules)} modules: {len(bad)} wrong answers, "
        f"{len(odd)} quotes that are not the host's, "
        f"{len(unknown)} unknown"
    )
    return len(bad) + len(odd), len(unknown)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wasme")
    parser.add_argument("--unknown", type=int, default=0)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--table", default=recorded.FILE)
    options = parser.parse_args()
    table = recorded.read(options.table)
    with tempfile.TemporaryDirectory(prefix="wasme-hosts.") as folder:
        modules = generate.all_modules(folder, options.only)
        outdated = list(stale(modules, table))
        if outdated:
            sys.exit(
                f"recorded.tsv has no answers about: {' '.join(outdated[:20])} (make check-hosts)"
            )
        bad, unknown = compare(os.path.abspath(options.wasme), modules, table, options.list)
    if unknown > options.unknown:
        print(f"{unknown} answers are unknown, and {options.unknown} may be")
    sys.exit(bad > 0 or unknown > options.unknown)


if __name__ == "__main__":
    main()
