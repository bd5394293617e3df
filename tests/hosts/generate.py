#!/usr/bin/env python3
"""Writes the modules that the hosts are asked about: generate.py FOLDER.

Each is good, or broken or odd in one way, which its name says; the same call gives the same bytes.
"""
import os
import sys

import bodies
import broken
import features
import functions as fn
from shapes import MARKERS, base, filter_of
from wasm import Call, DROP, END, IF, ZERO_OF, i32, limits

OLD, MIDDLE, NEW = MARKERS
P1, UNSTABLE = "wasi_snapshot_preview1", "wasi_unstable"


def markers():
    for version in ("0_1_0", "0_2_0", "0_2_1", "0_2_100", "0_3_0", "vNEXT"):
        yield f"marker-{version}", base("proxy_abi_version_" + version)
    yield "marker-none", base(None)
    yield "marker-mosn", base("proxy_abi_mosn_version_0_2_0")
    yield "marker-unknown_0_9_9", base("proxy_abi_version_0_9_9")
    for first, second in ((OLD, NEW), (NEW, OLD), (OLD, MIDDLE), (MIDDLE, OLD)):
        for title in ("proxy_get_configuration", "proxy_continue_stream"):
            module = base(first)
            module.stub(second, ":")
            module.import_function("env", title, {**fn.ENV_010, **fn.ENV_02X}[title])
            yield f"marker-{first[-5:]}_then_{second[-5:]}-{title}", module
    module = base("proxy_abi_version_0_3_0")
    module.stub(NEW, ":")
    yield "marker-0_3_0_then_0_2_1", module
    module = base(OLD)
    module.stub("proxy_abi_mosn_version_0_2_0", ":")
    yield "marker-0_1_0_then_mosn", module
    module = base(None)
    module.globals.append(b"\x7f\0" + i32(0) + END)
    module.export(NEW, 3, 0)
    yield "marker-global_of_that_name", module
    module = base(NEW)
    module.exports.insert(0, (OLD, 3, 0))
    module.globals.append(b"\x7f\0" + i32(0) + END)
    yield "marker-global_0_1_0_then_function_0_2_1", module
    for kind in ("i:", ":i", "iI:i"):
        module = base(None)
        module.stub(NEW, kind)
        yield f"marker-of_type_{kind.replace(':', '_to_')}", module


def imported(marker, module, title, kind):
    made = base(marker)
    made.import_function(module, title, kind)
    return made


def imports():
    turn = 0
    for module, prefix in ((P1, "wasi"), (UNSTABLE, "wasi_unstable")):
        for title, kind in fn.WASI.items():
            turn += 1
            yield f"{prefix}-{title}", imported(OLD, module, title, kind)
            yield f"{prefix}-{title}-wrong", imported(OLD, module, title, fn.wrong(kind, turn))
    for title, kind in fn.WASMEDGE.items():
        yield f"wasmedge-{title}", imported(OLD, P1, title, kind)
    # The types that Envoy has, and WasmEdge.
    for title, kind in (("path_link", "iiiiii:i"), ("path_symlink", "iiii:i"),
                        ("path_rename", "iiiii:i"), ("sock_accept", "ii:i")):
        yield f"wasi-{title}-short", imported(OLD, P1, title, kind)
    bound = {**fn.ENV_010, **fn.ENV_02X, **fn.ENV_021}
    for title, kind in {**fn.ENV, **bound}.items():
        turn += 1
        marker = OLD if title not in fn.ENV_02X and title not in fn.ENV_021 else NEW
        yield f"env-{title}", imported(marker, "env", title, kind)
        yield f"env-{title}-wrong", imported(marker, "env", title, fn.wrong(kind, turn))
        yield f"env_0_2_0-{title}", imported(MIDDLE, "env", title, kind)
        if title in bound:
            other = NEW if marker == OLD else OLD
            yield f"env_{other[-5:]}-{title}", imported(other, "env", title, kind)
    for title, kind in fn.HIGRESS.items():
        yield f"higress-{title}", imported(NEW, "env", title, kind)
    for table, marker in ((fn.MOSN_010, OLD), (fn.MOSN_020, MIDDLE)):
        for title, kind in table.items():
            turn += 1
            yield f"mosn_{marker[-5:]}-{title}", imported(marker, "env", title, kind)
            yield f"mosn_{marker[-5:]}-{title}-wrong", imported(marker, "env", title,
                                                                fn.wrong(kind, turn))
    for title in ("proxy_get_property", "proxy_log"):
        yield f"mosn_codec-{title}", imported("proxy_abi_mosn_version_0_2_0", "env", title,
                                              fn.ENV[title])
    yield "env-proxy_get_metric-i64", imported(OLD, "env", "proxy_get_metric", "iI:i")
    for title, kind in (("abort", "iiii:"), ("__cxa_throw", "iii:"), ("emscripten_memcpy_big", "iii:"),
                        ("exit", "i:"), ("proxy_no_such_function", "i:i")):
        yield f"env-{title}", imported(NEW, "env", title, kind)
    for module in ("", "ENV", "wasi", "wasi_snapshot_preview2", "wasi:cli/run@0.2.0", "GOT.mem",
                   "gojs", "wbg", "__wbindgen_placeholder__"):
        yield f"module-{module.replace(':', '_').replace('/', '_') or 'of_no_name'}-proxy_log", \
            imported(NEW, module, "proxy_log", "iii:i")
    twice = imported(NEW, "env", "proxy_log", "iii:i")
    twice.import_function("env", "proxy_log", "iii:i", "again")
    yield "env-proxy_log-twice", twice
    twice = imported(NEW, "env", "proxy_log", "iii:i")
    twice.import_function("env", "proxy_log", "iiii:i", "again")
    yield "env-proxy_log-twice_of_two_types", twice


