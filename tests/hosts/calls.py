"""Calls of functions of the host."""

import functions as fn
from shapes import MARKERS, P1
from wasm import DROP, ZERO_OF, Call, i32

OLD, NEW = MARKERS[0], MARKERS[2]
LOG = [i32(2), i32(8), i32(2), Call("proxy_log"), DROP]


def call_of(title, kind):
    params, results = kind.split(":")
    return [ZERO_OF[p] for p in params] + [Call(title)] + [DROP] * len(results)


def every_function():
    """Each function that Envoy offers, with a marker with which it does."""
    for title, kind in fn.WASI.items():
        if title != "proc_raise":
            kind = {"path_link": "iiiiii:i", "path_symlink": "iiii:i"}.get(title, kind)
            yield OLD, P1, title, kind
    for marker, table in ((OLD, fn.ENV), (OLD, fn.ENV_010), (NEW, fn.ENV_02X), (NEW, fn.ENV_021)):
        for title, kind in table.items():
            yield marker, "env", title, kind
