#include "store/transit/source.h"

int source_check_blob(const char *owner, const struct registry_sink *sink, struct err *err)
{
    const struct descriptor *wanted = sink->descriptor;
    struct digest found;
    long long size = sink->fd >= 0 ? 0 : (long long)sink->data->len;
    int rc = sink->fd >= 0 ? digest_of_fd(sink->fd, &found, &size, err)
                           : digest_of(buf_text(sink->data), sink->data->len, &found, err);
    if (!rc && size != wanted->size)
        rc = err_set(err, ERR_DAMAGED, "%s's blob %s has %lld bytes, not %lld", owner,
                     wanted->digest.text, size, wanted->size);
    if (!rc && !digest_equal(&found, &wanted->digest))
        rc = err_set(err, ERR_DAMAGED, "%s's blob %s hashes to %s", owner, wanted->digest.text,
                     found.text);
    return rc;
}

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
