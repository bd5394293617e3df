"""What a module imports, and the marker that says which version of the ABI it speaks."""

import functions as fn
from shapes import MARKERS, P1, base, filter_of
from wasm import END, i32, limits

OLD, MIDDLE, NEW = MARKERS
UNSTABLE = "wasi_unstable"


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
    for title, kind in (
        ("path_link", "iiiiii:i"),
        ("path_symlink", "iiii:i"),
        ("path_rename", "iiiii:i"),
        ("sock_accept", "ii:i"),
    ):
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
            yield f"mosn_{marker[-5:]}-{title}-wrong", imported(
                marker, "env", title, fn.wrong(kind, turn)
            )
    for title in ("proxy_get_property", "proxy_log"):
        yield f"mosn_codec-{title}", imported(
            "proxy_abi_mosn_version_0_2_0", "env", title, fn.ENV[title]
        )
    yield "env-proxy_get_metric-i64", imported(OLD, "env", "proxy_get_metric", "iI:i")
    for title, kind in (
        ("abort", "iiii:"),
        ("__cxa_throw", "iii:"),
        ("emscripten_memcpy_big", "iii:"),
        ("exit", "i:"),
        ("proxy_no_such_function", "i:i"),
    ):
        yield f"env-{title}", imported(NEW, "env", title, kind)
    for module in (
        "",
        "ENV",
        "wasi",
        "wasi_snapshot_preview2",
        "wasi:cli/run@0.2.0",
        "GOT.mem",
        "gojs",
        "wbg",
        "__wbindgen_placeholder__",
    ):
        yield f"module-{module.replace(':', '_').replace('/', '_') or 'of_no_name'}-proxy_log", imported(
            NEW, module, "proxy_log", "iii:i"
        )
    twice = imported(NEW, "env", "proxy_log", "iii:i")
    twice.import_function("env", "proxy_log", "iii:i", "again")
    yield "env-proxy_log-twice", twice
    twice = imported(NEW, "env", "proxy_log", "iii:i")
    twice.import_function("env", "proxy_log", "iiii:i", "again")
    yield "env-proxy_log-twice_of_two_types", twice


def import_sets():
    tables = {
        OLD: {**fn.ENV, **fn.ENV_010},
        MIDDLE: {**fn.ENV, **fn.ENV_02X},
        NEW: {**fn.ENV, **fn.ENV_02X, **fn.ENV_021},
    }
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
        ("table", 1, b"\x70" + limits(1)),
        ("memory", 2, limits(1)),
        ("global", 3, b"\x7f\0"),
        ("mutable_global", 3, b"\x7f\1"),
        ("shared_memory", 2, limits(1, 2, 2)),
        ("memory_of_16385_pages", 2, limits(16385)),
        ("externref_table", 1, b"\x6f" + limits(1)),
    ):
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


def all():
    for family in (markers, imports, import_sets, other_imports):
        yield from family()
