/* Configuration that loads a filter from this server, ready to be copied. */
#ifndef WASME_CMD_SERVE_FILTER_YAML_H
#define WASME_CMD_SERVE_FILTER_YAML_H

#include "cmd/serve/filter_page.h"

/* The code source of Envoy, and the cluster that it names. */
void filter_yaml_envoy(const struct filter_view *view, struct buf *out);
/* Istio's WasmPlugin, by the image in this registry or by the file. */
void filter_yaml_istio(const struct filter_view *view, bool oci, struct buf *out);

#endif
