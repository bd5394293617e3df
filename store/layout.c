#include "store/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"

bool layout_open(struct store *store)
{
    struct stat info;
    if (store->fd >= 0 && fstat(store->fd, &info) == 0 && info.st_nlink > 0)
        return true;
    AUTO_CLOSE int fd = open(store->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (store->fd >= 0)
        return dup3(fd, store->fd, O_CLOEXEC) >= 0;
    store->fd = STEAL_FD(fd);
    return true;
}

int layout_ensure(struct store *store, struct err *err)
{
    if (layout_open(store))
        return 0;
    int rc = dir_make_all(store->dir, err);
    if (rc)
        return rc;
    return layout_open(store) ? 0 : err_errno(err, "open the store %s", store->dir);
}

int layout_no_image(const struct store *store, const struct ref *ref, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND,
                   "%s: no such image in %s: `wasme list` shows what is there, "
                   "`wasme pull` fetches one",
                   ref->full, store->dir);
}

void layout_random_name(const char *prefix, char out[STORE_NAME_MAX])
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    snprintf(out, STORE_NAME_MAX, "%s%016" PRIx64, prefix, random);
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* A writer locks its file; when we get the lock, the writer is dead. */
static void clean_new_file(const struct store *store, const char *name)
{
    AUTO_CLOSE int fd = openat(store->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(store->fd, name, 0);
}

/* Removes the part of a blob that nobody came back for, or that is too small. */
static void clean_part(const struct store *store, const char *name)
{
    struct stat info;
    if (fstatat(store->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        (info.st_size < STORE_PART_MIN || time(NULL) - info.st_mtime > STORE_PART_LIFE))
        clean_new_file(store, name);
}

/* The change that put these files out of use may not be on the disk yet. */
static void remove_old(const struct store *store, const char *name)
{
    if (fsync(store->fd) == 0)
        dir_remove_all(store->fd, name, ERR_IGNORED);
}

/* Gives the old image its place back; the folder there has a part of an image at most. */
static int put_back(const struct store *store, const char *old, const char *name)
{
    dir_empty(store->fd, name, ERR_IGNORED);
    return renameat(store->fd, old, store->fd, name);
}

/* A replacement was cut off: the old image comes back unless the new one is there. An image whose
 * reference is missing is not whole, since the reference goes first: see layout_make_movable(). */
static void clean_old_folder(const struct store *store, const char *old)
{
    const char *name = old + strlen(STORE_OLD_PREFIX);
    AUTO_FREE char *ref = mem_printf("%s/%s", name, STORE_REF);
    struct stat info;
    if (fstatat(store->fd, ref, &info, AT_SYMLINK_NOFOLLOW) == 0)
        remove_old(store, old);
    else if (errno == ENOENT)
        (void)!put_back(store, old, name);
}

/* A failure is left for the next writer: leftovers are in nobody's way. */
static void clean_leftovers(const struct store *store)
{
    DIR *dir = dir_open(store->fd, ".");
    if (!dir)
        return;
    for (struct dirent *item; (item = readdir(dir));) {
        if (item->d_name[0] != '.')
            continue;
        if (has_prefix(item->d_name, STORE_NEW_PREFIX))
            clean_new_file(store, item->d_name);
        else if (has_prefix(item->d_name, STORE_PART_PREFIX))
            clean_part(store, item->d_name);
        else if (has_prefix(item->d_name, STORE_STAGE_PREFIX))
            remove_old(store, item->d_name);
        else if (has_prefix(item->d_name, STORE_OLD_PREFIX))
            clean_old_folder(store, item->d_name);
    }
    closedir(dir);
}

int layout_lock(struct store *store, int *fd, struct err *err)
{
    AUTO_FREE char *shown = mem_printf("%s/.lock", store->dir);
    AUTO_CLOSE int lock = -1;
    const struct lock_place place = {store->fd, ".lock", shown};
    int rc = lock_take(&place, &store->wait, &lock, err);
    if (rc)
        return rc;
    clean_leftovers(store);
    *fd = STEAL_FD(lock);
    return 0;
}

static int exchange_folders(struct store *store, const char *stage, const char *name)
{
    if (renameat2(store->fd, stage, store->fd, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    return renameat2(store->fd, stage, store->fd, name, RENAME_EXCHANGE);
}

static bool is_folder(int dirfd, const struct dirent *item)
{
    struct stat info;
    if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
        return false;
    if (item->d_type != DT_UNKNOWN)
        return item->d_type == DT_DIR;
    return fstatat(dirfd, item->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/* Where the file system knows no flags, a plain rename replaces an empty folder at the most. */
static int move_folder(int from, int to, const char *name)
{
    if (renameat2(from, name, to, name, RENAME_NOREPLACE) == 0)
        return 0;
    return errno == EINVAL || errno == ENOSYS ? renameat(from, name, to, name) : -1;
}

/* Folders that users put beside an image cannot be linked as files can, and move to the new
 * image. */
static int rescue_folders(const struct store *store, const char *from, const char *to,
                          struct err *err)
{
    DIR *dir = dir_open(store->fd, from);
    AUTO_CLOSE int target = openat(store->fd, to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = 0;
    for (struct dirent *item; dir && !rc && (item = readdir(dir));)
        if (is_folder(dirfd(dir), item) && move_folder(dirfd(dir), target, item->d_name) != 0)
            rc = err_errno(err, "move %s/%s/%s to the new image", store->dir, from, item->d_name);
    if (dir)
        closedir(dir);
    return rc;
}

/* Does the same as an exchange: afterwards `stage` names the old image. */
static int replace_by_renames(struct store *store, const char *stage, const char *name)
{
    char old[STORE_NAME_MAX];
    snprintf(old, sizeof(old), "%s%s", STORE_OLD_PREFIX, name);
    bool replaces = renameat(store->fd, name, store->fd, old) == 0;
    if (!replaces && errno != ENOENT)
        return -1;
    if (renameat(store->fd, stage, store->fd, name) == 0) {
        if (replaces)
            renameat(store->fd, old, store->fd, stage);
        return 0;
    }
    int number = errno;
    if (replaces)
        renameat(store->fd, old, store->fd, name);
    errno = number;
    return -1;
}

/* Makes a copy under the name that readers look at once the image itself is not whole any more. */
static int set_copy_aside(struct store *store, const char *name, const char *old, struct err *err)
{
    char copy[STORE_NAME_MAX];
    layout_random_name(STORE_STAGE_PREFIX, copy);
    int rc = dir_copy_all(store->fd, name, copy, err);
    if (!rc && renameat(store->fd, copy, store->fd, old) != 0)
        rc = err_errno(err, "rename %s", copy);
    if (!rc)
        rc = file_sync(store->fd, store->dir, err);
    if (rc)
        dir_remove_all(store->fd, copy, ERR_IGNORED);
    return rc;
}

int layout_make_movable(struct store *store, const char *name, struct err *err)
{
    char old[STORE_NAME_MAX];
    AUTO_FREE char *ref = mem_printf("%s/%s", name, STORE_REF);
    snprintf(old, sizeof(old), "%s%s", STORE_OLD_PREFIX, name);
    int rc = set_copy_aside(store, name, old, err);
    if (!rc && unlinkat(store->fd, ref, 0) != 0 && errno != ENOENT)
        rc = err_errno(err, "remove %s", ref);
    if (!rc && put_back(store, old, name) != 0)
        rc = err_errno(err, "rename %s", old);
    return rc ? err_wrap(err, "copy %s/%s", store->dir, name) : 0;
}

static int put_in_place(struct store *store, const char *stage, const char *name, bool exchange)
{
    int rc = exchange ? exchange_folders(store, stage, name) : -1;
    if (rc != 0 && (!exchange || errno == EINVAL || errno == ENOSYS))
        rc = replace_by_renames(store, stage, name);
    return rc;
}

int layout_place(struct store *store, char stage[STORE_NAME_MAX], const char *name, bool exchange,
                 char old[STORE_NAME_MAX], struct err *err)
{
    int rc = put_in_place(store, stage, name, exchange);
    if (rc != 0 && errno == EXDEV) {
        rc = layout_make_movable(store, name, err);
        if (rc)
            return rc;
        rc = put_in_place(store, stage, name, exchange);
    }
    if (rc != 0)
        return err_errno(err, "put the image into %s/%s", store->dir, name);
    snprintf(old, STORE_NAME_MAX, "%s", stage);
    stage[0] = '\0';
    rc = rescue_folders(store, old, name, err);
    if (rc)
        old[0] = '\0'; /* what users put there is not lost with the old image */
    return rc;
}
