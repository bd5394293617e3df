"""Modules of the shapes that toolchains produce."""

import functions as fn
from wasm import DROP, END, Call, Module, custom, i32, limits, name, uleb, vector

MARKERS = ("proxy_abi_version_0_1_0", "proxy_abi_version_0_2_0", "proxy_abi_version_0_2_1")
P1 = "wasi_snapshot_preview1"


def base(
    marker, alloc="malloc", memory=limits(2), exports=("memory",), callbacks=True, touch=True
):
    """A plain filter without imports. `touch`: a callback writes into the memory."""
    module = Module()
    if marker:
        module.stub(marker, ":")
    if alloc:
        module.stub(alloc, "i:i", 1024)
    if callbacks:
        body = [i32(0), i32(1), b"\x36\2\0"] if memory and touch else []
        module.function("proxy_on_context_create", "ii:", body)
        module.stub("proxy_on_vm_start", "ii:i", 1)
        module.stub("proxy_on_configure", "ii:i", 1)
        module.stub("proxy_on_request_body", "iii:i")
        module.stub("proxy_on_log", "i:")
    if memory:
        module.memories.append(memory)
        for title in exports:
            module.export(title, 2, 0)
    return module


SETS = {
    "cpp": "proxy_log proxy_get_buffer_bytes proxy_set_effective_context proxy_get_status "
    "proxy_get_header_map_value proxy_add_header_map_value emscripten_notify_memory_growth "
    "wasi:fd_write wasi:fd_close wasi:fd_seek wasi:environ_get wasi:environ_sizes_get "
    "wasi:proc_exit",
    "rust": "proxy_log proxy_get_buffer_bytes proxy_get_header_map_pairs proxy_add_header_map_value "
    "proxy_set_effective_context wasi:fd_write wasi:environ_get wasi:environ_sizes_get "
    "wasi:clock_time_get wasi:random_get wasi:proc_exit",
    "go": "proxy_log proxy_get_buffer_bytes proxy_replace_header_map_value wasi:sched_yield "
    "wasi:proc_exit wasi:args_get wasi:args_sizes_get wasi:clock_time_get wasi:environ_get "
    "wasi:environ_sizes_get wasi:fd_write wasi:random_get wasi:poll_oneoff wasi:fd_close "
    "wasi:fd_read wasi:fd_fdstat_get wasi:fd_fdstat_set_flags wasi:fd_prestat_get "
    "wasi:fd_prestat_dir_name",
    "tinygo": "proxy_log proxy_get_buffer_bytes proxy_add_header_map_value "
    "wasi:fd_write wasi:proc_exit wasi:random_get wasi:clock_time_get wasi:args_get "
    "wasi:args_sizes_get",
    "assemblyscript": "proxy_log proxy_get_buffer_bytes proxy_get_header_map_value "
    "proxy_set_effective_context wasi:fd_write wasi:random_get wasi:proc_exit",
    "cpp_emscripten_old": "proxy_log proxy_get_configuration proxy_continue_request "
    "wasi_unstable:fd_write wasi_unstable:proc_exit wasi_unstable:environ_get",
}
MARKER_OF = {
    "cpp": MARKERS[2],
    "rust": MARKERS[2],
    "go": MARKERS[2],
    "tinygo": MARKERS[1],
    "assemblyscript": MARKERS[1],
    "cpp_emscripten_old": MARKERS[0],
}
ENTRY_OF = {"tinygo": "_start", "cpp_emscripten_old": "_start"}


def producers(language):
    field = name("language") + vector([name(language) + name("1.0")])
    return custom("producers", vector([field]))


def filter_of(language, alloc):
    """A filter as that language's SDK makes it: imports, exports, a call in a request."""
    module = Module()
    kinds = {**fn.ENV, **fn.ENV_010, **fn.ENV_02X, **fn.ENV_021}
    for item in SETS[language].split():
        namespace, _, title = item.rpartition(":")
        if namespace:
            module.import_function(P1 if namespace == "wasi" else namespace, title, fn.WASI[title])
        else:
            module.import_function("env", title, kinds[title])
    marker = MARKER_OF[language]
    old = marker == MARKERS[0]
    module.memories.append(limits(2))
    module.export("memory", 2, 0)
    module.tables.append(b"\x70" + limits(4, 4))
    module.elements.append([alloc])
    module.globals.append(b"\x7f\1" + i32(65536) + END)
    module.function("__wasm_call_ctors", ":", [], export=False)
    module.function(ENTRY_OF.get(language, "_initialize"), ":", [Call("__wasm_call_ctors")])
    module.stub(marker, ":")
    module.stub(alloc, "i:i", 1024)
    module.stub("proxy_on_context_create", "ii:")
    module.stub("proxy_on_vm_start", "ii:i", 1)
    module.stub("proxy_on_configure", "ii:i", 1)
    log = [i32(2), i32(16), i32(5), Call("proxy_log"), DROP]
    module.function("proxy_on_request_headers", "ii:i" if old else "iii:i", [*log, i32(0)])
    module.stub("proxy_on_response_headers", "ii:i" if old else "iii:i", 0)
    module.stub("proxy_on_done", "i:i", 1)
    module.stub("proxy_on_log", "i:")
    module.stub("proxy_on_delete", "i:")
    module.data.append(b"\0" + i32(16) + END + name("hello"))
    function_names = vector([uleb(len(module.imports)) + name("__wasm_call_ctors")])
    module.last = custom("name", b"\1" + name(function_names)) + producers(language)
    return module
