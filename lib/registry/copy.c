/* Copies images between repositories, for registry.h. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/index.h"
#include "image/manifest.h"
#include "registry/client.h"

/* A copy, and the client that makes it. */
struct copying {
    struct registry *registry;
    struct registry_copy *copy;
};

/* The blobs of a manifest, each with a file without a name that its bytes pass through. */
struct blobs {
    struct bundle_blob *items;
    size_t count;
};

static void blobs_release(struct blobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        mem_close_at(&blobs->items[i].fd);
    free(blobs->items);
}

static int blobs_add(const struct copying *copying, struct blobs *blobs,
                     const struct descriptor *descriptor, struct err *err)
{
    int fd = -1;
    int rc = file_temporary(copying->copy->spool_dir, &fd, err);
    if (rc)
        return rc;
    blobs->items[blobs->count++] = (struct bundle_blob){.descriptor = descriptor, .fd = fd};
    return 0;
}

/* Sends the manifest, and the blobs that the bundle has. */
static int send(const struct copying *copying, const struct registry_manifest *raw,
                struct bundle *bundle, const struct ref *to, struct err *err)
{
    bool unchanged = false;
    bundle->manifest = raw->data;
    bundle->manifest_len = raw->len;
    bundle->media_type = raw->media_type;
    bundle->digest = raw->digest;
    int rc = registry_push(copying->registry, to, bundle, &unchanged, err);
    if (to == copying->copy->to)
        copying->copy->unchanged = unchanged;
    return rc;
}

static int copy_image(const struct copying *copying, const struct registry_manifest *raw,
                      const struct ref *to, struct err *err)
{
    AUTO(manifest_release) struct manifest manifest = {0};
    AUTO(blobs_release) struct blobs blobs = {0};
    int rc = manifest_parse(raw->data, raw->len, &manifest, err);
    if (rc)
        return err_wrap(err, "manifest %s", raw->digest.text);
    blobs.items = mem_zero(manifest.layer_count + 1, sizeof(*blobs.items));
    rc = blobs_add(copying, &blobs, &manifest.config, err);
    for (size_t i = 0; !rc && i < manifest.layer_count; i++)
        if (!manifest.layers[i].elsewhere)
            rc = blobs_add(copying, &blobs, &manifest.layers[i], err);
    struct bundle bundle = {.blobs = blobs.items,
                            .blob_count = blobs.count,
                            .origin = copying->copy->from,
                            .pass_max = copying->copy->max_size};
    return rc ? rc : send(copying, raw, &bundle, to, err);
}

static int copy_any(const struct copying *copying, const struct ref *from, const struct ref *to,
                    int above, struct err *err);

/* Copies the images of the index first, since a registry refuses an index whose images it lacks. */
static int copy_index(const struct copying *copying, const struct registry_manifest *raw,
                      const struct ref *to, int above, struct err *err)
{
    AUTO(index_release) struct image_index index = {0};
    struct bundle bundle = {0};
    int rc = index_parse(raw->data, raw->len, &index, err);
    if (!rc)
        rc = index_check_depth(above, err);
    for (size_t i = 0; !rc && i < index.count; i++) {
        AUTO(ref_release) struct ref child = {0};
        AUTO(ref_release) struct ref child_to = {0};
        ref_child(copying->copy->from, &index.children[i].descriptor.digest, &child);
        ref_child(to, &index.children[i].descriptor.digest, &child_to);
        rc = copy_any(copying, &child, &child_to, above + 1, err);
    }
    return rc ? err_wrap(err, "index %s", raw->digest.text) : send(copying, raw, &bundle, to, err);
}

/* Chooses the media type for sending: the one in the manifest, or else the one in the response. */
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

static int copy_any(const struct copying *copying, const struct ref *from, const struct ref *to,
                    int above, struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest raw = {0};
    int rc = registry_get_manifest(copying->registry, from, &raw, err);
    if (!rc)
        rc = settle_media_type(&raw, err);
    if (!rc)
        rc = index_is_one(raw.data, raw.len) ? copy_index(copying, &raw, to, above, err)
                                             : copy_image(copying, &raw, to, err);
    if (!rc && to == copying->copy->to)
        copying->copy->digest = raw.digest;
    return rc;
}

int registry_copy(struct registry *registry, struct registry_copy *copy, struct err *err)
{
    const struct copying copying = {registry, copy};
    const struct ref *from = copy->from, *to = copy->to;
    struct host *host = transport_host(&registry->transport, to->registry);
    bool within = strcmp(from->registry, to->registry) == 0;
    AUTO_FREE char *scope =
        mem_printf("repository:%s:pull,push repository:%s:pull", to->repository, from->repository);
    /* For each token the registry checks the password, which is slow on purpose: one token is asked
     * for both repositories. */
    if (within)
        auth_expect(registry->auth, host, scope);
    int rc = copy_any(&copying, from, to, 0, err);
    auth_expect(registry->auth, host, NULL);
    return rc;
}
