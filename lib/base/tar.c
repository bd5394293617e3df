/* The one place that knows libarchive. */
#include "base/tar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/file.h"
#include "base/lazy.h"
#include "base/mem.h"

#define ARCHIVE_SONAME "libarchive.so.13"

DLOPEN_NOTE(archive, "[{\"feature\":\"tar\",\"description\":\"layers and archives of images\","
                     "\"priority\":\"recommended\",\"soname\":[\"" ARCHIVE_SONAME "\"]}]");

enum { PIECE = 64 * 1024 };

/* The functions that are used: archive_NAME is called as lib_NAME. */
/* clang-format off */
#define FUNCTIONS(X) \
    X(error_string) X(filter_bytes) X(read_new) X(read_support_format_tar) \
    X(read_support_format_raw) X(read_support_filter_gzip) X(read_support_filter_zstd) \
    X(read_open_fd) X(read_next_header) X(read_data) X(read_data_block) X(read_free) \
    X(entry_pathname) X(entry_pathname_utf8) X(entry_hardlink) X(entry_filetype) X(entry_size) \
    X(entry_size_is_set) X(entry_new) X(entry_free) X(entry_set_pathname) X(entry_set_size) \
    X(entry_set_filetype) X(entry_set_perm) X(entry_set_mtime) X(write_new) \
    X(write_set_format_ustar) X(write_add_filter_gzip) X(write_set_filter_option) \
    X(write_set_bytes_in_last_block) X(write_open) X(write_header) X(write_data) X(write_close) \
    X(write_free)
/* clang-format on */

#define DECLARE(name) static __typeof__(archive_##name) *lib_##name;
FUNCTIONS(DECLARE)

