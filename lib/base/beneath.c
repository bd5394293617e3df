#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"

enum {
    TRIES_MAX = 16,   /* of openat2(2), which gives up when something is renamed at that moment */
    LINKS_MAX = 40,   /* as in Linux */
    STEPS_MAX = 4096, /* names looked up for a path: links with many ".." make these many */
};

/* The way from the root to a file. */
struct walk {
    int root;         /* borrowed */
    int at;           /* owned: what was reached, O_PATH */
    char *done;       /* owned: the path of `at` below the root, without links: "" or "/a/b" */
    char *text;       /* owned: holds `rest` */
    const char *rest; /* the part of the path that is still to go */
    char *link;       /* owned: the last link that was followed, as a path below the root */
    int links;
    int steps;
};

static void walk_release(struct walk *walk)
{
    if (walk->at >= 0)
        close(walk->at);
    free(walk->done);
    free(walk->text);
    free(walk->link);
}

static int fail(int number)
{
    errno = number;
    return -1;
}

/* Takes the next name off walk->rest: "" at the end. The caller frees it. */
static char *next_name(struct walk *walk)
{
    walk->rest += strspn(walk->rest, "/");
    size_t len = strcspn(walk->rest, "/");
    char *name = mem_dup_n(walk->rest, len);
    walk->rest += len;
    return name;
}

static int look_up(struct walk *walk, int folder, const char *name)
{
    if (++walk->steps > STEPS_MAX)
        return fail(ELOOP);
    return openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static void arrive(struct walk *walk, int fd)
{
    if (walk->at >= 0)
        close(walk->at);
    walk->at = fd;
}

static int back_to_root(struct walk *walk)
{
    int fd = look_up(walk, walk->root, ".");
    if (fd < 0)
        return -1;
    arrive(walk, fd);
    walk->done[0] = '\0';
    return 0;
}

/* Goes one folder up: from the root on down, since the folder itself may have been moved. */
static int go_up(struct walk *walk)
{
    char *slash = strrchr(walk->done, '/');
    if (!slash)
        return fail(EXDEV);
    *slash = '\0';
    AUTO_FREE char *done = mem_dup(walk->done);
    if (back_to_root(walk) != 0)
        return -1;
    for (char *name = done; *name;) {
        size_t len = strcspn(++name, "/");
        AUTO_FREE char *one = mem_dup_n(name, len);
        int fd = look_up(walk, walk->at, one);
        if (fd < 0)
            return -1;
        arrive(walk, fd);
        name += len;
    }
    free(walk->done);
    walk->done = STEAL(done);
    return 0;
}

/* The part below the root of the absolute path in a link; NULL with EXDEV: the path leaves. */
static const char *strip_root(int root, const char *target)
{
    char place[64], path[PATH_MAX];
    snprintf(place, sizeof(place), "/proc/self/fd/%d", root);
    ssize_t len = readlink(place, path, sizeof(path) - 1);
    if (len > 0) {
        path[len] = '\0';
        if (dir_holds(path, target))
            return len == 1 ? target : target + len;
    }
    errno = EXDEV;
    return NULL;
}

/* Puts the text of the link in the place of its name. */
static int follow(struct walk *walk, int link, const char *name)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(link, "", target, sizeof(target) - 1);
    if (len < 0)
        return -1;
    target[len] = '\0';
    if (++walk->links > LINKS_MAX)
        return fail(ELOOP);
    if (len + (ssize_t)strlen(walk->rest) >= PATH_MAX)
        return fail(ENAMETOOLONG);
    free(walk->link);
    walk->link = mem_printf("%s/%s", walk->done, name);
    const char *text = target[0] == '/' ? strip_root(walk->root, target) : target;
    if (!text || (text != target && back_to_root(walk) != 0))
        return -1;
    char *joined = mem_printf("%s%s", text, walk->rest);
    free(walk->text);
    walk->text = joined;
    walk->rest = joined;
    return 0;
}

static int go_down(struct walk *walk, const char *name)
{
    AUTO_CLOSE int fd = look_up(walk, walk->at, name);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0)
        return -1;
    if (S_ISLNK(info.st_mode))
        return follow(walk, fd, name);
    if (!S_ISDIR(info.st_mode) && *walk->rest)
        return fail(ENOTDIR);
    char *done = mem_printf("%s/%s", walk->done, name);
    free(walk->done);
    walk->done = done;
    arrive(walk, STEAL_FD(fd));
    return 0;
}

static int go(struct walk *walk)
{
    if (back_to_root(walk) != 0)
        return -1;
    for (;;) {
        AUTO_FREE char *name = next_name(walk);
        int rc = 0;
        if (!*name)
            return 0;
        if (strcmp(name, "..") == 0)
            rc = go_up(walk);
        else if (strcmp(name, ".") != 0)
            rc = go_down(walk, name);
        if (rc)
            return rc;
    }
}

int beneath_walk(int root, const char *path, char **link)
{
    AUTO(walk_release)
    struct walk walk = {.root = root, .at = -1, .done = mem_dup(""), .rest = path};
    if (link)
        *link = NULL;
    if (go(&walk) == 0)
        return STEAL_FD(walk.at);
    int number = errno;
    if (link && number == EXDEV)
        *link = STEAL(walk.link);
    return fail(number);
}

static int call_openat2(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    for (int i = 0; i < TRIES_MAX; i++) {
        long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            return (int)fd;
    }
    return -1;
}

static const char *relative(const struct beneath *tree, const char *path)
{
    if (tree->root == AT_FDCWD)
        return path;
    path += strspn(path, "/");
    return *path ? path : ".";
}

/* Whether walking can do better: it knows which link leaves, and absolute links that stay; openat2
 * may be missing, or refused by a filter of system calls. */
static bool is_to_be_walked(int number)
{
    return number == EXDEV || number == ENOSYS || number == EPERM || number == EINVAL ||
           number == E2BIG || number == EAGAIN;
}

int beneath_find(const struct beneath *tree, const char *path, char **link)
{
    if (link)
        *link = NULL;
    if (tree->follow)
        return openat(tree->root, relative(tree, path), O_PATH | O_CLOEXEC);
    int fd = call_openat2(tree->root, relative(tree, path), O_PATH);
    return fd < 0 && is_to_be_walked(errno) ? beneath_walk(tree->root, path, link) : fd;
}

/* Without /proc the name is opened once more, and the file compared: whatever took its place is not
 * waited for. */
static int open_again(const struct beneath *tree, const char *path, int found)
{
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    struct stat before, after;
    AUTO_CLOSE int fd = tree->follow ? openat(tree->root, relative(tree, path), flags)
                                     : call_openat2(tree->root, relative(tree, path), flags);
    if (fd < 0 || fstat(found, &before) != 0 || fstat(fd, &after) != 0)
        return -1;
    bool same = before.st_dev == after.st_dev && before.st_ino == after.st_ino;
    return same ? STEAL_FD(fd) : fail(ESTALE);
}

int beneath_open(const struct beneath *tree, const char *path, int found)
{
    char place[64];
    snprintf(place, sizeof(place), "/proc/self/fd/%d", found);
    int fd = open(place, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd < 0 && errno == ENOENT ? open_again(tree, path, found) : fd;
}
