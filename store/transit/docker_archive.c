#include "store/transit/docker_archive.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/tar_write.h"
#include "image/layout.h"
#include "image/manifest.h"
#include "image/media_type.h"

/* An archive's reading: what is made, and the images so far. */
struct docker_reading {
    const struct archive *archive;
    long long max_size;
    struct made_blobs *blobs;
    struct layout_image *images; /* names lent by the document */
    size_t count;
};

/* The next step behind the words for an archive that is not as `docker save` writes it. */
#define SAVE_AGAIN ": save it again with `docker save`"

/* Adds the next step where the archive lacks a file that its list names. */
static int check_found(int rc, struct err *err)
{
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "%s" SAVE_AGAIN, err_text(err)) : rc;
}

void made_blobs_release(struct made_blobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        free(blobs->items[i].layer);
    free(blobs->items);
    mem_close_at(&blobs->fd);
    *blobs = (struct made_blobs){.fd = -1};
}

const struct made_blob *made_blobs_find(const struct made_blobs *blobs, const struct digest *digest)
{
    for (size_t i = 0; i < blobs->count; i++)
        if (digest_equal(&blobs->items[i].digest, digest))
            return &blobs->items[i];
    return NULL;
}

/* --- Making blobs --- */

static struct made_blob *add_blob(struct made_blobs *blobs)
{
    blobs->items = mem_resize(blobs->items, blobs->count + 1, sizeof(*blobs->items));
    struct made_blob *blob = &blobs->items[blobs->count++];
    *blob = (struct made_blob){.at = lseek(blobs->fd, 0, SEEK_END)};
    return blob;
}

static int hash_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    hasher_update(arg, data, len);
    return 0;
}

/* Sets the size and the digest of the blob, which ends at the end of the file. */
static int close_blob(const struct made_blobs *blobs, struct made_blob *blob, struct err *err)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    blob->size = lseek(blobs->fd, 0, SEEK_END) - blob->at;
    const struct archive_file file = {blobs->fd, blob->at, blob->size};
    int rc = archive_file_each(&file, hash_piece, hasher, err);
    if (!rc)
        hasher_finish(hasher, &blob->digest);
    return rc;
}

static int make_blob(const struct made_blobs *blobs, struct made_blob *blob, const struct buf *text,
                     struct err *err)
{
    int rc = file_write_all(blobs->fd, text->data, text->len, "a temporary file", err);
    return rc ? rc : close_blob(blobs, blob, err);
}

/* --- Layers --- */

struct packer {
    struct hasher *hasher;
    struct tar_writer *writer;
};

static int pack_piece(void *arg, const void *data, size_t len, struct err *err)
{
    const struct packer *packer = arg;
    hasher_update(packer->hasher, data, len);
    return tar_add_more(packer->writer, data, len, err);
}

static int pack_layer(const struct made_blobs *blobs, const struct archive_file *file,
                      struct made_blob *blob, struct err *err)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    int rc = tar_create_stream(blobs->fd, "a temporary file", &writer, err);
    struct packer packer = {hasher, writer};
    if (!rc)
        rc = archive_file_each(file, pack_piece, &packer, err);
    if (!rc)
        rc = tar_finish(writer, err);
    if (!rc)
        hasher_finish(hasher, &blob->content);
    return rc;
}

static int write_piece(void *arg, const void *data, size_t len, struct err *err)
{
    return file_write_all(*(int *)arg, data, len, "a temporary file", err);
}

/* Makes the blob of a layer: a plain tar is compressed. */
static int take_layer(struct docker_reading *reading, const char *name, struct err *err)
{
    static const char *const types[] = {[TAR_PLAIN] = MEDIA_DOCKER_TAR_GZIP,
                                        [TAR_GZIP] = MEDIA_DOCKER_TAR_GZIP,
                                        [TAR_ZSTD] = MEDIA_DOCKER_TAR_ZSTD};
    struct made_blobs *blobs = reading->blobs;
    AUTO(archive_file_release) struct archive_file file = {.fd = -1};
    char head[4] = {0};
    int rc = check_found(archive_find(reading->archive, name, &file, err), err);
    if (rc)
        return rc;
    if (file.size > reading->max_size)
        return err_set(err, ERR_FAILED, "layer %s has %lld bytes: larger than %lld, see --max-size",
                       name, file.size, reading->max_size);
    if (pread(file.fd, head, sizeof(head), (off_t)file.at) < 0)
        return err_errno(err, "read %s", reading->archive->shown);
    enum tar_packing packing = tar_packing_of(head, sizeof(head));
    struct made_blob *blob = add_blob(blobs);
    blob->layer = mem_dup(name);
    blob->media_type = types[packing];
    rc = packing == TAR_PLAIN ? pack_layer(blobs, &file, blob, err)
                              : archive_file_each(&file, write_piece, &blobs->fd, err);
    return rc ? rc : close_blob(blobs, blob, err);
}

/* Images share layers, and each layer is packed once. */
static int get_layer(struct docker_reading *reading, const char *name, struct made_blob *out,
                     struct err *err)
{
    const struct made_blobs *blobs = reading->blobs;
    for (size_t i = 0; i < blobs->count; i++) {
        if (blobs->items[i].layer && strcmp(blobs->items[i].layer, name) == 0) {
            *out = blobs->items[i];
            return 0;
        }
    }
    int rc = take_layer(reading, name, err);
    if (!rc)
        *out = blobs->items[blobs->count - 1];
    return rc;
}

/* --- Images --- */

/* Checks a layer by the image's config, which has the digests of the unpacked layers; nothing else
 * in such an archive proves a layer. */
