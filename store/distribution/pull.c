#include "store/distribution/pull.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "store/distribution/compat.h"
#include "store/distribution/contents.h"
#include "store/distribution/images.h"

void dist_manifest_release(struct dist_manifest *manifest)
{
    free(manifest->media_type);
    buf_release(&manifest->bytes);
}

/* Reads the manifest's bytes from the blob. */
static int read_manifest(struct distribution *registry, struct dist_manifest *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    long long size = 0;
    buf_init(&out->bytes, MANIFEST_MAX);
    int rc = depot_blob_open(registry->depot, &out->digest, &fd, &size, err);
    if (!rc)
        rc = digest_cache_check(registry->options.digests, fd, &out->digest, err);
    return rc ? rc : file_read_fd(fd, out->digest.text, &out->bytes, err);
}

int pull_pushed(struct distribution *registry, const char *repository,
                const struct digest_any *digest, struct dist_manifest *out, struct err *err)
{
    char entry[DEPOT_ENTRY_MAX + 1];
    AUTO(buf_release) struct buf type = BUF_INIT(DEPOT_LINK_MAX);
    depot_entry(digest, entry);
    int rc = depot_link_get(registry->depot, repository, DEPOT_MANIFESTS, entry, &type, err);
    if (rc)
        return rc;
    *out = (struct dist_manifest){.digest = *digest, .media_type = buf_steal(&type)};
    rc = read_manifest(registry, out, err);
    if (rc) {
        dist_manifest_release(out);
        *out = (struct dist_manifest){0};
    }
    return rc;
}

/* Takes the manifest of an image of the store. */
static int take_image(struct distribution *registry, const struct snapshot_image *image,
                      struct dist_manifest *out, struct err *err)
{
    AUTO(opened_release) struct opened opened = OPENED_INIT;
    int rc = images_open(registry, image, &opened, err);
    if (rc)
        return rc;
    digest_widen(&image->manifest, &out->digest);
    out->media_type = mem_dup(store_pack_media_type(&opened.pack));
    buf_init(&out->bytes, MANIFEST_MAX);
    buf_add(&out->bytes, opened.pack.manifest.data, opened.pack.manifest.len);
    return 0;
}

