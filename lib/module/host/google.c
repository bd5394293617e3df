/*
 * Google Service Extensions. The source is not public: the documentation (Service Extensions,
 * "Plugins overview") names limits, and the SDKs that GoogleCloudPlatform/service-extensions at
 * e9fcee7 uses are those of Envoy. A refusal by Envoy's rules is therefore no more than likely.
 */
#include <stddef.h>

#include "module/host/table.h"

static const char *const doubtful[] = {
    "proxy_set_tick_period_milliseconds",
    "proxy_define_metric",
    "proxy_increment_metric",
    "proxy_record_metric",
    "proxy_get_metric",
    "proxy_get_shared_data",
    "proxy_set_shared_data",
    "proxy_register_shared_queue",
    "proxy_resolve_shared_queue",
    "proxy_dequeue_shared_queue",
    "proxy_enqueue_shared_queue",
    "proxy_http_call",
    "proxy_grpc_call",
    "proxy_grpc_stream",
    "proxy_grpc_send",
    "proxy_grpc_cancel",
    "proxy_grpc_close",
    NULL,
};

static const char *const facts[] = {
    "a virtual machine has 16 MiB of memory, for up to 1,000 streams",
    "timers, metrics, shared data, queues, calls to other services and trailers are not supported",
    "an invocation has 1 ms of a virtual CPU; a change has at most 128 KiB",
    "the image has one file plugin.wasm, and comes from Artifact Registry",
    NULL,
};

static const char *const sources[] = {
    "cloud.google.com, Service Extensions, Plugins overview",
    "GoogleCloudPlatform/service-extensions at e9fcee7",
    NULL,
};

static const struct host_rules rules = {
    ENVOY_RULES,
    .markers = sdk_markers,
    .groups = envoy_groups,
    .callbacks = envoy_callbacks,
    .max_pages = 256,
    .closed = true,
    .doubtful = doubtful,
    .doubt = "the source of this host is not public, and no document says that it works",
    .facts = facts,
    .sources = sources,
};

static const struct host_version versions[] = {
    {"current", ENVOY_GO, "V8", 0, FEATURES_2_0, FEATURES_3_0 & ~(uint32_t)FEATURES_2_0,
     "no document says which engine this host has",
     "is known by its documentation alone: try the module with Google's wasm-tester"},
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL},
};

const struct host host_google = {
    "google-service-extensions", "Google Service Extensions", &rules, versions, 0, NULL};
