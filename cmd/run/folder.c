#include "cmd/run/folder.h"

#include <dirent.h>
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
#define MARK ".wasme-run" /* a file in each folder of a run */

enum {
    PARENT_MAX = 80,  /* bytes: the path of a socket in the folder has at most 107 */
    LEFT_MAX = 10000, /* names that are looked at */
    NOTE_MAX = 8192,
};

/* --- What others have left --- */

/* Opens and locks the folder; -1: no run of this user has made it, or its run lives. */
static int lock_left(int parent, const char *name)
{
    struct stat info;
    AUTO_CLOSE int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || info.st_uid != geteuid() ||
        faccessat(fd, MARK, F_OK, AT_SYMLINK_NOFOLLOW) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
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
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0)
            remove_left(&sweep, dirfd(dir), entry->d_name);
}

/* --- Our own --- */

/* Locks the new folder, and only then marks it as one of a run. A file system without locks does
 * without: nobody locks the folder then to remove it. */
static int lock_own(const char *path, int *lock, struct err *err)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open the folder %s", path);
    (void)flock(fd, LOCK_EX | LOCK_NB);
    AUTO_CLOSE int mark = openat(fd, MARK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (mark < 0)
        return err_errno(err, "write into the folder %s", path);
    *lock = STEAL_FD(fd);
    return 0;
}

static bool is_usable(const char *parent)
{
    size_t len = strlen(parent);
    return len < PARENT_MAX && utf8_valid((const unsigned char *)parent, len);
}

int run_folder_make(const char *parent, struct run_folder *out, struct err *err)
{
    AUTO(run_folder_remove) struct run_folder folder = RUN_FOLDER_INIT;
    AUTO_FREE char *path = mem_printf("%s/" PREFIX "XXXXXX", is_usable(parent) ? parent : "/tmp");
    if (!mkdtemp(path))
        return err_errno(err, "make a folder %s (TMPDIR chooses the place)", path);
    folder.path = realpath(path, NULL);
    if (!folder.path)
        return err_errno(err, "%s", path);
    int rc = lock_own(folder.path, &folder.lock, err);
    if (rc)
        return rc;
    *out = folder;
    folder = (struct run_folder)RUN_FOLDER_INIT;
    return 0;
}

void run_folder_remove(struct run_folder *folder)
{
    if (folder->path)
        (void)dir_remove_all(AT_FDCWD, folder->path, ERR_IGNORED);
    free(folder->path);
    mem_close_at(&folder->lock);
    *folder = (struct run_folder)RUN_FOLDER_INIT;
}
