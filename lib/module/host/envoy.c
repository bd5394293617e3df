/*
 * Envoy, and two that run Envoy: Istio's proxy and the data plane of Envoy Gateway. Sources:
 * bazel/repository_locations.bzl of envoyproxy/envoy at each release, which names the versions of
 * proxy-wasm-cpp-host and V8; src/wasm.cc, src/v8/v8.cc, src/bytecode_util.cc and
 * include/proxy-wasm/limits.h of proxy-wasm-cpp-host; modules that real Envoys loaded or refused
 * (1.36.2, 1.37.0, 1.38.2, 1.39.0, 1.39.3 and 1.40.0).
 */
#include <stddef.h>

#include "module/host/table.h"

/* src/wasm.cc: getFunctions() and what WasmBase::startVm() lets run; the same at 65bb78f and at
 * f2db56a but for the names that came with all of WASI. */
static const struct host_early early[] = {
    {"proxy_log", ENVOY_FIRST},
    {"fd_write", ENVOY_FIRST},
    {"args_get", ENVOY_FIRST},
    {"args_sizes_get", ENVOY_FIRST},
    {"environ_get", ENVOY_FIRST},
    {"environ_sizes_get", ENVOY_FIRST},
    {"clock_time_get", ENVOY_FIRST},
    {"random_get", ENVOY_FIRST},
    {"fd_fdstat_get", ENVOY_FIRST},
    {"fd_fdstat_set_flags", ENVOY_FIRST},
    {"fd_prestat_get", ENVOY_FIRST},
    {"fd_prestat_dir_name", ENVOY_FIRST},
    {"emscripten_notify_memory_growth", ENVOY_WASI},
    {"poll_oneoff", ENVOY_WASI},
    {"clock_res_get", ENVOY_WASI},
    {"fd_advise", ENVOY_WASI},
    {"fd_allocate", ENVOY_WASI},
    {"fd_datasync", ENVOY_WASI},
    {"fd_fdstat_set_rights", ENVOY_WASI},
    {"fd_filestat_get", ENVOY_WASI},
    {"fd_filestat_set_size", ENVOY_WASI},
    {"fd_filestat_set_times", ENVOY_WASI},
    {"fd_pread", ENVOY_WASI},
    {"fd_pwrite", ENVOY_WASI},
    {"fd_readdir", ENVOY_WASI},
    {"fd_renumber", ENVOY_WASI},
    {"fd_sync", ENVOY_WASI},
    {"fd_tell", ENVOY_WASI},
    {"path_create_directory", ENVOY_WASI},
    {"path_filestat_get", ENVOY_WASI},
    {"path_filestat_set_times", ENVOY_WASI},
    {"path_link", ENVOY_WASI},
    {"path_readlink", ENVOY_WASI},
    {"path_remove_directory", ENVOY_WASI},
    {"path_rename", ENVOY_WASI},
    {"path_symlink", ENVOY_WASI},
    {"path_unlink_file", ENVOY_WASI},
    {"sock_accept", ENVOY_WASI},
    {"sock_recv", ENVOY_WASI},
    {"sock_send", ENVOY_WASI},
    {"sock_shutdown", ENVOY_WASI},
    {NULL, 0},
};

static const struct host_early early_in_malloc[] = {
    {"proxy_log", ENVOY_FIRST},
    {"fd_write", ENVOY_FIRST},
    {"clock_time_get", ENVOY_FIRST},
    {"poll_oneoff", ENVOY_WASI},
    {NULL, 0},
};

const struct host_gate envoy_gates[] = {
    {"proxy_on_context_create", ABI_ANY, false, false, true, false, NULL},
    {"proxy_on_vm_start", ABI_ANY, false, true, false, false, "Failed to start base Wasm"},
    {"proxy_on_configure", ABI_ANY, false, true, false, false,
     "Failed to configure base Wasm plugin"},
    {NULL, 0, false, false, false, false, NULL},
};

static const char *const facts[] = {
    "the first export that is an ABI marker decides, in the order of the exports",
    "_initialize runs, then main; without _initialize, _start runs",
    "while the module starts, and in malloc, few functions may be called: restricted_callback",
    "memories and one table that the module imports are made for it; globals are not",
    "without a memory, Envoy dies at the first call that has a pointer",
    "a tag, a v128 or a reference of GC among the imports or exports ends Envoy",
    "a start section that calls the host ends Envoy",
    "malloc (or proxy_on_memory_allocate) has the type i32 -> i32, and callbacks have theirs",
    "a memory begins with 16,384 pages (1 GiB) at the most, a table has 10,000,000 entries",
    "a module has at most 1,000,000 imports and as many exports; before V8 13.8: 100,000",
    "a map of headers has at most 1,024 pairs and 1 MiB",
    "a module fetched by http has at most 32 MiB (http.async_response_buffer_limit)",
    NULL,
};

static const char *const sources[] = {
    "envoyproxy/envoy, bazel/repository_locations.bzl at each release",
    "proxy-wasm/proxy-wasm-cpp-host, src/wasm.cc, src/v8/v8.cc, src/exports.cc",
    "Envoy 1.36.2 to 1.40.0, asked with modules (--mode validate)",
    NULL,
};

const struct host_rules envoy_rules = {
    ENVOY_RULES,
    .markers = sdk_markers,
    .groups = envoy_groups,
    .callbacks = envoy_callbacks,
    .main_void_since = ENVOY_WASI,
    .early = early,
    .early_in_malloc = early_in_malloc,
    .max_pages = 16384,
    .facts = facts,
    .sources = sources,
};

