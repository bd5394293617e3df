/* The folder of a served registry: repositories and the links in them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/distribution/depot.h"
#include "store/distribution/spool.h"

/* Folders that lead to a repository; a name of REF_NAME_MAX bytes has at most half as many. */
enum { DEPTH_MAX = 128 };

void depot_entry(const struct digest_any *digest, char out[DEPOT_ENTRY_MAX + 1])
{
    memcpy(out, digest->text, sizeof(digest->text));
    out[6] = '-';
}

bool depot_entry_read(const char *name, struct digest_any *out)
{
    char text[DEPOT_ENTRY_MAX + 1];
    size_t len = strlen(name);
    if (len < 7 || len > DEPOT_ENTRY_MAX || name[6] != '-')
        return false;
    memcpy(text, name, len + 1);
    text[6] = ':';
    return digest_any_parse(text, out, ERR_IGNORED) == 0;
}

char *depot_referrers(const struct digest_any *subject)
{
    char entry[DEPOT_ENTRY_MAX + 1];
    depot_entry(subject, entry);
    return mem_printf(DEPOT_REFERRERS "/%s", entry);
}

static char *folder_path(const struct depot *depot, const char *repository, const char *folder)
{
    return mem_printf("%s/repositories/%s/%s", depot->dir, repository, folder);
}

int depot_link_set(const struct depot *depot, const char *repository, const char *folder,
                   const char *name, const char *text, struct err *err)
{
    AUTO_FREE char *where = folder_path(depot, repository, folder);
    AUTO_FREE char *path = mem_printf("%s/%s", where, name);
    AUTO(spool_end) struct spool spool = SPOOL_INIT;
    int rc = dir_make_all(where, err);
    if (!rc)
        rc = spool_begin(depot, &spool, err);
    if (!rc)
        rc = file_write_all(spool.fd, text, strlen(text), spool.path, err);
    if (!rc)
        rc = file_sync(spool.fd, spool.path, err);
    if (!rc && rename(spool.path, path) != 0)
        rc = err_errno(err, "move %s to %s", spool.path, path);
    return rc ? rc : dir_sync(where, err);
}

int depot_link_get(const struct depot *depot, const char *repository, const char *folder,
                   const char *name, struct buf *text, struct err *err)
{
    AUTO_FREE char *where = folder_path(depot, repository, folder);
    AUTO_FREE char *path = mem_printf("%s/%s", where, name);
    return file_read(AT_FDCWD, path, NULL, text, err);
}

bool depot_link_has(const struct depot *depot, const char *repository, const char *folder,
                    const char *name)
{
    AUTO_FREE char *where = folder_path(depot, repository, folder);
    AUTO_FREE char *path = mem_printf("%s/%s", where, name);
    return file_is_regular(path);
}

int depot_link_unlink(const struct depot *depot, const char *repository, const char *folder,
                      const char *name, struct err *err)
{
    AUTO_FREE char *where = folder_path(depot, repository, folder);
    AUTO_FREE char *path = mem_printf("%s/%s", where, name);
    return unlink(path) == 0 ? 0 : err_errno(err, "remove %s", path);
}

int depot_link_sync(const struct depot *depot, const char *repository, const char *folder,
                    struct err *err)
{
    AUTO_FREE char *where = folder_path(depot, repository, folder);
    return access(where, F_OK) != 0 && errno == ENOENT ? 0 : dir_sync(where, err);
}

int depot_link_drop(const struct depot *depot, const char *repository, const char *folder,
                    const char *name, struct err *err)
{
    int rc = depot_link_unlink(depot, repository, folder, name, err);
    return rc ? rc : depot_link_sync(depot, repository, folder, err);
}

int depot_link_each(const struct depot *depot, const char *repository, const char *folder,
                    int (*visit)(void *arg, const char *name), void *arg, struct err *err)
{
    AUTO_FREE char *path = folder_path(depot, repository, folder);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    if (!dir)
        return errno == ENOENT ? 0 : err_errno(err, "open %s", path);
    const struct dirent *entry;
    int rc = 0;
    for (errno = 0; !rc && (entry = readdir(dir)); errno = 0)
        if (entry->d_name[0] != '.')
            rc = visit(arg, entry->d_name);
    return !rc && errno ? err_errno(err, "read %s", path) : rc;
}

bool depot_has(const struct depot *depot, const char *repository)
{
    static const char *const folders[] = {DEPOT_BLOBS, DEPOT_MANIFESTS, DEPOT_TAGS};
    bool has = false;
    for (size_t i = 0; !has && i < COUNT(folders); i++) {
        AUTO_FREE char *path = folder_path(depot, repository, folders[i]);
        has = access(path, F_OK) == 0;
    }
    return has;
}

/* A walk through the repositories. */
struct walk {
    int (*visit)(void *arg, const char *repository);
    void *arg;
    char name[PATH_MAX]; /* of the folder, below repositories/ */
    int failed;          /* the first failure; the walk goes on */
    struct err *err;     /* of it */
};

/* Notes that a folder cannot be read. A file is none, and a folder may be gone by now. */
static void note_failure(struct walk *walk, int parent, const char *entry)
{
    struct stat info;
    int number = errno;
    if (walk->failed || fstatat(parent, entry, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        (!S_ISDIR(info.st_mode) && !S_ISLNK(info.st_mode)))
        return;
    errno = number;
    walk->failed = S_ISLNK(info.st_mode)
                       ? err_set(walk->err, ERR_FAILED,
                                 "repositories/%s is a link: put the folder itself in its place "
                                 "(mount --bind for one on another disk)",
                                 walk->name)
                       : err_errno(walk->err, "open repositories/%s", walk->name);
}

/* Walks through the folder; a part of a name never begins with '_' or '.'. */
static int walk_folder(struct walk *walk, DIR *dir, size_t len, int depth)
{
    const struct dirent *entry;
    bool found = false;
    int rc = 0;
    for (errno = 0; !rc && (entry = readdir(dir)); errno = 0) {
        size_t more = strlen(entry->d_name);
        found = found || entry->d_name[0] == '_';
        if (strchr("._", entry->d_name[0]) || depth == DEPTH_MAX ||
            len + 1 + more >= sizeof(walk->name))
            continue;
        AUTO(dir_close_at) DIR *below = dir_open(dirfd(dir), entry->d_name);
        size_t at = len + (len > 0);
        if (len)
            walk->name[len] = '/';
        memcpy(walk->name + at, entry->d_name, more + 1);
        if (below)
            rc = walk_folder(walk, below, at + more, depth + 1);
        else
            note_failure(walk, dirfd(dir), entry->d_name);
        walk->name[len] = '\0';
    }
    if (!rc && errno && !walk->failed)
        walk->failed = err_errno(walk->err, "read repositories/%s", walk->name);
    return !rc && found && len ? walk->visit(walk->arg, walk->name) : rc;
}

int depot_each(const struct depot *depot, int (*visit)(void *arg, const char *repository),
               void *arg, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/repositories", depot->dir);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    struct walk walk = {.visit = visit, .arg = arg, .err = err};
    if (!dir)
        return errno == ENOENT ? 0 : err_errno(err, "open %s", path);
    int rc = walk_folder(&walk, dir, 0, 0);
    return rc ? rc : walk.failed;
}
