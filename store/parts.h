/* The parts that an image of the store is made of. */
#ifndef WASME_STORE_PARTS_H
#define WASME_STORE_PARTS_H

#include "base/buf.h"
#include "image/filter.h"
#include "store/file.h"

struct store_image;

/* A layer that is kept beside the wasm, since the manifest names it. */
struct store_layer {
    struct digest digest;
    struct store_file *file;
};

/* The parts of one image. All is lent. */
struct store_parts {
    struct descriptor layer;    /* of the wasm; its size must be that of the file */
    struct store_file *wasm;    /* NULL: that of `from` */
    const char *runtime_config; /* bytes of runtime-config.json */
    size_t runtime_config_len;
    const char *manifest; /* bytes of manifest.json, or NULL */
    size_t manifest_len;
    const char *config_blob; /* bytes of config.json, or NULL */
    size_t config_blob_len;
    const char *form; /* the manifest's form, "compat"; NULL where no manifest is kept */
    const struct store_layer *layers;
    size_t layer_count;
    const struct store_image *from; /* whose wasm is shared when there is no file for it */
};

/* The four files of a filter. `wasm` is the file with its bytes; NULL: the caller sets `from`. */
struct store_parts store_parts_of(const struct filter *filter, struct store_file *wasm);
/* Adds what a push needs to send this very image: the manifest, its config blob where that is not
 * the runtime config, and the form's name. The caller sets the layers. */
void store_parts_keep(struct store_parts *parts, const char *manifest, size_t manifest_len,
                      const struct buf *config, const char *form);

#endif
