#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { DEPTH_MAX = 64 };

char *dir_of(const char *path)
{
    struct stat info;
    AUTO_FREE char *real = realpath(path, NULL);
    if (!real || stat(real, &info) != 0)
        return NULL;
    return S_ISDIR(info.st_mode) ? STEAL(real) : mem_dup(dirname(real));
}

bool dir_holds(const char *folder, const char *path)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return true;
    return strncmp(folder, path, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

int dir_sync(const char *path, struct err *err)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        return 0;
    return fd < 0 ? err_errno(err, "open %s", path) : file_sync(fd, path, err);
}

static int make_one(const char *path, struct err *err)
{
    if (mkdir(path, 0777) != 0)
        return errno == EEXIST ? 0 : err_errno(err, "make folder %s", path);
    AUTO_FREE char *copy = mem_dup(path);
    return dir_sync(dirname(copy), err);
}

int dir_make_all(const char *path, struct err *err)
{
    AUTO_FREE char *part = mem_dup(path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int rc = make_one(part, err);
        if (rc)
            return rc;
        *slash = '/';
    }
    int rc = make_one(part, err);
    if (rc)
        return rc;
    struct stat info;
    if (stat(path, &info) != 0)
        return err_errno(err, "stat %s", path);
    if (!S_ISDIR(info.st_mode))
        return err_set(err, ERR_FAILED, "%s: not a folder", path);
    return 0;
}

DIR *dir_open(int dirfd, const char *name)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !dir)
        close(fd);
    return dir;
}

void dir_close_at(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir);
    *dir = NULL;
}

static int remove_children(int parent, const char *name, int depth, struct err *err);

/* Removes a name of a folder that is itself to be removed. Go makes the folders of its modules
 * read-only, and their owner may change that. */
static int unlink_in(int dirfd, const char *name, int flags, int depth)
{
    int rc = unlinkat(dirfd, name, flags);
    if (rc == 0 || errno != EACCES || depth == 0)
        return rc;
    if (fchmod(dirfd, 0700) == 0)
        return unlinkat(dirfd, name, flags);
    errno = EACCES;
    return -1;
}

static int remove_at_depth(int dirfd, const char *name, int depth, struct err *err)
{
    if (unlink_in(dirfd, name, 0, depth) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return err_errno(err, "remove %s", name);
    int rc = remove_children(dirfd, name, depth, err);
    if (rc)
        return rc;
    if (unlink_in(dirfd, name, AT_REMOVEDIR, depth) == 0)
        return 0;
    return err_errno(err, "remove %s", name);
}

static int remove_children(int parent, const char *name, int depth, struct err *err)
{
    if (depth >= DEPTH_MAX)
        return err_set(err, ERR_FAILED, "remove %s: folders nest deeper than %d", name, DEPTH_MAX);
    DIR *dir = dir_open(parent, name);
    if (!dir)
        return err_errno(err, "open %s", name);
    int rc = 0;
    for (struct dirent *item; !rc && (item = readdir(dir));) {
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            rc = remove_at_depth(dirfd(dir), item->d_name, depth + 1, err);
    }
    closedir(dir);
    return rc;
}

int dir_remove_all(int dirfd, const char *name, struct err *err)
{
    return remove_at_depth(dirfd, name, 0, err);
}

int dir_empty(int dirfd, const char *name, struct err *err)
{
    return remove_children(dirfd, name, 0, err);
}

static int copy_times(int fd, const struct stat *from, const char *name, struct err *err)
{
    const struct timespec times[] = {from->st_atim, from->st_mtim};
    return futimens(fd, times) == 0 ? 0 : err_errno(err, "set the time of %s", name);
}

static int copy_file(int from_dir, int to_dir, const char *name, const struct stat *info,
                     struct err *err)
{
    AUTO_CLOSE int from =
        openat(from_dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    AUTO_CLOSE int to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (from < 0 || to < 0)
        return err_errno(err, "copy %s", name);
    int rc = file_copy(from, to, err);
    if (!rc)
        rc = file_set_access(to, info, name, err);
    if (!rc)
        rc = copy_times(to, info, name, err);
    return rc ? rc : file_sync(to, name, err);
}

static int copy_link(int from_dir, int to_dir, const char *name, struct err *err)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(from_dir, name, target, sizeof(target) - 1);
    if (len >= 0)
        target[len] = '\0';
    return len >= 0 && symlinkat(target, to_dir, name) == 0 ? 0 : err_errno(err, "copy %s", name);
}

static int copy_folder(DIR *from, int to_dir, const char *to, int depth, struct err *err);

/* A FIFO, a socket or a device has nothing to copy. */
static int copy_item(int from_dir, int to_dir, const char *name, int depth, struct err *err)
{
    struct stat info;
    if (fstatat(from_dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return err_errno(err, "stat %s", name);
    if (S_ISDIR(info.st_mode)) {
        AUTO(dir_close_at) DIR *from = dir_open(from_dir, name);
        return from ? copy_folder(from, to_dir, name, depth, err) : err_errno(err, "open %s", name);
    }
    if (S_ISLNK(info.st_mode))
        return copy_link(from_dir, to_dir, name, err);
    return S_ISREG(info.st_mode) ? copy_file(from_dir, to_dir, name, &info, err) : 0;
}

static int copy_children(DIR *from, int to, int depth, struct err *err)
{
    int rc = 0;
    errno = 0;
    for (struct dirent *item; !rc && (item = readdir(from)); errno = 0) {
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            rc = copy_item(dirfd(from), to, item->d_name, depth + 1, err);
    }
    return !rc && errno ? err_errno(err, "read the folder") : rc;
}

/* Copies the folder `from` to `to`, which is made in the folder `to_dir`. */
static int copy_folder(DIR *from, int to_dir, const char *to, int depth, struct err *err)
{
    struct stat info;
    if (depth >= DEPTH_MAX)
        return err_set(err, ERR_FAILED, "copy %s: folders nest deeper than %d", to, DEPTH_MAX);
    AUTO_CLOSE int copy = mkdirat(to_dir, to, 0700) != 0
                              ? -1
                              : openat(to_dir, to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = copy < 0 || fstat(dirfd(from), &info) != 0 ? err_errno(err, "make folder %s", to)
                                                        : copy_children(from, copy, depth, err);
    if (!rc)
        rc = file_set_access(copy, &info, to, err);
    if (!rc)
        rc = copy_times(copy, &info, to, err);
    return rc ? rc : file_sync(copy, to, err);
}

int dir_copy_all(int dirfd, const char *name, const char *to, struct err *err)
{
    AUTO(dir_close_at) DIR *from = dir_open(dirfd, name);
    return from ? copy_folder(from, dirfd, to, 0, err) : err_errno(err, "open %s", name);
}
