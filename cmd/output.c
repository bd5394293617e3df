#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/resolve.h"
#include "cmd/stdout.h"

static int open_stdout(struct output *output, struct err *err)
{
    if (isatty(STDOUT_FILENO))
        return err_set(
            err, ERR_USAGE,
            "--output -: standard output is a terminal: name a file, or send it into one");
    output->is_stdout = true;
    output->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    return output->fd < 0 ? err_errno(err, "standard output") : 0;
}

/* Finds the folder of the file; symbolic links are followed, and stay. */
static int find_target(struct output *output, struct err *err)
{
    struct stat info;
    AUTO_FREE char *copy = mem_dup(output->target);
    output->folder = mem_dup(dirname(copy));
    bool is_folder = stat(output->folder, &info) == 0 && S_ISDIR(info.st_mode);
    if (!is_folder || output->path[strlen(output->path) - 1] == '/')
        return err_set(err, ERR_FAILED, "--output %s: there is no folder %s", output->path,
                       is_folder ? output->path : output->folder);
    return 0;
}

/* Gives the new file the mode and owner of the file whose place it takes. */
static int set_access(const struct output *output, int fd, struct err *err)
{
    struct stat old;
    if (stat(output->target, &old) == 0)
        return file_set_access(fd, &old, output->path, err);
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) != 0)
        return err_errno(err, "chmod %s", output->path);
    return 0;
}

int output_open(struct output *output, const char *path, struct err *err)
{
    struct stat info;
    output->path = path;
    if (!*path)
        return err_set(err, ERR_USAGE, "--output has an empty name");
    if (strcmp(path, "-") == 0)
        return open_stdout(output, err);
    AUTO_FREE char *target = NULL;
    int rc = resolve_path(path, &target, err);
    if (rc && rc != ERR_NOT_FOUND)
        return err_wrap(err, "--output %s", path);
    bool is_there = stat(path, &info) == 0;
    if (is_there && S_ISDIR(info.st_mode))
        return err_set(err, ERR_USAGE, "--output %s: a folder is there: name a file in it", path);
    if (is_there && !S_ISREG(info.st_mode)) {
        output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return output->fd < 0 ? err_errno(err, "--output %s", path) : 0;
    }
    if (rc)
        return err_wrap(err, "--output %s", path);
    output->target = STEAL(target);
    rc = find_target(output, err);
    if (rc)
        return rc;
    rc = file_temporary(output->folder, &output->fd, err);
    if (!rc)
        rc = set_access(output, output->fd, err);
    return rc ? err_wrap(err, "--output") : 0;
}

bool output_adopt(struct output *output, int fd)
{
    struct stat ours, there;
    if (!output->target || fstat(output->fd, &ours) != 0 || fstat(fd, &there) != 0 ||
        ours.st_dev != there.st_dev || ours.st_uid != there.st_uid || ours.st_gid != there.st_gid ||
        flistxattr(output->fd, NULL, 0) > 0 || flistxattr(fd, NULL, 0) > 0)
        return false;
    int taken = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (taken < 0 || fchmod(taken, ours.st_mode & 07777) != 0) {
        mem_close_at(&taken);
        return false;
    }
    close(output->fd);
    output->fd = taken;
    return true;
}

/* Links the nameless file under a name that no other file has, and renames it to the target. */
static int publish(const struct output *output, struct err *err)
{
    unsigned long long random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    AUTO_FREE char *self = mem_printf("/proc/self/fd/%d", output->fd);
    AUTO_FREE char *name = mem_printf("%s/.wasme-%016llx", output->folder, random);
    if (linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) != 0)
        return err_errno(err, "write %s", output->path);
    if (rename(name, output->target) == 0)
        return 0;
    int rc = err_errno(err, "write %s", output->path);
    (void)unlink(name);
    return rc;
}

/* Copies the nameless file to a file with a name, and renames that: for file systems that cannot
 * link a nameless file. */
static int publish_copy(const struct output *output, struct err *err)
{
    AUTO_FREE char *name = mem_printf("%s/.wasme-XXXXXX", output->folder);
    AUTO_CLOSE int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "write %s", output->path);
    int rc = file_copy(output->fd, fd, err);
    if (!rc)
        rc = set_access(output, fd, err);
    if (!rc)
        rc = file_sync(fd, output->path, err);
    if (!rc && rename(name, output->target) != 0)
        rc = err_errno(err, "write %s", output->path);
    if (rc)
        (void)unlink(name);
    return rc;
}

int output_finish(struct output *output, struct err *err)
{
    if (!output->target)
        return 0;
    int rc = file_sync(output->fd, output->path, err);
    if (rc)
        return rc;
    if (publish(output, ERR_IGNORED) != 0)
        rc = publish_copy(output, err);
    return rc ? rc : dir_sync(output->folder, err); /* the name is to last as the bytes do */
}

int output_failed(const struct output *output, int rc, struct err *err)
{
    if (output->is_stdout && stdout_is_closed())
        return err_set(err, ERR_CLOSED, "standard output was closed");
    return rc;
}

void output_release(struct output *output)
{
    mem_close_at(&output->fd);
    free(output->target);
    free(output->folder);
}
