#include "store/distribution/filter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/media_type.h"
#include "store/pack.h"
#include "store/transit/fetch.h"
#include "store/transit/file_source.h"
#include "store/transit/keep.h"

/* The files of an image's blobs. */
struct files {
    struct file_source_blob *items;
    size_t count;
};

static void files_release(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        mem_close_at(&files->items[i].fd);
    free(files->items);
}

int filter_remove(struct distribution *registry, const char *repository, const char *tag,
                  struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    if (dist_ref(registry->options.host, repository, tag, &ref, err) != 0)
        return err_set(err, ERR_NOT_FOUND, "%s:%s is no image of the store", repository, tag);
    return store_remove(registry->options.store, &ref, err);
}

bool filter_may_be(const struct dist_manifest *manifest, const struct contents *contents)
{
    AUTO(manifest_release) struct manifest parsed = {0};
    struct form_found form;
    long long size = 0;
    if (contents_is_index(contents) || digest_any_algorithm(&manifest->digest) != DIGEST_SHA256 ||
        (strcmp(manifest->media_type, MEDIA_OCI_MANIFEST) != 0 &&
         strcmp(manifest->media_type, MEDIA_DOCKER_MANIFEST) != 0))
        return false;
    for (size_t i = 0; i < contents->count; i++) {
        if (digest_any_algorithm(&contents->parts[i].digest) != DIGEST_SHA256 ||
            contents->parts[i].size > FETCH_MAX_SIZE)
            return false;
        size += contents->parts[i].elsewhere ? 0 : contents->parts[i].size;
    }
    return size <= FETCH_MAX_SIZE &&
           manifest_parse(buf_text(&manifest->bytes), manifest->bytes.len, &parsed, ERR_IGNORED) ==
               0 &&
           form_find(&parsed, &form, ERR_IGNORED) == 0;
}

static int open_files(struct distribution *registry, const char *repository,
                      const struct contents *contents, struct files *out, struct err *err)
{
    out->items = mem_zero(contents->count + 1, sizeof(*out->items));
    for (size_t i = 0; i < contents->count; i++) {
        const struct contents_part *part = &contents->parts[i];
        struct file_source_blob *item = &out->items[out->count];
        long long size = 0;
        if (part->elsewhere)
            continue;
        item->fd = -1;
        int rc = pull_open_blob(registry, repository, &part->digest, &item->fd, &size, err);
        if (rc)
            return rc;
        (void)digest_narrow(&part->digest, &item->digest);
        out->count++;
    }
    return 0;
}

/* Has a file of the image share the bytes of the blob, which is one of the files. */
static void share(const struct file_source *files, const struct digest *digest,
                  struct store_file *file)
{
    for (size_t i = 0; i < files->count; i++)
        if (digest_equal(&files->blobs[i].digest, digest)) {
            store_file_share(file, files->blobs[i].fd);
            return;
        }
}

static void share_all(const struct file_source *files, const struct fetched *item)
{
    share(files, &item->wasm_digest, item->wasm);
    for (size_t i = 0; i < item->layer_count; i++)
        share(files, &item->manifest.layers[item->layers[i].number].digest, item->layers[i].file);
}

/* Puts the image into the store. ERR_UNSUPPORTED: the reason is the image. */
static int keep(struct distribution *registry, const struct ref *ref, struct file_source *files,
                struct err *err)
{
    struct store *store = registry->options.store;
    AUTO(fetched_release) struct fetched item = {.ref = ref};
    const struct fetch_wish wish = {.store = store, .max_size = FETCH_MAX_SIZE, .whole = true};
    const struct image_source source = source_from_files(files);
    int rc = fetch_images(&source, &wish, &item, 1, err);
    if (rc)
        return rc;
    if (item.rc == ERR_FULL)
        return err_move(err, &item.err);
    if (item.rc)
        return err_set(err, ERR_UNSUPPORTED, "%s", err_text(&item.err));
    share_all(files, &item);
    return keep_fetched(store, &item, ref, registry->options.notice, err);
}

/* Whether the store gives the image back as it came. */
static int check(struct distribution *registry, const struct ref *ref,
                 const struct dist_manifest *manifest, struct err *err)
{
    struct digest stored;
    if (store_manifest_digest(registry->options.store, ref, &stored) &&
        strcmp(stored.text, manifest->digest.text) == 0)
        return 0;
    int rc = store_remove(registry->options.store, ref, err);
    return rc ? rc : err_set(err, ERR_UNSUPPORTED, "the store cannot keep this manifest");
}

/* Whether the store has the very image, whole and undamaged. */
static bool is_stored(struct distribution *registry, const struct ref *ref,
                      const struct dist_manifest *manifest)
{
    struct digest digest = {""}, wasm;
    long long size;
    return digest_narrow(&manifest->digest, &digest) &&
           store_holds(registry->options.store, ref, &digest, &wasm, &size);
}

int filter_store(struct distribution *registry, const char *repository, const char *tag,
                 const struct dist_manifest *manifest, const struct contents *contents,
                 struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    AUTO(files_release) struct files files = {0};
    if (!filter_may_be(manifest, contents) ||
        dist_ref(registry->options.host, repository, tag, &ref, ERR_IGNORED) != 0)
        return err_set(err, ERR_UNSUPPORTED, "the image is no filter");
    /* An image that is there stays, since its files may be on their way to clients. */
    if (is_stored(registry, &ref, manifest))
        return 0;
    int rc = open_files(registry, repository, contents, &files, err);
    if (rc)
        return rc;
    struct file_source source = {.manifest = buf_text(&manifest->bytes),
                                 .manifest_len = manifest->bytes.len,
                                 .blobs = files.items,
                                 .count = files.count};
    rc = keep(registry, &ref, &source, err);
    return rc ? rc : check(registry, &ref, manifest, err);
}