def import_sets():
    tables = {OLD: {**fn.ENV, **fn.ENV_010}, MIDDLE: {**fn.ENV, **fn.ENV_02X},
              NEW: {**fn.ENV, **fn.ENV_02X, **fn.ENV_021}}
    for marker, table in tables.items():
        module = base(marker)
        for title, kind in table.items():
            module.import_function("env", title, kind)
        yield f"env-all_of_{marker[-5:]}", module
    module = base(NEW)
    for title, kind in fn.WASI.items():
        if title not in ("path_link", "path_symlink", "proc_raise"):
            module.import_function(P1, title, kind)
    yield "wasi-all_that_new_envoys_have", module
    for language in ("cpp", "rust", "go", "tinygo", "assemblyscript", "cpp_emscripten_old"):
        for alloc in ("malloc", "proxy_on_memory_allocate"):
            yield f"good-{language}-{alloc}", filter_of(language, alloc)


def other_imports():
    for title, kind, raw in (
            ("table", 1, b"\x70" + limits(1)), ("memory", 2, limits(1)), ("global", 3, b"\x7f\0"),
            ("mutable_global", 3, b"\x7f\1"), ("shared_memory", 2, limits(1, 2, 2)),
            ("memory_of_16385_pages", 2, limits(16385)), ("externref_table", 1, b"\x6f" + limits(1))):
        for module in ("env", "other"):
            made = base(OLD, memory=None if kind == 2 else limits(2))
            made.import_other(module, title, kind, raw)
            if kind == 2:
                made.export("memory", 2, 0)
            yield f"import-{title}-from_{module}", made
    made = base(OLD)
    made.import_other("env", "tag", 4, b"\0" + bytes([made.type("i:")]))
    yield "import-tag", made
    made = base(OLD)
    made.import_other("env", "one", 1, b"\x70" + limits(1))
    made.import_other("env", "two", 1, b"\x70" + limits(1))
    yield "import-two_tables", made
    made = base(OLD)
    made.import_other("env", "memory", 2, limits(1))
    yield "import-memory_besides_its_own", made
    for exported in (False, True):
        made = base(OLD)
        made.tags.append(b"\0" + bytes([made.type("i:")]))
        if exported:
            made.export("__cpp_exception", 4, 0)
        yield f"tag-{'exported' if exported else 'of_its_own'}", made
    made = base(OLD)
    made.globals.append(b"\x7f\1" + i32(7) + END)
    made.export("counter", 3, 0)
    yield "export-mutable_global", made
    made = base(OLD)
    made.tables.append(b"\x70" + limits(4))
    made.elements.append(["malloc"])
    made.export("__indirect_function_table", 1, 0)
    yield "export-table", made
    made = base(NEW)
    made.import_function("env", "proxy_log", "iii:i")
    made.export("proxy_log", 0, "proxy_log")
    yield "export-of_an_import", made
    made = base(NEW, callbacks=False)
    made.import_function("env", "proxy_get_status", "iii:i")
    made.export("proxy_on_request_body", 0, "proxy_get_status")
    yield "export-of_an_import_as_callback", made


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


