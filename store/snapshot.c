#include "store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "image/form.h"
#include "store/entry.h"
#include "store/folders.h"
#include "store/layout.h"
#include "store/pack.h"

/* A file that was written so recently may be written again without another time in stat(2). */
#define SETTLED_NS (100LL * 1000 * 1000)

static void image_drop(struct snapshot_image *image)
{
    if (atomic_fetch_sub(&image->owners, 1) > 1)
        return;
    free(image->ref);
    descriptor_release(&image->wasm);
    free(image->media_type);
    free(image->blobs);
    free(image);
}

struct store_snapshot *store_snapshot_keep(struct store_snapshot *snapshot)
{
    atomic_fetch_add(&snapshot->owners, 1);
    return snapshot;
}

void store_snapshot_drop(struct store_snapshot *snapshot)
{
    if (!snapshot || atomic_fetch_sub(&snapshot->owners, 1) > 1)
        return;
    for (size_t i = 0; i < snapshot->count; i++)
        image_drop(snapshot->images[i]);
    free(snapshot->images);
    free(snapshot->folders);
    free(snapshot);
}

void store_snapshot_drop_at(struct store_snapshot **snapshot)
{
    store_snapshot_drop(*snapshot);
}

/* Adds the facts of a file to the stamp. Returns false when the file is too new to be told from a
 * later one. */
static bool add_facts(struct hasher *hasher, const struct stat *info, const struct timespec *now)
{
    const long long facts[] = {
        (long long)info->st_dev,
        (long long)info->st_ino,
        info->st_size,
        (long long)info->st_mode,
        info->st_mtim.tv_sec,
        info->st_mtim.tv_nsec,
        (long long)info->st_ctim.tv_sec,
        (long long)info->st_ctim.tv_nsec,
    };
    hasher_update(hasher, facts, sizeof(facts));
    long long age = (long long)(now->tv_sec - info->st_ctim.tv_sec) * 1000000000 +
                    (now->tv_nsec - info->st_ctim.tv_nsec);
    return age > SETTLED_NS;
}

/* Makes the stamp of the image's folder and files; "" when no stamp can tell a later change. */
static void make_stamp(const struct store *store, const char *folder, struct digest *out)
{
    static const char *const names[] = {"",         STORE_REF,      STORE_DESCRIPTOR,  STORE_CONFIG,
                                        STORE_WASM, STORE_MANIFEST, STORE_CONFIG_BLOB, STORE_FORM};
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    struct timespec now;
    bool settled = clock_gettime(CLOCK_REALTIME, &now) == 0;
    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO_FREE char *path = mem_printf("%s/%s", folder, names[i]);
        struct stat info;
        hasher_update(hasher, names[i], strlen(names[i]) + 1);
        if (fstatat(store->fd, path, &info, 0) == 0)
            settled = add_facts(hasher, &info, &now) && settled;
        else if (errno != ENOENT)
            settled = false;
    }
    hasher_finish(hasher, out);
    if (!settled)
        out->text[0] = '\0';
}

static void add_manifest(const struct store_image *image, struct snapshot_image *out)
{
    AUTO(store_pack_release) struct store_pack pack = {0};
    struct form_found found;
    if (store_pack(image, &pack, ERR_IGNORED) != 0)
        return;
    const struct manifest *manifest = &pack.parsed;
    out->manifest = pack.digest;
    out->manifest_size = (long long)pack.manifest.len;
    out->media_type = mem_dup(store_pack_media_type(&pack));
    if (form_find(manifest, &found, ERR_IGNORED) == 0)
        out->form = form_name(found.form);
    out->blobs = mem_zero(manifest->layer_count + 1, sizeof(*out->blobs));
    out->blobs[out->blob_count++] =
        (struct snapshot_blob){manifest->config.digest, manifest->config.size, false};
    for (size_t i = 0; i < manifest->layer_count; i++) {
        const struct descriptor *layer = &manifest->layers[i];
        bool is_wasm = digest_equal(&layer->digest, &image->layer.digest);
        out->blobs[out->blob_count++] =
            (struct snapshot_blob){layer->digest, layer->size, layer->elsewhere && !is_wasm};
    }
}

