"""What a module exports: its memory, table, allocator and callbacks."""

import functions as fn
from calls import LOG, NEW, OLD, call_of, every_function
from shapes import MARKERS, base
from wasm import DROP, END, Call, i32, limits


def memories():
    for title, memory, exported in (
        ("none", None, ()),
        ("not_exported", limits(2), ()),
        ("of_another_name", limits(2), ("mem",)),
        ("exported_twice", limits(2), ("memory", "mem")),
        ("min_0", limits(0), ("memory",)),
        ("min_16384", limits(16384), ("memory",)),
        ("min_16385", limits(16385), ("memory",)),
        ("min_65536", limits(65536), ("memory",)),
        ("min_65537", limits(65537), ("memory",)),
        ("max_16384", limits(2, 16384), ("memory",)),
        ("max_32768", limits(2, 32768), ("memory",)),
        ("max_65536", limits(2, 65536), ("memory",)),
        ("max_65537", limits(2, 65537), ("memory",)),
        ("max_below_min", limits(2, 1), ("memory",)),
    ):
        made = base(OLD, memory=memory, exports=exported, touch=False)
        yield f"memory-{title}", made
    for title, memory, exported in (
        ("none", None, ()),
        ("not_exported", limits(2), ()),
        ("of_another_name", limits(2), ("mem",)),
    ):
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
        made.function(
            "proxy_on_configure",
            "ii:i",
            [i32(0), Call("proxy_set_tick_period_milliseconds"), DROP, i32(1)],
        )
        yield f"memory-{title}-host_call_without_a_pointer", made
    for marker, module, title, kind in every_function():
        made = base(marker, exports=(), touch=False)
        made.import_function(module, title, kind)
        made.function(
            "proxy_on_request_headers",
            "ii:i" if marker == OLD else "iii:i",
            [*call_of(title, kind), i32(0)],
        )
        yield f"memory-not_exported-calls-{title}", made
    made = base(OLD, exports=())
    made.globals.append(b"\x7f\0" + i32(0) + END)
    made.export("memory", 3, 0)
    yield "memory-a_global_of_that_name", made
    for title, low, high in (
        ("10000000", 10000000, None),
        ("10000001", 10000001, None),
        ("max_above", 1, 10000001),
        ("0", 0, None),
    ):
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
        for title, other in (
            ("malloc", None),
            ("malloc", "proxy_on_memory_allocate"),
            ("proxy_on_memory_allocate", None),
            ("proxy_on_memory_allocate", "malloc"),
        ):
            made = base(OLD, alloc=other)
            made.stub(title, kind)
            beside = "-and_good_" + other if other else ""
            yield f"{title}-of_type_{kind.replace(':', '_to_')}{beside}", made
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
    for title, kind in (
        ("proxy_on_no_such_thing", "IIII:f"),
        ("proxy_on_redis_call_response", "i:"),
        ("proxy_on_http_request_headers", "iii:i"),
        ("proxy_start", "i:"),
        ("proxy_on_memory_free", "II:"),
    ):
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


REFERENCES = {
    "v128": b"\x7b",
    "funcref": b"\x70",
    "externref": b"\x6f",
    "anyref": b"\x6e",
    "eqref": b"\x6d",
    "i31ref": b"\x6c",
    "exnref": b"\x69",
    "structref": b"\x6b",
    "nullref": b"\x71",
    "ref_extern": b"\x64\x6f",
}
ZEROS = {"v128": b"\xfd\x0c" + bytes(16), "ref_extern": None}


