#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"

/* A pipe's writer may take its time; a regular file always has something, if only its end. */
static int wait_for_bytes(int fd, struct err *err)
{
    enum { LOOK_MS = 200 };
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    for (;;) {
        int rc = stop_check(err);
        if (rc || poll(&wait, 1, LOOK_MS) > 0)
            return rc;
    }
}

int file_read_fd(int fd, const char *shown, struct buf *out, struct err *err)
{
    char chunk[4096];
    for (;;) {
        int rc = wait_for_bytes(fd, err);
        if (rc)
            return err_wrap(err, "read %s", shown);
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read %s", shown);
        if (got == 0)
            return 0;
        buf_add(out, chunk, (size_t)got);
        if (buf_overflowed(out))
            return err_set(err, ERR_DAMAGED, "%s: larger than %zu bytes", shown, out->max);
    }
}

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a FIFO";
    return S_ISSOCK(mode) ? "a socket" : "a device";
}

/* A file that is taken besides a regular one: /dev/null never waits, and people link to it. */
enum accept { REGULAR_ALONE, NULL_TOO, PIPE_TOO };

/* A file that is to be read; lent. */
struct named_file {
    int dirfd;
    const char *path;
    const char *shown; /* how errors name the file */
    enum accept accept;
};

/* A shell's <(command): a pipe without a name, whose writer is there. A FIFO may never get one. */
static bool is_nameless_pipe(int fd, mode_t mode)
{
    struct statfs kind;
    return S_ISFIFO(mode) && fstatfs(fd, &kind) == 0 && kind.f_type == PIPEFS_MAGIC;
}

static bool is_accepted(int fd, const struct stat *info, enum accept accept)
{
    bool null = S_ISCHR(info->st_mode) && info->st_rdev == makedev(1, 3);
    return S_ISREG(info->st_mode) || (accept >= NULL_TOO && null) ||
           (accept >= PIPE_TOO && is_nameless_pipe(fd, info->st_mode));
}

/* O_NONBLOCK: the open of a FIFO without a writer does not return. The flag is cleared again, since
 * it belongs to the open file, which a child may inherit. */
static int open_to_read(const struct named_file *file, struct stat *info, struct err *err)
{
    const char *shown = file->shown;
    AUTO_CLOSE int fd =
        openat(file->dirfd, file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENXIO)
        return err_set(err, ERR_FAILED, "%s: not a regular file but a socket or a device", shown);
    if (fd < 0)
        return err_errno(err, "open %s", shown);
    if (fstat(fd, info) != 0)
        return err_errno(err, "stat %s", shown);
    if (!is_accepted(fd, info, file->accept))
        return err_set(err, ERR_FAILED, "%s: not a regular file but %s", shown,
                       kind_of(info->st_mode));
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
        return err_errno(err, "open %s", shown);
    return STEAL_FD(fd);
}

static int read_all(const struct named_file *file, struct buf *out, struct err *err)
{
    struct stat info;
    AUTO_CLOSE int fd = open_to_read(file, &info, err);
    return fd < 0 ? fd : file_read_fd(fd, file->shown, out, err);
}

int file_read(int dirfd, const char *path, const char *shown, struct buf *out, struct err *err)
{
    const struct named_file file = {dirfd, path, shown ? shown : path, NULL_TOO};
    return read_all(&file, out, err);
}

int file_read_named(const char *path, struct buf *out, struct err *err)
{
    const struct named_file file = {AT_FDCWD, path, path, PIPE_TOO};
    return read_all(&file, out, err);
}

bool file_is_regular(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_is_same(const struct stat *before, const struct stat *after)
{
    return before->st_dev == after->st_dev && before->st_ino == after->st_ino &&
           before->st_size == after->st_size && same_time(&before->st_mtim, &after->st_mtim) &&
           same_time(&before->st_ctim, &after->st_ctim);
}

int file_open_regular(const char *path, int *fd, off_t *size, struct err *err)
{
    const struct named_file file = {AT_FDCWD, path, path, REGULAR_ALONE};
    struct stat info;
    int opened = open_to_read(&file, &info, err);
    if (opened < 0)
        return opened;
    *fd = opened;
    *size = info.st_size;
    return 0;
}

int file_write_all(int fd, const void *data, size_t len, const char *shown, struct err *err)
{
    const char *at = data;
    while (len) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_errno(err, "write %s", shown);
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

int file_sync(int fd, const char *shown, struct err *err)
{
    return fsync(fd) == 0 ? 0 : err_errno(err, "sync %s", shown);
}

int file_set_access(int fd, const struct stat *old, const char *shown, struct err *err)
{
    mode_t mode = old->st_mode & 07777;
    struct stat now;
    if (fstat(fd, &now) != 0)
        return err_errno(err, "stat %s", shown);
    if (now.st_uid != old->st_uid && fchown(fd, old->st_uid, (gid_t)-1) != 0)
        mode &= ~(mode_t)S_ISUID;
    if (now.st_gid != old->st_gid && fchown(fd, (uid_t)-1, old->st_gid) != 0)
        mode &= ~(mode_t)(S_ISGID | S_IRWXG); /* those rights were another group's */
    if (fchmod(fd, mode) != 0)                /* after the owner, whose change takes bits away */
        return err_errno(err, "chmod %s", shown);
    return 0;
}

/* A file that loses its name at once, for a file system that knows no files without names. */
static int make_nameless(const char *folder)
{
    AUTO_FREE char *path = mem_printf("%s/wasme-XXXXXX", folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

int file_temporary(const char *folder, int *fd, struct err *err)
{
    int made = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (made < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        made = make_nameless(folder);
    if (made < 0)
        return err_errno(err, "make a temporary file in %s", folder);
    *fd = made;
    return 0;
}

int file_create_open(int dirfd, const char *path, const void *data, size_t len, int *fd,
                     struct err *err)
{
    AUTO_CLOSE int made = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (made < 0)
        return err_errno(err, "create %s", path);
    int rc = file_write_all(made, data, len, path, err);
    if (!rc)
        *fd = STEAL_FD(made);
    return rc;
}

int file_create(int dirfd, const char *path, const void *data, size_t len, struct err *err)
{
    int fd = -1;
    int rc = file_create_open(dirfd, path, data, len, &fd, err);
    if (rc)
        return rc;
    rc = file_sync(fd, path, err);
    if (close(fd) != 0 && !rc)
        rc = err_errno(err, "close %s", path);
    return rc;
}

int file_send(int from, int to, struct err *err)
{
    enum { CHUNK = 64 * 1024 };
    AUTO_FREE char *chunk = mem_alloc(CHUNK);
    off_t at = 0;
    for (;;) {
        ssize_t got = pread(from, chunk, CHUNK, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read");
        if (got == 0)
            return 0;
        int rc = file_write_all(to, chunk, (size_t)got, "the copy", err);
        if (rc)
            return rc;
        at += got;
    }
}

int file_copy(int from, int to, struct err *err)
{
    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    return file_send(from, to, err);
}
