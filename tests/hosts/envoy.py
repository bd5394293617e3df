#!/usr/bin/env python3
"""Asks a real Envoy about modules: envoy.py ENVOY FOLDER [NAME...].

Prints a line for each: the name, loads, refuses or crashes, and the words that Envoy logs. Each is
loaded alone by --mode validate, which also runs the module's start in a virtual machine. The
modules that load are then asked to serve one request in an Envoy that runs, many in one.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import verdicts

API = "type.googleapis.com/envoy.extensions.filters."
AT_ONCE = 2
IN_ONE = 24
SECONDS = 60


def listener(number, name, path, folder):
    wasm = {
        "name": name,
        "vm_config": {
            "vm_id": name,
            "runtime": "envoy.wasm.runtime.v8",
            "code": {"local": {"filename": path}},
        },
    }
    manager = {
        "@type": API + "network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "main",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}],
                }
            ]
        },
        "http_filters": [
            {"name": "wasm", "typed_config": {"@type": API + "http.wasm.v3.Wasm", "config": wasm}},
            {"name": "router", "typed_config": {"@type": API + "http.router.v3.Router"}},
        ],
    }
    return {
        "name": f"listener{number}",
        "address": {"pipe": {"path": os.path.join(folder, f"{number}.sock")}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def configure(modules, folder, title):
    path = os.path.join(folder, title + ".json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(
            {
                "static_resources": {
                    "listeners": [
                        listener(number, name, module, folder)
                        for number, (name, module) in enumerate(modules)
                    ]
                }
            },
            file,
        )
    return path


def flags(config, *more):
    return ["--config-path", config, "--log-level", "error", "--log-format", "%n: %v", *more]


def signal_name(status):
    return signal.Signals(-status).name


def reason(log):
    """The first line that the log of Wasm has; of other lines only when there is none."""
    lines = [line for line in log.splitlines() if line.strip()]
    of_wasm = [line for line in lines if line.startswith("wasm: ")]
    return (
        (of_wasm or lines or ["no word"])[0].removeprefix("wasm: ").removeprefix("Wasm VM failed ")
    )


def validate(envoy, name, module, folder):
    config = configure([(name, module)], folder, name)
    try:
        done = subprocess.run(
            [envoy, "--mode", "validate", *flags(config)],
            timeout=SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "crashes", f"no answer in {SECONDS} s"
    finally:
        os.unlink(config)
    log = done.stderr.decode(errors="replace")
    if "compiled without support" in log:
        raise RuntimeError(f"{envoy} has no V8")
    if done.returncode < 0:
        return "crashes", f"{signal_name(done.returncode)} at the load"
    return ("refuses", reason(log)) if done.returncode else ("loads", "")


def request(path):
    """The status of a response, or why there is none."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        try:
            connection.connect(path)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = connection.recv(4096)
        except TimeoutError:
            return "no answer"
        except OSError as error:
            return str(error)
    return answer.split(b" ")[1].decode() if answer else "closed"


def wait_for(process, path):
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(path)
                return
            except OSError:
                time.sleep(0.05)


def serve(envoy, modules, folder):
    """Yields (name, verdict, words); the rest of `modules` is left when Envoy dies."""
    config = configure(modules, folder, "serve")
    with open(os.path.join(folder, "log"), "wb") as log:
        process = subprocess.Popen(
            [envoy, *flags(config, "--concurrency", "1", "--use-dynamic-base-id")],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        wait_for(process, os.path.join(folder, f"{len(modules) - 1}.sock"))
        for number, (name, _) in enumerate(modules):
            answer = request(os.path.join(folder, f"{number}.sock"))
            try:
                yield name, "crashes", f"{signal_name(process.wait(0.02))} at the first request"
                return
            except subprocess.TimeoutExpired:
                yield name, "loads", "" if answer == "200" else f"the first request: {answer}"
    finally:
        process.kill()
        process.wait()


def serve_all(envoy, modules, found):
    with tempfile.TemporaryDirectory(prefix="wasme-hosts.") as folder:
        left = list(modules)
        while left:
            for name, verdict, words in serve(envoy, left[:IN_ONE], folder):
                found[name] = (verdict, words)
                left = [module for module in left if module[0] != name]


def judge(envoy, modules):
    with tempfile.TemporaryDirectory(prefix="wasme-hosts.") as folder, ThreadPoolExecutor(
        AT_ONCE
    ) as pool:
        answers = pool.map(lambda module: validate(envoy, *module, folder), modules)
        found = {name: answer for (name, _), answer in zip(modules, answers)}
    serve_all(envoy, [module for module in modules if found[module[0]][0] == "loads"], found)
    return found


if __name__ == "__main__":
    verdicts.main(judge)