static int load(struct err *err)
{
#define SYMBOL(name) {"archive_" #name, &lib_##name},
    static const struct lazy_symbol symbols[] = {FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {ARCHIVE_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

/* What libarchive says, behind the archive's name. */
static int refuse(struct archive *archive, int code, const char *shown, struct err *err)
{
    const char *words = lib_error_string(archive);
    return err_set(err, code, "%s: %s", shown, words ? words : "libarchive gives no reason");
}

/* --- Reading --- */

struct tar_reader {
    struct archive *archive;
    const char *shown;
    long long max; /* of the bytes that come out of the compression */
    long long entries;
    bool in_entry; /* its bytes are not all read */
    bool is_stream;
    struct tar_entry entry;
    char *name; /* owned: the entry's */
};

void tar_close_at(struct tar_reader **reader)
{
    if (!*reader)
        return;
    if ((*reader)->archive)
        (void)lib_read_free((*reader)->archive);
    free((*reader)->name);
    free(*reader);
    *reader = NULL;
}

static int begin_reading(int fd, struct tar_reader *reader, struct err *err)
{
    struct archive *archive = reader->archive = lib_read_new();
    if (!archive)
        abort();
    /* ARCHIVE_WARN: it would run a program to decompress, which is not what was asked for. */
    if ((reader->is_stream ? lib_read_support_format_raw(archive)
                           : lib_read_support_format_tar(archive)) != ARCHIVE_OK ||
        lib_read_support_filter_gzip(archive) != ARCHIVE_OK ||
        lib_read_support_filter_zstd(archive) != ARCHIVE_OK)
        return refuse(archive, ERR_UNSUPPORTED, reader->shown, err);
    if (lseek(fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
        return err_errno(err, "read %s", reader->shown);
    if (lib_read_open_fd(archive, fd, PIECE) != ARCHIVE_OK)
        return refuse(archive, ERR_DAMAGED, reader->shown, err);
    return 0;
}

static int open_reader(int fd, const char *shown, long long max_bytes, bool is_stream,
                       struct tar_reader **out, struct err *err)
{
    int rc = load(err);
    if (rc)
        return rc;
    AUTO(tar_close_at) struct tar_reader *reader = mem_zero(1, sizeof(*reader));
    reader->shown = shown;
    reader->max = max_bytes;
    reader->is_stream = is_stream;
    rc = begin_reading(fd, reader, err);
    if (!rc)
        *out = STEAL(reader);
    return rc;
}

int tar_open(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
             struct err *err)
{
    return open_reader(fd, shown, max_bytes, false, out, err);
}

int tar_open_stream(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
                    struct err *err)
{
    return open_reader(fd, shown, max_bytes, true, out, err);
}

static int check_total(struct tar_reader *reader, struct err *err)
{
    if (lib_filter_bytes(reader->archive, 0) <= reader->max)
        return 0;
    return err_set(err, ERR_DAMAGED, "%s: it has more than %lld bytes when decompressed, the limit",
                   reader->shown, reader->max);
}

/* libarchive would skip what is left of an entry in one go, however much decompresses. */
static int skip_rest(struct tar_reader *reader, struct err *err)
{
    while (reader->in_entry) {
        const void *data = NULL;
        size_t len = 0;
        la_int64_t offset = 0;
        int rc = lib_read_data_block(reader->archive, &data, &len, &offset);
        if (rc < ARCHIVE_WARN)
            return refuse(reader->archive, ERR_DAMAGED, reader->shown, err);
        reader->in_entry = rc != ARCHIVE_EOF;
        rc = check_total(reader, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int take_entry(struct tar_reader *reader, struct archive_entry *entry, struct err *err)
{
    /* pax names are UTF-8; the others are bytes, which in the C locale have no UTF-8 form. */
    const char *name = lib_entry_pathname_utf8(entry);
    if (!name)
        name = lib_entry_pathname(entry);
    if (name && strlen(name) > TAR_NAME_MAX)
        return err_set(err, ERR_DAMAGED, "%s: an entry's name is longer than %d bytes",
                       reader->shown, TAR_NAME_MAX);
    if (++reader->entries > TAR_ENTRIES_MAX)
        return err_set(err, ERR_DAMAGED, "%s: it has more than %d entries", reader->shown,
                       TAR_ENTRIES_MAX);
    free(reader->name);
    reader->name = mem_dup(name ? name : "");
    struct tar_entry *to = &reader->entry;
    to->name = reader->name;
    to->is_regular = lib_entry_filetype(entry) == AE_IFREG && !lib_entry_hardlink(entry);
    to->size = !to->is_regular ? 0 : lib_entry_size_is_set(entry) ? lib_entry_size(entry) : -1;
    reader->in_entry = true;
    return 0;
}

int tar_next(struct tar_reader *reader, struct tar_entry *out, bool *more, struct err *err)
{
    int rc = skip_rest(reader, err);
    if (rc)
        return rc;
    struct archive_entry *entry = NULL;
    int got = lib_read_next_header(reader->archive, &entry);
    if (got == ARCHIVE_EOF) {
        *more = false;
        return 0;
    }
    if (got < ARCHIVE_WARN)
        return refuse(reader->archive, ERR_DAMAGED, reader->shown, err);
    rc = check_total(reader, err);
    if (!rc)
        rc = take_entry(reader, entry, err);
    if (rc)
        return rc;
    *out = reader->entry;
    *more = true;
    return 0;
}

static int refuse_size(const struct tar_reader *reader, long long max, struct err *err)
{
    const char *name = reader->is_stream ? "the content" : reader->entry.name;
    return err_set(err, ERR_DAMAGED, "%s: %s: more than %lld bytes, the limit", reader->shown, name,
                   max);
}

int tar_each_piece(struct tar_reader *reader, long long max,
                   int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
                   struct err *err)
{
    if (reader->entry.size > max)
        return refuse_size(reader, max, err);
    AUTO_FREE char *piece = mem_alloc(PIECE);
    long long total = 0;
    for (;;) {
        la_ssize_t got = lib_read_data(reader->archive, piece, PIECE);
        if (got < 0)
            return refuse(reader->archive, ERR_DAMAGED, reader->shown, err);
        if (got == 0)
            break;
        total += got;
        if (total > max)
            return refuse_size(reader, max, err);
        int rc = check_total(reader, err);
        if (!rc)
            rc = take(arg, piece, (size_t)got, err);
        if (rc)
            return rc;
    }
    reader->in_entry = false;
    if (reader->entry.size >= 0 && total != reader->entry.size)
        return err_set(err, ERR_DAMAGED, "%s: %s: %lld bytes, and its header says %lld",
                       reader->shown, reader->entry.name, total, reader->entry.size);
    return 0;
}

long long tar_position(const struct tar_reader *reader)
{
    return lib_filter_bytes(reader->archive, 0);
}

/* --- Writing --- */

struct tar_writer {
    struct archive *archive;
    const char *shown;
    long long mtime;
    int fd;
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
    if (file_write_all(writer->fd, data, len, "", NULL) == 0)
        return (la_ssize_t)len;
    writer->number = errno;
    return -1;
}

void tar_abandon_at(struct tar_writer **writer)
{
    if (!*writer)
        return;
    /* Closing frees what freeing does not, and would write the end of an archive that is none. */
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

int tar_create(int fd, const char *shown, enum tar_packing packing, long long mtime,
               struct tar_writer **out, struct err *err)
{
    int rc = load(err);
    if (rc)
        return rc;
    AUTO(tar_abandon_at) struct tar_writer *writer = mem_zero(1, sizeof(*writer));
    *writer = (struct tar_writer){lib_write_new(), shown, mtime, fd, 0, false, false};
    if (!writer->archive)
        abort();
    if (packing == TAR_ZSTD)
        return err_set(err, ERR_UNSUPPORTED, "write %s: zstd is read, not written", shown);
    if (lib_write_set_format_ustar(writer->archive) != ARCHIVE_OK ||
        (packing == TAR_GZIP && !set_gzip(writer->archive)) ||
        lib_write_set_bytes_in_last_block(writer->archive, 1) !=
            ARCHIVE_OK || /* no padding behind gzip's end */
        lib_write_open(writer->archive, writer, NULL, put, NULL) != ARCHIVE_OK)
        return writing_failed(writer, err);
    *out = STEAL(writer);
    return 0;
}

static int add_header(struct tar_writer *writer, const char *name, long long size, struct err *err)
{
    struct archive_entry *entry = lib_entry_new();
    if (!entry)
        abort();
    lib_entry_set_pathname(entry, name);
    lib_entry_set_size(entry, size);
    lib_entry_set_filetype(entry, AE_IFREG);
    lib_entry_set_perm(entry, 0644);
    lib_entry_set_mtime(entry, writer->mtime, 0);
    int got = writer->failed ? ARCHIVE_FATAL : lib_write_header(writer->archive, entry);
    lib_entry_free(entry);
    if (got == ARCHIVE_OK)
        return 0;
    int rc = writing_failed(writer, err);
    return err ? err_wrap(err, "%s", name) : rc;
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