static int read_image(const struct store *store, const char *folder, struct snapshot_image **out,
                      struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = entry_read(store, folder, true, &image, err);
    if (rc)
        return rc;
    struct snapshot_image *made = mem_zero(1, sizeof(*made));
    atomic_init(&made->owners, 1);
    snprintf(made->folder, sizeof(made->folder), "%s", folder);
    made->updated = image.updated;
    add_manifest(&image, made);
    made->ref = STEAL(image.ref);
    made->wasm = image.layer;
    image.layer = (struct descriptor){0};
    *out = made;
    return 0;
}

static struct snapshot_image *find_image(const struct store_snapshot *snapshot, const char *folder)
{
    size_t low = 0, high = snapshot->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(snapshot->folders[middle]->folder, folder);
        if (order == 0)
            return snapshot->folders[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* A snapshot while it is made. */
struct making {
    struct store *store;
    const struct store_snapshot *before;
    const struct notice *notice;
    struct store_snapshot *out;
};

static void add_image(struct store_snapshot *snapshot, struct snapshot_image *image)
{
    size_t n = snapshot->count;
    snapshot->images = mem_grow(snapshot->images, n, sizeof(struct snapshot_image *));
    snapshot->images[snapshot->count++] = image;
}

static int visit_folder(void *arg, const char *folder)
{
    struct making *making = arg;
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest stamp;
    make_stamp(making->store, folder, &stamp);
    struct snapshot_image *image = making->before ? find_image(making->before, folder) : NULL;
    if (image && stamp.text[0] && digest_equal(&stamp, &image->stamp)) {
        atomic_fetch_add(&image->owners, 1);
        add_image(making->out, image);
        return 0;
    }
    if (read_image(making->store, folder, &image, &err) != 0) {
        folders_tell_skipped(making->store, folder, &err, making->notice);
        return 0;
    }
    image->stamp = stamp;
    add_image(making->out, image);
    return 0;
}

/* The length of the name in a full reference: all but the tag and the digest. */
static size_t name_length(const char *ref)
{
    size_t len = strcspn(ref, "@");
    const char *slash = memrchr(ref, '/', len);
    const char *last = slash ? slash : ref;
    const char *colon = memchr(last, ':', len - (size_t)(last - ref));
    return colon ? (size_t)(colon - ref) : len;
}

static int by_name(const void *a, const void *b)
{
    const struct snapshot_image *x = *(struct snapshot_image *const *)a,
                                *y = *(struct snapshot_image *const *)b;
    size_t x_len = name_length(x->ref), y_len = name_length(y->ref);
    int order = memcmp(x->ref, y->ref, x_len < y_len ? x_len : y_len);
    if (!order)
        order = (x_len > y_len) - (x_len < y_len);
    if (!order)
        order = (x->updated > y->updated) - (x->updated < y->updated);
    return order ? order : strcmp(x->ref, y->ref);
}

static int by_folder(const void *a, const void *b)
{
    const struct snapshot_image *x = *(struct snapshot_image *const *)a,
                                *y = *(struct snapshot_image *const *)b;
    return strcmp(x->folder, y->folder);
}

static void sort(struct store_snapshot *snapshot)
{
    size_t count = snapshot->count, size = sizeof(struct snapshot_image *);
    if (!count)
        return;
    snapshot->folders = mem_alloc(count * size);
    memcpy(snapshot->folders, snapshot->images, count * size);
    qsort(snapshot->images, count, size, by_name);
    qsort(snapshot->folders, count, size, by_folder);
}

int store_snapshot_make(struct store *store, const struct store_snapshot *before,
                        const struct notice *notice, struct store_snapshot **out, struct err *err)
{
    AUTO(store_snapshot_drop_at) struct store_snapshot *made = mem_zero(1, sizeof(*made));
    atomic_init(&made->owners, 1);
    struct making making = {store, before, notice, made};
    int rc = folders_each(store, visit_folder, &making, notice, err);
    if (rc)
        return rc;
    sort(made);
    *out = STEAL(made);
    return 0;
}

const struct snapshot_image *snapshot_by_folder(const struct store_snapshot *snapshot,
                                                const char *folder)
{
    return find_image(snapshot, folder);
}

const struct snapshot_image *snapshot_by_ref(const struct store_snapshot *snapshot,
                                             const char *full)
{
    char folder[MD5_HEX_LEN + 1];
    md5_hex(full, folder);
    return snapshot_by_folder(snapshot, folder);
}

bool snapshot_same(const struct store_snapshot *before, const struct store_snapshot *now)
{
    size_t size = before->count * sizeof(struct snapshot_image *);
    return before->count == now->count && (!size || memcmp(before->images, now->images, size) == 0);
}
