#!/usr/bin/env python3
"""Asks a real WasmEdge about modules: wasmedge.py WASMEDGE FOLDER [NAME...].

A module with `_start` is run as a command; of another the function that names the version is
called, behind `_initialize`. Without such a function the module is loaded and instantiated only.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import envoy
import verdicts

SECONDS = 60
# WasmEdge's words for a call that it does not make, once the module is instantiated.
NO_CALL = re.compile(
    "not found in the module export list|function name is required"
    '|When executing function name: "proxy_abi|`proxy_abi.* expects'
)


def arguments(path):
    with open(path, "rb") as file:
        raw = file.read()
    if b"\x06_start\x00" in raw:
        return [path]
    marker = re.search(rb"proxy_abi_\w*version_\w+(?=\x00)", raw)
    return ["--reactor", path, marker.group().decode() if marker else "proxy_abi_version"]


def words_of(line):
    return re.sub(r"^\[.*?\] \[\w+\]\s*", "", line)


def judge_one(program, path):
    try:
        done = subprocess.run(
            [program, *arguments(path)],
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return "crashes", f"no answer in {SECONDS} s"
    lines = done.stdout.decode(errors="replace").splitlines()
    errors = [words_of(line) for line in lines if "[error]" in line]
    if done.returncode < 0:
        return "crashes", envoy.signal_name(done.returncode)
    if errors and not any(NO_CALL.search(line) for line in errors):
        return "refuses", " / ".join(errors[:2])
    return "loads", ""


def judge(program, modules):
    with ThreadPoolExecutor(envoy.AT_ONCE) as pool:
        answers = pool.map(lambda module: judge_one(program, module[1]), modules)
        return {name: answer for (name, _), answer in zip(modules, answers)}


if __name__ == "__main__":
    verdicts.main(judge)
