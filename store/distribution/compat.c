#include "store/distribution/compat.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/package.h"
#include "store/distribution/images.h"

/* An image that was made. */
struct made {
    struct digest source; /* the manifest that it was made of */
    struct package package;
    int layer;     /* its file; -1: dropped, to be made again */
    uint64_t used; /* compat->uses at the last use */
    struct made *next;
};

struct compat {
    pthread_mutex_t mutex; /* held also while an image is made */
    struct made *first;
    size_t count;
    long long bytes; /* of the layers */
    uint64_t uses;
};

struct compat *compat_new(void)
{
    struct compat *compat = mem_zero(1, sizeof(*compat));
    pthread_mutex_init(&compat->mutex, NULL);
    return compat;
}

static void drop_layer(struct compat *compat, struct made *made)
{
    if (made->layer < 0)
        return;
    close(made->layer);
    made->layer = -1;
    compat->bytes -= made->package.layer.size;
}

/* Removes the image that `at` leads to. */
static void drop(struct compat *compat, struct made **at)
{
    struct made *made = *at;
    *at = made->next;
    compat->count--;
    drop_layer(compat, made);
    package_release(&made->package);
    free(made);
}

void compat_free(struct compat *compat)
{
    if (!compat)
        return;
    while (compat->first)
        drop(compat, &compat->first);
    pthread_mutex_destroy(&compat->mutex);
    free(compat);
}

static void unlock(struct compat **compat)
{
    pthread_mutex_unlock(&(*compat)->mutex);
}

/* The place of the image that was made of that manifest; NULL: it has not been made. */
static struct made **find_made(struct compat *compat, const struct digest *source)
{
    for (struct made **at = &compat->first; *at; at = &(*at)->next)
        if (digest_equal(&(*at)->source, source))
            return at;
    return NULL;
}

/* Drops what was used least recently, but for the image `fresh`. */
static void drop_old(struct compat *compat, const struct made *fresh)
{
    while (compat->count > COMPAT_IMAGES_MAX || compat->bytes > COMPAT_BYTES_MAX) {
        bool whole = compat->count > COMPAT_IMAGES_MAX;
        struct made **oldest = NULL;
        for (struct made **at = &compat->first; *at; at = &(*at)->next)
            if (*at != fresh && (whole || (*at)->layer >= 0) &&
                (!oldest || (*at)->used < (*oldest)->used))
                oldest = at;
        if (!oldest)
            return;
        if (whole)
            drop(compat, oldest);
        else
            drop_layer(compat, *oldest);
    }
}

static int make_package(struct distribution *registry, const struct snapshot_image *image,
                        struct package *out, int *layer, struct err *err)
{
    AUTO(opened_release) struct opened opened = OPENED_INIT;
    AUTO_CLOSE int fd = memfd_create("layer", MFD_CLOEXEC);
    const struct package_options options = {.form = FORM_COMPAT};
    struct digest_any wasm;
    if (fd < 0)
        return err_errno(err, "make a file in memory");
    int rc = images_open(registry, image, &opened, err);
    if (rc)
        return rc;
    digest_widen(&opened.image.layer.digest, &wasm);
    rc = digest_cache_check(registry->options.digests, opened.image.wasm, &wasm, err);
    const struct filter filter = store_image_filter(&opened.image);
    if (!rc)
        rc = package_make(&options, &filter, fd, out, err);
    if (rc)
        return err_wrap(err, "make the compat form of %s", image->ref);
    *layer = STEAL_FD(fd);
    return 0;
}

/* The image in the compat form, with its layer; lent until the next call. The caller holds the
 * mutex. */
static int get(struct distribution *registry, const struct snapshot_image *image, bool with_layer,
               struct made **out, struct err *err)
{
    struct compat *compat = registry->compat;
    struct made **known = find_made(compat, &image->manifest);
    if (!known || (with_layer && (*known)->layer < 0)) {
        struct made *made = mem_zero(1, sizeof(*made));
        int rc = make_package(registry, image, &made->package, &made->layer, err);
        if (rc) {
            free(made);
            return rc;
        }
        if (known)
            drop(compat, known);
        made->source = image->manifest;
        made->next = compat->first;
        compat->first = made;
        compat->count++;
        compat->bytes += made->package.layer.size;
        drop_old(compat, made);
        known = &compat->first;
    }
    (*known)->used = ++compat->uses;
    *out = *known;
    return 0;
}

