/*
 * Apache APISIX 3.x, by wasm-nginx-module 0.7.0 with Wasmtime 0.38.1. Sources:
 * api7/wasm-nginx-module at 0b4b31d (src/http/ngx_http_wasm_module.c, ngx_http_wasm_api.c,
 * src/vm/wasmtime.c, src/proxy_wasm/proxy_wasm_memory.c); apisix/wasm.lua and
 * apisix/cli/ngx_tpl.lua of apache/apisix; modules that Wasmtime 0.38 linked or refused.
 */
#include <stddef.h>

#include "module/host/table.h"

static const struct host_function functions[] = {
    {"proxy_set_effective_context", "i:i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_get_property", "iiii:i", ABI_ANY, 0, HOST_WORKS,
     "reads variables of nginx, not the attributes of Envoy"},
    {"proxy_set_property", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_log", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_buffer_bytes", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_buffer_bytes", "iiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_send_local_response", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS,
     "uses the status and the body"},
    {"proxy_send_http_response", "iiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_current_time_nanoseconds", "i:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_set_tick_period_milliseconds", "i:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_get_configuration", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_header_map_pairs", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_set_header_map_pairs", "iii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_get_header_map_value", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_remove_header_map_value", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_replace_header_map_value", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_add_header_map_value", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_get_shared_data", "iiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_set_shared_data", "iiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_register_shared_queue", "iii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_resolve_shared_queue", "iiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_dequeue_shared_queue", "iii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_enqueue_shared_queue", "iii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_continue_request", ":i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_continue_response", ":i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_clear_route_cache", ":i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_continue_stream", "i:i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_close_stream", "i:i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_http_call", "iiiiiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proxy_grpc_call", "iiiiiiiiiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_grpc_stream", "iiiiiiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_grpc_send", "iiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_grpc_cancel", "i:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_grpc_close", "i:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_get_status", "iii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_done", ":i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_call_foreign_function", "iiiiii:i", ABI_ANY, 0, HOST_FAILS, NULL},
    {"proxy_define_metric", "iiii:i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_increment_metric", "iI:i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_record_metric", "iI:i", ABI_ANY, 0, HOST_IDLE, NULL},
    {"proxy_get_metric", "iI:i", ABI_ANY, 0, HOST_IDLE,
     "the SDKs have another type: i32 i32 -> i32"},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

/* Wasmtime 0.38 has no code for these. */
static const struct host_function sockets[] = {
    {"sock_recv", "iiiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"sock_send", "iiiii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {"sock_shutdown", "ii:i", ABI_ANY, 0, HOST_TRAPS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

static const struct host_group groups[] = {
    {"env", ABI_ANY, functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_functions},
    {"wasi_snapshot_preview1", ABI_ANY, sockets},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_poll_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_raise_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_accept_functions},
    {"wasi_unstable", ABI_ANY, wasi_functions},
    {"wasi_unstable", ABI_ANY, sockets},
    {"wasi_unstable", ABI_ANY, wasi_poll_functions},
    {"wasi_unstable", ABI_ANY, wasi_raise_functions},
    {NULL, 0, NULL},
};

#define BODY_NOTE(property)                                                                        \
    "called only after the filter has set the property " property " to a text that is not empty"

static const struct host_callback callbacks[] = {
    {"proxy_on_context_create", "ii:", ABI_ANY, true, NULL},
    {"proxy_on_configure", "ii:i", ABI_ANY, true, NULL},
    {"proxy_on_done", "i:i", ABI_ANY, true, NULL},
    {"proxy_on_delete", "i:", ABI_ANY, true, NULL},
    {"proxy_on_http_call_response", "iiiii:", ABI_ANY, true, NULL},
    {"proxy_on_request_headers", "ii:i", ABI_0_1_0, true, NULL},
    {"proxy_on_request_headers", "iii:i", ABI_0_2, true, NULL},
    {"proxy_on_request_body", "iii:i", ABI_ANY, true, BODY_NOTE("wasm_process_req_body")},
    {"proxy_on_response_headers", "ii:i", ABI_0_1_0, true, NULL},
    {"proxy_on_response_headers", "iii:i", ABI_0_2, true, NULL},
    {"proxy_on_response_body", "iii:i", ABI_ANY, true, BODY_NOTE("wasm_process_resp_body")},
    {NULL, NULL, 0, false, NULL},
};

/* ngx_http_wasm_on_configure(): a callback that is not exported gives 0, as one that fails. */
static const struct host_gate gates[] = {
    {"proxy_on_context_create", ABI_ANY, false, false, false, true, "failed to create context"},
    {"proxy_on_configure", ABI_ANY, true, true, false, true, "failed to configure plugin context"},
    {NULL, 0, false, false, false, false, NULL},
};

/* The two look for the plugin, which is not there before the module is; a trap in the start section
 * leaves a plugin without an instance. */
static const struct host_harmful harmful[] = {
    {"proxy_log", HARM_DEADLY, HARM_NONE},
    {"proxy_get_property", HARM_DEADLY, HARM_NONE},
    {"proc_exit", HARM_DEADLY, HARM_NONE},
    {NULL, HARM_MAYBE, HARM_NONE},
};

static const char *const facts[] = {
    "of several ABI markers the newest one counts; without one, v0.2.1",
    "_start runs; without it, _initialize",
    "a memory named memory has to be exported; memories, tables and globals are not given",
    "proxy_on_configure has to be there and to return something else than 0; it runs at the first "
    "request, which is answered with 503 otherwise",
    "properties are variables of nginx in lower case, not the attributes of Envoy",
    "body callbacks run only after the filter has set wasm_process_req_body or "
    "wasm_process_resp_body",
    "proxy_on_vm_start, ticks, logs, trailers, TCP and gRPC are never called",
    NULL,
};

static const char *const sources[] = {
    "api7/wasm-nginx-module at 0b4b31d (0.7.0)",
    "apache/apisix, apisix/wasm.lua and apisix/cli/ngx_tpl.lua",
    "Wasmtime 0.38, asked with modules",
    NULL,
};

static const struct host_rules rules = {
    .marker_rule = MARKER_NEWEST,
    .markers = sdk_markers,
    .groups = groups,
    .callbacks = callbacks,
    .gates = gates,
    .words =
        {
            .bytecode = "failed to new module",
            .missing = "failed to new instance: unknown import: `{module}::{name}` has not been "
                       "defined",
            .mismatch = "failed to new instance: incompatible import type for `{module}::{name}`",
            .instance = "failed to new instance",
            .memory = "the wasm plugin doesn't export memory",
            .trapped = "failed to call function: wasm trap: wasm `unreachable` instruction "
                       "executed",
        },
    .start_rule = START_COMMAND_FIRST,
    .exit_rule = EXIT_FAILS,
    .memory_name = "memory",
    .harmful = harmful,
    .harm_words = "dies of that (SIGSEGV)",
    .max_tables = 100,
    .sums_types = true,
    .facts = facts,
    .sources = sources,
};

static const struct host_version versions[] = {
    {"3", 0, "Wasmtime 0.38", 100000, FEATURES_2_0, 0, NULL, NULL},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

const struct host host_apisix = {"apisix", "APISIX", &rules, versions, 0, NULL};