def starts():
    def begin(body, *imports_, table=False):
        made = base(OLD)
        for title in imports_:
            made.import_function("env", title, fn.ENV[title])
        if table:
            made.tables.append(b"\x70" + limits(4))
            made.elements.append(["proxy_log"])
        made.function("begin", ":", body, export=False)
        made.start = "begin"
        return made

    indirect = [i32(2), i32(8), i32(2), i32(0), b"\x11", None, b"\0", DROP]
    yield "start-harmless", begin([])
    yield "start-stores", begin([i32(0), i32(1), b"\x36\2\0"])
    yield "start-trapping", begin([b"\0"])
    made = begin([i32(1000000), b"\x21\0", b"\x03\x40\x20\0", i32(1), b"\x6b\x22\0\x0d\0\x0b"])
    made.functions[-1] = (*made.functions[-1][:3], b"\1\1\x7f")
    yield "start-loop_of_a_million", made
    yield "start-calls_host", begin(LOG, "proxy_log")
    yield "start-calls_host_behind_a_branch", begin([i32(0), IF, *LOG, END], "proxy_log")
    yield "start-calls_host_after_return", begin([b"\x0f", *LOG], "proxy_log")
    made = begin([], "proxy_log", table=True)
    kind = bytes([made.type("iii:i")])
    made.functions[-1] = (*made.functions[-1][:2],
                          [kind if part is None else part for part in indirect], b"\0")
    yield "start-calls_host_through_a_table", made
    made = begin([Call("inner")], "proxy_log")
    made.function("inner", ":", LOG, export=False)
    yield "start-calls_host_one_call_deeper", made
    made = begin([], "proxy_log", table=True)
    yield "start-harmless_with_host_in_a_table", made
    for marker, module, title, kind in every_function():
        made = base(marker)
        made.import_function(module, title, kind)
        made.function("begin", ":", call_of(title, kind), export=False)
        made.start = "begin"
        yield f"start-calls-{title}", made
    made = base(OLD)
    made.import_function("env", "proxy_done", ":")
    made.start = "proxy_done"
    yield "start-is_an_import_of_wrong_type", made
    made = base(OLD)
    made.import_function("env", "proxy_done", ":i")
    made.start = "proxy_done"
    yield "start-is_an_import_with_a_result", made
    made = base(OLD)
    made.start = "malloc"
    yield "start-with_a_parameter", made
    made = base(OLD)
    made.start = 99
    yield "start-out_of_range", made


# What runs before the callbacks, and which functions a host lets it call.
def initialisers():
    for name in ("_initialize", "_start"):
        def with_body(body, *imports_, name=name):
            made = base(OLD)
            for module, title, kind in imports_:
                made.import_function(module, title, kind)
            made.function(name, ":", body)
            return made

        yield f"{name}-empty", with_body([])
        yield f"{name}-trapping", with_body([b"\0"])
        yield f"{name}-division_by_zero", with_body([i32(1), i32(0), b"\x6d", DROP])
        yield f"{name}-endless_recursion", with_body([Call(name)])
        for kind in ("i:", ":i", "i:i"):
            made = base(OLD)
            made.stub(name, kind)
            yield f"{name}-of_type_{kind.replace(':', '_to_')}", made
        for code in (0, 1):
            yield f"{name}-proc_exit_{code}", with_body([i32(code), Call("proc_exit")],
                                                        (P1, "proc_exit", "i:"))
        yield f"{name}-proc_exit_behind_a_branch", with_body(
            [i32(0), IF, i32(0), Call("proc_exit"), END], (P1, "proc_exit", "i:"))
        for marker, module, title, kind in every_function():
            made = base(marker)
            made.import_function(module, title, kind)
            made.function(name, ":", call_of(title, kind))
            yield f"{name}-calls-{title}", made
            if title in ("proxy_log", "proxy_get_property", "fd_close", "proxy_define_metric"):
                made = base(marker)
                made.import_function(module, title, kind)
                made.function(name, ":", [i32(0), IF, *call_of(title, kind), END])
                yield f"{name}-calls-{title}-behind_a_branch", made
    made = base(OLD)
    made.function("_initialize", ":", [])
    made.function("_start", ":", [b"\0"])
    yield "initialize_then_trapping_start", made
    made = base(OLD)
    made.function("_start", ":", [])
    made.function("_initialize", ":", [b"\0"])
    yield "start_then_trapping_initialize", made
    for name, kinds in (("main", ("ii:i", ":i", ":")), ("__main_void", (":i", ":", "ii:i")),
                        ("__wasm_call_ctors", (":",))):
        for kind in kinds:
            for first in (None, "_initialize", "_start"):
                made = base(OLD)
                if first:
                    made.function(first, ":", [])
                made.function(name, kind, [b"\0"])
                yield (f"{name}-of_type_{kind.replace(':', '_to_')}-trapping"
                       f"{'-with' + first if first else ''}"), made
        made = base(OLD)
        made.function("_initialize", ":", [])
        made.stub(name, kinds[0])
        yield f"{name}-with_initialize", made
    made = base(OLD)
    made.function("_initialize", ":", [])
    made.stub("main", "ii:i")
    made.function("__main_void", ":i", [b"\0"])
    yield "main-and_trapping__main_void", made