def odd_types():
    """Exports and imports of types that a host may not know."""
    for title, raw in REFERENCES.items():
        zero = ZEROS.get(title, b"\xd0" + raw)
        for place, kind in (("with", b"\x60\1" + raw + b"\0"), ("giving", b"\x60\0\1" + raw)):
            made = base(OLD)
            made.functions.append(("odd", made.raw_type(kind), [b"\0"], b"\0"))
            made.export("odd", 0, "odd")
            yield f"export-function_{place}_{title}", made
        made = base(OLD)
        made.raw_type(b"\x60\1" + raw + b"\0")
        made.imports.append(("env", "odd", b"\0" + bytes([len(made.types) - 1]), None))
        yield f"import-function_with_{title}", made
        made = base(OLD)
        made.import_other("env", "odd", 3, raw + b"\0")
        yield f"import-global_of_{title}", made
        if zero:
            made = base(OLD)
            made.globals.append(raw + b"\0" + zero + END)
            made.export("odd", 3, 0)
            yield f"export-global_of_{title}", made
        if zero and title != "v128":
            made = base(OLD)
            made.tables.append(raw + limits(1))
            made.export("odd", 1, 0)
            yield f"export-table_of_{title}", made
    for title, memory in (("memory64", limits(1, flags=4)), ("shared_memory", limits(1, 2, 2))):
        made = base(OLD, memory=memory, touch=False)
        made.import_function("env", "proxy_log", "iii:i")
        made.function("proxy_on_request_headers", "ii:i", [*LOG, i32(0)])
        yield f"export-{title}-host_call_in_a_request", made
    for title, prefix in (("ref_null_type", b"\x63"), ("ref_type", b"\x64")):
        made = base(OLD)
        raw = prefix + bytes([made.type(":")])
        made.functions.append(("odd", made.raw_type(b"\x60\1" + raw + b"\0"), [], b"\0"))
        made.export("odd", 0, "odd")
        yield f"export-function_with_{title}", made
        made = base(OLD)
        made.functions.append(("odd", made.raw_type(b"\x60\1" + raw + b"\0"), [], b"\0"))
        yield f"function_with_{title}-not_exported", made
    for title, kind, raw in (
        ("table_of_anyref", 1, b"\x6e" + limits(1)),
        ("table_of_64_bits", 1, b"\x70" + limits(1, flags=4)),
        ("table_of_10000000", 1, b"\x70" + limits(10000000)),
        ("memory64", 2, limits(1, flags=4)),
        ("memory_of_16384_pages", 2, limits(16384)),
        ("memory_with_a_maximum", 2, limits(1, 2)),
        ("memory_of_32768_pages", 2, limits(1, 32768)),
    ):
        made = base(OLD, memory=None if kind == 2 else limits(2), touch=False)
        made.import_other("env", "odd", kind, raw)
        yield f"import-{title}", made
    for exported in (False, True):
        made = base(OLD, memory=None)
        made.import_other("env", "memory", 2, limits(2))
        made.import_function("env", "proxy_log", "iii:i")
        made.function("proxy_on_request_headers", "ii:i", [*LOG, i32(0)])
        if exported:
            made.export("memory", 2, 0)
        yield f"import-memory-{'and' if exported else 'not'}_exported-host_call_in_a_request", made
    for title in ("malloc", "_initialize", "_start", "main", "proxy_on_configure"):
        made = base(OLD, alloc=None if title == "malloc" else "malloc", callbacks=False)
        made.globals.append(b"\x7f\0" + i32(0) + END)
        made.export(title, 3, 0)
        yield f"export-global_called_{title}", made
    made = base(OLD)
    made.tables.append(b"\x70" + limits(1, flags=4))
    made.export("odd", 1, 0)
    yield "export-table_of_64_bits", made
    made = base(OLD)
    made.memories.append(limits(1))
    made.export("second", 2, 1)
    yield "export-second_memory", made
    for title, kind, target in (("memory", 2, 0), ("function", 0, "malloc")):
        for place, odd in (("in", "a\0b"), ("in_front_of", "\0a"), ("behind", "a\0")):
            made = base(OLD)
            made.export(odd, kind, target)
            yield f"export-{title}_with_nul_{place}_its_name", made
    for module, title in (("env", "a\0b"), ("en\0v", "proxy_log"), ("env", "proxy_log\0")):
        made = base(OLD)
        made.import_function(module, title, "iii:i", "odd")
        yield f"import-nul_in_{module.replace(chr(0), '_')}_{title.replace(chr(0), '_')}", made
    made = base(OLD)
    made.export("proxy_abi_version_0_2_1\0", 0, "malloc")
    yield "export-marker_with_nul", made


def all():
    yield from memories()
    yield from odd_types()
    yield from callbacks()
