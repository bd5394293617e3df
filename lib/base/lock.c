#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"

enum { NOTICE_AFTER_MS = 1000, PAUSE_FIRST_MS = 2, PAUSE_MAX_MS = 50 };

/* Users who may write to the folder can spoil its files anyway, except in a folder with the sticky
 * bit. */
static mode_t mode_for(const struct stat *folder)
{
    mode_t shared = folder->st_mode & S_ISVTX ? 0 : folder->st_mode & (S_IWGRP | S_IWOTH);
    return 0600 | shared | shared << 1;
}

/* Best effort: the file of another user stays as it is, and so does a file with other names, which
 * may be anything. */
static void set_access(int dirfd, int fd, const struct stat *file)
{
    struct stat folder;
    bool root = geteuid() == 0;
    if (fstat(dirfd, &folder) != 0 || file->st_nlink != 1 || (!root && file->st_uid != geteuid()))
        return;
    mode_t mode = mode_for(&folder);
    if ((root && file->st_uid != folder.st_uid) || (mode & 060 && file->st_gid != folder.st_gid))
        (void)!fchown(fd, root ? folder.st_uid : (uid_t)-1, folder.st_gid);
    if ((file->st_mode & 07777) != mode)
        (void)fchmod(fd, mode);
}

static int open_file(const struct lock_place *place, struct err *err)
{
    struct stat file;
    AUTO_CLOSE int fd = openat(place->dirfd, place->name,
                               O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0 || fstat(fd, &file) != 0)
        return err_errno(err, "open the lock %s", place->shown);
    if (!S_ISREG(file.st_mode))
        return err_set(err, ERR_FAILED, "the lock %s is not a regular file: remove it",
                       place->shown);
    set_access(place->dirfd, fd, &file);
    return STEAL_FD(fd);
}

/* Whether the locked file is still the one that the name leads to. */
static bool is_current(const struct lock_place *place, int fd)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 &&
           fstatat(place->dirfd, place->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* 1: locked; 0: another holds it, or it was removed. */
static int try_lock(const struct lock_place *place, int *fd, struct err *err)
{
    AUTO_CLOSE int opened = open_file(place, err);
    if (opened < 0)
        return opened;
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK || errno == EINTR)
            return 0;
        bool none = errno == EBADF || errno == EOPNOTSUPP || errno == ENOLCK || errno == ENOSYS;
        int rc = err_errno(err, "lock %s", place->shown);
        return none ? (err->code = ERR_UNSUPPORTED) : rc;
    }
    if (!is_current(place, opened))
        return 0;
    *fd = STEAL_FD(opened);
    return 1;
}

int lock_take(const struct lock_place *place, const struct lock_wait *wait, int *fd,
              struct err *err)
{
    const char *shown = place->shown;
    int64_t begun = clock_ms(), pause = PAUSE_FIRST_MS;
    long seconds = wait->seconds ? wait->seconds : LOCK_WAIT_SECONDS;
    bool told = false;
    for (;;) {
        int got = try_lock(place, fd, err);
        int64_t waited = clock_ms() - begun;
        if (got)
            return got < 0 ? got : 0;
        if (wait->interrupted && *wait->interrupted)
            return err_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s", shown);
        int rc = stop_check(err);
        if (rc)
            return err_wrap(err, "waiting for %s, which another process holds", shown);
        if (waited >= seconds * 1000)
            return err_set(err, ERR_FAILED,
                           "another process has held %s for %ld s: wait for it to end, or end it "
                           "(\"fuser -v %s\" shows which it is)",
                           shown, seconds, shown);
        if (!told && waited >= NOTICE_AFTER_MS)
            notice_say(wait->notice, NOTICE_INFO, "waiting for %s, which another wasme holds",
                       shown);
        told = told || waited >= NOTICE_AFTER_MS;
        clock_sleep_ms(pause);
        pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
    }
}
