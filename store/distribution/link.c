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

int depot_link_drop(const struct depot *depot, const char *repository, const char *folder,
                    const char *name, struct err *err)
{
    AUTO_FREE char *where = folder_path(depot, repository, folder);
    AUTO_FREE char *path = mem_printf("%s/%s", where, name);
    if (unlink(path) != 0)
        return err_errno(err, "remove %s", path);
    return dir_sync(where, err);
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
    while (!rc && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            rc = visit(arg, entry->d_name);
    return rc;
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
};

/* Walks through the folder; a part of a name never begins with '_' or '.'. */
static int walk_folder(struct walk *walk, DIR *dir, size_t len, int depth)
{
    const struct dirent *entry;
    bool found = false;
    int rc = 0;
    while (!rc && (entry = readdir(dir))) {
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
        rc = below ? walk_folder(walk, below, at + more, depth + 1) : 0;
        walk->name[len] = '\0';
    }
    return !rc && found && len ? walk->visit(walk->arg, walk->name) : rc;
}

int depot_each(const struct depot *depot, int (*visit)(void *arg, const char *repository),
               void *arg, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/repositories", depot->dir);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    struct walk walk = {.visit = visit, .arg = arg};
    if (!dir)
        return errno == ENOENT ? 0 : err_errno(err, "open %s", path);
    return walk_folder(&walk, dir, 0, 0);
}
