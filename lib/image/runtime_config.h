/* runtime-config.json: the words of the image about the proxy that the filter runs in. */
#ifndef WASME_IMAGE_RUNTIME_CONFIG_H
#define WASME_IMAGE_RUNTIME_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define RUNTIME_CONFIG_MAX (256 * 1024) /* bytes of the file that are read */

struct text_list {
    char **items;
    size_t count;
    bool present; /* an explicit [] is written as [], an absent list is not written */
};

struct runtime_config {
    char *type;                    /* "envoy_proxy" */
    struct text_list abi_versions; /* "v0.2.1"; registry names */
    bool has_config;               /* the member "config" is there */
    struct text_list root_ids;
};

/* Reads camelCase or snake_case names; an unknown key is an error that names it. */
int runtime_config_parse(const char *text, size_t len, struct runtime_config *out, struct err *err);
/* A config of type envoy_proxy with these ABI versions, and no root ids. */
void runtime_config_make(struct runtime_config *out, const char *const *abi_versions, size_t count);
/* The compact bytes of the original: no newline, Go's escapes. */
void runtime_config_write(const struct runtime_config *config, struct buf *out);
void runtime_config_release(struct runtime_config *config); /* usable with AUTO() */

#endif
