#include "starter/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"

enum { FOUND_MAX = 2000 }; /* bytes of names in an error */

/* --- The folder before --- */

int place_check_folder(const struct place *place, struct err *err)
{
    struct stat info;
    if (stat(place->dir, &info) == 0)
        return S_ISDIR(info.st_mode)
                   ? 0
                   : err_set(err, ERR_FAILED, "%s is a file and no folder: name another folder",
                             place->dir);
    if (errno != ENOENT)
        return err_errno(err, "look at %s", place->dir);
    if (lstat(place->dir, &info) == 0)
        return err_set(err, ERR_FAILED,
                       "%s is a symbolic link to nothing: remove the link, or name another folder",
                       place->dir);
    return 0;
}

static void add_found(struct place *place, const char *name, size_t len)
{
    static const char rest[] = " and others";
    AUTO_FREE char *before = place->found;
    size_t have = before ? strlen(before) : 0;
    if (have <= FOUND_MAX)
        place->found = mem_printf("%s%s%.*s%s", before ? before : "", before ? ", " : "", (int)len,
                                  name, have + len > FOUND_MAX ? rest : "");
    else
        place->found = STEAL(before);
}

int place_check(struct place *place, const char *name, struct err *err)
{
    struct stat info;
    AUTO_FREE char *path = mem_printf("%s/%s", place->dir, name);
    char *inside = path + strlen(place->dir) + 1;
    for (char *slash = strchr(inside, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (lstat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
            add_found(place, inside, strlen(inside));
            return 0;
        }
        *slash = '/';
    }
    if (lstat(path, &info) == 0)
        add_found(place, name, strlen(name));
    else if (errno != ENOENT)
        return err_errno(err, "look at %s", path);
    return 0;
}

int place_refuse_found(const struct place *place, struct err *err)
{
    if (!place->found)
        return 0;
    return err_set(err, ERR_FAILED,
                   "%s has files that wasme does not overwrite: %s: remove them, or name another "
                   "folder",
                   place->dir, place->found);
}

/* --- Making --- */

static void add_made(struct place *place, const char *path)
{
    place->made = mem_grow(place->made, place->made_count, sizeof(*place->made));
    place->made[place->made_count++] = mem_dup(path);
}

/* The newest first. A folder in which somebody else has put a file stays. */
void place_end(struct place *place)
{
    while (place->made_count) {
        char *path = place->made[--place->made_count];
        if (!place->keep && unlink(path) != 0)
            (void)rmdir(path);
        free(path);
    }
    free(place->made);
    free(place->found);
    place->made = NULL;
    place->found = NULL;
}

static int make_folder(struct place *place, const char *path, struct err *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0) {
        add_made(place, path);
        return 0;
    }
    if (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return 0;
    return err_errno(err, "make folder %s", path);
}

/* Makes the folders that are in the path of a file. */
static int make_folders(struct place *place, const char *path, struct err *err)
{
    AUTO_FREE char *part = mem_dup(path);
    int rc = stop_check(err);
    for (char *slash = strchr(part + 1, '/'); !rc && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        rc = make_folder(place, part, err);
        *slash = '/';
    }
    return rc;
}

int place_create(struct place *place, const char *name, mode_t mode, int *fd, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", place->dir, name);
    int rc = make_folders(place, path, err);
    if (rc)
        return rc;
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (*fd < 0)
        return err_errno(err, "create %s", path);
    add_made(place, path);
    return 0;
}

int place_link(struct place *place, const char *name, const char *target, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", place->dir, name);
    int rc = make_folders(place, path, err);
    if (rc)
        return rc;
    if (symlink(target, path) != 0)
        return err_errno(err, "create %s", path);
    add_made(place, path);
    return 0;
}
