/* How a layer carries the wasm: as it is, in a tar, compressed. */
#ifndef WASME_IMAGE_WRAPPING_H
#define WASME_IMAGE_WRAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Bytes that a layer may decompress to besides the wasm's own maximum. */
#define LAYER_REST_MAX (1024LL * 1024 * 1024)

enum wrapping {
    WRAP_RAW, /* the layer is the wasm */
    WRAP_TAR,
    WRAP_TAR_GZIP,
    WRAP_TAR_ZSTD,
    WRAP_GZIP, /* the wasm itself, compressed; no media type says so, but such layers are met */
    WRAP_ZSTD,
};

/* "raw", "tar", "tar+gzip", ...: for people. */
const char *wrapping_name(enum wrapping wrapping);
/* Whether there is a tar, compressed or not. */
bool wrapping_is_tar(enum wrapping wrapping);
/* Whether bytes that begin with these `len` ones are a wasm, of any kind. */
bool wrapping_is_wasm(const char *head, size_t len);

/*
 * Tells how a layer is wrapped by its first bytes; `declared` is what its media type says.
 * ERR_NOT_FOUND: the layer is empty; ERR_DAMAGED: it is neither wasm nor tar, plain or compressed
 * by gzip or zstd. `shown` names the layer in errors.
 */
int wrapping_look(int layer, const char *shown, enum wrapping declared, enum wrapping *out,
                  struct err *err);

#endif
