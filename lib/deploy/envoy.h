/*
 * Envoy's configuration: the filter alone, and a whole bootstrap around filters.
 *
 * Source: envoyproxy/envoy, api/envoy/extensions/wasm/v3/wasm.proto (PluginConfig, VmConfig) and
 * api/envoy/config/bootstrap/v3/bootstrap.proto.
 */
#ifndef WASME_DEPLOY_ENVOY_H
#define WASME_DEPLOY_ENVOY_H

#include "deploy/deploy.h"

/* The first line of Envoy that knows failure_policy and not only fail_open. */
#define ENVOY_FAILURE_POLICY 133

/*
 * The value of `typed_config` for one filter. `version` is Envoy's (1.33 is 133). A module behind a
 * URL comes by the cluster `cluster`; otherwise that is not read. The configuration is a
 * StringValue: only a StringValue and a BytesValue arrive as they are
 * (source/common/protobuf/utility.h, MessageUtil::anyToBytes).
 */
struct json_t *envoy_typed_config(const struct deployment *filter, int version,
                                  const char *cluster);

/* A whole configuration of Envoy. */
struct envoy_bootstrap {
    const struct deployment *filters; /* in the order in which a request passes them */
    size_t filter_count;
    int version; /* of Envoy */
    const char *address;
    int port;                           /* 0: the system chooses */
    const struct deploy_host *upstream; /* NULL: Envoy answers every request with 200 */
    const struct deploy_host *clusters; /* those that filters call */
    size_t cluster_count;
};

/* ERR_USAGE: a URL is none, or a network filter has no upstream. */
int envoy_bootstrap(const struct envoy_bootstrap *wanted, struct json_t **out, struct err *err);

/* Whether a "%" has something else than two hexadecimal digits behind it: such a text is no URL. */
bool envoy_has_bad_percent(const char *text);
/* Reads the host of a URL of http or https into `out`, whose text the caller frees by `*owned`.
 * ERR_USAGE: the text is no such URL; a login in it is not shown. */
int envoy_host_of_url(const char *url, struct deploy_host *out, char **owned, struct err *err);
/* The same for a server that gets all requests as they come: a URL with a path is refused. */
int envoy_server_of_url(const char *url, struct deploy_host *out, char **owned, struct err *err);

#endif
