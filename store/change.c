/* Changes of the store: an image appears, is replaced, gets a second name, or goes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/layout.h"

struct store_change {
    struct store *store;
    int fd; /* of the file with the wasm, locked */
    char name[STORE_NAME_MAX];
};

/* One try to make a locked file: 0, or -1 with errno; a cleaner may take a file that is not locked
 * yet, and then its name is gone (EAGAIN). */
static int create_locked(const struct store *store, const char *name)
{
    AUTO_CLOSE int fd = openat(store->fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    struct stat info;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &info) != 0)
        return -1;
    if (info.st_nlink == 0) {
        errno = EAGAIN;
        return -1;
    }
    int locked = fd;
    fd = -1;
    return locked;
}

int store_begin(struct store *store, struct store_change **out, struct err *err)
{
    int rc = layout_ensure(store, err);
    if (rc)
        return rc;
    struct store_change change = {.store = store, .fd = -1};
    while (change.fd < 0) {
        layout_random_name(STORE_NEW_PREFIX, change.name);
        change.fd = create_locked(store, change.name);
        if (change.fd < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EEXIST)
            return err_errno(err, "create a file in the store %s", store->dir);
    }
    *out = mem_alloc(sizeof(**out));
    **out = change;
    return 0;
}

int store_change_fd(const struct store_change *change)
{
    return change->fd;
}

static void change_free(struct store_change *change)
{
    close(change->fd);
    free(change);
}

void store_abort(struct store_change *change)
{
    if (!change)
        return;
    unlinkat(change->store->fd, change->name, 0);
    change_free(change);
}

void store_abort_at(struct store_change **change)
{
    store_abort(*change);
}

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
        dir_remove_all(stage->store->fd, stage->name, NULL);
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
    if (!rc)
        rc = layout_publish(stage->store, stage->name, name, true, err);
    if (!rc)
        stage->name[0] = '\0';
    return rc;
}

static int check_size(const struct store_change *change, long long size, struct err *err)
{
    struct stat info;
    if (fstat(change->fd, &info) != 0)
        return err_errno(err, "stat %s/%s", change->store->dir, change->name);
    if (info.st_size != size)
        return err_set(err, ERR_DAMAGED, "%lld bytes of wasm were written instead of %lld",
                       (long long)info.st_size, size);
    return 0;
}

int store_commit(struct store_change **under_way, const struct ref *ref,
                 const struct store_parts *parts, struct err *err)
{
    struct store_change *change = *under_way;
    struct store *store = change->store;
    int rc = check_size(change, parts->layer.size, err);
    if (!rc)
        rc = file_sync(change->fd, change->name, err);
    if (rc)
        return rc;
    AUTO(stage_end) struct stage stage = {.lock = -1, .fd = -1};
    rc = stage_begin(store, &stage, err);
    if (!rc)
        rc = write_parts(&stage, ref, parts, err);
    if (!rc && renameat(store->fd, change->name, stage.fd, STORE_WASM) != 0)
        rc = err_errno(err, "move the wasm into %s/%s", store->dir, stage.name);
    if (!rc)
        rc = stage_publish(&stage, ref, err);
    if (!rc)
        change_free(STEAL(*under_way));
    return rc;
}

/* The same file under a second name; a copy where the file system has no links. */
static int share_wasm(const struct store_image *from, const struct stage *stage, struct err *err)
{
    if (linkat(from->dirfd, STORE_WASM, stage->fd, STORE_WASM, 0) == 0)
        return 0;
    AUTO_CLOSE int copy =
        openat(stage->fd, STORE_WASM, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (copy < 0)
        return err_errno(err, "create %s/%s", stage->name, STORE_WASM);
    int rc = file_copy(from->wasm, copy, err);
    return rc ? rc : file_sync(copy, STORE_WASM, err);
}

static int tag_image(struct stage *stage, const struct store_image *image, const struct ref *to,
                     struct err *err)
{
    struct store_parts parts = {
        .layer = image->layer,
        .runtime_config = buf_text(&image->runtime_config),
        .runtime_config_len = image->runtime_config.len,
        .manifest = image->manifest.data,
        .manifest_len = image->manifest.len,
        .config_blob = image->config_blob.data,
        .config_blob_len = image->config_blob.len,
    };
    int rc = write_parts(stage, to, &parts, err);
    if (!rc)
        rc = share_wasm(image, stage, err);
    return rc ? rc : stage_publish(stage, to, err);
}

/* The source is read under the lock: it cannot be replaced before its wasm is linked. */
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

int store_remove(struct store *store, const struct ref *ref, struct err *err)
{
    char name[MD5_HEX_LEN + 1], stage[STORE_NAME_MAX];
    AUTO_CLOSE int lock = -1;
    md5_hex(ref->full, name);
    int rc = store->fd >= 0 ? layout_lock(store, &lock, err) : 0;
    if (rc)
        return rc;
    layout_random_name(STORE_STAGE_PREFIX, stage);
    if (store->fd < 0 || renameat(store->fd, name, store->fd, stage) != 0) {
        if (store->fd < 0 || errno == ENOENT)
            return layout_no_image(store, ref, err);
        return err_errno(err, "remove %s/%s", store->dir, name);
    }
    rc = dir_remove_all(store->fd, stage, err);
    if (rc)
        return err_wrap(err, "%s is removed, but its files in %s are not", ref->full, store->dir);
    return file_sync(store->fd, store->dir, err);
}
