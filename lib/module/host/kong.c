/*
 * Kong 3.4 to 3.9 with ngx_wasm_module, which Kong's packages build with Wasmtime. Sources:
 * Kong/ngx_wasm_module at 3bed278 (src/common/proxy_wasm, src/wasm/vm/ngx_wavm.c,
 * src/wasm/wrt/ngx_wrt_wasmtime.c, docs/PROXY_WASM.md); .requirements of Kong/kong.
 */
#include <stddef.h>

#include "module/host/table.h"

/* src/common/proxy_wasm/ngx_proxy_wasm_host.c; NGX_WAVM_NYI traps. */
static const struct host_function functions[] = {
    {"proxy_log", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_log_level", "ii:i", ABI_ANY, 0, HOST_TRAPS,
     "the SDKs have another type: i32 -> i32"},
    {"proxy_get_current_time_nanoseconds", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_effective_context", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_context_finalize", ":i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_done", ":i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_create_timer", "iii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_delete_timer", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_set_tick_period_milliseconds", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_buffer", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_buffer_bytes", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_buffer", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_buffer_bytes", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_map_values", "iiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_get_header_map_pairs", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_header_map_value", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_map_values", "iiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_set_header_map_pairs", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_add_header_map_value", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_replace_header_map_value", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_remove_header_map_value", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_property", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_property", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_resume_stream", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_resume_downstream", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_resume_upstream", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_continue_stream", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_close_stream", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_resume_http_stream", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_continue_request", ":i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_continue_response", ":i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_send_http_response", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_send_local_response", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_dispatch_http_call", "iiiiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_http_call", "iiiiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_dispatch_grpc_call", "iiiiiiiiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_grpc_call", "iiiiiiiiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_open_grpc_stream", "iiiiiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_grpc_stream", "iiiiiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_send_grpc_stream_message", "iii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_grpc_send", "iiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_cancel_grpc_call", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_grpc_cancel", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_close_grpc_call", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_grpc_close", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_get_status", "iii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_open_shared_kvstore", "iiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_get_shared_kvstore_key_values", "iiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_get_shared_data", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_shared_kvstore_key_values", "iiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_set_shared_data", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_add_shared_kvstore_key_values", "iiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_remove_shared_kvstore_key", "iiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_delete_shared_kvstore", "iiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_open_shared_queue", "iiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_register_shared_queue", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_dequeue_shared_queue_item", "iii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_dequeue_shared_queue", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_enqueue_shared_queue_item", "iii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_enqueue_shared_queue", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_delete_shared_queue", "iiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_resolve_shared_queue", "iiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_create_metric", "iiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_define_metric", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_metric_value", "ii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_get_metric", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_metric_value", "iI:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_record_metric", "iI:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_increment_metric_value", "iI:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_increment_metric", "iI:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_delete_metric", "i:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_call_custom_function", "iiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"proxy_call_foreign_function", "iiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_configuration", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_clear_route_cache", ":i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

/* Wasmtime's own WASI; ngx_wasm_module replaces 18 functions of wasi_snapshot_preview1. */
static const struct host_group groups[] = {
    {"env", ABI_ANY, functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_socket_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_poll_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_raise_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_accept_functions},
    {"wasi_unstable", ABI_ANY, wasi_functions},
    {"wasi_unstable", ABI_ANY, wasi_socket_functions},
    {"wasi_unstable", ABI_ANY, wasi_poll_functions},
    {"wasi_unstable", ABI_ANY, wasi_raise_functions},
    {NULL, 0, NULL},
};

static const struct host_callback callbacks[] = {
    {"proxy_on_context_create", "ii:", ABI_ANY, true, NULL},
    {"proxy_on_vm_start", "ii:i", ABI_ANY, true, NULL},
    {"proxy_on_configure", "ii:i", ABI_ANY, true, NULL},
    {"proxy_on_tick", "i:", ABI_ANY, true, NULL},
    {"proxy_on_request_body", "iii:i", ABI_ANY, true, NULL},
    {"proxy_on_response_body", "iii:i", ABI_ANY, true, NULL},
    {"proxy_on_http_call_response", "iiiii:", ABI_ANY, true, NULL},
    {"proxy_on_log", "i:", ABI_ANY, true, NULL},
    {"proxy_on_done", "i:i", ABI_ANY, true, NULL},
    {"proxy_on_delete", "i:", ABI_ANY, true, NULL},
    {"proxy_on_foreign_function", "iii:", ABI_ANY, true, NULL},
    {"proxy_on_request_headers", "ii:i", ABI_0_1_0, true, NULL},
    {"proxy_on_request_headers", "iii:i", ABI_0_2, true, NULL},
    {"proxy_on_response_headers", "ii:i", ABI_0_1_0, true, NULL},
    {"proxy_on_response_headers", "iii:i", ABI_0_2, true, NULL},
    {NULL, NULL, 0, false, NULL},
};

/* ngx_proxy_wasm_create_context() calls these three without asking whether they are there. */
static const struct host_gate gates[] = {
    {"proxy_on_context_create", ABI_ANY, true, false, false, true,
     "on_context_create internal failure"},
    {"proxy_on_vm_start", ABI_ANY, true, true, false, true, "on_vm_start failure"},
    {"proxy_on_configure", ABI_ANY, true, true, false, true, "on_configure failure"},
    {NULL, 0, false, false, false, false, NULL},
};

static const char *const facts[] = {
    "the first export that is an ABI marker decides, in the order of the exports",
    "of _start and _initialize the one runs that comes first among the exports",
    "proxy_on_context_create, proxy_on_vm_start and proxy_on_configure have to be there",
    "malloc or proxy_on_memory_allocate has to be exported",
    "many functions are there and trap when called (\"NYI\")",
    "TCP, trailers, metadata, gRPC and queues have no callbacks",
    "default builds of Kong after 3.9 do not have ngx_wasm_module",
    NULL,
};

static const char *const sources[] = {
    "Kong/ngx_wasm_module at 3bed278",
    "Kong/kong, .requirements",
    NULL,
};

static const struct host_rules rules = {
    .marker_rule = MARKER_FIRST,
    .markers = sdk_markers,
    .groups = groups,
    .callbacks = callbacks,
    .gates = gates,
    .words =
        {
            .bytecode = "failed loading",
            .marker = "unknown ABI version",
            .missing = "failed importing \"{module}.{name}\": missing host function",
            .no_module = "unknown import: `{module}::{name}` has not been defined",
            .mismatch = "incompatible import type for `{module}::{name}`",
            .instance = "failed instantiating",
            .allocator = "filter missing malloc",
            .trapped = "wasm trap: wasm `unreachable` instruction executed",
        },
    .start_rule = START_FIRST_EXPORT,
    .exit_rule = EXIT_FAILS,
    .memory_name = "",
    .max_tables = 100,
    .needs_allocator = true,
    .sums_types = true,
    .facts = facts,
    .sources = sources,
};

#define LATER                                                                                      \
    (FEATURE_SET(TAIL_CALLS) | FEATURE_SET(EXTENDED_CONST) | FEATURE_SET(MULTI_MEMORY) |           \
     FEATURE_SET(RELAXED_SIMD) | FEATURE_SET(THREADS))
#define UNSURE "which features the engine of this version has was not tried"

static const struct host_version versions[] = {
    {"3.4", 0, "Wasmtime 8", 0, FEATURES_2_0, LATER, UNSURE, NULL},
    {"3.5", 0, "Wasmtime", 0, FEATURES_2_0, LATER, UNSURE, NULL},
    {"3.6", 0, "Wasmtime", 0, FEATURES_2_0, LATER, UNSURE, NULL},
    {"3.7", 0, "Wasmtime", 0, FEATURES_2_0, LATER, UNSURE, NULL},
    {"3.8", 0, "Wasmtime", 0, FEATURES_2_0, LATER, UNSURE, NULL},
    {"3.9", 0, "Wasmtime 26", 0, FEATURES_2_0, LATER, UNSURE, NULL},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

const struct host host_kong = {"kong", "Kong", &rules, versions, 0, NULL};
