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

#include "base/buf.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#define PREFIX "wasme-run-"
#define UNIQUE "XXXXXX" /* which mkdtemp(3) replaces */

enum {
    PARENT_MAX = 80, /* bytes: the path of a socket in the folder has at most 107 */
    ATTEMPTS = 16,
    LEFT_MAX = 10000, /* names that are looked at */
    NOTE_MAX = 8192,
};

/* --- What others have left --- */

/* Whether the name is one that run_folder_make() gives. */
static bool is_of_run(const char *name)
{
    size_t len = strlen(PREFIX);
    return strncmp(name, PREFIX, len) == 0 && strlen(name + len) == strlen(UNIQUE);
}

/* Opens and locks the folder; -1: the folder is not there, was not made by a run of this user (whose
 * folders nobody else may read), or its run lives. */
static int lock_left(int parent, const char *name)
{
    struct stat info;
    AUTO_CLOSE int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || info.st_uid != geteuid() ||
        (info.st_mode & 0777) != 0700 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return -1;
    return STEAL_FD(fd);
}

struct sweep {
    bool (*end)(void *arg, const char *engine, const char *container);
    void *arg;
};

/* Ends the container that the folder names; false: that is left for another run. */
static bool end_container(const struct sweep *sweep, int folder)
{
    AUTO(buf_release) struct buf note = BUF_INIT(NOTE_MAX);
    if (file_read(folder, RUN_FOLDER_CONTAINER, NULL, &note, ERR_IGNORED) != 0)
        return true;
    AUTO_FREE char *engine = mem_dup(buf_text(&note));
    char *name = strchr(engine, '\n');
    if (!sweep->end || !name)
        return !name;
    *name++ = '\0';
    name[strcspn(name, "\n")] = '\0';
    return sweep->end(sweep->arg, engine, name);
}

static void remove_left(const struct sweep *sweep, int parent, const char *name)
{
    AUTO_CLOSE int lock = lock_left(parent, name);
    if (lock >= 0 && end_container(sweep, lock))
        (void)dir_remove_all(parent, name, ERR_IGNORED);
}

void run_folder_sweep(const struct run_folder *folder,
                      bool (*end)(void *arg, const char *engine, const char *container), void *arg)
{
    const struct sweep sweep = {end, arg};
    const char *slash = strrchr(folder->path, '/');
    AUTO_FREE char *parent = mem_dup_n(folder->path, (size_t)(slash - folder->path) + 1);
    AUTO(dir_close_at) DIR *dir = opendir(parent);
    const struct dirent *entry = NULL;
    for (int i = 0; dir && i < LEFT_MAX && (entry = readdir(dir)) != NULL; i++)
        if (is_of_run(entry->d_name))
            remove_left(&sweep, dirfd(dir), entry->d_name);
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
    for (int i = 0; i < ATTEMPTS; i++) {
        AUTO_FREE char *path = mem_printf("%s/" PREFIX UNIQUE, parent);
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
