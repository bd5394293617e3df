#include "store/transit/source.h"

static int registry_manifests(void *arg, struct registry_manifest_request *requests, size_t count,
                              struct err *err)
{
    return registry_get_manifests(arg, requests, count, err);
}

static int registry_blobs(void *arg, struct registry_sink *sinks, size_t count, struct err *err)
{
    return registry_get_blobs(arg, sinks, count, err);
}

struct image_source source_from_registry(struct registry *registry)
{
    return (struct image_source){registry_manifests, registry_blobs, registry};
}
