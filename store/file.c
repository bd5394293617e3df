/* Files on their way into an image. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/layout.h"

/*
 * Opens and locks the file; returns the descriptor, or -1 with errno. EAGAIN: a cleaner, or a
 * writer that has finished, took the name away before we had the lock.
 */
static int open_locked(const struct store *store, const char *name, int flags)
{
    struct stat ours, there;
    AUTO_CLOSE int fd =
        openat(store->fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &ours) != 0)
        return -1;
    if (fstatat(store->fd, name, &there, AT_SYMLINK_NOFOLLOW) != 0 || ours.st_ino != there.st_ino) {
        errno = EAGAIN;
        return -1;
    }
    return STEAL_FD(fd);
}

/* Opens the file for the blob; false when another process has it, or when it cannot be used. */
static bool open_part(const struct digest *digest, struct store_file *file)
{
    struct stat info;
    snprintf(file->name, sizeof(file->name), "%s%s", STORE_PART_PREFIX, digest_hex(digest));
    file->fd = open_locked(file->store, file->name, O_NONBLOCK);
    if (file->fd < 0)
        return false;
    /* The file must be our own and have no other name, so that nobody changes verified bytes. */
    if (fstat(file->fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid() ||
        info.st_nlink != 1 || lseek(file->fd, 0, SEEK_END) != info.st_size) {
        close(file->fd);
        file->fd = -1;
        return false;
    }
    file->kept = info.st_size;
    file->partial = true;
    return true;
}

static int open_new(struct store_file *file, struct err *err)
{
    while (file->fd < 0) {
        layout_random_name(STORE_NEW_PREFIX, file->name);
        file->fd = open_locked(file->store, file->name, O_EXCL);
        if (file->fd < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EEXIST)
            return err_errno(err, "create a file in the store %s", file->store->dir);
    }
    return 0;
}

int store_file_begin(struct store *store, const struct digest *digest, struct store_file **out,
                     struct err *err)
{
    int rc = layout_ensure(store, err);
    if (rc)
        return rc;
    struct store_file file = {.store = store, .fd = -1};
    if (!digest || !open_part(digest, &file))
        rc = open_new(&file, err);
    if (rc)
        return rc;
    *out = mem_alloc(sizeof(**out));
    **out = file;
    return 0;
}

int store_file_fd(const struct store_file *file)
{
    return file->fd;
}

long long store_file_kept(const struct store_file *file)
{
    return file->kept;
}

int store_file_empty(struct store_file *file, struct err *err)
{
    file->kept = 0;
    if (ftruncate(file->fd, 0) != 0 || lseek(file->fd, 0, SEEK_SET) != 0)
        return err_errno(err, "empty a file in the store %s", file->store->dir);
    return 0;
}

/* Makes a locked file of the store that is one more name of `from`; -1: that cannot be. */
static int link_locked(const struct store *store, int from, char name[STORE_NAME_MAX])
{
    struct stat wanted, info;
    AUTO_FREE char *path = mem_printf("/proc/self/fd/%d", from);
    layout_random_name(STORE_NEW_PREFIX, name);
    if (fstat(from, &wanted) != 0 ||
        linkat(AT_FDCWD, path, store->fd, name, AT_SYMLINK_FOLLOW) != 0)
        return -1;
    AUTO_CLOSE int fd = open_locked(store, name, 0);
    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_ino == wanted.st_ino)
        return STEAL_FD(fd);
    unlinkat(store->fd, name, 0);
    return -1;
}

void store_file_share(struct store_file *file, int from)
{
    char name[STORE_NAME_MAX];
    if (ioctl(file->fd, FICLONE, from) == 0)
        return;
    int fd = link_locked(file->store, from, name);
    if (fd < 0)
        return;
    unlinkat(file->store->fd, file->name, 0);
    close(file->fd);
    file->fd = fd;
    memcpy(file->name, name, sizeof(name));
    file->kept = 0;
    file->partial = false;
}

void store_file_spoil(struct store_file *file)
{
    file->partial = false;
}

/* Whether a later run has a use for the bytes. The age that STORE_PART_LIFE bounds is that of the
 * last byte, which is that of the last try. */
static bool is_worth_keeping(const struct store_file *file)
{
    struct stat info;
    return file->partial && fstat(file->fd, &info) == 0 && info.st_size >= STORE_PART_MIN;
}

void store_file_end(struct store_file *file)
{
    if (!file)
        return;
    if (file->name[0] && !is_worth_keeping(file))
        unlinkat(file->store->fd, file->name, 0);
    close(file->fd);
    free(file);
}

void store_file_end_at(struct store_file **file)
{
    store_file_end(*file);
}
