"""What runs when a module starts: its start section, `_initialize`, `_start`, `main`."""

import functions as fn
from calls import LOG, OLD, call_of, every_function
from shapes import P1, base
from wasm import DROP, END, IF, Call, i32, limits


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
    yield "start-endless_recursion", begin([Call("begin")])
    yield "start-endless_recursion_behind_a_branch", begin([i32(0), IF, Call("begin"), END])
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
    made.functions[-1] = (
        *made.functions[-1][:2],
        [kind if part is None else part for part in indirect],
        b"\0",
    )
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
        made = with_body([Call("inner")])
        made.function("inner", ":", [Call("inner")], export=False)
        yield f"{name}-endless_recursion_one_call_deeper", made
        made = with_body([Call("inner")])
        made.function("inner", ":", [Call("other")], export=False)
        made.function("other", ":", [Call("inner"), i32(0), IF, END], export=False)
        yield f"{name}-endless_recursion_of_two", made
        yield f"{name}-endless_recursion_behind_a_branch", with_body([i32(0), IF, Call(name), END])
        for kind in ("i:", ":i", "i:i"):
            made = base(OLD)
            made.stub(name, kind)
            yield f"{name}-of_type_{kind.replace(':', '_to_')}", made
        for code in (0, 1):
            yield f"{name}-proc_exit_{code}", with_body(
                [i32(code), Call("proc_exit")], (P1, "proc_exit", "i:")
            )
        yield f"{name}-proc_exit_behind_a_branch", with_body(
            [i32(0), IF, i32(0), Call("proc_exit"), END], (P1, "proc_exit", "i:")
        )
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
    for name, kind in (("proxy_on_context_create", "ii:"), ("proxy_on_vm_start", "ii:i")):
        made = base(OLD, callbacks=False)
        made.function(name, kind, [b"\x20\0\x20\1", Call(name)])
        yield f"{name}-endless_recursion", made
    made = base(OLD)
    made.function("_initialize", ":", [])
    made.function("_start", ":", [b"\0"])
    yield "initialize_then_trapping_start", made
    made = base(OLD)
    made.function("_start", ":", [])
    made.function("_initialize", ":", [b"\0"])
    yield "start_then_trapping_initialize", made
    for name, kinds in (
        ("main", ("ii:i", ":i", ":")),
        ("__main_void", (":i", ":", "ii:i")),
        ("__wasm_call_ctors", (":",)),
    ):
        for kind in kinds:
            for first in (None, "_initialize", "_start"):
                made = base(OLD)
                if first:
                    made.function(first, ":", [])
                made.function(name, kind, [b"\0"])
                yield (
                    f"{name}-of_type_{kind.replace(':', '_to_')}-trapping"
                    f"{'-with' + first if first else ''}"
                ), made
        made = base(OLD)
        made.function("_initialize", ":", [])
        made.stub(name, kinds[0])
        yield f"{name}-with_initialize", made
    made = base(OLD)
    made.function("_initialize", ":", [])
    made.stub("main", "ii:i")
    made.function("__main_void", ":i", [b"\0"])
    yield "main-and_trapping__main_void", made


def all():
    yield from starts()
    yield from initialisers()
