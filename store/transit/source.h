/* A source of images: a registry, an archive, or files of the store. */
#ifndef WASME_STORE_TRANSIT_SOURCE_H
#define WASME_STORE_TRANSIT_SOURCE_H

#include "registry/registry.h"

/* Gives manifests and blobs, in the way of registry_get_manifests() and registry_get_blobs()
 * (registry/registry.h). */
struct image_source {
    int (*manifests)(void *arg, struct registry_manifest_request *requests, size_t count,
                     struct err *err);
    int (*blobs)(void *arg, struct registry_sink *sinks, size_t count, struct err *err);
    void *arg;
};

/* Checks the blob that a source has put into the sink: ERR_DAMAGED when its size or digest is
 * wrong. `owner` is how the error names the source ("the archive"). */
int source_check_blob(const char *owner, const struct registry_sink *sink, struct err *err);

struct image_source source_from_registry(struct registry *registry);

#endif
