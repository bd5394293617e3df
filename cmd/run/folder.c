#include "cmd/run/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"
#include "base/utf8.h"

#define PREFIX "wasme-run-"

enum {
    PARENT_MAX = 80, /* bytes: the path of a socket in the folder has at most 107 */
    ATTEMPTS = 16,
    LEFT_MAX = 10000, /* names that are looked at */
};

/* --- What others have left --- */

/* Opens and locks the folder; -1: it is not there, not ours, or its run lives. */
static int lock_left(int parent, const char *name)
{
    struct stat info;
    AUTO_CLOSE int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || info.st_uid != geteuid() ||
        flock(fd, LOCK_EX | LOCK_NB) != 0)
        return -1;
    return STEAL_FD(fd);
}

static void remove_left(const char *parent)
{
    AUTO(dir_close_at) DIR *dir = opendir(parent);
    const struct dirent *entry = NULL;
    for (int i = 0; dir && i < LEFT_MAX && (entry = readdir(dir)) != NULL; i++) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        AUTO_CLOSE int lock = lock_left(dirfd(dir), entry->d_name);
        if (lock >= 0)
            (void)dir_remove_all(dirfd(dir), entry->d_name, ERR_IGNORED);
    }
}

/* --- Our own --- */

/* Locks the new folder. Another run may have taken it for one that was left: false. */
static bool lock_own(const char *path, int *lock)
{
    struct stat held, there;
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK))
        return false;
    if (fstat(fd, &held) != 0 || stat(path, &there) != 0 || held.st_ino != there.st_ino)
        return false;
    *lock = STEAL_FD(fd);
    return true;
}

static bool is_usable(const char *parent)
{
    size_t len = strlen(parent);
    return len < PARENT_MAX && utf8_valid((const unsigned char *)parent, len);
}

int run_folder_make(const char *parent, struct run_folder *out, struct err *err)
{
    parent = is_usable(parent) ? parent : "/tmp";
    remove_left(parent);
    for (int i = 0; i < ATTEMPTS; i++) {
        AUTO_FREE char *path = mem_printf("%s/" PREFIX "XXXXXX", parent);
        AUTO_CLOSE int lock = -1;
        if (!mkdtemp(path))
            return err_errno(err, "make a folder %s (TMPDIR chooses the place)", path);
        if (!lock_own(path, &lock))
            continue;
        char *real = realpath(path, NULL);
        if (!real)
            return err_errno(err, "%s", path);
        *out = (struct run_folder){.path = real, .lock = STEAL_FD(lock)};
        return 0;
    }
    return err_set(err, ERR_FAILED, "make a folder in %s: others remove what is made there",
                   parent);
}

void run_folder_remove(struct run_folder *folder)
{
    if (folder->path)
        (void)dir_remove_all(AT_FDCWD, folder->path, ERR_IGNORED);
    free(folder->path);
    mem_close_at(&folder->lock);
    *folder = (struct run_folder)RUN_FOLDER_INIT;
}
