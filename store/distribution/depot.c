/* The folder of a served registry: its locks and its blobs. */
#include "store/distribution/depot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/distribution/spool.h"

static int open_lock(const struct depot *depot, const char *name, int *fd, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", depot->dir, name);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *fd < 0 ? err_errno(err, "open %s", path) : 0;
}

/* Says which process has the lock, as far as it says so itself. */
static int tell_writer(const struct depot *depot, struct err *err)
{
    char text[32] = "";
    ssize_t len = pread(depot->writer, text, sizeof(text) - 1, 0);
    long pid = len > 0 ? strtol(text, NULL, 10) : 0;
    return err_set(
        err, ERR_FAILED,
        "another server writes to the registry folder %s%s%.0ld: stop it, or name another "
        "folder by --registry-dir",
        depot->dir, pid > 0 ? ", process " : "", pid);
}

/* Whether the open file is DIR/.writer. */
static bool is_writer(const struct depot *depot, int fd)
{
    struct stat open, there;
    AUTO_FREE char *path = mem_printf("%s/.writer", depot->dir);
    return fd >= 0 && fstat(fd, &open) == 0 && lstat(path, &there) == 0 &&
           open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

/* Becomes the one process that writes, beside the one that handed over its lock if there is one: a
 * lock belongs to the open file, which both have. */
static int lock_writer(struct depot *depot, int *handed, struct err *err)
{
    char text[32];
    int rc = 0;
    if (is_writer(depot, *handed))
        depot->writer = STEAL_FD(*handed);
    else
        rc = open_lock(depot, ".writer", &depot->writer, err);
    if (rc)
        return rc;
    if (flock(depot->writer, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? tell_writer(depot, err)
                                    : err_errno(err, "lock %s/.writer", depot->dir);
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(depot->writer, 0) != 0 || pwrite(depot->writer, text, (size_t)len, 0) != len)
        return err_errno(err, "write %s/.writer", depot->dir);
    return 0;
}

static int make_folders(const struct depot *depot, struct err *err)
{
    static const char *const names[] = {"blobs/sha256", "blobs/sha512", "repositories", "uploads"};
    int rc = 0;
    for (size_t i = 0; !rc && i < COUNT(names); i++) {
        AUTO_FREE char *path = mem_printf("%s/%s", depot->dir, names[i]);
        rc = dir_make_all(path, err);
    }
    return rc;
}

static void close_at(struct depot **depot)
{
    depot_close(*depot);
}

int depot_open(const char *dir, enum depot_use use, int lock, struct depot **out, struct err *err)
{
    AUTO_CLOSE int handed = lock;
    AUTO(close_at) struct depot *depot = mem_zero(1, sizeof(*depot));
    depot->dir = mem_dup(dir);
    depot->writer = depot->change = -1;
    pthread_mutex_init(&depot->mutex, NULL);
    int rc = use == DEPOT_SERVE ? make_folders(depot, err) : 0;
    if (!rc && use != DEPOT_READ)
        rc = open_lock(depot, ".change", &depot->change, err);
    if (!rc && use == DEPOT_SERVE)
        rc = lock_writer(depot, &handed, err);
    if (rc)
        return rc;
    /* Files that are on their way belong to dead processes, unless another one serves still. */
    bool alone = lock < 0 || handed >= 0;
    if (use == DEPOT_SERVE && alone)
        spool_sweep(depot);
    *out = STEAL(depot);
    return 0;
}

void depot_close(struct depot *depot)
{
    if (!depot)
        return;
    mem_close_at(&depot->writer);
    mem_close_at(&depot->change);
    pthread_mutex_destroy(&depot->mutex);
    free(depot->dir);
    free(depot);
}

int depot_begin(struct depot *depot, struct err *err)
{
    pthread_mutex_lock(&depot->mutex);
    while (depot->change >= 0 && flock(depot->change, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        int rc = err_errno(err, "lock %s/.change", depot->dir);
        pthread_mutex_unlock(&depot->mutex);
        return rc;
    }
    return 0;
}

void depot_end(struct depot *depot)
{
    if (depot->change >= 0)
        flock(depot->change, LOCK_UN);
    pthread_mutex_unlock(&depot->mutex);
}

static char *blob_path(const struct depot *depot, const struct digest_any *digest)
{
    return mem_printf("%s/blobs/%s/%s", depot->dir,
                      digest_algorithm_name(digest_any_algorithm(digest)), digest_any_hex(digest));
}

int depot_blob_open(const struct depot *depot, const struct digest_any *digest, int *fd,
                    long long *size, struct err *err)
{
    AUTO_FREE char *path = blob_path(depot, digest);
    off_t bytes = 0;
    int rc = file_open_regular(path, fd, &bytes, err);
    *size = bytes;
    return rc;
}

/* Whether the blob is in its place, undamaged. */
static bool is_there(const struct depot *depot, const struct digest_any *digest)
{
    AUTO_CLOSE int fd = -1;
    long long size = 0;
    struct digest_any found;
    return depot_blob_open(depot, digest, &fd, &size, ERR_IGNORED) == 0 &&
           digest_any_of_fd(fd, digest_any_algorithm(digest), &found, NULL, ERR_IGNORED) == 0 &&
           digest_any_equal(&found, digest);
}

int depot_blob_take(const struct depot *depot, const char *path, const struct digest_any *digest,
                    struct err *err)
{
    AUTO_FREE char *place = blob_path(depot, digest);
    AUTO_FREE char *folder = mem_dup_n(place, (size_t)(strrchr(place, '/') - place));
    if (is_there(depot, digest)) {
        unlink(path);
        return 0;
    }
    if (rename(path, place) != 0)
        return err_errno(err, "move %s to %s", path, place);
    return dir_sync(folder, err);
}

int depot_blob_write(const struct depot *depot, const char *data, size_t len,
                     const struct digest_any *digest, struct err *err)
{
    AUTO(spool_end) struct spool spool = SPOOL_INIT;
    if (is_there(depot, digest))
        return 0;
    int rc = spool_begin(depot, &spool, err);
    if (!rc)
        rc = file_write_all(spool.fd, data, len, spool.path, err);
    if (!rc)
        rc = file_sync(spool.fd, spool.path, err);
    return rc ? rc : depot_blob_take(depot, spool.path, digest, err);
}

/* Gives the open file a second name; false where that cannot be. */
static bool link_file(int fd, const char *path)
{
    AUTO_FREE char *from = mem_printf("/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

int depot_blob_share(const struct depot *depot, int fd, const struct digest_any *digest,
                     struct err *err)
{
    AUTO(spool_end) struct spool spool = SPOOL_INIT;
    if (is_there(depot, digest))
        return 0;
    AUTO_FREE char *name = spool_name(depot);
    if (link_file(fd, name)) {
        int rc = depot_blob_take(depot, name, digest, err);
        if (rc)
            unlink(name);
        return rc;
    }
    int rc = spool_begin(depot, &spool, err);
    if (!rc)
        rc = file_copy(fd, spool.fd, err);
    if (!rc)
        rc = file_sync(spool.fd, spool.path, err);
    return rc ? rc : depot_blob_take(depot, spool.path, digest, err);
}