#define UNSURE_LEGACY FEATURE_SET(EXCEPTIONS)
#define OLD_EXCEPTIONS "V8 before 13.7 knows tags, and not try_table"
#define TWO_ENGINES "older patches of this line have V8 10.7, younger ones 12.9"
#define BEYOND_10_7 ((V8_12_9 | UNSURE_LEGACY) & ~(uint32_t)V8_10_7)

/* Imports, and exports: V8 12.9 refuses 100,001; Envoy 1.36 and 1.40 run 1,000,000 and no more. */
#define V8_OLD_EXTERNS 100000
#define V8_EXTERNS MODULE_MAX_EXPORTS

/* Of Envoy, of Istio and of Envoy Gateway: what lines of Envoy have in common. */
#define ENVOY_10_7(level) (level), "V8 10.7", V8_OLD_EXTERNS, V8_10_7, UNSURE_LEGACY, OLD_EXCEPTIONS
#define ENVOY_MIXED(level)                                                                         \
    (level), "V8 10.7 or 12.9", V8_OLD_EXTERNS, V8_10_7, BEYOND_10_7, TWO_ENGINES
#define ENVOY_12_9(level) (level), "V8 12.9", V8_OLD_EXTERNS, V8_12_9, UNSURE_LEGACY, OLD_EXCEPTIONS
#define ENVOY_13_8(level) (level), "V8 13.8", V8_EXTERNS, V8_13_8, 0, NULL
#define ENVOY_NEW(level) (level), "V8", V8_EXTERNS, V8_13_8, 0, NULL
#define ENVOY_14_4(level) (level), "V8 14.4", V8_EXTERNS, V8_13_8, 0, NULL

static const struct host_version envoy_versions[] = {
    {"1.31", ENVOY_10_7(ENVOY_FIRST), NULL},   {"1.32", ENVOY_MIXED(ENVOY_FIRST), NULL},
    {"1.32.9", ENVOY_12_9(ENVOY_FIRST), NULL}, {"1.32.13", ENVOY_12_9(ENVOY_GO), NULL},
    {"1.33", ENVOY_MIXED(ENVOY_GO), NULL},     {"1.33.6", ENVOY_12_9(ENVOY_GO), NULL},
    {"1.34", ENVOY_MIXED(ENVOY_GO), NULL},     {"1.34.4", ENVOY_12_9(ENVOY_GO), NULL},
    {"1.35", ENVOY_13_8(ENVOY_GO), NULL},      {"1.36", ENVOY_13_8(ENVOY_GO), NULL},
    {"1.37", ENVOY_NEW(ENVOY_GO), NULL},       {"1.38", ENVOY_NEW(ENVOY_GO), NULL},
    {"1.39", ENVOY_14_4(ENVOY_WASI), NULL},    {"1.40", ENVOY_14_4(ENVOY_WASI), NULL},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

#define INFERRED                                                                                   \
    "what this version offers is inferred from the version of Envoy that its date suggests"

/* istio/proxy, WORKSPACE (ENVOY_SHA) at the tips of the branches. Istio 1.20 and 1.23 load modules
 * as 1.24 does (Envoy 1.28 and 1.31: V8 10.7, proxy-wasm-cpp-host at 5d76116 and e200fee, whose
 * functions are the same). They have no rows, because `wasme deploy` writes targetRefs, and the
 * WasmPlugin of istio/api v1.20.0 has none. */
static const struct host_version istio_versions[] = {
    {"1.24", ENVOY_MIXED(ENVOY_FIRST), NULL},
    {"1.25", ENVOY_MIXED(ENVOY_GO), NULL},
    {"1.26", ENVOY_MIXED(ENVOY_GO), NULL},
    {"1.27", ENVOY_13_8(ENVOY_GO), NULL},
    {"1.28", ENVOY_13_8(ENVOY_GO), NULL},
    {"1.29", ENVOY_NEW(ENVOY_GO), NULL},
    {"1.30", ENVOY_NEW(ENVOY_GO), NULL},
    {"1.31", ENVOY_14_4(ENVOY_WASI), INFERRED " (1.39)"},
    {"1.32", ENVOY_14_4(ENVOY_WASI), INFERRED " (1.40)"},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

/* envoyproxy/gateway, api/v1alpha1/shared_types.go: the default image of the proxy. */
static const struct host_version gateway_versions[] = {
    {"1.3", ENVOY_MIXED(ENVOY_GO), "runs Envoy 1.33 unless another image is configured"},
    {"1.4", ENVOY_MIXED(ENVOY_GO), INFERRED " (1.34)"},
    {"1.5", ENVOY_13_8(ENVOY_GO), "runs Envoy 1.35 unless another image is configured"},
    {"1.6", ENVOY_13_8(ENVOY_GO), INFERRED " (1.36)"},
    {"1.7", ENVOY_NEW(ENVOY_GO), "runs Envoy 1.37 unless another image is configured"},
    {"1.8", ENVOY_NEW(ENVOY_GO), "runs Envoy 1.38 unless another image is configured"},
    {"1.9", ENVOY_14_4(ENVOY_WASI), "runs Envoy 1.39 unless another image is configured"},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

enum { MIB = 1024 * 1024 };

const struct host host_envoy = {"envoy",        "Envoy",  &envoy_rules,
                                envoy_versions, 32 * MIB, "Envoy fetches at most 32 MiB by http"};
const struct host host_istio = {"istio",        "Istio",   &envoy_rules,
                                istio_versions, 256 * MIB, "Istio's agent takes at most 256 MiB"};
const struct host host_envoy_gateway = {
    "envoy-gateway",  "Envoy Gateway", &envoy_rules,
    gateway_versions, 32 * MIB,        "the proxy of Envoy Gateway fetches at most 32 MiB"};
