#include "base/private_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

static int open_dir(const struct private_file *file)
{
    struct stat info;
    mode_t closed = file->secret ? S_IRWXG | S_IRWXO : S_IWGRP | S_IWOTH;
    if (!file->dir)
        return -1;
    AUTO_CLOSE int fd = open(file->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || info.st_uid != geteuid() || (info.st_mode & closed))
        return -1;
    return STEAL_FD(fd);
}

static bool is_ours(int fd, size_t max)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           !(info.st_mode & (S_IRWXG | S_IRWXO)) && info.st_nlink == 1 &&
           (unsigned long long)info.st_size <= max;
}

bool private_file_read(const struct private_file *file, struct buf *out)
{
    AUTO_CLOSE int dir = open_dir(file);
    if (dir < 0)
        return false;
    AUTO_CLOSE int fd =
        openat(dir, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd >= 0 && is_ours(fd, out->max) && file_read_fd(fd, file->name, out, ERR_IGNORED) == 0;
}

/* May a folder be made in this one? Root makes none in the folder of another user, who could not
 * use it. */
static bool may_make_in(const char *parent)
{
    struct stat info;
    return stat(*parent ? parent : "/", &info) == 0 && S_ISDIR(info.st_mode) &&
           (geteuid() != 0 || info.st_uid == 0);
}

/* Makes the folder and those above it, as the XDG Base Directory Specification wants them. */
static void make_dir(const char *path)
{
    AUTO_FREE char *part = mem_dup(path);
    struct stat info;
    for (char *slash = part;;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (stat(part, &info) != 0) {
            AUTO_FREE char *parent = mem_dup(part);
            char *last = strrchr(parent, '/');
            if (!last)
                return;
            *last = '\0';
            if (!may_make_in(parent) || mkdir(part, 0700) != 0)
                return;
        }
        if (!slash)
            return;
        *slash = '/';
    }
}

static bool write_new(int dir, const char *name, const void *data, size_t len)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool written = file_write_all(fd, data, len, name, ERR_IGNORED) == 0;
    return close(fd) == 0 && written;
}

bool private_file_write(const struct private_file *file, const void *data, size_t len)
{
    unsigned noise = 0;
    if (!file->dir)
        return false;
    AUTO_CLOSE int dir = open_dir(file);
    if (dir < 0) {
        make_dir(file->dir);
        dir = open_dir(file);
    }
    if (dir < 0 || getrandom(&noise, sizeof(noise), GRND_NONBLOCK) < 0)
        return false;
    AUTO_FREE char *name = mem_printf("%s.%08x", file->name, noise);
    if (write_new(dir, name, data, len) && renameat(dir, name, dir, file->name) == 0)
        return true;
    (void)unlinkat(dir, name, 0);
    return false;
}

void private_file_remove(const struct private_file *file)
{
    AUTO_CLOSE int dir = open_dir(file);
    if (dir >= 0)
        (void)unlinkat(dir, file->name, 0);
}
