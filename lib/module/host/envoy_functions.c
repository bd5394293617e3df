/*
 * The functions of Envoy. Sources: include/proxy-wasm/exports.h of proxy-wasm/proxy-wasm-cpp-host,
 * FOR_ALL_HOST_FUNCTIONS and FOR_ALL_WASI_FUNCTIONS, at c4d7bb0 (Envoy 1.33), 65bb78f (1.35) and
 * f2db56a (1.39). The types are what Envoy 1.36.2 to 1.40.0 names when it refuses an import of
 * another type.
 */
#include <stddef.h>

#include "module/host/table.h"

const struct host_function envoy_functions[] = {
    {"pthread_equal", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"emscripten_notify_memory_growth", "i:", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_log", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_log_level", "i:i", ABI_0_2_1 | ABI_0_2_100, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_status", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_set_property", "iiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_property", "iiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_send_local_response", "iiiiiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_shared_data", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_set_shared_data", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_register_shared_queue", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_resolve_shared_queue", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_dequeue_shared_queue", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_enqueue_shared_queue", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_header_map_value", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_add_header_map_value", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_replace_header_map_value", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_remove_header_map_value", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_header_map_pairs", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_set_header_map_pairs", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_header_map_size", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_buffer_status", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_buffer_bytes", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_set_buffer_bytes", "iiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_http_call", "iiiiiiiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_grpc_call", "iiiiiiiiiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_grpc_stream", "iiiiiiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_grpc_close", "i:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_grpc_cancel", "i:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_grpc_send", "iiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_set_tick_period_milliseconds", "i:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_current_time_nanoseconds", "i:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_define_metric", "iiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_increment_metric", "iI:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_record_metric", "iI:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_metric", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_set_effective_context", "i:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_done", ":i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_call_foreign_function", "iiiiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_get_configuration", "ii:i", ABI_0_1_0, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_continue_request", ":i", ABI_0_1_0, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_continue_response", ":i", ABI_0_1_0, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_clear_route_cache", ":i", ABI_0_1_0, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_continue_stream", "i:i", ABI_0_2, ENVOY_FIRST, HOST_WORKS, NULL},
    {"proxy_close_stream", "i:i", ABI_0_2, ENVOY_FIRST, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

/* Of both names of WASI. src/exports.cc says what a function does. */
static const struct host_function wasi[] = {
    {"args_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, "there are no arguments"},
    {"args_sizes_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"clock_time_get", "iIi:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"environ_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"environ_sizes_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"fd_close", "i:i", ABI_ANY, ENVOY_FIRST, HOST_IDLE, "returns 0"},
    {"fd_fdstat_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"fd_prestat_dir_name", "iii:i", ABI_ANY, ENVOY_FIRST, HOST_FAILS, "returns ENOSYS"},
    {"fd_prestat_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_FAILS,
     "returns EBADF: no folders are open"},
    {"fd_read", "iiii:i", ABI_ANY, ENVOY_FIRST, HOST_FAILS, "returns ENOSYS"},
    {"fd_seek", "iIii:i", ABI_ANY, ENVOY_FIRST, HOST_IDLE, "returns 0"},
    {"fd_write", "iiii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS, NULL},
    {"path_open", "iiiiiIIii:i", ABI_ANY, ENVOY_FIRST, HOST_FAILS,
     "returns ENOENT: there are no files"},
    {"proc_exit", "i:", ABI_ANY, ENVOY_FIRST, HOST_WORKS,
     "returns, and the code behind the call runs"},
    {"random_get", "ii:i", ABI_ANY, ENVOY_FIRST, HOST_WORKS,
     "gives at most 64 KiB; otherwise EINVAL"},
    {"fd_fdstat_set_flags", "ii:i", ABI_ANY, ENVOY_GO, HOST_FAILS, "returns ENOSYS"},
    {"poll_oneoff", "iiii:i", ABI_ANY, ENVOY_GO, HOST_WORKS, "never waits"},
    {"sched_yield", ":i", ABI_ANY, ENVOY_GO, HOST_WORKS, NULL},
    {"clock_res_get", "ii:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_advise", "iIIi:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_allocate", "iII:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_datasync", "i:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_fdstat_set_rights", "iII:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_filestat_get", "ii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns EBADF"},
    {"fd_filestat_set_size", "iI:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_filestat_set_times", "iIIi:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_pread", "iiiIi:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, NULL},
    {"fd_pwrite", "iiiIi:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_readdir", "iiiIi:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, NULL},
    {"fd_renumber", "ii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, NULL},
    {"fd_sync", "i:i", ABI_ANY, ENVOY_WASI, HOST_WORKS, NULL},
    {"fd_tell", "ii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, NULL},
    {"path_create_directory", "iii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"path_filestat_get", "iiiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"path_filestat_set_times", "iiiiIIi:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"path_link", "iiiiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS,
     "has 6 parameters; the standard has 7"},
    {"path_readlink", "iiiiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"path_remove_directory", "iii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"path_rename", "iiiiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"path_symlink", "iiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS,
     "has 4 parameters; the standard has 5"},
    {"path_unlink_file", "iii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"sock_accept", "iii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"sock_recv", "iiiiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"sock_send", "iiiii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {"sock_shutdown", "ii:i", ABI_ANY, ENVOY_WASI, HOST_FAILS, "returns ENOTSUP"},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

const struct host_group envoy_groups[] = {
    {"env", ABI_ANY, envoy_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi},
    {"wasi_unstable", ABI_ANY, wasi},
    {NULL, 0, NULL},
};

/* include/proxy-wasm/wasm.h, FOR_ALL_MODULE_FUNCTIONS; the same in Higress, which has one more. */
#define CALLBACKS                                                                                  \
    {"proxy_on_tick", "i:", ABI_ANY, true, NULL},                                                  \
        {"proxy_on_context_create", "ii:", ABI_ANY, true, NULL},                                   \
        {"proxy_on_downstream_connection_close", "ii:", ABI_ANY, true, NULL},                      \
        {"proxy_on_upstream_connection_close", "ii:", ABI_ANY, true, NULL},                        \
        {"proxy_on_http_call_response", "iiiii:", ABI_ANY, true, NULL},                            \
        {"proxy_on_grpc_receive", "iii:", ABI_ANY, true, NULL},                                    \
        {"proxy_on_grpc_close", "iii:", ABI_ANY, true, NULL},                                      \
        {"proxy_on_grpc_receive_initial_metadata", "iii:", ABI_ANY, true, NULL},                   \
        {"proxy_on_grpc_receive_trailing_metadata", "iii:", ABI_ANY, true, NULL},                  \
        {"proxy_on_queue_ready", "ii:", ABI_ANY, true, NULL},                                      \
        {"proxy_on_log", "i:", ABI_ANY, true, NULL},                                               \
        {"proxy_on_delete", "i:", ABI_ANY, true, NULL},                                            \
        {"proxy_validate_configuration", "ii:i", ABI_ANY, true, NULL},                             \
        {"proxy_on_vm_start", "ii:i", ABI_ANY, true, NULL},                                        \
        {"proxy_on_configure", "ii:i", ABI_ANY, true, NULL},                                       \
        {"proxy_on_new_connection", "i:i", ABI_ANY, true, NULL},                                   \
        {"proxy_on_downstream_data", "iii:i", ABI_ANY, true, NULL},                                \
        {"proxy_on_upstream_data", "iii:i", ABI_ANY, true, NULL},                                  \
        {"proxy_on_request_body", "iii:i", ABI_ANY, true, NULL},                                   \
        {"proxy_on_request_trailers", "ii:i", ABI_ANY, true, NULL},                                \
        {"proxy_on_request_metadata", "ii:i", ABI_ANY, true, NULL},                                \
        {"proxy_on_response_body", "iii:i", ABI_ANY, true, NULL},                                  \
        {"proxy_on_response_trailers", "ii:i", ABI_ANY, true, NULL},                               \
        {"proxy_on_response_metadata", "ii:i", ABI_ANY, true, NULL},                               \
        {"proxy_on_done", "i:i", ABI_ANY, true, NULL},                                             \
        {"proxy_on_request_headers", "ii:i", ABI_0_1_0, true, NULL},                               \
        {"proxy_on_request_headers", "iii:i", ABI_0_2, true, NULL},                                \
        {"proxy_on_response_headers", "ii:i", ABI_0_1_0, true, NULL},                              \
        {"proxy_on_response_headers", "iii:i", ABI_0_2, true, NULL},                               \
        {"proxy_on_foreign_function", "iii:", ABI_0_2, true, NULL},

const struct host_callback envoy_callbacks[] = {
    CALLBACKS{NULL, NULL, 0, false, NULL},
};

const struct host_callback higress_callbacks[] = {
    CALLBACKS{"proxy_on_redis_call_response", "iiii:", ABI_ANY, true, NULL},
    {NULL, NULL, 0, false, NULL},
};

/* Envoy 1.36, 1.39 and 1.40 were asked with a module for each function, and zeros as arguments. */
const struct host_harmful envoy_harmful[] = {
    {"args_sizes_get", HARM_DEADLY, HARM_DEADLY},
    {"clock_res_get", HARM_DEADLY, HARM_DEADLY},
    {"clock_time_get", HARM_DEADLY, HARM_DEADLY},
    {"environ_sizes_get", HARM_DEADLY, HARM_DEADLY},
    {"fd_readdir", HARM_DEADLY, HARM_DEADLY},
    {"path_readlink", HARM_DEADLY, HARM_DEADLY},
    {"poll_oneoff", HARM_MAYBE, HARM_MAYBE},
    {"proxy_add_header_map_value", HARM_DEADLY, HARM_DEADLY},
    {"proxy_call_foreign_function", HARM_DEADLY, HARM_DEADLY},
    {"proxy_define_metric", HARM_DEADLY, HARM_DEADLY},
    {"proxy_enqueue_shared_queue", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_buffer_bytes", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_buffer_status", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_configuration", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_current_time_nanoseconds", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_header_map_pairs", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_header_map_size", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_header_map_value", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_log_level", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_property", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_shared_data", HARM_DEADLY, HARM_DEADLY},
    {"proxy_get_status", HARM_DEADLY, HARM_DEADLY},
    {"proxy_grpc_call", HARM_DEADLY, HARM_DEADLY},
    {"proxy_grpc_send", HARM_DEADLY, HARM_DEADLY},
    {"proxy_grpc_stream", HARM_DEADLY, HARM_DEADLY},
    {"proxy_http_call", HARM_DEADLY, HARM_DEADLY},
    {"proxy_log", HARM_DEADLY, HARM_DEADLY},
    {"proxy_register_shared_queue", HARM_DEADLY, HARM_DEADLY},
    {"proxy_remove_header_map_value", HARM_DEADLY, HARM_DEADLY},
    {"proxy_replace_header_map_value", HARM_DEADLY, HARM_DEADLY},
    {"proxy_resolve_shared_queue", HARM_DEADLY, HARM_DEADLY},
    {"proxy_send_local_response", HARM_DEADLY, HARM_DEADLY},
    {"proxy_set_buffer_bytes", HARM_DEADLY, HARM_DEADLY},
    {"proxy_set_header_map_pairs", HARM_DEADLY, HARM_DEADLY},
    {"proxy_set_property", HARM_DEADLY, HARM_DEADLY},
    {"proxy_set_shared_data", HARM_DEADLY, HARM_DEADLY},
    {"sock_accept", HARM_DEADLY, HARM_DEADLY},
    {"sock_recv", HARM_DEADLY, HARM_DEADLY},
    {"sock_send", HARM_DEADLY, HARM_DEADLY},
    {"environ_get", HARM_DEADLY, HARM_MAYBE},
    {"fd_close", HARM_DEADLY, HARM_NONE},
    {"fd_seek", HARM_DEADLY, HARM_MAYBE},
    {"proc_exit", HARM_DEADLY, HARM_NONE},
    {"proxy_clear_route_cache", HARM_DEADLY, HARM_NONE},
    {"proxy_close_stream", HARM_DEADLY, HARM_NONE},
    {"proxy_continue_request", HARM_DEADLY, HARM_NONE},
    {"proxy_continue_response", HARM_DEADLY, HARM_MAYBE},
    {"proxy_continue_stream", HARM_DEADLY, HARM_NONE},
    {"proxy_dequeue_shared_queue", HARM_DEADLY, HARM_MAYBE},
    {"proxy_done", HARM_DEADLY, HARM_NONE},
    {"proxy_get_metric", HARM_DEADLY, HARM_MAYBE},
    {"proxy_grpc_cancel", HARM_DEADLY, HARM_NONE},
    {"proxy_grpc_close", HARM_DEADLY, HARM_NONE},
    {"proxy_increment_metric", HARM_DEADLY, HARM_NONE},
    {"proxy_record_metric", HARM_DEADLY, HARM_NONE},
    {"proxy_set_effective_context", HARM_DEADLY, HARM_NONE},
    {"proxy_set_tick_period_milliseconds", HARM_DEADLY, HARM_NONE},
    {"pthread_equal", HARM_NONE, HARM_NONE},
    {"emscripten_notify_memory_growth", HARM_NONE, HARM_NONE},
    {"sched_yield", HARM_NONE, HARM_NONE},
    {"fd_advise", HARM_NONE, HARM_NONE},
    {"fd_allocate", HARM_NONE, HARM_NONE},
    {"fd_datasync", HARM_NONE, HARM_NONE},
    {"fd_fdstat_set_flags", HARM_NONE, HARM_NONE},
    {"fd_fdstat_set_rights", HARM_NONE, HARM_NONE},
    {"fd_filestat_set_size", HARM_NONE, HARM_NONE},
    {"fd_filestat_set_times", HARM_NONE, HARM_NONE},
    {"fd_renumber", HARM_NONE, HARM_NONE},
    {"fd_sync", HARM_NONE, HARM_NONE},
    {"sock_shutdown", HARM_NONE, HARM_NONE},
    {NULL, HARM_MAYBE, HARM_MAYBE},
};