static int check_content(const struct json_t *config, size_t number, size_t count,
                         const struct made_blob *layer, struct err *err)
{
    const struct json_t *list = json_member(json_member(config, "rootfs"), "diff_ids");
    const char *expected = json_text(json_arr_at(list, number));
    if (json_arr_len(list) != count || !expected || !layer->content.text[0] ||
        strcmp(expected, layer->content.text) == 0)
        return 0;
    return err_set(err, ERR_DAMAGED,
                   "layer %s hashes to %s, and the image's config says %s" SAVE_AGAIN, layer->layer,
                   layer->content.text, expected);
}

struct layers {
    struct descriptor *items;
    size_t count;
};

static void layers_release(struct layers *layers)
{
    for (size_t i = 0; i < layers->count; i++)
        descriptor_release(&layers->items[i]);
    free(layers->items);
}

static int read_layers(struct docker_reading *reading, const struct json_t *names,
                       const struct json_t *config, struct layers *out, struct err *err)
{
    size_t count = json_arr_len(names);
    if (count > MANIFEST_LAYERS_MAX)
        return err_set(err, ERR_DAMAGED, "an image has %zu layers, and %d is the limit", count,
                       MANIFEST_LAYERS_MAX);
    out->items = mem_zero(count + 1, sizeof(*out->items));
    for (size_t i = 0; i < count; i++) {
        const char *name = json_text(json_arr_at(names, i));
        struct made_blob layer;
        int rc = name ? get_layer(reading, name, &layer, err)
                      : err_set(err, ERR_DAMAGED, "a layer without a name" SAVE_AGAIN);
        if (!rc)
            rc = check_content(config, i, count, &layer, err);
        if (rc)
            return rc;
        descriptor_init(&out->items[out->count++], layer.media_type, &layer.digest, layer.size,
                        NULL);
    }
    return 0;
}

static int make_manifest(struct docker_reading *reading, const struct buf *config,
                         const struct layers *layers, struct made_blob *out, struct err *err)
{
    AUTO(descriptor_release) struct descriptor descriptor = {0};
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    struct made_blob *blob = add_blob(reading->blobs);
    int rc = make_blob(reading->blobs, blob, config, err);
    if (rc)
        return rc;
    descriptor_init(&descriptor, MEDIA_DOCKER_CONFIG, &blob->digest, blob->size, NULL);
    const struct manifest_parts parts = {MEDIA_DOCKER_MANIFEST, &descriptor, layers->items,
                                         layers->count,         NULL,        0};
    manifest_write(&parts, &text);
    blob = add_blob(reading->blobs);
    rc = make_blob(reading->blobs, blob, &text, err);
    *out = *blob;
    return rc;
}

static void add_image(struct docker_reading *reading, const struct made_blob *manifest,
                      const char *name)
{
    reading->images = mem_resize(reading->images, reading->count + 1, sizeof(*reading->images));
    reading->images[reading->count++] = (struct layout_image){
        .media_type = MEDIA_DOCKER_MANIFEST,
        .digest = manifest->digest,
        .size = manifest->size,
        .name = name,
    };
}

static int read_image(struct docker_reading *reading, const struct json_t *item, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    AUTO(json_doc_free_at) struct json_t *config = NULL;
    AUTO(layers_release) struct layers layers = {0};
    struct made_blob manifest = {0};
    const char *name = json_member_text(item, "Config");
    const struct json_t *tags = json_member(item, "RepoTags");
    int rc = name ? check_found(archive_read(reading->archive, name, &text, err), err)
                  : err_set(err, ERR_DAMAGED, "an image without a Config" SAVE_AGAIN);
    if (!rc)
        rc = json_doc_parse(buf_text(&text), text.len, &config, err);
    if (!rc)
        rc = read_layers(reading, json_member(item, "Layers"), config, &layers, err);
    if (!rc)
        rc = make_manifest(reading, &text, &layers, &manifest, err);
    if (rc)
        return rc;
    if (json_arr_len(tags) == 0)
        add_image(reading, &manifest, NULL);
    for (size_t i = 0; i < json_arr_len(tags) && reading->count <= INDEX_CHILDREN_MAX; i++)
        add_image(reading, &manifest, json_text(json_arr_at(tags, i)));
    return 0;
}

static int read_list(struct docker_reading *reading, const struct json_t *list,
                     struct image_index *index, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    int rc =
        json_is_arr(list) ? 0 : err_set(err, ERR_DAMAGED, "it is no list of images" SAVE_AGAIN);
    for (size_t i = 0; !rc && i < json_arr_len(list) && reading->count <= INDEX_CHILDREN_MAX; i++)
        rc = read_image(reading, json_arr_at(list, i), err);
    if (rc)
        return rc;
    layout_write_index(reading->images, reading->count, &text);
    if (buf_overflowed(&text))
        return err_set(err, ERR_DAMAGED, "it has too many images: save fewer at a time");
    return index_parse(buf_text(&text), text.len, index, err);
}

int docker_archive_read(const struct archive *archive, long long max_size, struct made_blobs *blobs,
                        struct image_index *index, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    AUTO(json_doc_free_at) struct json_t *list = NULL;
    struct docker_reading reading = {.archive = archive, .max_size = max_size, .blobs = blobs};
    int rc = archive_read(archive, DOCKER_ARCHIVE_LIST, &text, err);
    if (!rc)
        rc = file_temporary(archive->spool_dir, &blobs->fd, err);
    if (!rc)
        rc = json_doc_parse(buf_text(&text), text.len, &list, err);
    if (!rc)
        rc = read_list(&reading, list, index, err);
    free(reading.images);
    return rc ? err_wrap(err, "%s: " DOCKER_ARCHIVE_LIST, archive->shown) : 0;
}
