/*
 * The command line of WasmEdge, 0.14 to 0.17: it runs WASI programs, and no filters. Sources:
 * WasmEdge/WasmEdge, lib/host/wasi/wasimodule.cpp and wasifunc.h (functions),
 * lib/driver/runtimeTool.cpp (start), include/common/configure.h (features); modules that WasmEdge
 * ran or refused.
 */
#include <stddef.h>

#include "module/host/table.h"

static const struct host_marker markers[] = {{NULL, NULL, 0}};

/* WasmEdge's own: sockets, and epoll_oneoff. */
static const struct host_function own[] = {
    {"sock_open", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_bind", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_connect", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_listen", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_accept", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_recv_from", "iiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_send_to", "iiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_accept_v2", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_open_v2", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_bind_v2", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_connect_v2", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_listen_v2", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_recv_v2", "iiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_recv_from_v2", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_send_v2", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_send_to_v2", "iiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getsockopt", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_setsockopt", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getlocaladdr", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getpeeraddr", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getlocaladdr_v2", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getpeeraddr_v2", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getaddrinfo", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"epoll_oneoff", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

/* lib/executor/instantiate/import.cpp: where the type is another one, the name gets a _v2. */
static const struct host_function second[] = {
    {"sock_accept", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_recv_from", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getlocaladdr", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_getpeeraddr", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

static const struct host_harmful harmful[] = {
    {"proc_exit", HARM_MAYBE, HARM_NONE},
    {NULL, HARM_MAYBE, HARM_NONE},
};

static const struct host_group groups[] = {
    {"wasi_snapshot_preview1", ABI_ANY, wasi_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_socket_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_poll_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_raise_functions},
    {"wasi_snapshot_preview1", ABI_ANY, own},
    {"wasi_snapshot_preview1", ABI_ANY, second},
    {NULL, 0, NULL},
};

static const char *const facts[] = {
    "no function of env is there: no proxy-wasm filter runs",
    "_start runs; a module without it is a reactor, and the user names a function",
    "in a reactor _initialize runs first",
    "threads need --enable-threads; --wasm-1, --wasm-2 and --wasm-3 choose a set of features",
    NULL,
};

static const char *const sources[] = {
    "WasmEdge/WasmEdge, lib/host/wasi/wasimodule.cpp, lib/driver/runtimeTool.cpp",
    "WasmEdge, asked with modules",
    NULL,
};

static const struct host_callback callbacks[] = {{NULL, NULL, 0, false, NULL}};

static const struct host_rules rules = {
    .marker_rule = MARKER_NONE,
    .markers = markers,
    .groups = groups,
    .callbacks = callbacks,
    .words =
        {
            .bytecode = "loading failed",
            .missing = "instantiation failed: unknown import, Code: 0x302",
            .mismatch = "instantiation failed: incompatible import type, Code: 0x301",
            .trapped = "execution failed: unreachable",
        },
    .start_rule = START_BY_NAME,
    .harmful = harmful,
    .lax_types = "sock_",
    .lax_until = 1,
    .facts = facts,
    .sources = sources,
};

#define THREADS FEATURE_SET(THREADS)
#define OLD (FEATURE_SET(GC) | THREADS)
#define UNSURE_OLD "WasmEdge 0.14 reads some parts of these extensions, and refuses others"
#define UNSURE_THREADS "WasmEdge reads atomic instructions, and wants --enable-threads for the rest"

static const struct host_version versions[] = {
    {"0.14", 0, "WasmEdge 0.14", MODULE_MAX_EXPORTS, FEATURES_2_0, OLD, UNSURE_OLD, NULL},
    {"0.15", 0, "WasmEdge 0.15", MODULE_MAX_EXPORTS, FEATURES_2_0, OLD, UNSURE_OLD, NULL},
    {"0.16", 1, "WasmEdge 0.16", MODULE_MAX_EXPORTS, FEATURES_3_0, THREADS, UNSURE_THREADS, NULL},
    {"0.17", 1, "WasmEdge 0.17", MODULE_MAX_EXPORTS, FEATURES_3_0, THREADS, UNSURE_THREADS, NULL},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

const struct host host_wasmedge = {"wasmedge", "WasmEdge", &rules, versions, 0, NULL};
