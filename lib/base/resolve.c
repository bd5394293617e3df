#include "base/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { LINKS_MAX = 40 }; /* as in the kernel */

struct walk {
    const char *path; /* lent */
    char *done;       /* owned; absolute, without a link; "" is the root */
    char *rest;       /* owned; what is still to be walked */
    int links;        /* that were followed */
    bool at_link;     /* the last name of the path was one */
};

static void walk_end(struct walk *walk)
{
    free(walk->done);
    free(walk->rest);
}

static void replace(char **text, char *other)
{
    free(*text);
    *text = other;
}

/* The next name of the path, which is owned; NULL at the end. */
static char *take_name(struct walk *walk)
{
    const char *from = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(from, "/");
    if (!len)
        return NULL;
    char *name = mem_printf("%.*s", (int)len, from);
    replace(&walk->rest, mem_dup(from + len));
    return name;
}

static bool is_last(const struct walk *walk)
{
    return walk->rest[strspn(walk->rest, "/")] == '\0';
}

static int check_link(const struct walk *walk, const char *at, const struct stat *link,
                      struct err *err)
{
    struct stat folder;
    if (stat(*walk->done ? walk->done : "/", &folder) != 0)
        return err_errno(err, "stat %s", walk->done);
    bool is_shared = (folder.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH);
    if (!is_shared || link->st_uid == geteuid() || link->st_uid == folder.st_uid)
        return 0;
    return err_set(
        err, ERR_FAILED,
        "%s is a link of another user (%u) in a folder where everybody may write: it may "
        "lead anywhere, so name the file that you mean, or remove the link",
        at, (unsigned)link->st_uid);
}

static int follow(struct walk *walk, int fd, const char *at, struct err *err)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);
    if (len < 0)
        return err_errno(err, "read the link %s", at);
    target[len] = '\0';
    if (++walk->links > LINKS_MAX)
        return err_set(err, ERR_FAILED, "%s: more than %d links", walk->path, LINKS_MAX);
    walk->at_link = walk->at_link || is_last(walk);
    replace(&walk->rest, mem_printf("%s/%s", target, walk->rest));
    if (target[0] == '/')
        replace(&walk->done, mem_dup(""));
    return 0;
}

/* A descriptor of the link itself, so that the owner and the target that are read belong to the
 * same link. */
static int step(struct walk *walk, const char *name, struct err *err)
{
    struct stat info;
    AUTO_FREE char *at = mem_printf("%s/%s", walk->done, name);
    AUTO_CLOSE int fd = open(at, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    bool is_new = fd < 0 && errno == ENOENT && is_last(walk) && !walk->at_link;
    if (fd < 0 && errno == ENOENT && !is_last(walk))
        return err_set(err, ERR_NOT_FOUND, "there is no folder %s", at);
    if (!is_new && (fd < 0 || fstat(fd, &info) != 0))
        return err_errno(err, "%s", at);
    if (!is_new && S_ISLNK(info.st_mode)) {
        int rc = check_link(walk, at, &info, err);
        return rc ? rc : follow(walk, fd, at, err);
    }
    replace(&walk->done, STEAL(at));
    return 0;
}

static void step_up(struct walk *walk)
{
    char *slash = strrchr(walk->done, '/');
    if (slash)
        *slash = '\0';
}

int resolve_path(const char *path, char **out, struct err *err)
{
    AUTO_FREE char *here = *path == '/' ? mem_dup("") : getcwd(NULL, 0);
    if (!here)
        return err_errno(err, "find the present folder");
    AUTO(walk_end)
    struct walk walk = {
        .path = path, .done = mem_dup(strcmp(here, "/") == 0 ? "" : here), .rest = mem_dup(path)};
    for (;;) {
        AUTO_FREE char *name = take_name(&walk);
        int rc = 0;
        if (!name)
            break;
        if (strcmp(name, "..") == 0)
            step_up(&walk);
        else if (strcmp(name, ".") != 0)
            rc = step(&walk, name, err);
        if (rc)
            return rc;
    }
    *out = *walk.done ? STEAL(walk.done) : mem_dup("/");
    return 0;
}
