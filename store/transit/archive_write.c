#include "store/transit/archive_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tar_write.h"
#include "image/layout.h"
#include "image/manifest.h"

/* An archive on its way. */
struct writing {
    struct tar_writer *tar;
    struct digest *written; /* owned: blobs that the archive has */
    size_t written_count;
};

static void writing_release(struct writing *writing)
{
    tar_abandon_at(&writing->tar);
    free(writing->written);
}

/* Notes that the archive has the blob; false when it had the blob already. */
static bool note_new(struct writing *writing, const struct digest *digest)
{
    for (size_t i = 0; i < writing->written_count; i++)
        if (digest_equal(&writing->written[i], digest))
            return false;
    writing->written =
        mem_resize(writing->written, writing->written_count + 1, sizeof(*writing->written));
    writing->written[writing->written_count++] = *digest;
    return true;
}

static int write_blob(struct writing *writing, const struct bundle_blob *blob, struct err *err)
{
    const struct descriptor *descriptor = blob->descriptor;
    struct digest found;
    if (!note_new(writing, &descriptor->digest))
        return 0;
    AUTO_FREE char *name = mem_printf(LAYOUT_BLOBS "%s", digest_hex(&descriptor->digest));
    if (blob->data)
        return tar_add(writing->tar, name, blob->data, (size_t)descriptor->size, err);
    int rc = digest_of_fd(blob->fd, &found, NULL, err);
    if (!rc && !digest_equal(&found, &descriptor->digest))
        rc = err_set(err, ERR_DAMAGED, "its layer %s is damaged: build or pull the image again",
                     descriptor->digest.text);
    return rc ? rc : tar_add_fd(writing->tar, name, blob->fd, descriptor->size, err);
}

static int write_image(struct writing *writing, const struct archived *image, struct err *err)
{
    const struct bundle *bundle = image->bundle;
    AUTO_FREE char *name = mem_printf(LAYOUT_BLOBS "%s", digest_hex(&bundle->digest));
    int rc = 0;
    for (size_t i = 0; !rc && i < bundle->blob_count; i++)
        rc = write_blob(writing, &bundle->blobs[i], err);
    if (!rc && note_new(writing, &bundle->digest))
        rc = tar_add(writing->tar, name, bundle->manifest, bundle->manifest_len, err);
    return rc ? err_wrap(err, "%s", image->ref->full) : 0;
}

static void write_index(const struct archived *images, size_t count, struct buf *out)
{
    AUTO_FREE struct layout_image *items = mem_zero(count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = (struct layout_image){
            .media_type = images[i].bundle->media_type,
            .digest = images[i].bundle->digest,
            .size = (long long)images[i].bundle->manifest_len,
            .name = images[i].ref->full,
            .tag = images[i].ref->tag,
        };
    layout_write_index(items, count, out);
}

int archive_write(int fd, const struct archived *images, size_t count, struct err *err)
{
    AUTO(writing_release) struct writing writing = {0};
    AUTO(buf_release) struct buf index = BUF_INIT(MANIFEST_MAX);
    int rc = tar_create(fd, "the archive", TAR_PLAIN, &writing.tar, err);
    write_index(images, count, &index);
    if (!rc && buf_overflowed(&index))
        rc = err_set(err, ERR_FAILED, "too many images for one archive: save them in several");
    if (!rc)
        rc = tar_add(writing.tar, LAYOUT_FILE, LAYOUT_FILE_TEXT, strlen(LAYOUT_FILE_TEXT), err);
    if (!rc)
        rc = tar_add(writing.tar, LAYOUT_INDEX, buf_text(&index), index.len, err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = write_image(&writing, &images[i], err);
    return rc ? rc : tar_finish(writing.tar, err);
}
