#include "cmd/serve/filter_yaml.h"

#include <string.h>

#include "base/mem.h"

enum { TEXT_MAX = 64 * 1024 };

void filter_label(const char *title, char out[64])
{
    const char *slash = strrchr(title, '/');
    const char *from = slash ? slash + 1 : title;
    size_t len = 0;
    for (; *from && !strchr(":@", *from) && strcmp(from, ".wasm") != 0 && len < 63; from++) {
        char c = *from;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            out[len++] = c;
        else if (len && out[len - 1] != '-')
            out[len++] = '-';
    }
    while (len && out[len - 1] == '-')
        len--;
    if (len) {
        out[len] = '\0';
    } else {
        memcpy(out, "filter", sizeof("filter"));
    }
}

void filter_yaml_envoy(const struct filter_view *view, struct buf *out)
{
    AUTO(buf_release) struct buf url = BUF_INIT(TEXT_MAX), host = BUF_INIT(TEXT_MAX);
    self_url(view->self, view->path, &url);
    int port = self_parts(view->self, &host);
    buf_printf(out,
               "# in the filter envoy.filters.http.wasm\n"
               "vm_config:\n"
               "  runtime: envoy.wasm.runtime.v8\n"
               "  code:\n"
               "    remote:\n"
               "      http_uri:\n"
               "        uri: \"%s\"\n"
               "        cluster: wasme\n"
               "        timeout: 10s\n"
               "      sha256: \"%s\"\n"
               "      retry_policy: {num_retries: 3}\n",
               buf_text(&url), digest_hex(&view->in->file));
    buf_printf(out,
               "\n# among the clusters\n"
               "- name: wasme\n"
               "  type: STRICT_DNS\n"
               "  load_assignment:\n"
               "    cluster_name: wasme\n"
               "    endpoints:\n"
               "    - lb_endpoints:\n"
               "      - endpoint: {address: {socket_address: {address: \"%s\", port_value: %d}}}\n",
               buf_text(&host), port);
    if (view->self->site->secure)
        buf_printf(out,
                   "  transport_socket:\n"
                   "    name: envoy.transport_sockets.tls\n"
                   "    typed_config:\n"
                   "      \"@type\": type.googleapis.com/"
                   "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext\n"
                   "      sni: \"%s\"\n",
                   buf_text(&host));
}

void filter_yaml_istio(const struct filter_view *view, bool oci, struct buf *out)
{
    AUTO(buf_release) struct buf url = BUF_INIT(TEXT_MAX);
    char label[64];
    filter_label(view->title, label);
    if (oci)
        self_oci(view->self, view->name, &url);
    else
        self_url(view->self, view->path, &url);
    if (oci && !view->self->site->secure)
        buf_printf(
            out,
            "# Istio's proxy pulls over plain HTTP only from the registries in its variable\n"
            "# WASM_INSECURE_REGISTRIES: add \"%s\" there.\n",
            view->self->host);
    buf_printf(out,
               "apiVersion: extensions.istio.io/v1alpha1\n"
               "kind: WasmPlugin\n"
               "metadata:\n"
               "  name: %s\n"
               "  namespace: default\n"
               "spec:\n"
               "  url: \"%s\"\n"
               "  sha256: \"%s\"\n",
               label, buf_text(&url), digest_hex(oci ? &view->in->manifest : &view->in->file));
}
