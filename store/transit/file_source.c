#include "store/transit/file_source.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static int find_file(const struct file_source *source, const struct digest *digest, int *fd,
                     struct err *err)
{
    for (size_t i = 0; i < source->count; i++) {
        if (digest_equal(&source->blobs[i].digest, digest)) {
            *fd = source->blobs[i].fd;
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "%s is missing: upload it before the manifest that names it",
                   digest->text);
}

/* Reads the whole blob. */
static int read_blob(const struct file_source *source, const struct registry_want *want,
                     struct err *err)
{
    int fd = -1;
    int rc = find_file(source, &want->blob->digest, &fd, err);
    if (!rc && lseek(fd, 0, SEEK_SET) != 0)
        rc = err_errno(err, "read a blob");
    return rc ? rc : file_read_fd(fd, want->blob->digest.text, want->data, err);
}

/* Fills the file from its start: bytes of the blob that an earlier run got are written again. */
static int fill_file(const struct file_source *source, const struct registry_want *want,
                     struct err *err)
{
    int from = -1;
    int rc = find_file(source, &want->blob->digest, &from, err);
    if (!rc && (ftruncate(want->fd, 0) != 0 || lseek(want->fd, 0, SEEK_SET) != 0))
        rc = err_errno(err, "write a blob");
    return rc ? rc : file_copy(from, want->fd, err);
}

static int get_manifest(const struct file_source *source, struct registry_want *want)
{
    const struct digest *wanted = &want->ref->digest;
    struct registry_manifest manifest = {.len = source->manifest_len};
    digest_of(source->manifest, source->manifest_len, &manifest.digest);
    if (wanted->text[0] && !digest_equal(wanted, &manifest.digest))
        return err_set(&want->err, ERR_NOT_FOUND, "the manifest is %s, not %s",
                       manifest.digest.text, wanted->text);
    manifest.data = mem_dup_n(source->manifest, source->manifest_len);
    manifest.media_type = mem_dup("");
    want->manifest = manifest;
    return 0;
}

static int get_blob(const struct file_source *source, struct registry_want *want)
{
    int rc =
        want->fd >= 0 ? fill_file(source, want, &want->err) : read_blob(source, want, &want->err);
    return rc ? rc : source_check_blob("the upload", want, &want->err);
}

static int get(void *arg, struct registry_want *want)
{
    return want->blob ? get_blob(arg, want) : get_manifest(arg, want);
}

static int fetch(void *arg, struct registry_wants *wants, struct err *err)
{
    (void)err;
    source_each(wants, get, arg);
    return 0;
}

struct image_source source_from_files(struct file_source *source)
{
    return (struct image_source){fetch, source};
}