static int find_by_digest(struct distribution *registry, const struct store_snapshot *snapshot,
                          const char *repository, const struct digest_any *digest,
                          struct dist_manifest *out, struct err *err)
{
    int rc = pull_pushed(registry, repository, digest, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    const struct snapshot_image *image =
        snapshot ? images_by_manifest(registry, snapshot, repository, digest->text) : NULL;
    return image ? take_image(registry, image, out, err) : rc;
}

/* The manifest under a tag that was pushed for what is no image of the store. */
static int find_pushed_tag(struct distribution *registry, const char *repository, const char *tag,
                           struct dist_manifest *out, struct err *err)
{
    struct digest_any digest;
    AUTO(buf_release) struct buf text = BUF_INIT(DEPOT_LINK_MAX);
    int rc = depot_link_get(registry->depot, repository, DEPOT_TAGS, tag, &text, err);
    if (!rc)
        rc = digest_any_parse(buf_text(&text), &digest, err);
    return rc ? rc : pull_pushed(registry, repository, &digest, out, err);
}

/* A tag of an image under the server's own name counts first, then a pushed tag, then others. */
static int find_by_tag(struct distribution *registry, const struct store_snapshot *snapshot,
                       const char *repository, const char *tag, struct dist_manifest *out,
                       struct err *err)
{
    const struct snapshot_image *image = NULL;
    int found = snapshot ? images_by_tag(registry, snapshot, repository, tag, &image, err)
                         : err_set(err, ERR_NOT_FOUND, "%s has no tag %s", repository, tag);
    if (!found && image_place(registry, image, repository) == PLACE_OWN)
        return take_image(registry, image, out, err);
    int pushed = find_pushed_tag(registry, repository, tag, out, ERR_IGNORED);
    if (pushed != ERR_NOT_FOUND) {
        err_release(err);
        return pushed ? find_pushed_tag(registry, repository, tag, out, err) : 0;
    }
    if (found == ERR_NOT_FOUND)
        return compat_by_tag(registry, snapshot, repository, tag, out, err);
    return found ? found : take_image(registry, image, out, err);
}

static int send_manifest(struct dist_call *call, struct dist_manifest *found)
{
    const char *type = found->media_type;
    dist_page(call->reply, contents_type_valid(type) ? type : MEDIA_OCI_MANIFEST);
    dist_digest(call->reply, found->digest.text);
    buf_release(&call->reply->page);
    call->reply->page = found->bytes;
    found->bytes = (struct buf){0};
    return 0;
}

/* Says that the manifest is not there. Any other failure stays one. */
static int tell_missing(struct dist_call *call, int rc, struct err *err)
{
    if (rc == ERR_USAGE)
        dist_error(call->reply, 404, "MANIFEST_UNKNOWN", "%s", err_text(err));
    else if (rc == ERR_NOT_FOUND || rc == ERR_TRANSIENT)
        dist_error(call->reply, 404, "MANIFEST_UNKNOWN", "there is no %s in %s", call->path.key,
                   call->path.name);
    else
        return rc;
    err_release(err);
    return 0;
}

/* Reads the key of the path: a tag, or a digest (then `digest` has a text). False: the reply says
 * that the key is neither. */
static bool read_key(struct dist_call *call, struct digest_any *digest)
{
    const char *key = call->path.key;
    digest->text[0] = '\0';
    if (strchr(key, ':'))
        return dist_read_digest(call->reply, key, digest);
    if (ref_tag_valid(key))
        return true;
    dist_error(call->reply, 404, "MANIFEST_UNKNOWN", "\"%s\" is no tag", key);
    return false;
}

/* Whether images may be made in the compat form to find a digest among them: not for clients that
 * ask whether they have to push something. */
static bool may_make(const struct dist_call *call)
{
    return strcmp(call->request->method, "GET") == 0;
}

static int find(struct dist_call *call, const struct digest_any *digest, bool fresh,
                struct dist_manifest *out, struct err *err)
{
    struct distribution *registry = call->registry;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, fresh);
    const char *name = call->path.name;
    if (!digest->text[0])
        return find_by_tag(registry, snapshot, name, call->path.key, out, err);
    int rc = find_by_digest(registry, snapshot, name, digest, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    return compat_by_digest(registry, snapshot, name, digest, may_make(call), out, err);
}

int pull_find(struct dist_call *call, struct dist_manifest *out, struct err *err)
{
    struct digest_any digest = {""};
    int rc = strchr(call->path.key, ':') ? digest_any_parse(call->path.key, &digest, err) : 0;
    if (!rc)
        rc = find(call, &digest, false, out, err);
    return rc == ERR_TRANSIENT ? find(call, &digest, true, out, err) : rc;
}

int pull_manifest(struct dist_call *call, struct err *err)
{
    AUTO(dist_manifest_release) struct dist_manifest found = {0};
    struct digest_any digest;
    if (!read_key(call, &digest))
        return 0;
    int rc = pull_find(call, &found, err);
    return rc ? tell_missing(call, rc, err) : send_manifest(call, &found);
}

/* Opens the blob in an image of the store. */
static int open_in_image(struct distribution *registry, const struct snapshot_image *image,
                         const struct digest_any *digest, int *fd, long long *size, struct err *err)
{
    AUTO(opened_release) struct opened opened = OPENED_INIT;
    const struct buf *bytes = NULL;
    struct stat info;
    int rc = images_open(registry, image, &opened, err);
    if (!rc)
        rc = opened_blob(&opened, digest->text, fd, &bytes, err);
    if (rc)
        return rc;
    if (bytes) {
        *size = (long long)bytes->len;
        return dist_memory(bytes, fd, err);
    }
    rc = fstat(*fd, &info) != 0 ? err_errno(err, "stat %s", digest->text)
                                : digest_cache_check(registry->options.digests, *fd, digest, err);
    if (rc) {
        close(*fd);
        *fd = -1;
        return err_wrap(err, "%s of the image %s", digest->text, image->ref);
    }
    *size = info.st_size;
    return 0;
}

static int open_pushed(struct distribution *registry, const char *repository,
                       const struct digest_any *digest, int *out, long long *size, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    char entry[DEPOT_ENTRY_MAX + 1];
    depot_entry(digest, entry);
    if (!depot_link_has(registry->depot, repository, DEPOT_BLOBS, entry))
        return err_set(err, ERR_NOT_FOUND, "%s is not in %s", digest->text, repository);
    int rc = depot_blob_open(registry->depot, digest, &fd, size, err);
    if (!rc)
        rc = digest_cache_check(registry->options.digests, fd, digest, err);
    if (rc)
        return err_wrap(err, "the blob %s", digest->text);
    *out = STEAL_FD(fd);
    return 0;
}

int pull_open_blob(struct distribution *registry, const char *repository,
                   const struct digest_any *digest, int *fd, long long *size, struct err *err)
{
    int rc = open_pushed(registry, repository, digest, fd, size, err);
    if (!rc)
        return 0;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, false);
    const struct snapshot_image *image;
    size_t at = 0;
    while (snapshot &&
           (image = images_with_blob(registry, snapshot, repository, digest->text, &at))) {
        rc = open_in_image(registry, image, digest, fd, size, err);
        if (!rc) {
            err_release(err);
            return 0;
        }
    }
    return rc;
}

int pull_blob(struct dist_call *call, struct err *err)
{
    struct digest_any digest;
    int fd = -1;
    long long size = 0;
    if (!dist_read_digest(call->reply, call->path.key, &digest))
        return 0;
    int rc = pull_open_blob(call->registry, call->path.name, &digest, &fd, &size, err);
    if (rc == ERR_NOT_FOUND)
        rc = compat_blob(call->registry, call->path.name, &digest, may_make(call), &fd, &size, err);
    if (rc == ERR_NOT_FOUND || rc == ERR_TRANSIENT) {
        err_release(err);
        dist_error(call->reply, 404, "BLOB_UNKNOWN", "there is no blob %s in %s", digest.text,
                   call->path.name);
        return 0;
    }
    if (rc)
        return rc;
    dist_file(call->reply, fd, size);
    dist_type(call->reply, "application/octet-stream");
    dist_digest(call->reply, digest.text);
    return 0;
}
