#include "store/distribution/images.h"

#include <fcntl.h>
#include <string.h>

#include "base/mem.h"

void image_name_read(const char *full, struct image_name *out)
{
    *out = (struct image_name){.host = full, .host_len = strcspn(full, "/")};
    out->path = full + out->host_len + (full[out->host_len] == '/');
    out->path_len = strcspn(out->path, ":@");
    if (out->path[out->path_len] == ':')
        out->tag = out->path + out->path_len + 1;
}

static bool is_text(const char *at, size_t len, const char *text)
{
    return strncmp(at, text, len) == 0 && !text[len];
}

/* Whether the repository is HOST/PATH. */
static bool names_host(const struct image_name *name, const char *repository)
{
    const char *rest = dist_behind_host(repository, name->host, name->host_len);
    return rest && is_text(name->path, name->path_len, rest);
}

enum image_place image_place(const struct distribution *registry,
                             const struct snapshot_image *image, const char *repository)
{
    struct image_name name;
    if (!image->manifest.text[0])
        return PLACE_NONE;
    image_name_read(image->ref, &name);
    if (is_text(name.path, name.path_len, repository))
        return is_text(name.host, name.host_len, registry->options.host) ? PLACE_OWN : PLACE_SHORT;
    return names_host(&name, repository) ? PLACE_HOST : PLACE_NONE;
}

/* Whether the reference has that tag. A digest may follow the tag. */
static bool has_tag(const struct snapshot_image *image, const char *tag)
{
    struct image_name name;
    image_name_read(image->ref, &name);
    return name.tag && is_text(name.tag, strcspn(name.tag, "@"), tag);
}

static int refuse(const struct snapshot_image *a, const struct snapshot_image *b,
                  const char *repository, const char *tag, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "%s:%s is the name of several images, %s and %s among them: put the host before "
                   "the path (a colon in it becomes _)",
                   repository, tag, a->ref, b->ref);
}

int images_by_tag(const struct distribution *registry, const struct store_snapshot *snapshot,
                  const char *repository, const char *tag, const struct snapshot_image **out,
                  struct err *err)
{
    const struct snapshot_image *found = NULL, *other = NULL;
    enum image_place best = PLACE_NONE;
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct snapshot_image *image = snapshot->images[i];
        enum image_place place = image_place(registry, image, repository);
        if (place == PLACE_NONE || !has_tag(image, tag))
            continue;
        if (!found || place < best) {
            found = image;
            best = place;
            other = NULL;
        } else if (place == best && !digest_equal(&found->manifest, &image->manifest)) {
            other = image;
        }
    }
    if (!found)
        return err_set(err, ERR_NOT_FOUND, "%s has no tag %s", repository, tag);
    if (other)
        return refuse(found, other, repository, tag, err);
    *out = found;
    return 0;
}

const struct snapshot_image *images_by_manifest(const struct distribution *registry,
                                                const struct store_snapshot *snapshot,
                                                const char *repository, const char *digest)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct snapshot_image *image = snapshot->images[i];
        if (strcmp(image->manifest.text, digest) == 0 &&
            image_place(registry, image, repository) != PLACE_NONE)
            return image;
    }
    return NULL;
}

static bool has_blob(const struct snapshot_image *image, const char *digest)
{
    for (size_t i = 0; i < image->blob_count; i++)
        if (!image->blobs[i].elsewhere && strcmp(image->blobs[i].digest.text, digest) == 0)
            return true;
    return false;
}

const struct snapshot_image *images_with_blob(const struct distribution *registry,
                                              const struct store_snapshot *snapshot,
                                              const char *repository, const char *digest,
                                              size_t *at)
{
    while (*at < snapshot->count) {
        const struct snapshot_image *image = snapshot->images[(*at)++];
        if (has_blob(image, digest) && image_place(registry, image, repository) != PLACE_NONE)
            return image;
    }
    return NULL;
}

void opened_release(struct opened *opened)
{
    store_pack_release(&opened->pack);
    store_image_release(&opened->image);
}

int images_open(const struct distribution *registry, const struct snapshot_image *image,
                struct opened *out, struct err *err)
{
    int rc = store_get_folder(registry->options.store, image->folder, &out->image, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_TRANSIENT, "%s was removed", image->ref);
    if (!rc)
        rc = store_pack(&out->image, &out->pack, err);
    if (!rc && !digest_equal(&out->pack.digest, &image->manifest))
        rc = err_set(err, ERR_TRANSIENT, "%s was replaced", image->ref);
    return rc;
}

int opened_blob(const struct opened *opened, const char *digest, int *fd, const struct buf **bytes,
                struct err *err)
{
    const struct store_pack *pack = &opened->pack;
    if (strcmp(pack->parsed.config.digest.text, digest) == 0) {
        *bytes = &pack->config;
        return 0;
    }
    for (size_t i = 0; i < pack->parsed.layer_count; i++) {
        if (pack->layers[i] < 0 || strcmp(pack->parsed.layers[i].digest.text, digest) != 0)
            continue;
        *fd = fcntl(pack->layers[i], F_DUPFD_CLOEXEC, 0);
        return *fd < 0 ? err_errno(err, "open %s", digest) : 0;
    }
    return err_set(err, ERR_NOT_FOUND, "the image has no blob %s", digest);
}
