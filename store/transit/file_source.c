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
static int read_blob(const struct file_source *source, const struct registry_sink *sink,
                     struct err *err)
{
    int fd = -1;
    int rc = find_file(source, &sink->descriptor->digest, &fd, err);
    if (!rc && lseek(fd, 0, SEEK_SET) != 0)
        rc = err_errno(err, "read a blob");
    return rc ? rc : file_read_fd(fd, sink->descriptor->digest.text, sink->data, err);
}

/* Fills the file from its start: bytes of the blob that an earlier run got are written again. */
static int fill_file(const struct file_source *source, const struct registry_sink *sink,
                     struct err *err)
{
    int from = -1;
    int rc = find_file(source, &sink->descriptor->digest, &from, err);
    if (!rc && (ftruncate(sink->fd, 0) != 0 || lseek(sink->fd, 0, SEEK_SET) != 0))
        rc = err_errno(err, "write a blob");
    return rc ? rc : file_copy(from, sink->fd, err);
}

static int get_manifest(const struct file_source *source, struct registry_manifest_request *request)
{
    const struct digest *wanted = &request->ref->digest;
    struct registry_manifest manifest = {.len = source->manifest_len};
    int rc = digest_of(source->manifest, source->manifest_len, &manifest.digest, &request->err);
    if (!rc && wanted->text[0] && !digest_equal(wanted, &manifest.digest))
        rc = err_set(&request->err, ERR_NOT_FOUND, "the manifest is %s, not %s",
                     manifest.digest.text, wanted->text);
    if (rc)
        return rc;
    manifest.data = mem_dup_n(source->manifest, source->manifest_len);
    manifest.media_type = mem_dup("");
    request->manifest = manifest;
    return 0;
}

static int file_manifests(void *arg, struct registry_manifest_request *requests, size_t count,
                          struct err *err)
{
    (void)err;
    for (size_t i = 0; i < count; i++)
        requests[i].rc = get_manifest(arg, &requests[i]);
    return 0;
}

static int file_blobs(void *arg, struct registry_sink *sinks, size_t count, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < count; i++) {
        struct registry_sink *sink = &sinks[i];
        sink->rc =
            sink->fd >= 0 ? fill_file(arg, sink, &sink->err) : read_blob(arg, sink, &sink->err);
        if (!sink->rc)
            sink->rc = source_check_blob("the upload", sink, &sink->err);
        sink->done(sink->done_arg, sink);
    }
    return 0;
}

struct image_source source_from_files(struct file_source *source)
{
    return (struct image_source){file_manifests, file_blobs, source};
}
