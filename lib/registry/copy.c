/* Copies between repositories: the same bytes, and so the same digests. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/index.h"
#include "image/manifest.h"
#include "registry/client.h"

enum { INDEX_DEPTH_MAX = 3 };

struct copy {
    struct registry *registry;
    const struct ref *from;
    const struct ref *to;
    const char *spool_dir;
    long long max_size;
    bool *unchanged; /* lent; of `to` */
};

/* The same repository, the image of that digest. */
static void ref_of_digest(const struct ref *ref, const struct digest *digest, struct ref *out)
{
    *out = (struct ref){
        .registry = mem_dup(ref->registry),
        .repository = mem_dup(ref->repository),
        .digest = *digest,
        .full = mem_printf("%s/%s@%s", ref->registry, ref->repository, digest->text),
    };
}

/* The blobs of a manifest, each with a file without a name to pass through. */
struct blobs {
    struct registry_blob *items;
    size_t count;
};

static void blobs_release(struct blobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        mem_close_at(&blobs->items[i].fd);
    free(blobs->items);
}

static int blobs_add(const struct copy *copy, struct blobs *blobs,
                     const struct descriptor *descriptor, struct err *err)
{
    int fd = -1;
    int rc = file_temporary(copy->spool_dir, &fd, err);
    if (rc)
        return rc;
    blobs->items[blobs->count++] = (struct registry_blob){
        .descriptor = descriptor, .fd = fd, .from = copy->from, .max = copy->max_size};
    return 0;
}

static int copy_image(const struct copy *copy, const struct registry_manifest *raw,
                      const struct ref *to, struct err *err)
{
    AUTO(manifest_release) struct manifest manifest = {0};
    AUTO(blobs_release) struct blobs blobs = {0};
    int rc = manifest_parse(raw->data, raw->len, &manifest, err);
    if (rc)
        return err_wrap(err, "manifest %s", raw->digest.text);
    blobs.items = mem_zero(manifest.layer_count + 1, sizeof(*blobs.items));
    rc = blobs_add(copy, &blobs, &manifest.config, err);
    for (size_t i = 0; !rc && i < manifest.layer_count; i++)
        if (!manifest.layers[i].elsewhere)
            rc = blobs_add(copy, &blobs, &manifest.layers[i], err);
    return rc ? rc
              : registry_push(copy->registry, to, blobs.items, blobs.count, raw->data, raw->len,
                              raw->media_type, to == copy->to ? copy->unchanged : NULL, err);
}

static int copy_any(const struct copy *copy, const struct ref *from, const struct ref *to,
                    int depth, struct digest *digest, struct err *err);

/* Its images first: a registry takes no index of images that it lacks. */
static int copy_index(const struct copy *copy, const struct registry_manifest *raw,
                      const struct ref *to, int depth, struct err *err)
{
    AUTO(index_release) struct image_index index = {0};
    int rc = index_parse(raw->data, raw->len, &index, err);
    if (!rc && depth == INDEX_DEPTH_MAX)
        rc = err_set(err, ERR_UNSUPPORTED, "indexes of indexes of indexes");
    for (size_t i = 0; !rc && i < index.count; i++) {
        AUTO(ref_release) struct ref child = {0};
        AUTO(ref_release) struct ref child_to = {0};
        ref_of_digest(copy->from, &index.children[i].descriptor.digest, &child);
        ref_of_digest(to, &index.children[i].descriptor.digest, &child_to);
        rc = copy_any(copy, &child, &child_to, depth + 1, NULL, err);
    }
    if (rc)
        return err_wrap(err, "index %s", raw->digest.text);
    return registry_push(copy->registry, to, NULL, 0, raw->data, raw->len, raw->media_type,
                         to == copy->to ? copy->unchanged : NULL, err);
}

/* What to send a manifest as: what it says itself, else what the registry called it. */
static int settle_media_type(struct registry_manifest *raw, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(raw->data, raw->len, &doc, err);
    if (rc)
        return err_wrap(err, "manifest %s", raw->digest.text);
    const char *own = json_member_text(doc, "mediaType");
    if (own && media_type_valid(own)) {
        free(raw->media_type);
        raw->media_type = mem_dup(own);
    }
    return media_type_valid(raw->media_type)
               ? 0
               : err_set(err, ERR_DAMAGED, "manifest %s has no media type", raw->digest.text);
}

static int copy_any(const struct copy *copy, const struct ref *from, const struct ref *to,
                    int depth, struct digest *digest, struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest raw = {0};
    int rc = registry_get_manifest(copy->registry, from, &raw, err);
    if (!rc)
        rc = settle_media_type(&raw, err);
    if (!rc)
        rc = index_is_one(raw.data, raw.len) ? copy_index(copy, &raw, to, depth, err)
                                             : copy_image(copy, &raw, to, err);
    if (!rc && digest)
        *digest = raw.digest;
    return rc;
}

int registry_copy(struct registry *registry, const struct ref *from, const struct ref *to,
                  const char *spool_dir, long long max_size, struct digest *digest, bool *unchanged,
                  struct err *err)
{
    const struct copy copy = {registry, from, to, spool_dir, max_size, unchanged};
    struct host *host = transport_host(&registry->transport, to->registry);
    bool within = strcmp(from->registry, to->registry) == 0;
    AUTO_FREE char *scope =
        mem_printf("repository:%s:pull,push repository:%s:pull", to->repository, from->repository);
    /* Each token costs the registry a look at the password, which is made to take time. */
    if (within)
        auth_expect(registry->auth, host, scope);
    int rc = copy_any(&copy, from, to, 0, digest, err);
    auth_expect(registry->auth, host, NULL);
    return rc;
}
