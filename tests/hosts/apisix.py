#!/usr/bin/env python3
"""Asks wasmtime 0.38.0 about modules, with APISIX's rules: apisix.py WHEEL FOLDER [NAME...].

APISIX's own code is a part of nginx; here are its steps, in its order, on the same engine: load the
module, link it with the functions of functions.APISIX and with WASI, find the memory, call `_start`
or else `_initialize`; at the first request create a context and configure the plugin. The request
is answered with 503 when the plugin exports no proxy_on_configure, or when that gives 0.
"""

import os
import subprocess
import sys
import tempfile

import functions as fn
import verdicts

# Called before the module is known, these work on a plugin that is not there.
NEED_THE_PLUGIN = ("proxy_log", "proxy_get_property")


class Refused(Exception):
    pass


class Died(Exception):
    pass


class Host:
    def __init__(self, path):
        import wasmtime  # from the folder of the wheel

        self.wasmtime, self.started = wasmtime, False
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        self.store.set_wasi(self.inherited())
        self.linker = wasmtime.Linker(engine)
        self.linker.define_wasi()
        for title, kind in fn.APISIX.items():
            self.linker.define("env", title, self.function(title, kind))
        try:
            with open(path, "rb") as file:
                self.module = wasmtime.Module(engine, file.read())
        except wasmtime.WasmtimeError as error:
            raise Refused(f"failed to new module: {error}") from error

    def inherited(self):
        config = self.wasmtime.WasiConfig()
        config.inherit_env()
        return config

    def function(self, title, kind):
        types = {"i": self.wasmtime.ValType.i32(), "I": self.wasmtime.ValType.i64()}
        params, results = ([types[c] for c in side] for side in kind.split(":"))

        def call(*_):
            if title in NEED_THE_PLUGIN and not self.started:
                self.died = f"{title} is called while no plugin is there"
            return 0

        return self.wasmtime.Func(self.store, self.wasmtime.FuncType(params, results), call)

    died = None

    def begin(self):
        try:
            self.instance = self.linker.instantiate(self.store, self.module)
        except (
            self.wasmtime.Trap
        ) as trap:  # APISIX looks at errors, and goes on without an instance
            raise Died(f"the start section traps: {trap}") from trap
        except self.wasmtime.WasmtimeError as error:
            raise Refused(f"failed to new instance: {error}") from error
        if self.died:
            raise Died(self.died)
        self.started = True
        if not isinstance(self.export("memory"), self.wasmtime.Memory):
            raise Refused("the wasm plugin doesn't export memory")
        for title in ("_start", "_initialize"):
            if self.export(title) is not None:
                self.call(title, (), 0)
                break

    def export(self, title):
        try:
            return self.instance.exports(self.store)[title]
        except KeyError:
            return None

    # The result, or 0 when there is no such function: APISIX takes that for success.
    def call(self, title, given, results):
        function = self.export(title)
        if function is None:
            return 0
        if not isinstance(function, self.wasmtime.Func):
            raise Died(f"{title} is no function")
        kind = function.type(self.store)
        if len(kind.params) != len(given) or len(kind.results) != results:
            raise Refused(f"failed to call function: {title} has another type")
        if any(str(param) != "i32" for param in kind.params):
            raise Refused(f"failed to call function: {title} has another type")
        try:
            value = function(self.store, *given)
        except (self.wasmtime.Trap, self.wasmtime.WasmtimeError, self.wasmtime.ExitTrap) as trap:
            raise Refused(f"failed to call function: {trap}") from trap
        if results and str(kind.results[0]) != "i32":
            raise Refused("function returns unexpected type")
        return value

    def configure(self):
        self.call("proxy_on_context_create", (1, 0), 0)
        value = self.call("proxy_on_configure", (1, 0), 1)
        if value <= 0:
            raise Refused(f"failed to configure plugin context 1, rc: {value}")


def judge_one(path):
    try:
        host = Host(path)
        host.begin()
        host.configure()
    except Refused as refused:
        return "refuses", str(refused)
    except Died as died:
        return "crashes", str(died)
    return "loads", ""


def judge(wheel, modules):
    if not wheel:
        raise verdicts.Absent("there is no wasmtime 0.38.0 in build/hosts")
    left, found = list(modules), {}
    with tempfile.TemporaryDirectory(prefix="wasme-hosts.") as folder:
        while left:
            asked = left[:50]
            done = subprocess.run(
                [
                    sys.executable,
                    os.path.abspath(__file__),
                    "--child",
                    wheel,
                    *(path for _, path in asked),
                ],
                capture_output=True,
                check=False,
                cwd=folder,
                stdin=subprocess.DEVNULL,
            )
            answers = [
                line.split("\t")
                for line in done.stdout.decode(errors="replace").splitlines()
                if line.startswith("\1")
            ]
            for (name, _), (_, verdict, words) in zip(asked, answers):
                found[name] = (verdict, words)
            left = left[len(answers) :]
            if len(answers) < len(asked) and done.returncode >= 0:
                raise RuntimeError(done.stderr.decode(errors="replace"))
            if len(answers) < len(asked):
                found[left.pop(0)[0]] = ("crashes", f"wasmtime dies of signal {-done.returncode}")
    return found


def child():
    sys.path.insert(0, sys.argv[2])
    for path in sys.argv[3:]:
        verdict, words = judge_one(path)
        print("\1", verdict, verdicts.plain(words), sep="\t", flush=True)


if __name__ == "__main__":
    child() if sys.argv[1] == "--child" else verdicts.main(judge)
