/*
 * The images that each consumer takes, by the rules that its own code applies:
 *
 * - Istio: istio/istio, pkg/wasm/imagefetcher.go and cache.go (since 1.16; before, an image had to
 *   have exactly one tar layer).
 * - Higress: higress-group/istio, the same files and rules.
 * - Envoy Gateway: envoyproxy/gateway, internal/wasm/imagefetcher.go and cache.go: the same rules.
 * - wkg: bytecodealliance/rust-oci-wasm, src/client.rs (pull).
 *
 * The first three find manifests and blobs by google/go-containerregistry, pkg/v1/remote and
 * pkg/v1/partial, and read tars by Go's archive/tar. gateway_path.h has what they do with indexes,
 * gateway_layer.h with a layer. A manifest whose mediaType is Docker's: the last layer must be
 * Docker's tar.gzip and hold a plugin.wasm. Any other: the last layer is OCI's tar+gzip and holds a
 * plugin.wasm; or there are exactly two layers, and the first one that is a module.wasm content
 * layer is the wasm as it is. The bytes that are taken must begin as a wasm.
 */
#ifndef WASME_IMAGE_GATEWAY_H
#define WASME_IMAGE_GATEWAY_H

#include "image/index.h"
#include "image/manifest.h"

/* Bytes that the three read of a tar, decompressed, and of a content layer. */
#define GATEWAY_READ_MAX (256LL * 1024 * 1024)
/* Bytes of a module that Envoy accepts from Envoy Gateway, which serves modules by http: Envoy,
 * source/common/http/async_client_impl.h, kBufferLimitForResponse. */
#define GATEWAY_SERVED_MAX (32LL * 1024 * 1024)

enum gateway {
    GATEWAY_ISTIO,
    GATEWAY_ENVOY_GATEWAY,
    GATEWAY_HIGRESS,
    GATEWAY_WKG,
    GATEWAY_COUNT,
};

/* "istio", "envoy-gateway", "higress", "wkg". */
const char *gateway_name(enum gateway gateway);
/* The names of all, in order; NULL behind the last. */
const char *gateway_listed(size_t at);
/* Reads the name of a gateway; any other name is ERR_USAGE, whose message lists them. */
int gateway_parse(const char *text, enum gateway *out, struct err *err);

/* A text that the reference leads to: an index, or the manifest. All borrowed. */
struct gateway_step {
    const char *text;
    size_t len;
    const struct digest *digest;
    const char *type; /* the Content-Type with which the registry sent the text, parameters and all;
                         NULL: not known. Counts only for the first step. */
};

/* The image in question; all borrowed. */
struct gateway_image {
    const char *ref;                 /* as the user writes it: for the next steps */
    const struct manifest *manifest; /* NULL: no image was chosen from an index, or none was read */
    const struct digest *digest;     /* of the manifest */
    /* Gives a layer's bytes as a file, which is then closed. NULL: the verdict is on the manifest
     * alone. */
    int (*open_layer)(void *arg, const struct descriptor *layer, int *fd, struct err *err);
    void *arg;
    /* The texts on the way from the reference to the manifest: the indexes, the outermost first,
     * and last the manifest. None: the verdict is on `manifest` alone. */
    const struct gateway_step *steps;
    size_t step_count;
};

/* All texts owned; without a full stop. */
struct gateway_verdict {
    bool loads;
    bool looked;        /* the image loads, and the layer was looked into, not only the manifest */
    char *picks;        /* the wasm that is taken: "plugin.wasm in layer 1 (...)"; NULL: none is */
    bool found;         /* the gateway finds a module in the image, also one that does not load: the
                         members `layer`, `in_tar`, `wasm` and `size` are about that module */
    size_t layer;       /* the number of the layer, from 0 */
    bool in_tar;        /* the layer is a tar, else the wasm itself */
    struct digest wasm; /* of the module; "" when the layer was not looked into */
    long long size;     /* bytes of the module; -1: not known */
    char *because;      /* why the image does or does not load */
    char *next;         /* the next step; NULL when the image loads */
    bool unsure;        /* nobody can tell: the image may load nevertheless */
    const char *form;   /* the form to convert the image to, when that would help; or NULL */
    struct digest sha256; /* for a field "sha256", or behind "@": the manifest's, never the index's;
                             "" when it does not load, and for wkg */
};
void gateway_verdict_release(struct gateway_verdict *verdict); /* usable with AUTO() */

/* Fails only when a layer or a manifest cannot be had or read; an image that is refused is a
 * verdict. */
int gateway_check(enum gateway gateway, const struct gateway_image *image,
                  struct gateway_verdict *out, struct err *err);

/* The child of an index that Istio, Envoy Gateway and Higress follow; false: they follow none. The
 * annotations of a child do not count. */
bool gateway_choose(const struct image_index *index, size_t *child);

/* The module of an image. */
struct gateway_module {
    char *place;     /* "plugin.wasm", or "the wasm": how errors name the module; owned */
    bool as_gateway; /* the gateway takes these bytes; else a pull takes them */
};
void gateway_module_release(struct gateway_module *module); /* usable with AUTO() */

/*
 * Writes the module of the image to `wasm`, an empty file: the one that the gateway finds, and in
 * an image where the gateway finds none the one that `wasme pull` would take, so that the module
 * can be judged where the form of the image is refused. ERR_NOT_FOUND: the image has no module.
 */
int gateway_take(const struct gateway_image *image, const struct gateway_verdict *verdict, int wasm,
                 struct gateway_module *out, struct err *err);

#endif
