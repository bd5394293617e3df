/* A source of images: a registry, an archive, or files of the store. */
#ifndef WASME_STORE_TRANSIT_SOURCE_H
#define WASME_STORE_TRANSIT_SOURCE_H

#include "registry/registry.h"

/* Fulfils wants in the way of registry_fetch() (registry/registry.h): those too that `done` of
 * another want adds. */
struct image_source {
    int (*fetch)(void *arg, struct registry_wants *wants, struct err *err);
    void *arg;
};

/* Fulfils one want after the other by `get`, which sets `err` of the want when it fails. */
void source_each(struct registry_wants *wants, int (*get)(void *arg, struct registry_want *want),
                 void *arg);
/* Checks the blob that a source has put where it is wanted: ERR_DAMAGED when its size or digest is
 * wrong. `owner` is how the error names the source ("the archive"). */
int source_check_blob(const char *owner, const struct registry_want *want, struct err *err);

struct image_source source_from_registry(struct registry *registry);

#endif
