#include "store/distribution/remove.h"

#include <string.h>

#include "base/mem.h"
#include "store/distribution/contents.h"
#include "store/distribution/filter.h"
#include "store/distribution/images.h"

/* Says that an image of the store that came in another way is not removed here. */
static void refuse_foreign(struct dist_call *call, const struct snapshot_image *image)
{
    dist_error(call->reply, 403, "DENIED",
               "the image %s was not pushed to this registry: `wasme rm %s` on its machine removes "
               "it",
               image->ref, image->ref);
}

static int tell_missing(struct dist_call *call, const char *code, const char *what)
{
    dist_error(call->reply, 404, code, "there is no %s %s in %s", what, call->path.key,
               call->path.name);
    return 0;
}

/* Removes the tag: a link, or an image under the server's own name. */
static int remove_tag(struct dist_call *call, const struct store_snapshot *snapshot,
                      struct err *err)
{
    struct distribution *registry = call->registry;
    const struct snapshot_image *other = NULL;
    int stored = filter_remove(registry, call->path.name, call->path.key, err);
    if (stored && stored != ERR_NOT_FOUND)
        return stored;
    int linked = depot_link_drop(registry->depot, call->path.name, DEPOT_TAGS, call->path.key, err);
    if (linked && linked != ERR_NOT_FOUND)
        return linked;
    err_release(err);
    if (!stored || !linked) {
        dist_empty(call->reply, 202);
        return 0;
    }
    if (snapshot && images_by_tag(registry, snapshot, call->path.name, call->path.key, &other,
                                  ERR_IGNORED) == 0)
        refuse_foreign(call, other);
    else
        return tell_missing(call, "MANIFEST_UNKNOWN", "tag");
    return 0;
}

/* Tags that lead to a manifest. */
struct tags {
    struct dist_call *call;
    const char *digest;
    struct err *err;
};

static int drop_tag(void *arg, const char *name)
{
    const struct tags *tags = arg;
    const struct dist_path *path = &tags->call->path;
    const struct depot *depot = tags->call->registry->depot;
    AUTO(buf_release) struct buf text = BUF_INIT(DEPOT_LINK_MAX);
    if (depot_link_get(depot, path->name, DEPOT_TAGS, name, &text, ERR_IGNORED) != 0 ||
        strcmp(buf_text(&text), tags->digest) != 0)
        return 0;
    return depot_link_drop(depot, path->name, DEPOT_TAGS, name, tags->err);
}

/* Removes the images under the server's own name that have the manifest. `*other` is set to one of
 * another name. */
static int remove_images(struct dist_call *call, const struct store_snapshot *snapshot,
                         const char *digest, bool *found, const struct snapshot_image **other,
                         struct err *err)
{
    struct distribution *registry = call->registry;
    int rc = 0;
    for (size_t i = 0; snapshot && !rc && i < snapshot->count; i++) {
        const struct snapshot_image *image = snapshot->images[i];
        struct image_name name;
        enum image_place place = image_place(registry, image, call->path.name);
        image_name_read(image->ref, &name);
        if (place == PLACE_NONE || strcmp(image->manifest.text, digest) != 0)
            continue;
        if (place != PLACE_OWN || !name.tag || strchr(name.tag, '@')) {
            *other = image;
            continue;
        }
        rc = filter_remove(registry, call->path.name, name.tag, err);
        *found = *found || !rc;
        if (rc == ERR_NOT_FOUND)
            rc = 0;
    }
    return rc;
}

/* Removes the link to the manifest, and those that its subject has to it. */
static int unlink_manifest(struct dist_call *call, const struct digest_any *digest, bool *found,
                           struct err *err)
{
    struct distribution *registry = call->registry;
    const struct depot *depot = registry->depot;
    char entry[DEPOT_ENTRY_MAX + 1];
    AUTO(dist_manifest_release) struct dist_manifest manifest = {0};
    AUTO(contents_release) struct contents contents = {0};
    depot_entry(digest, entry);
    if (pull_pushed(registry, call->path.name, digest, &manifest, ERR_IGNORED) == 0)
        (void)contents_read(buf_text(&manifest.bytes), manifest.bytes.len, &contents, ERR_IGNORED);
    int rc = depot_link_drop(depot, call->path.name, DEPOT_MANIFESTS, entry, err);
    *found = *found || !rc;
    if (!rc && contents.subject.text[0]) {
        AUTO_FREE char *folder = depot_referrers(&contents.subject);
        rc = depot_link_drop(depot, call->path.name, folder, entry, err);
    }
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* Removes the manifest, and the tags that lead to it first. */
static int remove_by_digest(struct dist_call *call, const struct store_snapshot *snapshot,
                            const struct digest_any *digest, struct err *err)
{
    const struct snapshot_image *other = NULL;
    bool found = false;
    struct tags tags = {call, digest->text, err};
    int rc =
        depot_link_each(call->registry->depot, call->path.name, DEPOT_TAGS, drop_tag, &tags, err);
    if (!rc)
        rc = remove_images(call, snapshot, digest->text, &found, &other, err);
    if (!rc)
        rc = unlink_manifest(call, digest, &found, err);
    if (rc)
        return rc;
    err_release(err);
    if (found)
        dist_empty(call->reply, 202);
    else if (other)
        refuse_foreign(call, other);
    else
        return tell_missing(call, "MANIFEST_UNKNOWN", "manifest");
    return 0;
}

int remove_manifest(struct dist_call *call, struct err *err)
{
    struct distribution *registry = call->registry;
    AUTO(store_snapshot_drop_at) struct store_snapshot *snapshot = NULL;
    struct digest_any digest;
    bool by_tag = !strchr(call->path.key, ':');
    if (by_tag && !ref_tag_valid(call->path.key))
        return tell_missing(call, "MANIFEST_UNKNOWN", "tag");
    if (!by_tag && !dist_read_digest(call->reply, call->path.key, &digest))
        return 0;
    int rc = depot_begin(registry->depot, err);
    if (rc)
        return rc;
    snapshot = registry->options.images(registry->options.arg, true);
    rc = by_tag ? remove_tag(call, snapshot, err) : remove_by_digest(call, snapshot, &digest, err);
    depot_end(registry->depot);
    if (registry->options.changed)
        registry->options.changed(registry->options.arg);
    return rc;
}

int remove_blob(struct dist_call *call, struct err *err)
{
    struct distribution *registry = call->registry;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, false);
    struct digest_any digest;
    char entry[DEPOT_ENTRY_MAX + 1];
    size_t at = 0;
    if (!dist_read_digest(call->reply, call->path.key, &digest))
        return 0;
    depot_entry(&digest, entry);
    int rc = depot_begin(registry->depot, err);
    if (rc)
        return rc;
    rc = depot_link_drop(registry->depot, call->path.name, DEPOT_BLOBS, entry, err);
    depot_end(registry->depot);
    if (!rc)
        dist_empty(call->reply, 202);
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    const struct snapshot_image *image =
        snapshot ? images_with_blob(registry, snapshot, call->path.name, digest.text, &at) : NULL;
    if (!image)
        return tell_missing(call, "BLOB_UNKNOWN", "blob");
    dist_error(call->reply, 403, "DENIED", "the blob is part of the image %s", image->ref);
    return 0;
}
