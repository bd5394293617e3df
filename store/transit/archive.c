#include "store/transit/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/tar.h"
#include "base/tar_packing.h"

enum { PIECE = 64 * 1024, LINKS_MAX = 8 };

void archive_release(struct archive *archive)
{
    for (size_t i = 0; i < archive->count; i++) {
        free(archive->entries[i].name);
        free(archive->entries[i].link);
    }
    free(archive->entries);
    free(archive->folder);
    mem_close_at(&archive->fd);
    *archive = (struct archive){.fd = -1};
}

void archive_file_release(struct archive_file *file)
{
    mem_close_at(&file->fd);
}

/* --- The archive's entries --- */

/* "./index.json" is index.json. */
static const char *bare_name(const char *name)
{
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    return name;
}

static int by_name(const void *left, const void *right)
{
    const struct archive_entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* The last entry of that name; NULL when there is none. */
static const struct archive_entry *look_up(const struct archive *archive, const char *name)
{
    size_t low = 0, high = archive->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(archive->entries[middle].name, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct archive_entry *found = low ? &archive->entries[low - 1] : NULL;
    return found && strcmp(found->name, name) == 0 ? found : NULL;
}

static struct archive_entry *add_entry(struct archive *archive, const struct tar_entry *entry)
{
    size_t count = archive->count; /* a power of two: full, and the room is doubled */
    if ((count & (count - 1)) == 0)
        archive->entries =
            mem_resize(archive->entries, count ? 2 * count : 1, sizeof(*archive->entries));
    struct archive_entry *added = &archive->entries[archive->count++];
    *added = (struct archive_entry){
        .name = mem_dup(bare_name(entry->name)),
        .link = entry->link ? mem_dup(entry->link) : NULL,
        .is_symlink = entry->is_symlink,
        .number = count,
        .at = entry->at,
        .size = entry->size,
    };
    return added;
}

/* Copies the unpacked bytes of the entry into the file without a name. */
static int unpack_entry(struct tar_reader *tar, int to, struct archive_entry *entry,
                        struct err *err)
{
    entry->at = lseek(to, 0, SEEK_END);
    if (entry->at < 0)
        return err_errno(err, "write a temporary file");
    return tar_copy(tar, to, entry->size, err);
}

static int list_entries(struct archive *archive, struct tar_reader *tar, int unpacked,
                        long long max_file, struct err *err)
{
    for (;;) {
        struct tar_entry entry;
        bool more = false;
        int rc = tar_next(tar, &entry, &more, err);
        if (rc || !more)
            return rc;
        if (!entry.is_regular && !entry.link)
            continue;
        struct archive_entry *added = add_entry(archive, &entry);
        if (entry.is_regular && unpacked >= 0 && entry.size <= max_file)
            rc = unpack_entry(tar, unpacked, added, err);
        else if (unpacked >= 0)
            added->at = -1;
        if (rc)
            return rc;
    }
}

/* libarchive has one message for all files that are no tar; this one names the format. */
static int refuse_format(const struct archive *archive, struct err *err)
{
    char head[16];
    ssize_t got = pread(archive->fd, head, sizeof(head), 0);
    const char *format = got > 0 ? tar_unread_format(head, (size_t)got) : NULL;
    if (got == 0)
        return err_set(err, ERR_DAMAGED, "%s is empty: write it again", archive->shown);
    if (format)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s is %s: a tar is read, plain or compressed by gzip or zstd: unpack it",
                       archive->shown, format);
    return 0;
}

static int read_packed(struct archive *archive, long long max_file, struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *tar = NULL;
    AUTO_CLOSE int unpacked = -1;
    enum tar_packing packing = TAR_PLAIN;
    int rc = refuse_format(archive, err);
    if (!rc)
        rc = tar_look(archive->fd, archive->shown, &packing, err);
    if (!rc && packing != TAR_PLAIN)
        rc = file_temporary(archive->spool_dir, &unpacked, err);
    if (!rc)
        rc = tar_open(archive->fd, archive->shown, packing == TAR_PLAIN ? INT64_MAX : ARCHIVE_MAX,
                      &tar, err);
    if (!rc)
        rc = list_entries(archive, tar, unpacked, max_file, err);
    if (rc)
        return rc;
    if (unpacked >= 0) {
        mem_close_at(&archive->fd);
        archive->fd = STEAL_FD(unpacked);
    }
    if (archive->count)
        qsort(archive->entries, archive->count, sizeof(*archive->entries), by_name);
    return 0;
}

/* --- Opening --- */

int archive_spool(int from, long long max, const char *spool_dir, int *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    AUTO_FREE char *piece = mem_alloc(PIECE);
    int rc = file_temporary(spool_dir, &fd, err);
    for (long long total = 0; !rc;) {
        ssize_t got = read(from, piece, PIECE);
        if (got < 0 && errno != EINTR)
            return err_errno(err, "read standard input");
        if (got == 0) {
            *out = STEAL_FD(fd);
            return 0;
        }
        rc = stop_check(err);
        if (rc || got < 0)
            continue;
        total += got;
        if (total > max)
            return err_set(err, ERR_DAMAGED,
                           "standard input brings more than %lld bytes, the limit: name a file",
                           max);
        rc = file_write_all(fd, piece, (size_t)got, "a temporary file", err);
    }
    return rc;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int archive_open(const char *path, long long max_file, const char *spool_dir, struct archive *out,
                 struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    off_t size = 0;
    *out = (struct archive){
        .fd = -1, .shown = is_stdin ? "standard input" : path, .spool_dir = spool_dir};
    if (!is_stdin && is_folder(path)) {
        out->folder = mem_dup(path);
        return 0;
    }
    int rc = is_stdin ? archive_spool(STDIN_FILENO, ARCHIVE_MAX, spool_dir, &out->fd, err)
                      : file_open_regular(path, &out->fd, &size, err);
    return rc ? rc : read_packed(out, max_file, err);
}

/* --- Looking up --- */

/* A name in an archive or its manifest leads to nothing outside of the folder. */
static bool is_inside(const char *name)
{
    for (const char *part = name; *part;) {
        size_t len = strcspn(part, "/");
        if (len == 2 && memcmp(part, "..", 2) == 0)
            return false;
        part += len + (part[len] == '/');
    }
    return *name && *name != '/';
}

static int find_in_folder(const struct archive *archive, const char *name, struct archive_file *out,
                          struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", archive->folder, name);
    off_t size = 0;
    if (!is_inside(name))
        return err_set(err, ERR_DAMAGED, "%s: \"%s\" leads out of it", archive->shown, name);
    int rc = file_open_regular(path, &out->fd, &size, err);
    out->at = 0;
    out->size = size;
    return rc;
}

/* The target of a link, seen from the archive's top, as that of a hard link always is. */
static char *follow(const struct archive_entry *entry)
{
    const char *link = bare_name(entry->link);
    const char *slash = strrchr(entry->name, '/');
    size_t len = slash ? (size_t)(slash - entry->name) : 0;
    if (!entry->is_symlink)
        return mem_dup(link);
    for (; strncmp(link, "../", 3) == 0; link += 3) {
        while (len && entry->name[len - 1] != '/')
            len--;
        len -= len > 0;
    }
    return mem_printf("%.*s%s%s", (int)len, entry->name, len ? "/" : "", link);
}

static const struct archive_entry *resolve(const struct archive *archive, const char *name)
{
    const struct archive_entry *entry = look_up(archive, name);
    for (int i = 0; entry && entry->link; i++) {
        AUTO_FREE char *target = follow(entry);
        entry = i < LINKS_MAX ? look_up(archive, target) : NULL;
    }
    return entry;
}

int archive_find(const struct archive *archive, const char *name, struct archive_file *out,
                 struct err *err)
{
    AUTO(archive_file_release) struct archive_file file = {.fd = -1};
    int rc = 0;
    if (archive->folder) {
        rc = find_in_folder(archive, name, &file, err);
    } else {
        const struct archive_entry *entry = resolve(archive, bare_name(name));
        if (!entry)
            return err_set(err, ERR_NOT_FOUND, "%s has no %s", archive->shown, name);
        if (entry->at < 0)
            return err_set(err, ERR_FAILED,
                           "%s: %s has %lld bytes: larger than is taken, see --max-size",
                           archive->shown, name, entry->size);
        file =
            (struct archive_file){fcntl(archive->fd, F_DUPFD_CLOEXEC, 0), entry->at, entry->size};
        rc = file.fd < 0 ? err_errno(err, "read %s", archive->shown) : 0;
    }
    if (rc)
        return rc;
    *out = file;
    file.fd = -1;
    return 0;
}

int archive_file_each(const struct archive_file *file,
                      int (*take)(void *arg, const void *data, size_t len, struct err *err),
                      void *arg, struct err *err)
{
    AUTO_FREE char *piece = mem_alloc(PIECE);
    for (long long at = 0; at < file->size;) {
        long long left = file->size - at;
        ssize_t got =
            pread(file->fd, piece, left < PIECE ? (size_t)left : PIECE, (off_t)(file->at + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read the archive");
        if (got == 0)
            return err_set(err, ERR_DAMAGED, "the archive is cut short: write it again");
        int rc = stop_check(err);
        if (!rc)
            rc = take(arg, piece, (size_t)got, err);
        if (rc)
            return rc;
        at += got;
    }
    return 0;
}

static int add_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    buf_add(arg, data, len);
    return 0;
}

int archive_read(const struct archive *archive, const char *name, struct buf *out, struct err *err)
{
    AUTO(archive_file_release) struct archive_file file = {.fd = -1};
    int rc = archive_find(archive, name, &file, err);
    if (rc)
        return rc;
    if (file.size > (long long)(out->max - out->len))
        return err_set(err, ERR_DAMAGED, "%s: %s has more than %zu bytes, the limit",
                       archive->shown, name, out->max);
    rc = archive_file_each(&file, add_piece, out, err);
    return rc ? err_wrap(err, "%s: %s", archive->shown, name) : 0;
}
