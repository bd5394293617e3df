/* Changes of the store: an image appears, is replaced, gets a second name, or goes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "store/layout.h"

/* An image under construction in a folder of its own; exists only while the lock is held. */
struct stage {
    struct store *store;
    int lock;
    int fd;
    char name[STORE_NAME_MAX];
};

static int stage_begin(struct store *store, struct stage *stage, struct err *err)
{
    *stage = (struct stage){.store = store, .lock = -1, .fd = -1};
    int rc = layout_lock(store, &stage->lock, err);
    if (rc)
        return rc;
    layout_random_name(STORE_STAGE_PREFIX, stage->name);
    if (mkdirat(store->fd, stage->name, 0777) != 0)
        return err_errno(err, "make a folder in the store %s", store->dir);
    stage->fd = openat(store->fd, stage->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return stage->fd < 0 ? err_errno(err, "open %s/%s", store->dir, stage->name) : 0;
}

static void stage_end(struct stage *stage)
{
    if (stage->name[0])
        dir_remove_all(stage->store->fd, stage->name, ERR_IGNORED);
    if (stage->fd >= 0)
        close(stage->fd);
    if (stage->lock >= 0)
        close(stage->lock);
}

static int write_descriptor(const struct stage *stage, const struct descriptor *layer,
                            struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(STORE_DESCRIPTOR_MAX);
    descriptor_write(layer, &text);
    if (buf_overflowed(&text))
        return err_set(err, ERR_FAILED, "the layer's descriptor is larger than %d bytes",
                       STORE_DESCRIPTOR_MAX);
    return file_create(stage->fd, STORE_DESCRIPTOR, buf_text(&text), text.len, err);
}

/* {"form":...,"wasm":...,"runtimeConfig":...}: the form of the kept manifest, and the digests of
 * the files that were taken out of it. When the original wasme changes those files, the digests
 * tell that the manifest is not theirs any more. */
static int write_form(const struct stage *stage, const struct store_parts *parts, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(STORE_DESCRIPTOR_MAX);
    struct digest config;
    int rc = digest_of(parts->runtime_config, parts->runtime_config_len, &config, err);
    if (rc)
        return rc;
    json_begin_object(&text);
    json_put_pair(&text, "form", parts->form);
    json_put_pair(&text, "wasm", parts->layer.digest.text);
    json_put_pair(&text, "runtimeConfig", config.text);
    json_end_object(&text);
    return file_create(stage->fd, STORE_FORM, buf_text(&text), text.len, err);
}

static int write_parts(const struct stage *stage, const struct ref *ref,
                       const struct store_parts *parts, struct err *err)
{
    int rc = file_create(stage->fd, STORE_REF, ref->full, strlen(ref->full), err);
    if (!rc)
        rc = write_descriptor(stage, &parts->layer, err);
    if (!rc)
        rc = file_create(stage->fd, STORE_CONFIG, parts->runtime_config, parts->runtime_config_len,
                         err);
    if (!rc && parts->manifest)
        rc = file_create(stage->fd, STORE_MANIFEST, parts->manifest, parts->manifest_len, err);
    if (!rc && parts->config_blob)
        rc = file_create(stage->fd, STORE_CONFIG_BLOB, parts->config_blob, parts->config_blob_len,
                         err);
    if (!rc && parts->form)
        rc = write_form(stage, parts, err);
    return rc;
}

/* Files that users put beside an image stay with it when it is replaced; for their folders see
 * layout_publish(). */
static void keep_foreign_files(const struct stage *stage, const char *name)
{
    DIR *dir = dir_open(stage->store->fd, name);
    if (!dir)
        return;
    for (struct dirent *item; (item = readdir(dir));) {
        if (!store_is_part(item->d_name) && item->d_type != DT_DIR)
            (void)!linkat(dirfd(dir), item->d_name, stage->fd, item->d_name, 0);
    }
    closedir(dir);
}

static int stage_publish(struct stage *stage, const struct ref *ref, struct err *err)
{
    char name[MD5_HEX_LEN + 1];
    md5_hex(ref->full, name);
    keep_foreign_files(stage, name);
    int rc = file_sync(stage->fd, stage->name, err);
    return rc ? rc : layout_publish(stage->store, stage->name, name, true, err);
}

static int check_size(const struct store_file *file, long long size, struct err *err)
{
    struct stat info;
    if (fstat(file->fd, &info) != 0)
        return err_errno(err, "stat %s/%s", file->store->dir, file->name);
    if (info.st_size != size)
        return err_set(err, ERR_DAMAGED, "%lld bytes of wasm were written instead of %lld",
                       (long long)info.st_size, size);
    return 0;
}

/* Called before the lock is taken, since a sync may take long. */
static int sync_files(const struct store_parts *parts, struct err *err)
{
    int rc = 0;
    if (parts->wasm) {
        rc = check_size(parts->wasm, parts->layer.size, err);
        if (!rc)
            rc = file_sync(parts->wasm->fd, parts->wasm->name, err);
    }
    for (size_t i = 0; !rc && i < parts->layer_count; i++)
        rc = file_sync(parts->layers[i].file->fd, parts->layers[i].file->name, err);
    return rc;
}

static int move_in(struct store_file *file, const struct stage *stage, const char *name,
                   struct err *err)
{
    if (renameat(file->store->fd, file->name, stage->fd, name) != 0)
        return err_errno(err, "move %s/%s into %s", file->store->dir, file->name, stage->name);
    file->name[0] = '\0';
    return 0;
}

/* Links the image's file into the stage; copies it where the file system has no links. */
static int share(const struct store_image *image, const struct stage *stage, const char *name,
                 struct err *err)
{
    if (linkat(image->dirfd, name, stage->fd, name, 0) == 0)
        return 0;
    AUTO_CLOSE int from = -1;
    int rc = store_open_part(image, name, &from, err);
    if (rc)
        return rc;
    AUTO_CLOSE int copy = openat(stage->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (copy < 0)
        return err_errno(err, "create %s/%s", stage->name, name);
    rc = file_copy(from, copy, err);
    return rc ? rc : file_sync(copy, name, err);
}

static void layer_name(const struct digest *digest, char out[STORE_NAME_MAX])
{
    snprintf(out, STORE_NAME_MAX, "%s%s", STORE_BLOB_PREFIX, digest_hex(digest));
}

static int move_files(const struct store_parts *parts, const struct stage *stage, struct err *err)
{
    int rc = parts->wasm ? move_in(parts->wasm, stage, STORE_WASM, err)
                         : share(parts->from, stage, STORE_WASM, err);
    for (size_t i = 0; !rc && i < parts->layer_count; i++) {
        char name[STORE_NAME_MAX];
        layer_name(&parts->layers[i].digest, name);
        rc = move_in(parts->layers[i].file, stage, name, err);
    }
    return rc;
}

int store_commit(struct store *store, const struct ref *ref, const struct store_parts *parts,
                 struct err *err)
{
    int rc = sync_files(parts, err);
    if (rc)
        return rc;
    AUTO(stage_end) struct stage stage = {.lock = -1, .fd = -1};
    rc = stage_begin(store, &stage, err);
    if (!rc)
        rc = write_parts(&stage, ref, parts, err);
    if (!rc)
        rc = move_files(parts, &stage, err);
    return rc ? rc : stage_publish(&stage, ref, err);
}

/* Shares the layers that were kept as they came. */
static int share_layers(const struct store_image *image, const struct stage *stage, struct err *err)
{
    DIR *dir = dir_open(image->dirfd, ".");
    if (!dir)
        return err_errno(err, "open %s", image->dir);
    int rc = 0;
    for (struct dirent *item; !rc && (item = readdir(dir));)
        if (store_is_part(item->d_name) &&
            strncmp(item->d_name, STORE_BLOB_PREFIX, strlen(STORE_BLOB_PREFIX)) == 0)
            rc = share(image, stage, item->d_name, err);
    closedir(dir);
    return rc;
}

static int tag_image(struct stage *stage, const struct store_image *image, const struct ref *to,
                     struct err *err)
{
    const struct filter filter = store_image_filter(image);
    struct store_parts parts = store_parts_of(&filter, NULL);
    parts.manifest = image->manifest.data;
    parts.manifest_len = image->manifest.len;
    parts.config_blob = image->config_blob.data;
    parts.config_blob_len = image->config_blob.len;
    int rc = write_parts(stage, to, &parts, err);
    if (!rc && image->form.len)
        rc = file_create(stage->fd, STORE_FORM, image->form.data, image->form.len, err);
    if (!rc)
        rc = share(image, stage, STORE_WASM, err);
    if (!rc)
        rc = share_layers(image, stage, err);
    return rc ? rc : stage_publish(stage, to, err);
}

/* The source is read again under the lock, so that it cannot be replaced before its wasm is
 * linked. */
int store_tag(struct store *store, const struct ref *from, const struct ref *to, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = store_get(store, from, &image, err);
    if (rc || strcmp(from->full, to->full) == 0)
        return rc;
    AUTO(stage_end) struct stage stage = {.lock = -1, .fd = -1};
    rc = stage_begin(store, &stage, err);
    store_image_release(&image);
    if (!rc)
        rc = store_get(store, from, &image, err);
    if (!rc)
        rc = tag_image(&stage, &image, to, err);
    return rc ? err_wrap(err, "tag %s as %s", from->full, to->full) : 0;
}

static int set_aside(struct store *store, const struct ref *ref, const char *name,
                     const char *stage, struct err *err)
{
    if (renameat(store->fd, name, store->fd, stage) == 0)
        return 0;
    if (errno == ENOENT)
        return layout_no_image(store, ref, err);
    int rc = errno == EXDEV ? layout_make_movable(store, name, err)
                            : err_errno(err, "remove %s/%s", store->dir, name);
    if (!rc && renameat(store->fd, name, store->fd, stage) != 0)
        rc = err_errno(err, "remove %s/%s", store->dir, name);
    return rc;
}

int store_remove(struct store *store, const struct ref *ref, struct err *err)
{
    char name[MD5_HEX_LEN + 1], stage[STORE_NAME_MAX];
    AUTO_CLOSE int lock = -1;
    if (store->fd < 0)
        return layout_no_image(store, ref, err);
    md5_hex(ref->full, name);
    int rc = layout_lock(store, &lock, err);
    if (rc)
        return rc;
    layout_random_name(STORE_STAGE_PREFIX, stage);
    rc = set_aside(store, ref, name, stage, err);
    if (!rc)
        rc = file_sync(store->fd, store->dir, err); /* no image without files after a power cut */
    if (rc)
        return rc;
    rc = dir_remove_all(store->fd, stage, err);
    return rc ? err_wrap(err, "%s is removed, but its files in %s are not", ref->full, store->dir)
              : 0;
}
