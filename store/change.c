/* Changes of images that are there: a second name, and the end. commit.c has new images. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/stage.h"

/* Shares the layers that were kept as they came. */
static int share_layers(const struct store_image *image, struct stage *stage, struct err *err)
{
    DIR *dir = dir_open(image->dirfd, ".");
    if (!dir)
        return err_errno(err, "open %s", image->dir);
    int rc = 0;
    for (struct dirent *item; !rc && (item = readdir(dir));)
        if (store_is_part(item->d_name) &&
            strncmp(item->d_name, STORE_BLOB_PREFIX, strlen(STORE_BLOB_PREFIX)) == 0)
            rc = stage_share(stage, image, item->d_name, err);
    closedir(dir);
    return rc;
}

static int sync_files(struct sync_list *list, struct err *err)
{
    int rc = 0;
    sync_all(list);
    for (size_t i = 0; !rc && i < list->count; i++) {
        errno = list->jobs[i].number;
        rc = errno ? err_errno(err, "sync %s", list->jobs[i].name) : 0;
    }
    return rc;
}

static int publish(struct stage *stage, const struct ref *ref, struct err *err)
{
    stage_complete(stage, ref);
    int rc = sync_files(stage->syncs, err);
    if (!rc)
        rc = stage_place(stage, ref, err);
    if (!rc)
        rc = file_sync(stage->store->fd, stage->store->dir, err);
    if (!rc)
        stage_remove_old(stage);
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
    int rc = stage_write_parts(stage, to, &parts, err);
    if (!rc && image->form.len)
        rc = stage_write(stage, STORE_FORM, image->form.data, image->form.len, err);
    if (!rc)
        rc = stage_share(stage, image, STORE_WASM, err);
    if (!rc)
        rc = share_layers(image, stage, err);
    return rc ? rc : publish(stage, to, err);
}

/* The source is read again under the lock, so that it cannot be replaced before its wasm is
 * linked. */
int store_tag(struct store *store, const struct ref *from, const struct ref *to, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = store_get(store, from, &image, err);
    if (rc || strcmp(from->full, to->full) == 0)
        return rc;
    AUTO_CLOSE int lock = -1;
    AUTO(sync_release) struct sync_list syncs = {0};
    AUTO(stage_end) struct stage stage = STAGE_INIT;
    rc = layout_lock(store, &lock, err);
    if (!rc)
        rc = stage_begin(store, &syncs, 0, &stage, err);
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
