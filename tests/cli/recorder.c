/*
 * Records the changes of names and disks by a program, in order: an object for LD_PRELOAD.
 *
 *   RECORDER_LOG=FILE    a line for each call that succeeded: its name and absolute paths
 *   RECORDER_FAIL=PATH   fsync of that path fails with EIO
 *   RECORDER_NO_LINKS=1  linkat fails with EPERM, as on a file system that has none
 *   RECORDER_KILL=N      SIGKILL comes before the N-th call
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void count_call(void)
{
    static long calls;
    const char *last = getenv("RECORDER_KILL");
    if (last && ++calls == strtol(last, NULL, 10))
        kill(getpid(), SIGKILL);
}

static const char *path_of(int fd, char out[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, out, PATH_MAX - 1);
    out[len < 0 ? 0 : len] = '\0';
    return out;
}

static const char *path_at(int dirfd, const char *name, char out[2 * PATH_MAX])
{
    char folder[PATH_MAX];
    if (*name == '/' || dirfd == AT_FDCWD)
        snprintf(out, 2 * PATH_MAX, "%s", name);
    else
        snprintf(out, 2 * PATH_MAX, "%s/%s", path_of(dirfd, folder), name);
    return out;
}

static int record(int result, const char *format, ...)
{
    int number = errno;
    const char *path = getenv("RECORDER_LOG");
    int fd = result == 0 && path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        va_list args;
        va_start(args, format);
        vdprintf(fd, format, args);
        va_end(args);
        close(fd);
    }
    errno = number;
    return result;
}

#define REAL(type, name) type real = (type)dlsym(RTLD_NEXT, name)

typedef int fsync_function(int);
typedef int linkat_function(int, const char *, int, const char *, int);
typedef int mkdir_function(const char *, mode_t);
typedef int mkdirat_function(int, const char *, mode_t);
typedef int rename_function(const char *, const char *);
typedef int renameat_function(int, const char *, int, const char *);
typedef int renameat2_function(int, const char *, int, const char *, unsigned);
typedef int unlinkat_function(int, const char *, int);

int fsync(int fd)
{
    REAL(fsync_function *, "fsync");
    char path[PATH_MAX];
    const char *fails = getenv("RECORDER_FAIL");
    count_call();
    if (fails && strcmp(path_of(fd, path), fails) == 0) {
        errno = EIO;
        return -1;
    }
    return record(real(fd), "fsync %s\n", path_of(fd, path));
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    REAL(linkat_function *, "linkat");
    if (getenv("RECORDER_NO_LINKS")) {
        errno = EPERM;
        return -1;
    }
    return real(from_dir, from, to_dir, to, flags);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir_function *, "mkdir");
    count_call();
    return record(real(path, mode), "mkdir %s\n", path);
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
    REAL(mkdirat_function *, "mkdirat");
    char whole[2 * PATH_MAX];
    count_call();
    return record(real(dirfd, path, mode), "mkdir %s\n", path_at(dirfd, path, whole));
}

int rename(const char *from, const char *to)
{
    REAL(rename_function *, "rename");
    count_call();
    return record(real(from, to), "rename %s %s\n", from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    REAL(renameat_function *, "renameat");
    char a[2 * PATH_MAX], b[2 * PATH_MAX];
    count_call();
    return record(real(from_dir, from, to_dir, to), "rename %s %s\n", path_at(from_dir, from, a),
                  path_at(to_dir, to, b));
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    REAL(renameat2_function *, "renameat2");
    char a[2 * PATH_MAX], b[2 * PATH_MAX];
    count_call();
    return record(real(from_dir, from, to_dir, to, flags), "%s %s %s\n",
                  flags & RENAME_EXCHANGE ? "exchange" : "rename", path_at(from_dir, from, a),
                  path_at(to_dir, to, b));
}

int unlinkat(int dirfd, const char *path, int flags)
{
    REAL(unlinkat_function *, "unlinkat");
    char whole[2 * PATH_MAX];
    count_call();
    return record(real(dirfd, path, flags), "unlink %s\n", path_at(dirfd, path, whole));
}
