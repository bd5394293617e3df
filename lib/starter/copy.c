/* A folder of somebody else as a starter. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "starter/place.h"
#include "starter/starter.h"

enum { DEPTH_MAX = 64 };

/* The paths of the files and links below the folder. */
struct tree {
    const char *root;
    char **names;
    size_t count;
};

static void tree_release(struct tree *tree)
{
    while (tree->count)
        free(tree->names[--tree->count]);
    free(tree->names);
    *tree = (struct tree){0};
}

static int list(struct tree *tree, const char *below, int depth, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", tree->root, below ? below : ".");
    AUTO(dir_close_at) DIR *dir = depth < DEPTH_MAX ? dir_open(AT_FDCWD, path) : NULL;
    if (!dir)
        return depth < DEPTH_MAX
                   ? err_errno(err, "open %s", path)
                   : err_set(err, ERR_FAILED, "%s: more than %d folders deep", path, DEPTH_MAX);
    int rc = 0;
    for (const struct dirent *entry; !rc && (entry = readdir(dir));) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        AUTO_FREE char *name =
            mem_printf("%s%s%s", below ? below : "", below ? "/" : "", entry->d_name);
        if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            return err_errno(err, "look at %s", name);
        if (S_ISDIR(info.st_mode)) {
            rc = list(tree, name, depth + 1, err);
        } else if (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) {
            tree->names = mem_grow(tree->names, tree->count, sizeof(*tree->names));
            tree->names[tree->count++] = STEAL(name);
        }
    }
    return rc;
}

/* A link that leads out of the folder would lead elsewhere from its copy. */
static bool stays_inside(const char *root, const char *path, const char *target)
{
    AUTO_FREE char *top = realpath(root, NULL);
    AUTO_FREE char *end = realpath(path, NULL);
    return *target != '/' && top && end && dir_holds(top, end);
}

static int copy_link(struct place *place, const char *root, const char *name, const char *path,
                     const struct notice *notice, struct err *err)
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof(target) - 1);
    if (len < 0)
        return err_errno(err, "read the link %s", name);
    target[len] = '\0';
    if (stays_inside(root, path, target))
        return place_link(place, name, target, err);
    notice_say(notice, NOTICE_WARNING, "the link %s is left out: it leads out of the folder", name);
    return 0;
}

static int copy_one(struct place *place, const char *root, const char *name,
                    const struct notice *notice, struct err *err)
{
    struct stat info;
    AUTO_FREE char *path = mem_printf("%s/%s", root, name);
    AUTO_CLOSE int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0 && errno == ELOOP)
        return copy_link(place, root, name, path, notice, err);
    if (from < 0 || fstat(from, &info) != 0)
        return err_errno(err, "open %s", name);
    int to = -1;
    int rc = place_create(place, name, info.st_mode & S_IXUSR ? 0777 : 0666, &to, err);
    if (rc)
        return rc;
    rc = file_copy(from, to, err);
    if (close(to) != 0 && !rc)
        rc = err_errno(err, "write %s", name);
    return rc;
}

int starter_copy(const char *from, const char *dir, const struct notice *notice, struct err *err)
{
    AUTO(tree_release) struct tree tree = {.root = from};
    AUTO(place_end) struct place place = {.dir = dir};
    int rc = place_check_folder(&place, err);
    if (!rc)
        rc = list(&tree, NULL, 0, err);
    if (!rc && !tree.count)
        return err_set(err, ERR_FAILED, "there are no files");
    for (size_t i = 0; !rc && i < tree.count; i++)
        rc = place_check(&place, tree.names[i], err);
    if (!rc)
        rc = place_refuse_found(&place, err);
    for (size_t i = 0; !rc && i < tree.count; i++)
        rc = copy_one(&place, from, tree.names[i], notice, err);
    place.keep = !rc;
    return rc;
}