def memories():
    for title, memory, exported in (
            ("none", None, ()), ("not_exported", limits(2), ()), ("of_another_name", limits(2), ("mem",)),
            ("exported_twice", limits(2), ("memory", "mem")), ("min_0", limits(0), ("memory",)),
            ("min_16384", limits(16384), ("memory",)), ("min_16385", limits(16385), ("memory",)),
            ("min_65536", limits(65536), ("memory",)), ("min_65537", limits(65537), ("memory",)),
            ("max_16384", limits(2, 16384), ("memory",)), ("max_32768", limits(2, 32768), ("memory",)),
            ("max_65536", limits(2, 65536), ("memory",)), ("max_65537", limits(2, 65537), ("memory",)),
            ("max_below_min", limits(2, 1), ("memory",))):
        made = base(OLD, memory=memory, exports=exported, touch=False)
        yield f"memory-{title}", made
    for title, memory, exported in (("none", None, ()), ("not_exported", limits(2), ()),
                                    ("of_another_name", limits(2), ("mem",))):
        made = base(OLD, memory=memory, exports=exported, touch=False)
        made.import_function("env", "proxy_log", "iii:i")
        made.function("proxy_on_request_headers", "ii:i", [*LOG, i32(0)])
        yield f"memory-{title}-host_call_in_a_request", made
        made = base(OLD, memory=memory, exports=exported, touch=False)
        made.import_function("env", "proxy_log", "iii:i")
        yield f"memory-{title}-host_function_never_called", made
        made = base(OLD, memory=memory, exports=exported, touch=False)
        made.import_function("env", "proxy_log", "iii:i")
        made.function("_initialize", ":", LOG)
        yield f"memory-{title}-host_call_in_initialize", made
        made = base(OLD, memory=memory, exports=exported, touch=False, callbacks=False)
        made.stub("proxy_on_vm_start", "ii:i", 1)
        made.import_function("env", "proxy_set_tick_period_milliseconds", "i:i")
        made.function("proxy_on_configure", "ii:i",
                      [i32(0), Call("proxy_set_tick_period_milliseconds"), DROP, i32(1)])
        yield f"memory-{title}-host_call_without_a_pointer", made
    for marker, module, title, kind in every_function():
        made = base(marker, exports=(), touch=False)
        made.import_function(module, title, kind)
        made.function("proxy_on_request_headers", "ii:i" if marker == OLD else "iii:i",
                      [*call_of(title, kind), i32(0)])
        yield f"memory-not_exported-calls-{title}", made
    made = base(OLD, exports=())
    made.globals.append(b"\x7f\0" + i32(0) + END)
    made.export("memory", 3, 0)
    yield "memory-a_global_of_that_name", made
    for title, low, high in (("10000000", 10000000, None), ("10000001", 10000001, None),
                             ("max_above", 1, 10000001), ("0", 0, None)):
        made = base(OLD)
        made.tables.append(b"\x70" + limits(low, high))
        yield f"table-of_{title}", made
    made = base(OLD, alloc=None)
    yield "malloc-none", made
    made = base(OLD, alloc="proxy_on_memory_allocate")
    yield "malloc-only_proxy_on_memory_allocate", made
    made = base(OLD)
    made.stub("proxy_on_memory_allocate", "i:i", 1024)
    yield "malloc-both", made
    for kind in ("I:i", "i:I", "ii:i", "i:", ":i"):
        for title, other in (("malloc", None), ("malloc", "proxy_on_memory_allocate"),
                             ("proxy_on_memory_allocate", None), ("proxy_on_memory_allocate", "malloc")):
            made = base(OLD, alloc=other)
            made.stub(title, kind)
            yield f"{title}-of_type_{kind.replace(':', '_to_')}{'-and_good_' + other if other else ''}", \
                made
    made = base(OLD)
    made.function("free", "i:i", [i32(0)])
    yield "free-of_wrong_type", made
    for title, pointer in (("0", 0), ("out_of_range", -8)):
        made = base(OLD, alloc=None)
        made.stub("malloc", "i:i", pointer)
        yield f"malloc-gives_{title}", made
    made = base(OLD, alloc=None)
    made.function("malloc", "i:i", [b"\0"])
    yield "malloc-trapping", made


