#include "store/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/mem.h"

int stage_begin(struct store *store, struct sync_list *syncs, size_t number, struct stage *out,
                struct err *err)
{
    *out = (struct stage){.store = store, .syncs = syncs, .number = number, .fd = -1};
    layout_random_name(STORE_STAGE_PREFIX, out->name);
    if (mkdirat(store->fd, out->name, 0777) != 0) {
        int rc = err_errno(err, "make a folder in the store %s", store->dir);
        out->name[0] = '\0';
        return rc;
    }
    out->fd = openat(store->fd, out->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return out->fd < 0 ? err_errno(err, "open %s/%s", store->dir, out->name) : 0;
}

void stage_end(struct stage *stage)
{
    if (stage->name[0])
        dir_remove_all(stage->store->fd, stage->name, ERR_IGNORED);
    if (stage->fd >= 0)
        close(stage->fd);
}

int stage_write(struct stage *stage, const char *name, const void *data, size_t len,
                struct err *err)
{
    int fd = -1;
    int rc = file_create_open(stage->fd, name, data, len, &fd, err);
    if (!rc)
        sync_add(stage->syncs, fd, true, name, stage->number);
    return rc;
}

static int write_descriptor(struct stage *stage, const struct descriptor *layer, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(STORE_DESCRIPTOR_MAX);
    descriptor_write(layer, &text);
    if (buf_overflowed(&text))
        return err_set(err, ERR_FAILED, "the layer's descriptor is larger than %d bytes",
                       STORE_DESCRIPTOR_MAX);
    return stage_write(stage, STORE_DESCRIPTOR, buf_text(&text), text.len, err);
}

/* {"form":...,"wasm":...,"runtimeConfig":...}: the form of the kept manifest, and the digests of
 * the files that were taken out of it. When the original wasme changes those files, the digests
 * tell that the manifest is not theirs any more. */
static int write_form(struct stage *stage, const struct store_parts *parts, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(STORE_DESCRIPTOR_MAX);
    struct digest config;
    digest_of(parts->runtime_config, parts->runtime_config_len, &config);
    json_begin_object(&text);
    json_put_pair(&text, "form", parts->form);
    json_put_pair(&text, "wasm", parts->layer.digest.text);
    json_put_pair(&text, "runtimeConfig", config.text);
    json_end_object(&text);
    return stage_write(stage, STORE_FORM, buf_text(&text), text.len, err);
}

int stage_write_parts(struct stage *stage, const struct ref *ref, const struct store_parts *parts,
                      struct err *err)
{
    int rc = stage_write(stage, STORE_REF, ref->full, strlen(ref->full), err);
    if (!rc)
        rc = write_descriptor(stage, &parts->layer, err);
    if (!rc)
        rc =
            stage_write(stage, STORE_CONFIG, parts->runtime_config, parts->runtime_config_len, err);
    if (!rc && parts->manifest)
        rc = stage_write(stage, STORE_MANIFEST, parts->manifest, parts->manifest_len, err);
    if (!rc && parts->config_blob)
        rc = stage_write(stage, STORE_CONFIG_BLOB, parts->config_blob, parts->config_blob_len, err);
    if (!rc && parts->form)
        rc = write_form(stage, parts, err);
    return rc;
}

int stage_share(struct stage *stage, const struct store_image *image, const char *name,
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
    if (!rc)
        sync_add(stage->syncs, STEAL_FD(copy), true, name, stage->number);
    return rc;
}

/* Files that users put beside an image stay with it when it is replaced; for their folders see
 * stage_place(). */
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

void stage_complete(struct stage *stage, const struct ref *ref)
{
    char name[MD5_HEX_LEN + 1];
    md5_hex(ref->full, name);
    keep_foreign_files(stage, name);
    sync_add(stage->syncs, stage->fd, false, stage->name, stage->number);
}

int stage_place(struct stage *stage, const struct ref *ref, struct err *err)
{
    char name[MD5_HEX_LEN + 1];
    md5_hex(ref->full, name);
    return layout_place(stage->store, stage->name, name, true, stage->old, err);
}

void stage_remove_old(struct stage *stage)
{
    if (stage->old[0])
        dir_remove_all(stage->store->fd, stage->old, ERR_IGNORED);
    stage->old[0] = '\0';
}
