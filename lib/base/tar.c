#include "base/tar.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/libarchive.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/tar_packing.h"

enum { PIECE = 64 * 1024 };

struct tar_reader {
    struct archive *archive;
    const char *shown;
    int fd;
    off_t at, size;    /* in the file: what is read next, and its end */
    char *piece;       /* owned: what was read last */
    int number;        /* errno of a read that failed */
    long long max;     /* of the bytes that come out of the compression, or of sparse files */
    long long own_max; /* of these, by the archive's own size */
    long long given;   /* of the entries' bytes, the holes of sparse ones with them */
    long long entries;
    bool in_entry; /* its bytes are not all read */
    bool is_stream;
    bool packed;
    bool broken; /* after an error nothing can be said of the rest */
    struct tar_entry entry;
    char *name, *link; /* owned: the entry's */
};

void tar_close_at(struct tar_reader **reader)
{
    if (!*reader)
        return;
    if ((*reader)->archive)
        (void)lib_read_free((*reader)->archive);
    free((*reader)->piece);
    free((*reader)->name);
    free((*reader)->link);
    free(*reader);
    *reader = NULL;
}

/* Says why the archive cannot be read on: in libarchive's words, except where those speak of
 * libarchive itself. */
static int refuse(struct tar_reader *reader, struct err *err)
{
    reader->broken = true;
    int rc = stop_check(err);
    if (rc)
        return rc;
    if (reader->number)
        return err_set(err, ERR_FAILED, "read %s: %s", reader->shown, strerror(reader->number));
    const char *words = lib_error_string(reader->archive);
    if (!words || !*words || strncmp(words, "INTERNAL ERROR", 14) == 0)
        words = reader->is_stream ? "its compressed bytes are damaged" : "it is no tar, or damaged";
    else if (strncmp(words, "Unrecognized archive format", 27) == 0)
        words = reader->packed ? "what is compressed in it is no tar, or it is damaged or cut short"
                               : "it is no tar archive";
    return err_set(err, ERR_DAMAGED, "%s: %s", reader->shown, words);
}

/* The two callbacks of libarchive. Decompression may take in many bytes before one comes out, so
 * that the reading has to look whether the work is to end. */