static void take_manifest(const struct made *made, struct dist_manifest *out)
{
    const struct package *package = &made->package;
    digest_widen(&package->digest, &out->digest);
    out->media_type = mem_dup(package->media_type);
    buf_init(&out->bytes, MANIFEST_MAX);
    buf_add(&out->bytes, package->manifest.data, package->manifest.len);
}

int compat_by_tag(struct distribution *registry, const struct store_snapshot *snapshot,
                  const char *repository, const char *tag, struct dist_manifest *out,
                  struct err *err)
{
    size_t len = strlen(tag), suffix = strlen(COMPAT_SUFFIX);
    const struct snapshot_image *image = NULL;
    struct made *made = NULL;
    if (!snapshot || len <= suffix || strcmp(tag + len - suffix, COMPAT_SUFFIX) != 0)
        return err_set(err, ERR_NOT_FOUND, "%s has no tag %s", repository, tag);
    AUTO_FREE char *base = mem_dup_n(tag, len - suffix);
    int rc = images_by_tag(registry, snapshot, repository, base, &image, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&registry->compat->mutex);
    AUTO(unlock) struct compat *locked = registry->compat;
    (void)locked;
    rc = get(registry, image, false, &made, err);
    if (!rc)
        take_manifest(made, out);
    return rc;
}

static bool has_digest(const struct made *made, const char *digest, bool manifest)
{
    const struct package *package = &made->package;
    return manifest ? strcmp(package->digest.text, digest) == 0
                    : strcmp(package->config.digest.text, digest) == 0 ||
                          strcmp(package->layer.digest.text, digest) == 0;
}

/* Finds the image of the repository that has the digest, as its manifest or as a blob. */
static int find(struct distribution *registry, const struct store_snapshot *snapshot,
                const char *repository, const char *digest, bool manifest, bool make,
                struct made **out, struct err *err)
{
    int left = make ? COMPAT_LOOK_MAX : 0;
    for (size_t i = snapshot ? snapshot->count : 0; i-- > 0;) {
        const struct snapshot_image *image = snapshot->images[i];
        struct made *made = NULL;
        if (image_place(registry, image, repository) == PLACE_NONE)
            continue;
        bool known = find_made(registry->compat, &image->manifest);
        if ((!known && left-- <= 0) || get(registry, image, false, &made, ERR_IGNORED) != 0 ||
            !has_digest(made, digest, manifest))
            continue;
        return get(registry, image, !manifest, out, err);
    }
    return err_set(err, ERR_NOT_FOUND, "%s has no %s", repository, digest);
}

int compat_by_digest(struct distribution *registry, const struct store_snapshot *snapshot,
                     const char *repository, const struct digest_any *digest, bool make,
                     struct dist_manifest *out, struct err *err)
{
    struct made *made = NULL;
    pthread_mutex_lock(&registry->compat->mutex);
    AUTO(unlock) struct compat *locked = registry->compat;
    (void)locked;
    int rc = find(registry, snapshot, repository, digest->text, true, make, &made, err);
    if (!rc)
        take_manifest(made, out);
    return rc;
}

static int open_blob(const struct made *made, const char *digest, int *fd, long long *size,
                     struct err *err)
{
    const struct package *package = &made->package;
    if (strcmp(package->layer.digest.text, digest) == 0) {
        *size = package->layer.size;
        *fd = fcntl(made->layer, F_DUPFD_CLOEXEC, 0);
        return *fd < 0 ? err_errno(err, "open %s", digest) : 0;
    }
    *size = package->config.size;
    return dist_memory(&package->config_blob, fd, err);
}

int compat_blob(struct distribution *registry, const char *repository,
                const struct digest_any *digest, bool make, int *fd, long long *size,
                struct err *err)
{
    struct made *made = NULL;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, false);
    pthread_mutex_lock(&registry->compat->mutex);
    AUTO(unlock) struct compat *locked = registry->compat;
    (void)locked;
    int rc = find(registry, snapshot, repository, digest->text, false, make, &made, err);
    return rc ? rc : open_blob(made, digest->text, fd, size, err);
}
