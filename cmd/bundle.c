#include "cmd/bundle.h"

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
#include "cmd/settings.h"

enum { PIECE = 64 * 1024, LINKS_MAX = 8 };

void bundle_release(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->count; i++) {
        free(bundle->entries[i].name);
        free(bundle->entries[i].link);
    }
    free(bundle->entries);
    free(bundle->folder);
    mem_close_at(&bundle->fd);
    *bundle = (struct bundle){.fd = -1};
}

void bundle_file_release(struct bundle_file *file)
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
    const struct bundle_entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* The last of that name; NULL when there is none. */
static const struct bundle_entry *look_up(const struct bundle *bundle, const char *name)
{
    size_t low = 0, high = bundle->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(bundle->entries[middle].name, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct bundle_entry *found = low ? &bundle->entries[low - 1] : NULL;
    return found && strcmp(found->name, name) == 0 ? found : NULL;
}

static struct bundle_entry *add_entry(struct bundle *bundle, const struct tar_entry *entry)
{
    /* Twice the room whenever it is full. */
    size_t count = bundle->count;
    if ((count & (count - 1)) == 0)
        bundle->entries =
            mem_resize(bundle->entries, count ? 2 * count : 1, sizeof(*bundle->entries));
    struct bundle_entry *added = &bundle->entries[bundle->count++];
    *added = (struct bundle_entry){
        .name = mem_dup(bare_name(entry->name)),
        .link = entry->link ? mem_dup(entry->link) : NULL,
        .is_symlink = entry->is_symlink,
        .number = count,
        .at = entry->at,
        .size = entry->size,
    };
    return added;
}

/* Out of the compression into the file without a name. */
static int unpack_entry(struct tar_reader *tar, int to, struct bundle_entry *entry, struct err *err)
{
    entry->at = lseek(to, 0, SEEK_END);
    if (entry->at < 0)
        return err_errno(err, "write a temporary file");
    return tar_copy(tar, to, entry->size, err);
}

static int list_entries(struct bundle *bundle, struct tar_reader *tar, int unpacked,
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
        struct bundle_entry *added = add_entry(bundle, &entry);
        if (entry.is_regular && unpacked >= 0 && entry.size <= max_file)
            rc = unpack_entry(tar, unpacked, added, err);
        else if (unpacked >= 0)
            added->at = -1;
        if (rc)
            return rc;
    }
}

/* libarchive says of all that is no tar that it does not know it. */
static int refuse_format(const struct bundle *bundle, struct err *err)
{
    char head[16];
    ssize_t got = pread(bundle->fd, head, sizeof(head), 0);
    const char *format = got > 0 ? tar_unread_format(head, (size_t)got) : NULL;
    if (got == 0)
        return err_set(err, ERR_DAMAGED, "%s is empty: write it again", bundle->shown);
    if (format)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s is %s: a tar is read, plain or compressed by gzip or zstd: unpack it",
                       bundle->shown, format);
    return 0;
}

static int read_archive(struct bundle *bundle, long long max_file, struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *tar = NULL;
    AUTO_CLOSE int unpacked = -1;
    enum tar_packing packing = TAR_PLAIN;
    int rc = refuse_format(bundle, err);
    if (!rc)
        rc = tar_look(bundle->fd, bundle->shown, &packing, err);
    if (!rc && packing != TAR_PLAIN)
        rc = file_temporary(settings_tmp(), &unpacked, err);
    if (!rc)
        rc = tar_open(bundle->fd, bundle->shown, packing == TAR_PLAIN ? INT64_MAX : BUNDLE_MAX,
                      &tar, err);
    if (!rc)
        rc = list_entries(bundle, tar, unpacked, max_file, err);
    if (rc)
        return rc;
    if (unpacked >= 0) {
        mem_close_at(&bundle->fd);
        bundle->fd = unpacked;
        unpacked = -1;
    }
    if (bundle->count)
        qsort(bundle->entries, bundle->count, sizeof(*bundle->entries), by_name);
    return 0;
}

/* --- Opening --- */

int bundle_spool(int from, long long max, int *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    AUTO_FREE char *piece = mem_alloc(PIECE);
    int rc = file_temporary(settings_tmp(), &fd, err);
    for (long long total = 0; !rc;) {
        ssize_t got = read(from, piece, PIECE);
        if (got < 0 && errno != EINTR)
            return err_errno(err, "read standard input");
        if (got == 0) {
            *out = fd;
            fd = -1;
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

int bundle_open(const char *path, long long max_file, struct bundle *out, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    off_t size = 0;
    *out = (struct bundle){.fd = -1, .shown = is_stdin ? "standard input" : path};
    if (!is_stdin && is_folder(path)) {
        out->folder = mem_dup(path);
        return 0;
    }
    int rc = is_stdin ? bundle_spool(STDIN_FILENO, BUNDLE_MAX, &out->fd, err)
                      : file_open_regular(path, &out->fd, &size, err);
    return rc ? rc : read_archive(out, max_file, err);
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

static int find_in_folder(const struct bundle *bundle, const char *name, struct bundle_file *out,
                          struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", bundle->folder, name);
    off_t size = 0;
    if (!is_inside(name))
        return err_set(err, ERR_DAMAGED, "%s: \"%s\" leads out of it", bundle->shown, name);
    int rc = file_open_regular(path, &out->fd, &size, err);
    out->at = 0;
    out->size = size;
    return rc;
}

/* The target of a symbolic link, seen from the archive's top; of a hard link it is already. */
static char *follow(const struct bundle_entry *entry)
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

static const struct bundle_entry *resolve(const struct bundle *bundle, const char *name)
{
    const struct bundle_entry *entry = look_up(bundle, name);
    for (int i = 0; entry && entry->link; i++) {
        AUTO_FREE char *target = follow(entry);
        entry = i < LINKS_MAX ? look_up(bundle, target) : NULL;
    }
    return entry;
}

int bundle_find(const struct bundle *bundle, const char *name, struct bundle_file *out,
                struct err *err)
{
    AUTO(bundle_file_release) struct bundle_file file = {.fd = -1};
    int rc = 0;
    if (bundle->folder) {
        rc = find_in_folder(bundle, name, &file, err);
    } else {
        const struct bundle_entry *entry = resolve(bundle, bare_name(name));
        if (!entry)
            return err_set(err, ERR_NOT_FOUND, "%s has no %s", bundle->shown, name);
        if (entry->at < 0)
            return err_set(err, ERR_FAILED,
                           "%s: %s has %lld bytes: larger than is taken, see --max-size",
                           bundle->shown, name, entry->size);
        file = (struct bundle_file){fcntl(bundle->fd, F_DUPFD_CLOEXEC, 0), entry->at, entry->size};
        rc = file.fd < 0 ? err_errno(err, "read %s", bundle->shown) : 0;
    }
    if (rc)
        return rc;
    *out = file;
    file.fd = -1;
    return 0;
}

int bundle_file_each(const struct bundle_file *file,
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

int bundle_read(const struct bundle *bundle, const char *name, struct buf *out, struct err *err)
{
    AUTO(bundle_file_release) struct bundle_file file = {.fd = -1};
    int rc = bundle_find(bundle, name, &file, err);
    if (rc)
        return rc;
    if (file.size > (long long)(out->max - out->len))
        return err_set(err, ERR_DAMAGED, "%s: %s has more than %zu bytes, the limit", bundle->shown,
                       name, out->max);
    rc = bundle_file_each(&file, add_piece, out, err);
    return rc ? err_wrap(err, "%s: %s", bundle->shown, name) : 0;
}
