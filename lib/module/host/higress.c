/*
 * Higress, whose proxy is a fork of Envoy. Sources: higress-group/proxy-wasm-cpp-host at 913c1b0
 * (src/bytecode_util.cc, src/wasm.cc, include/proxy-wasm/exports.h); the branches of the proxy in
 * .gitmodules of alibaba/higress at its tags.
 */
#include <stddef.h>

#include "module/host/table.h"

static const struct host_marker markers[] = {
    {"proxy_abi_version_0_1_0", "v0.1.0", ABI_0_1_0},
    {"proxy_abi_version_0_2_0", "v0.2.0", ABI_0_2_0},
    {"proxy_abi_version_0_2_1", "v0.2.1", ABI_0_2_1},
    {"proxy_abi_version_0_2_100", "v0.2.100", ABI_0_2_100},
    {NULL, NULL, 0},
};

/* With each ABI. */
static const struct host_function own[] = {
    {"proxy_redis_init", "iiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_redis_call", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_upstream_hosts", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_inject_encoded_data_to_filter_chain", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_upstream_override_host", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

/* Of both names of WASI, since April 2025. */
static const struct host_function wasi[] = {
    {"args_get", "ii:i", ABI_ANY, 0, HOST_WORKS, "there are no arguments"},
    {"args_sizes_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"clock_res_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"clock_time_get", "iIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"environ_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"environ_sizes_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_advise", "iIIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_allocate", "iII:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_close", "i:i", ABI_ANY, 0, HOST_IDLE, "returns 0"},
    {"fd_datasync", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_fdstat_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_fdstat_set_flags", "ii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOSYS"},
    {"fd_fdstat_set_rights", "iII:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_filestat_get", "ii:i", ABI_ANY, 0, HOST_FAILS, "returns EBADF"},
    {"fd_filestat_set_size", "iI:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_filestat_set_times", "iIIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_pread", "iiiIi:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"fd_prestat_dir_name", "iii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOSYS"},
    {"fd_prestat_get", "ii:i", ABI_ANY, 0, HOST_FAILS, "returns EBADF: no folders are open"},
    {"fd_pwrite", "iiiIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_read", "iiii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOSYS"},
    {"fd_readdir", "iiiIi:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"fd_renumber", "ii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"fd_seek", "iIii:i", ABI_ANY, 0, HOST_IDLE, "returns 0"},
    {"fd_sync", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_tell", "ii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"fd_write", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_create_directory", "iii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"path_filestat_get", "iiiii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"path_filestat_set_times", "iiiiIIi:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"path_link", "iiiiii:i", ABI_ANY, 0, HOST_FAILS, "has 6 parameters; the standard has 7"},
    {"path_open", "iiiiiIIii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOENT: there are no files"},
    {"path_readlink", "iiiiii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"path_remove_directory", "iii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"path_rename", "iiiii:i", ABI_ANY, 0, HOST_FAILS, "has 5 parameters; the standard has 6"},
    {"path_symlink", "iiii:i", ABI_ANY, 0, HOST_FAILS, "has 4 parameters; the standard has 5"},
    {"path_unlink_file", "iii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"poll_oneoff", "iiii:i", ABI_ANY, 0, HOST_WORKS, "never waits"},
    {"proc_exit", "i:", ABI_ANY, 0, HOST_WORKS, "returns, and the code behind the call runs"},
    {"random_get", "ii:i", ABI_ANY, 0, HOST_WORKS, "gives at most 64 KiB; otherwise EINVAL"},
    {"sched_yield", ":i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_accept", "iii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"sock_recv", "iiiiii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"sock_send", "iiiii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {"sock_shutdown", "ii:i", ABI_ANY, 0, HOST_FAILS, "returns ENOTSUP"},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

static const struct host_group groups[] = {
    {"env", ABI_ANY, envoy_functions},
    {"env", ABI_ANY, own},
    {"wasi_snapshot_preview1", ABI_ANY, wasi},
    {"wasi_unstable", ABI_ANY, wasi},
    {NULL, 0, NULL},
};

static const struct host_early early[] = {
    {"args_get", 0},
    {"args_sizes_get", 0},
    {"environ_get", 0},
    {"environ_sizes_get", 0},
    {"clock_time_get", 0},
    {"random_get", 0},
    {"fd_write", 0},
    {"fd_fdstat_get", 0},
    {"fd_fdstat_set_flags", 0},
    {"fd_prestat_get", 0},
    {"fd_prestat_dir_name", 0},
    {"proxy_log", 0},
    {"poll_oneoff", 0},
    {"clock_res_get", 0},
    {"fd_advise", 0},
    {"fd_allocate", 0},
    {"fd_datasync", 0},
    {"fd_fdstat_set_rights", 0},
    {"fd_filestat_get", 0},
    {"fd_filestat_set_size", 0},
    {"fd_filestat_set_times", 0},
    {"fd_pread", 0},
    {"fd_pwrite", 0},
    {"fd_readdir", 0},
    {"fd_renumber", 0},
    {"fd_sync", 0},
    {"fd_tell", 0},
    {"path_create_directory", 0},
    {"path_filestat_get", 0},
    {"path_filestat_set_times", 0},
    {"path_link", 0},
    {"path_readlink", 0},
    {"path_remove_directory", 0},
    {"path_rename", 0},
    {"path_symlink", 0},
    {"path_unlink_file", 0},
    {"sock_accept", 0},
    {"sock_recv", 0},
    {"sock_send", 0},
    {"sock_shutdown", 0},
    {NULL, 0},
};

static const char *const facts[] = {
    "the first export that is an ABI marker decides, in the order of the exports",
    "the ABI v0.2.100 is Higress's own",
    "_initialize runs, then main; without _initialize, _start runs",
    "while the module starts, few functions may be called: restricted_callback",
    "all functions may be called in malloc",
    "memories and one table that the module imports are made for it; globals are not",
    "without a memory, the proxy dies at the first call that has a pointer",
    "malloc (or proxy_on_memory_allocate) has the type i32 -> i32, and callbacks have theirs",
    "a memory begins with 16,384 pages (1 GiB) at the most",
    NULL,
};

static const char *const sources[] = {
    "higress-group/proxy-wasm-cpp-host at 913c1b0",
    "alibaba/higress, .gitmodules at the tags 2.1.x and 2.2.x",
    NULL,
};

static const struct host_rules rules = {
    ENVOY_RULES,    .markers = markers, .groups = groups, .callbacks = higress_callbacks,
    .early = early, .max_pages = 16384, .facts = facts,   .sources = sources,
};

static const struct host_version versions[] = {
    {"2.1", 0, "V8 10.7", 100000, V8_10_7, FEATURE_SET(EXCEPTIONS),
     "V8 before 13.7 knows tags, and not try_table", NULL},
    {"2.2", 0, "V8 of Envoy 1.36", 0, V8_10_7, V8_13_8 & ~(uint32_t)V8_10_7,
     "the engine of Higress 2.2 is inferred from its version of Envoy",
     "is a fork of Envoy 1.36, and what it offers is inferred from that"},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

const struct host host_higress = {"higress", "Higress", &rules, versions, 0, NULL};
