#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { REMOVE_DEPTH_MAX = 64 };

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

static int remove_children(int parent, const char *name, int depth, struct err *err);

static int remove_at_depth(int dirfd, const char *name, int depth, struct err *err)
{
    if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return err_errno(err, "remove %s", name);
    int rc = remove_children(dirfd, name, depth, err);
    if (rc)
        return rc;
    return unlinkat(dirfd, name, AT_REMOVEDIR) == 0 ? 0 : err_errno(err, "remove %s", name);
}

static int remove_children(int parent, const char *name, int depth, struct err *err)
{
    if (depth >= REMOVE_DEPTH_MAX)
        return err_set(err, ERR_FAILED, "remove %s: folders nest deeper than %d", name,
                       REMOVE_DEPTH_MAX);
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
