#include "base/tar_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/libarchive.h"
#include "base/mem.h"

enum { PIECE = 64 * 1024 };

struct tar_writer {
    struct archive *archive;
    const char *shown;
    long long mtime;
    int fd;
    bool is_stream; /* bytes without an archive around them */
    bool gzip;
    int number; /* errno of a write that failed */
    bool failed;
    bool abandoned; /* nothing is written any more */
};

static la_ssize_t put(struct archive *archive, void *arg, const void *data, size_t len)
{
    (void)archive;
    struct tar_writer *writer = arg;
    if (writer->abandoned)
        return -1;
    if (file_write_all(writer->fd, data, len, "", ERR_IGNORED) == 0)
        return (la_ssize_t)len;
    writer->number = errno;
    return -1;
}

void tar_abandon_at(struct tar_writer **writer)
{
    if (!*writer)
        return;
    /* lib_write_free() alone leaks memory that lib_write_close() frees; with the flag set, closing
     * does not write the end of an archive. */
    (*writer)->abandoned = true;
    (void)lib_write_close((*writer)->archive);
    (void)lib_write_free((*writer)->archive);
    free(*writer);
    *writer = NULL;
}

static int writing_failed(struct tar_writer *writer, struct err *err)
{
    const char *words =
        writer->number ? strerror(writer->number) : lib_error_string(writer->archive);
    writer->failed = true;
    return err_set(err, ERR_FAILED, "write %s: %s", writer->shown, words ? words : "it failed");
}

static bool set_gzip(struct archive *archive)
{
    /* timestamp NULL: the header's MTIME is 0, "no time stamp is available" (RFC 1952, 2.3.1). */
    return lib_write_add_filter_gzip(archive) == ARCHIVE_OK &&
           lib_write_set_filter_option(archive, "gzip", "compression-level", "6") == ARCHIVE_OK &&
           lib_write_set_filter_option(archive, "gzip", "timestamp", NULL) == ARCHIVE_OK;
}

static bool set_up(struct tar_writer *writer)
{
    struct archive *archive = writer->archive;
    return (writer->is_stream ? lib_write_set_format_raw(archive)
                              : lib_write_set_format_ustar(archive)) == ARCHIVE_OK &&
           (!writer->gzip || set_gzip(archive)) &&
           lib_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK && /* no padding */
           lib_write_open(archive, writer, NULL, put, NULL) == ARCHIVE_OK;
}

static int begin_writing(const struct tar_writer *plan, struct tar_writer **out, struct err *err)
{
    int rc = libarchive_load(err);
    if (rc)
        return rc;
    AUTO(tar_abandon_at) struct tar_writer *writer = mem_zero(1, sizeof(*writer));
    *writer = *plan;
    writer->archive = lib_write_new();
    if (!writer->archive)
        abort();
    if (!set_up(writer))
        return writing_failed(writer, err);
    *out = STEAL(writer);
    return 0;
}

int tar_create(int fd, const char *shown, enum tar_packing packing, struct tar_writer **out,
               struct err *err)
{
    if (packing == TAR_ZSTD)
        return err_set(err, ERR_UNSUPPORTED, "write %s: zstd is read, not written", shown);
    const struct tar_writer plan = {.fd = fd, .shown = shown, .gzip = packing == TAR_GZIP};
    return begin_writing(&plan, out, err);
}

void tar_set_time(struct tar_writer *writer, long long mtime)
{
    writer->mtime = mtime;
}

static int add_header(struct tar_writer *writer, const char *name, long long size, struct err *err)
{
    struct archive_entry *entry = lib_entry_new();
    if (!entry)
        abort();
    lib_entry_set_pathname(entry, name);
    if (size >= 0)
        lib_entry_set_size(entry, size);
    lib_entry_set_filetype(entry, AE_IFREG);
    lib_entry_set_perm(entry, 0644);
    lib_entry_set_mtime(entry, writer->mtime, 0);
    int got = writer->failed ? ARCHIVE_FATAL : lib_write_header(writer->archive, entry);
    lib_entry_free(entry);
    if (got == ARCHIVE_OK)
        return 0;
    (void)writing_failed(writer, err);
    return err_wrap(err, "%s", name);
}

static int add_bytes(struct tar_writer *writer, const void *data, size_t len, struct err *err)
{
    const char *at = data;
    while (len) {
        la_ssize_t taken = lib_write_data(writer->archive, at, len);
        if (taken <= 0)
            return writing_failed(writer, err);
        at += taken;
        len -= (size_t)taken;
    }
    return 0;
}

int tar_create_stream(int fd, const char *shown, struct tar_writer **out, struct err *err)
{
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    const struct tar_writer plan = {.fd = fd, .shown = shown, .is_stream = true, .gzip = true};
    int rc = begin_writing(&plan, &writer, err);
    if (!rc)
        rc = add_header(writer, "", -1, err);
    if (!rc)
        *out = STEAL(writer);
    return rc;
}

int tar_add_more(struct tar_writer *writer, const void *data, size_t len, struct err *err)
{
    return add_bytes(writer, data, len, err);
}

int tar_add(struct tar_writer *writer, const char *name, const void *data, size_t len,
            struct err *err)
{
    int rc = add_header(writer, name, (long long)len, err);
    return rc ? rc : add_bytes(writer, data, len, err);
}

int tar_add_fd(struct tar_writer *writer, const char *name, int from, long long size,
               struct err *err)
{
    int rc = add_header(writer, name, size, err);
    AUTO_FREE char *piece = mem_alloc(PIECE);
    for (long long at = 0; !rc && at < size;) {
        size_t want = size - at < PIECE ? (size_t)(size - at) : PIECE;
        ssize_t got = pread(from, piece, want, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            writer->failed = true;
        if (got < 0)
            return err_errno(err, "read %s", name);
        if (got == 0)
            return err_set(err, ERR_DAMAGED, "write %s: %s has %lld bytes, not %lld", writer->shown,
                           name, at, size);
        rc = add_bytes(writer, piece, (size_t)got, err);
        at += got;
    }
    return rc;
}

int tar_finish(struct tar_writer *writer, struct err *err)
{
    if (writer->failed)
        return err_set(err, ERR_FAILED, "write %s: an entry could not be added", writer->shown);
    if (lib_write_close(writer->archive) != ARCHIVE_OK)
        return writing_failed(writer, err);
    return 0;
}
