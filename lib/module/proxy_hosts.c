/*
 * Each table names its source. Envoy: proxy-wasm/proxy-wasm-cpp-host at 52a0291 (July 2026).
 * Higress: higress-group/proxy-wasm-cpp-host at 913c1b0 (July 2025).
 */
#include "module/proxy_hosts.h"

#include <stddef.h>

#include "module/abi.h"

#define ENVOY (1u << PROXY_ENVOY)
#define HIGRESS (1u << PROXY_HIGRESS)
#define ALL ((1u << PROXY_COUNT) - 1)

enum { ABI_0_1_0 = 1, ABI_0_2_0 = 2, ABI_0_2_1 = 4, ABI_0_2_100 = 8, ABI_ANY = 15 };

/* src/bytecode_util.cc, getAbiVersion. */
const struct proxy_version proxy_versions[] = {
    {ABI_EXPORT_PREFIX "0_1_0", "v0.1.0", ABI_0_1_0, ALL},
    {ABI_EXPORT_PREFIX "0_2_0", "v0.2.0", ABI_0_2_0, ALL},
    {ABI_EXPORT_PREFIX "0_2_1", "v0.2.1", ABI_0_2_1, ALL},
    {ABI_EXPORT_PREFIX "0_2_100", "v0.2.100", ABI_0_2_100, HIGRESS},
    {NULL, NULL, 0, 0},
};

/* src/wasm.cc, registerCallbacks: the names that WASI has gone by. */
const char *const proxy_wasi_modules[] = {"wasi_snapshot_preview1", "wasi_unstable", NULL};

const char *const proxy_names[PROXY_COUNT] = {[PROXY_ENVOY] = "Envoy", [PROXY_HIGRESS] = "Higress"};

/* The commits that added functions. Higress has had all of them since April 2025. */
const char *const proxy_since_words[PROXY_COUNT][PROXY_SINCE_COUNT] = {
    [PROXY_ENVOY] =
        {
            [PROXY_SINCE_GO] = "December 2024 (c4d7bb0)",
            [PROXY_SINCE_WASI] = "April 2026 (94091cd)",
        },
    [PROXY_HIGRESS] = {NULL},
};

/* include/proxy-wasm/exports.h, FOR_ALL_WASI_FUNCTIONS: the same for both names of the module. */
const struct proxy_function proxy_wasi_functions[] = {
    {"fd_write", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_read", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_seek", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_close", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_fdstat_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"environ_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"environ_sizes_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"args_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"args_sizes_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"clock_time_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"random_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proc_exit", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"path_open", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_prestat_get", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_prestat_dir_name", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"fd_fdstat_set_flags", ABI_ANY, ALL, PROXY_SINCE_GO},
    {"sched_yield", ABI_ANY, ALL, PROXY_SINCE_GO},
    {"poll_oneoff", ABI_ANY, ALL, PROXY_SINCE_GO},
    {"fd_fdstat_set_rights", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"clock_res_get", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_advise", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_allocate", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_datasync", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_filestat_get", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_filestat_set_size", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_filestat_set_times", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_pread", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_pwrite", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_readdir", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_renumber", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_sync", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"fd_tell", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_create_directory", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_filestat_get", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_filestat_set_times", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_link", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_readlink", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_remove_directory", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_rename", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_symlink", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"path_unlink_file", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"sock_accept", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"sock_recv", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"sock_send", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {"sock_shutdown", ABI_ANY, ALL, PROXY_SINCE_WASI},
    {NULL, 0, 0, PROXY_SINCE_EVER},
};

/* Functions of the module "env": include/proxy-wasm/exports.h, FOR_ALL_HOST_FUNCTIONS with "proxy_"
 * before each name and those of single ABI versions, and src/wasm.cc, registerCallbacks. */
const struct proxy_function proxy_env_functions[] = {
    {"pthread_equal", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"emscripten_notify_memory_growth", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_log", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_status", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_set_property", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_property", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_send_local_response", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_shared_data", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_set_shared_data", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_register_shared_queue", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_resolve_shared_queue", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_dequeue_shared_queue", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_enqueue_shared_queue", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_header_map_value", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_add_header_map_value", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_replace_header_map_value", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_remove_header_map_value", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_header_map_pairs", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_set_header_map_pairs", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_header_map_size", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_buffer_status", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_buffer_bytes", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_set_buffer_bytes", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_http_call", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_grpc_call", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_grpc_stream", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_grpc_close", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_grpc_cancel", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_grpc_send", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_set_tick_period_milliseconds", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_current_time_nanoseconds", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_define_metric", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_increment_metric", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_record_metric", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_metric", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_set_effective_context", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_done", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_call_foreign_function", ABI_ANY, ALL, PROXY_SINCE_EVER},
    {"proxy_get_configuration", ABI_0_1_0, ALL, PROXY_SINCE_EVER},
    {"proxy_continue_request", ABI_0_1_0, ALL, PROXY_SINCE_EVER},
    {"proxy_continue_response", ABI_0_1_0, ALL, PROXY_SINCE_EVER},
    {"proxy_clear_route_cache", ABI_0_1_0, ALL, PROXY_SINCE_EVER},
    {"proxy_continue_stream", ABI_0_2_0 | ABI_0_2_1 | ABI_0_2_100, ALL, PROXY_SINCE_EVER},
    {"proxy_close_stream", ABI_0_2_0 | ABI_0_2_1 | ABI_0_2_100, ALL, PROXY_SINCE_EVER},
    {"proxy_get_log_level", ABI_0_2_1 | ABI_0_2_100, ALL, PROXY_SINCE_EVER},
    {"proxy_redis_init", ABI_ANY, HIGRESS, PROXY_SINCE_EVER},
    {"proxy_redis_call", ABI_ANY, HIGRESS, PROXY_SINCE_EVER},
    {"proxy_get_upstream_hosts", ABI_ANY, HIGRESS, PROXY_SINCE_EVER},
    {"proxy_inject_encoded_data_to_filter_chain", ABI_ANY, HIGRESS, PROXY_SINCE_EVER},
    {"proxy_set_upstream_override_host", ABI_ANY, HIGRESS, PROXY_SINCE_EVER},
    {NULL, 0, 0, PROXY_SINCE_EVER},
};

/* src/v8/v8.cc, link: the host makes the memory and the table that a module imports. */
const enum extern_kind proxy_made_kinds[] = {EXTERN_MEMORY, EXTERN_TABLE};
const size_t proxy_made_kind_count = sizeof(proxy_made_kinds) / sizeof(proxy_made_kinds[0]);

/* src/wasm.cc, getFunctions. */
const char *const proxy_allocators[] = {"malloc", "proxy_on_memory_allocate", NULL};
