/* The facts that `wasme inspect` found, and their two ways of being printed. */
#ifndef WASME_CMD_INSPECT_PRINT_H
#define WASME_CMD_INSPECT_PRINT_H

#include "base/digest.h"
#include "image/runtime_config.h"
#include "module/abi.h"

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
    char **abi_versions;
    size_t abi_count;
};

void inspected_release(struct inspected *inspected); /* usable with AUTO() */
void inspected_print(const struct inspected *inspected);
int inspected_print_json(const struct inspected *inspected, struct err *err);

#endif
