/* The parts of an image of the store or of a .wasm file, for `wasme inspect` and `wasme diff`. */
#ifndef WASME_CMD_INSPECTED_H
#define WASME_CMD_INSPECTED_H

#include "base/digest.h"
#include "image/runtime_config.h"
#include "module/abi.h"
#include "module/names.h"
#include "module/producers.h"
#include "store/pack.h"

struct inspected {
    char *reference;               /* NULL for a file */
    char *path;                    /* of the .wasm file */
    const char *format;            /* of an image: "oci", "compat", ...; static */
    struct digest manifest, layer; /* of an image */
    struct digest wasm;            /* of an image, as its descriptor says */
    struct digest file;
    long long size;                /* of the file, in bytes */
    struct runtime_config runtime; /* of an image */
    struct module module;
    struct module_names names;
    struct module_producers producers;
    char **abi_versions;
    size_t abi_count;
};

/* Reads the file of that name; if there is none, the image of the store (`store` is the value of
 * --store, or NULL). */
int inspected_open(const char *text, const char *store, struct inspected *out, struct err *err);
/* Takes what an image that was opened and its pack say; the module is not read. */
int inspected_of_image(const struct store_image *image, const struct store_pack *pack,
                       struct inspected *out, struct err *err);
/* Reads the module, of which `out->path` is the name, without the digest and size of its file. */
int inspected_read_module(int fd, struct inspected *out, struct err *err);
/* The same with them. */
int inspected_read(int fd, struct inspected *out, struct err *err);
void inspected_release(struct inspected *inspected); /* usable with AUTO() */
/* ERR_DAMAGED: the wasm of the image is not the one that its descriptor names. */
int inspected_verify(const struct inspected *inspected, struct err *err);

#endif
