/*
 * MOSN 1.6, with the engine of its default build, wazero 1.2.1. Sources: mosn/mosn at 707d635
 * (pkg/wasm, pkg/filter/stream/proxywasm, pkg/protocol/xprotocol/wasm); mosn/proxy-wasm-go-host at
 * 25a9e13 (wazero, internal/imports, proxywasm/v1 and v2); modules that wazero 1.2.1 linked or
 * refused.
 */
#include <stddef.h>

#include "module/host/table.h"

static const struct host_marker markers[] = {
    {"proxy_abi_version_0_1_0", "v0.1.0", ABI_0_1_0},
    {"proxy_abi_version_0_2_0", "v0.2.0 (MOSN's draft)", ABI_0_2_0},
    {"proxy_abi_mosn_version_0_2_0", "MOSN v0.2.0 (codec)", ABI_MOSN_CODEC},
    {NULL, NULL, 0},
};

/* internal/imports/v1. The default handler does nothing for those that fail. */
static const struct host_function functions_v1[] = {
    {"proxy_log", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_set_effective_context", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_get_property", "iiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_set_property", "iiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_get_buffer_bytes", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_set_buffer_bytes", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_get_header_map_pairs", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_set_header_map_pairs", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_get_header_map_value", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_replace_header_map_value", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_add_header_map_value", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_remove_header_map_value", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_set_tick_period_milliseconds", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_get_current_time_nanoseconds", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_resume_downstream", ":i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_resume_upstream", ":i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_open_grpc_stream", "iiiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_send_grpc_call_message", "iiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_cancel_grpc_call", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_close_grpc_call", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_grpc_call", "iiiiiiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_dispatch_grpc_call", "iiiiiiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_resume_http_request", ":i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_resume_http_response", ":i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_send_http_response", "iiiiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_http_call", "iiiiiiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_dispatch_http_call", "iiiiiiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_define_metric", "iiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_remove_metric", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_increment_metric", "iI:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_record_metric", "iI:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_get_metric", "ii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_register_shared_queue", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_remove_shared_queue", "i:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_resolve_shared_queue", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_dequeue_shared_queue", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_enqueue_shared_queue", "iii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_get_shared_data", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_set_shared_data", "iiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_WORKS, NULL},
    {"proxy_done", ":i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {"proxy_call_foreign_function", "iiiiii:i", ABI_0_1_0 | ABI_MOSN_CODEC, 0, HOST_FAILS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

/* internal/imports/v2: a draft of a later ABI, and not the v0.2.0 of SDKs. */
static const struct host_function functions_v2[] = {
    {"proxy_log", "iii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_set_effective_context", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_context_finalize", ":i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_resume_stream", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_close_stream", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_send_http_response", "iiiiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_resume_http_stream", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_close_http_stream", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_get_buffer_bytes", "iiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_get_buffer", "iiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_set_buffer", "iiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_get_header_map_pairs", "iii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_get_header_map_value", "iiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_replace_header_map_value", "iiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_open_shared_kvstore", "iiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_get_shared_kvstore_key_values", "iiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_set_shared_kvstore_key_values", "iiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_add_shared_kvstore_key_values", "iiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_remove_shared_kvstore_key", "iiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_delete_shared_kvstore", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_open_shared_queue", "iiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_dequeue_shared_queue_item", "iii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_enqueue_shared_queue_item", "iii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_delete_shared_queue", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_create_timer", "iii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_delete_timer", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_create_metric", "iiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_get_metric_value", "ii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_set_metric_value", "iI:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_increment_metric_value", "iI:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_delete_metric", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_http_call", "iiiiiiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_dispatch_http_call", "iiiiiiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_dispatch_grpc_call", "iiiiiiiiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_open_grpc_stream", "iiiiiiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_send_grpc_stream_message", "iii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_cancel_grpc_call", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_close_grpc_call", "i:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {"proxy_call_custom_function", "iiiii:i", ABI_0_2_0, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

#define UNSTABLE (ABI_0_1_0 | ABI_MOSN_CODEC)

static const struct host_group groups[] = {
    {"env", UNSTABLE, functions_v1},
    {"env", ABI_0_2_0, functions_v2},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_socket_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_poll_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_raise_functions},
    {"wasi_snapshot_preview1", ABI_ANY, wasi_accept_functions},
    {"wasi_unstable", UNSTABLE, wasi_functions},
    {"wasi_unstable", UNSTABLE, wasi_socket_functions},
    {"wasi_unstable", UNSTABLE, wasi_poll_functions},
    {"wasi_unstable", UNSTABLE, wasi_raise_functions},
    {"wasi_unstable", UNSTABLE, wasi_accept_functions},
    {NULL, 0, NULL},
};

#define FILTER (ABI_0_1_0 | ABI_0_2_0)

/* proxywasm/v1/exports.go and v2/exports.go; pkg/protocol/xprotocol/wasm/exports.go. For filters,
 * ProxyOnConfigure() of pkg/filter/stream/proxywasm/adapter.go calls proxy_on_vm_start, and
 * EncodeMap() of proxywasm/common/codec.go makes maps of their configurations. Codecs have another
 * way, and other maps. */
static const struct host_callback callbacks[] = {
    {"proxy_on_context_create", "ii:", ABI_ANY, true, NULL},
    {"proxy_on_vm_start", "ii:i", ABI_ANY, true, NULL},
    {"proxy_on_configure", "ii:i", FILTER, false,
     "MOSN hands the configuration over in a second call of proxy_on_vm_start: read buffer 7 there "
     "(a map of texts, each with the digit 0 and not NUL behind it), or the filter never gets it"},
    {"proxy_on_configure", "ii:i", ABI_MOSN_CODEC, true, NULL},
    {"proxy_on_delete", "i:", ABI_ANY, true, NULL},
    {"proxy_on_done", "i:i", FILTER, true, NULL},
    {"proxy_on_request_headers", "iii:i", FILTER, true, NULL},
    {"proxy_on_request_body", "iii:i", FILTER, true, NULL},
    {"proxy_on_request_trailers", "ii:i", ABI_0_1_0, true, NULL},
    {"proxy_on_request_trailers", "iii:i", ABI_0_2_0, true, NULL},
    {"proxy_on_response_headers", "iii:i", FILTER, true, NULL},
    {"proxy_on_response_body", "iii:i", FILTER, true, NULL},
    {"proxy_on_response_trailers", "ii:i", ABI_0_1_0, true, NULL},
    {"proxy_on_response_trailers", "iii:i", ABI_0_2_0, true, NULL},
    {"proxy_on_http_call_response", "iiiii:", FILTER, true, NULL},
    {"proxy_decode_buffer_bytes", "iii:i", ABI_MOSN_CODEC, true, NULL},
    {"proxy_encode_buffer_bytes", "iii:i", ABI_MOSN_CODEC, true, NULL},
    {"proxy_keepalive_buffer_bytes", "iI:i", ABI_MOSN_CODEC, true, NULL},
    {"proxy_reply_keepalive_buffer_bytes", "iii:i", ABI_MOSN_CODEC, true, NULL},
    {"proxy_hijack_buffer_bytes", "iiii:i", ABI_MOSN_CODEC, true, NULL},
    {NULL, NULL, 0, false, NULL},
};

static const struct host_gate gates[] = {
    {"proxy_on_context_create", FILTER, true, false, true, true,
     "[proxywasm][filter] NewFilter fail to create context id"},
    {"proxy_decode_buffer_bytes", ABI_MOSN_CODEC, true, false, true, false,
     "[wazero][instance] GetExportsFunc unknown func proxy_decode_buffer_bytes"},
    {"proxy_encode_buffer_bytes", ABI_MOSN_CODEC, true, false, true, false,
     "[wazero][instance] GetExportsFunc unknown func proxy_encode_buffer_bytes"},
    {"proxy_keepalive_buffer_bytes", ABI_MOSN_CODEC, true, false, true, false,
     "[wazero][instance] GetExportsFunc unknown func proxy_keepalive_buffer_bytes"},
    {"proxy_reply_keepalive_buffer_bytes", ABI_MOSN_CODEC, true, false, true, false,
     "[wazero][instance] GetExportsFunc unknown func proxy_reply_keepalive_buffer_bytes"},
    {"proxy_hijack_buffer_bytes", ABI_MOSN_CODEC, true, false, true, false,
     "[wazero][instance] GetExportsFunc unknown func proxy_hijack_buffer_bytes"},
    {NULL, 0, false, false, false, false, NULL},
};

/* Functions that use the instance, which is not there yet; fd_filestat_set_times fails in wazero
 * 1.2.1. */
static const struct host_harmful harmful[] = {
    {"proxy_call_foreign_function", HARM_DEADLY, HARM_NONE},
    {"proxy_define_metric", HARM_DEADLY, HARM_NONE},
    {"proxy_enqueue_shared_queue", HARM_DEADLY, HARM_NONE},
    {"proxy_get_current_time_nanoseconds", HARM_DEADLY, HARM_NONE},
    {"proxy_get_property", HARM_DEADLY, HARM_NONE},
    {"proxy_get_shared_data", HARM_DEADLY, HARM_NONE},
    {"proxy_http_call", HARM_DEADLY, HARM_NONE},
    {"proxy_log", HARM_DEADLY, HARM_NONE},
    {"proxy_register_shared_queue", HARM_DEADLY, HARM_NONE},
    {"proxy_set_property", HARM_DEADLY, HARM_NONE},
    {"proxy_set_shared_data", HARM_DEADLY, HARM_NONE},
    {"fd_filestat_set_times", HARM_DEADLY, HARM_NONE},
    {"proc_exit", HARM_MAYBE, HARM_NONE},
    {NULL, HARM_MAYBE, HARM_NONE},
};

static const char *const facts[] = {
    "exactly one ABI marker: v0.1.0, MOSN's own draft named v0.2.0, or the codec's",
    "filters of SDKs for v0.2.0 use functions that MOSN's draft does not have",
    "_start runs; _initialize is never called",
    "memories, tables and globals are not given; malloc has to be exported under that name",
    "callbacks for headers have three parameters, with v0.1.0 too",
    "proxy_on_configure is not called for filters: proxy_on_vm_start is, once more",
    "configurations are maps of texts; behind each text stands the digit 0 and not NUL",
    "without a marker MOSN panics, unless a function of env is imported",
    "bytes that wazero does not compile make MOSN panic; other errors leave the filter out",
    "a codec plugin exports proxy_{decode,encode,keepalive,reply_keepalive,hijack}_buffer_bytes",
    "the engine named wasmer is there only in a build with -tags wasmer",
    NULL,
};

static const char *const sources[] = {
    "mosn/mosn at 707d635",
    "mosn/proxy-wasm-go-host at 25a9e13",
    "wazero 1.2.1, asked with modules",
    NULL,
};

static const struct host_rules rules = {
    .marker_rule = MARKER_SINGLE,
    .markers = markers,
    .groups = groups,
    .callbacks = callbacks,
    .gates = gates,
    .words =
        {
            .corrupted = "panic: section custom",
            .marker = "module[env] not instantiated",
            .missing = "\"{name}\" is not exported in module \"{module}\"",
            .no_module = "module[{module}] not instantiated",
            .mismatch = "import func[{module}.{name}]: signature mismatch",
            .instance = "[wazero][instance] Start failed to instantiate module",
            .trapped = "wasm error: unreachable",
        },
    .start_rule = START_COMMAND_ONLY,
    .exit_rule = EXIT_CLOSES,
    .name_rule = NAMES_STRICT,
    .harmful = harmful,
    .harm_words = "then drops the module (\"invalid memory address or nil pointer dereference\")",
    .start_is_early = true,
    .lax_elements = true,
    .facts = facts,
    .sources = sources,
};

static const struct host_version versions[] = {
    {"1.6", 0, "wazero 1.2.1", MODULE_MAX_EXPORTS, FEATURES_2_0,
     FEATURE_SET(GC) | FEATURE_SET(EXCEPTIONS),
     "wazero 1.2.1 knows no such instruction, and does not look at the type of a table", NULL},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

const struct host host_mosn = {"mosn", "MOSN", &rules, versions, 0, NULL};