static la_ssize_t give(struct archive *archive, void *arg, const void **data)
{
    struct tar_reader *reader = arg;
    (void)archive;
    ssize_t got = -1;
    if (stop_check(ERR_IGNORED) != 0)
        return -1;
    do
        got = pread(reader->fd, reader->piece, PIECE, reader->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        reader->number = errno;
    else
        reader->at += got;
    *data = reader->piece;
    return got;
}

static la_int64_t pass_over(struct archive *archive, void *arg, la_int64_t want)
{
    struct tar_reader *reader = arg;
    (void)archive;
    la_int64_t left = reader->size - reader->at;
    la_int64_t got = want < left ? want : left;
    if (got <= 0)
        return 0;
    reader->at += got;
    return got;
}

/* Sets the one filter that the first bytes ask for. Left alone, libarchive would take gzip out of
 * gzip as often as it finds some. */
static int set_filter(struct tar_reader *reader, struct err *err)
{
    static const int filters[] = {
        [TAR_PLAIN] = ARCHIVE_FILTER_NONE,
        [TAR_GZIP] = ARCHIVE_FILTER_GZIP,
        [TAR_ZSTD] = ARCHIVE_FILTER_ZSTD,
    };
    enum tar_packing packing = TAR_PLAIN;
    int rc = tar_look(reader->fd, reader->shown, &packing, err);
    if (rc)
        return rc;
    reader->packed = packing != TAR_PLAIN;
    /* ARCHIVE_WARN means that libarchive would run a program to decompress: refused. */
    if (lib_read_append_filter(reader->archive, filters[packing]) != ARCHIVE_OK)
        return refuse(reader, err);
    return 0;
}

static int begin_reading(struct tar_reader *reader, struct err *err)
{
    struct archive *archive = reader->archive = lib_read_new();
    if (!archive)
        abort();
    int rc = set_filter(reader, err);
    if (rc)
        return rc;
    if ((reader->is_stream ? lib_read_support_format_raw(archive)
                           : lib_read_support_format_tar(archive)) != ARCHIVE_OK ||
        lib_read_set_read_callback(archive, give) != ARCHIVE_OK ||
        lib_read_set_skip_callback(archive, pass_over) != ARCHIVE_OK ||
        lib_read_set_callback_data(archive, reader) != ARCHIVE_OK ||
        lib_read_open1(archive) != ARCHIVE_OK)
        return refuse(reader, err);
    return 0;
}

/* `plan` has what the caller chooses. */
static int open_reader(const struct tar_reader *plan, struct tar_reader **out, struct err *err)
{
    struct stat info;
    int rc = libarchive_load(err);
    if (rc)
        return rc;
    if (fstat(plan->fd, &info) != 0)
        return err_errno(err, "stat %s", plan->shown);
    AUTO(tar_close_at) struct tar_reader *reader = mem_zero(1, sizeof(*reader));
    *reader = *plan;
    reader->size = info.st_size;
    reader->piece = mem_alloc(PIECE);
    reader->own_max = info.st_size > (INT64_MAX - TAR_FREE) / TAR_RATIO_MAX
                          ? INT64_MAX
                          : TAR_FREE + info.st_size * TAR_RATIO_MAX;
    rc = begin_reading(reader, err);
    if (!rc)
        *out = STEAL(reader);
    return rc;
}

int tar_open(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
             struct err *err)
{
    const struct tar_reader plan = {.fd = fd, .shown = shown, .max = max_bytes};
    return open_reader(&plan, out, err);
}

int tar_open_stream(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
                    struct err *err)
{
    const struct tar_reader plan = {.fd = fd, .shown = shown, .max = max_bytes, .is_stream = true};
    return open_reader(&plan, out, err);
}

static int check_total(struct tar_reader *reader, struct err *err)
{
    int rc = stop_check(err);
    long long total = lib_filter_bytes(reader->archive, 0);
    if (total < reader->given)
        total = reader->given;
    if (rc || (total <= reader->max && total <= reader->own_max))
        return rc;
    reader->broken = true;
    if (total > reader->max)
        return err_set(err, ERR_DAMAGED,
                       "%s: it has more than %lld bytes when decompressed, the limit",
                       reader->shown, reader->max);
    return err_set(err, ERR_DAMAGED,
                   "%s: its %lld bytes decompress to more than %lld, the limit for that size: no "
                   "useful content is that repetitive",
                   reader->shown, (long long)reader->size, reader->own_max);
}

/* Reads the rest of an entry piece by piece, and checks the limits meanwhile: libarchive would skip
 * it in one go, however many bytes it decompresses to. In a plain archive that costs nothing, and
 * is left to libarchive. */
static int skip_rest(struct tar_reader *reader, struct err *err)
{
    while (reader->in_entry && reader->packed) {
        const void *data = NULL;
        size_t len = 0;
        la_int64_t offset = 0;
        int got = lib_read_data_block(reader->archive, &data, &len, &offset);
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN && got != ARCHIVE_EOF)
            return refuse(reader, err);
        reader->in_entry = got != ARCHIVE_EOF;
        int rc = check_total(reader, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int take_entry(struct tar_reader *reader, struct archive_entry *entry, struct err *err)
{
    /* A pax name is UTF-8. Other names are bytes, which have no UTF-8 form in the C locale. */
    const char *name = lib_entry_pathname_utf8(entry);
    if (!name)
        name = lib_entry_pathname(entry);
    if (name && strlen(name) > TAR_NAME_MAX)
        return err_set(err, ERR_DAMAGED, "%s: an entry's name is longer than %d bytes",
                       reader->shown, TAR_NAME_MAX);
    if (++reader->entries > TAR_ENTRIES_MAX)
        return err_set(err, ERR_DAMAGED, "%s: it has more than %d entries", reader->shown,
                       TAR_ENTRIES_MAX);
    const char *link = lib_entry_hardlink(entry);
    struct tar_entry *to = &reader->entry;
    to->is_regular = lib_entry_filetype(entry) == AE_IFREG && !link;
    to->is_symlink = !link && lib_entry_filetype(entry) == AE_IFLNK;
    if (to->is_symlink)
        link = lib_entry_symlink(entry);
    free(reader->name);
    free(reader->link);
    to->name = reader->name = mem_dup(name ? name : "");
    to->link = reader->link = link ? mem_dup(link) : NULL;
    to->at = lib_entry_sparse_count(entry) ? -1 : lib_filter_bytes(reader->archive, 0);
    to->size = !to->is_regular ? 0 : lib_entry_size_is_set(entry) ? lib_entry_size(entry) : -1;
    reader->in_entry = true;
    return 0;
}

int tar_next(struct tar_reader *reader, struct tar_entry *out, bool *more, struct err *err)
{
    int rc = reader->broken ? refuse(reader, err) : skip_rest(reader, err);
    if (rc)
        return rc;
    struct archive_entry *entry = NULL;
    int got = lib_read_next_header(reader->archive, &entry);
    if (got == ARCHIVE_EOF) {
        *more = false;
        return 0;
    }
    /* ARCHIVE_RETRY means that a header is damaged and the next may be sound: refused, too. */
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
        return refuse(reader, err);
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
    if (reader->broken)
        return refuse(reader, err);
    if (reader->entry.size > max)
        return refuse_size(reader, max, err);
    AUTO_FREE char *piece = mem_alloc(PIECE);
    long long total = 0;
    for (;;) {
        la_ssize_t got = lib_read_data(reader->archive, piece, PIECE);
        if (got < 0)
            return refuse(reader, err);
        if (got == 0)
            break;
        total += got;
        reader->given += got;
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

static int write_piece(void *arg, const void *data, size_t len, struct err *err)
{
    return file_write_all(*(int *)arg, data, len, "the copy", err);
}

int tar_copy(struct tar_reader *reader, int to, long long max, struct err *err)
{
    return tar_each_piece(reader, max, write_piece, &to, err);
}

static int add_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    buf_add(arg, data, len);
    return 0;
}

int tar_read(struct tar_reader *reader, struct buf *out, struct err *err)
{
    return tar_each_piece(reader, (long long)(out->max - out->len), add_piece, out, err);
}

long long tar_position(const struct tar_reader *reader)
{
    return lib_filter_bytes(reader->archive, 0);
}