def callbacks():
    turn = 0
    for marker in (OLD, NEW):
        kinds = dict(fn.CALLBACKS)
        for title in fn.HEADER_CALLBACKS:
            kinds[title] = "ii:i" if marker == OLD else "iii:i"
        kinds[fn.FOREIGN_CALLBACK[0]] = fn.FOREIGN_CALLBACK[1]
        for title, kind in kinds.items():
            turn += 1
            made = base(marker, callbacks=False)
            made.stub(title, fn.wrong(kind, turn))
            yield f"callback-{marker[-5:]}-{title}-wrong", made
        made = base(marker, callbacks=False)
        for title, kind in kinds.items():
            made.stub(title, kind, 1)
        yield f"callback-{marker[-5:]}-all", made
    for marker in MARKERS:
        for kind in ("ii:i", "iii:i"):
            made = base(marker, callbacks=False)
            made.stub("proxy_on_request_headers", kind, 0)
            made.stub("proxy_on_response_headers", kind, 0)
            yield f"callback-{marker[-5:]}-headers_with_{len(kind) - 2}", made
    made = base(NEW, callbacks=False)
    yield "callback-none", made
    for title, kind in (("proxy_on_no_such_thing", "IIII:f"), ("proxy_on_redis_call_response", "i:"),
                        ("proxy_on_http_request_headers", "iii:i"), ("proxy_start", "i:"),
                        ("proxy_on_memory_free", "II:")):
        made = base(NEW)
        made.stub(title, kind)
        yield f"callback-unknown-{title}", made
    for title in ("proxy_on_vm_start", "proxy_on_configure", "proxy_validate_configuration"):
        made = base(NEW, callbacks=False)
        made.stub(title, "ii:i", 0)
        yield f"callback-{title}-gives_0", made
        made = base(NEW, callbacks=False)
        made.function(title, "ii:i", [b"\0"])
        yield f"callback-{title}-traps", made
    made = base(NEW, callbacks=False)
    made.function("proxy_on_context_create", "ii:", [b"\0"])
    yield "callback-proxy_on_context_create-traps", made
    made = base(NEW, callbacks=False)
    made.function("proxy_on_request_headers", "iii:i", [b"\0"])
    yield "callback-proxy_on_request_headers-traps", made
    made = base(NEW, callbacks=False)
    made.globals.append(b"\x7f\0" + i32(0) + END)
    made.export("proxy_on_request_headers", 3, 0)
    yield "callback-a_global_of_that_name", made


FAMILIES = (markers, imports, import_sets, other_imports, starts, initialisers, memories, callbacks,
            features.all, bodies.all, broken.all)


def modules():
    """Pairs of a name and the bytes of a module; no name comes twice."""
    seen = set()
    for family in FAMILIES:
        for title, module in family():
            if title in seen:
                raise ValueError(f"two modules are called {title}")
            seen.add(title)
            yield title, module if isinstance(module, bytes) else module.encode()


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for title, raw in modules():
        with open(os.path.join(folder, title + ".wasm"), "wb") as file:
            file.write(raw)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py FOLDER")
    write(sys.argv[1])
