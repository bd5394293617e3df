#include "git/links.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define HOPS_MAX 40            /* links on one way, as in Linux */
#define WAY_MAX (8 * PATH_MAX) /* bytes of a way with its links */

void links_add(struct links *links, const char *path, const char *target)
{
    links->items = mem_grow(links->items, links->count, sizeof(*links->items));
    links->items[links->count++] = (struct link_item){mem_dup(path), mem_dup(target)};
}

void links_release(struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        free(links->items[i].path);
        free(links->items[i].target);
    }
    free(links->items);
    *links = (struct links){0};
}

/* A walk: the path that was gone, of which no part is a link, and the words that are to come. */
struct walk {
    int root;
    char gone[PATH_MAX];
    size_t len;
    int hops;
};

static bool step_up(struct walk *walk)
{
    if (!walk->len)
        return false;
    char *slash = memrchr(walk->gone, '/', walk->len);
    walk->len = slash ? (size_t)(slash - walk->gone) : 0;
    walk->gone[walk->len] = '\0';
    return true;
}

static bool step_down(struct walk *walk, const char *word, size_t len)
{
    if (walk->len + 1 + len + 1 > sizeof(walk->gone))
        return false;
    if (walk->len)
        walk->gone[walk->len++] = '/';
    memcpy(walk->gone + walk->len, word, len);
    walk->len += len;
    walk->gone[walk->len] = '\0';
    return true;
}

/* When the walk stands at a link, steps back and puts the link's target before the rest. */
static bool follow(struct walk *walk, char **rest)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(walk->root, walk->gone, target, sizeof(target) - 1);
    if (len < 0)
        return true;
    target[len] = '\0';
    if (target[0] == '/' || ++walk->hops > HOPS_MAX || strlen(*rest) + (size_t)len > WAY_MAX)
        return false;
    char *longer = mem_printf("%s/%s", target, *rest);
    free(*rest);
    *rest = longer;
    return step_up(walk);
}

bool links_stay(int root, const char *path)
{
    struct walk walk = {.root = root};
    AUTO_FREE char *rest = mem_dup(path);
    bool fine = true;
    while (fine && *rest) {
        size_t len = strcspn(rest, "/");
        AUTO_FREE char *word = mem_dup_n(rest, len);
        char *left = mem_dup(rest + len + (rest[len] == '/'));
        free(rest);
        rest = left;
        if (!*word || strcmp(word, ".") == 0)
            continue;
        fine = strcmp(word, "..") == 0 ? step_up(&walk)
                                       : step_down(&walk, word, len) && follow(&walk, &rest);
    }
    return fine;
}

int links_make(const struct links *links, const char *root, const struct notice *notice,
               struct err *err)
{
    size_t left_out = 0;
    AUTO_CLOSE int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open %s", root);
    for (size_t i = 0; i < links->count; i++)
        if (symlinkat(links->items[i].target, fd, links->items[i].path) != 0)
            return err_errno(err, "make the link %.200s of the repository", links->items[i].path);
    for (size_t i = 0; i < links->count; i++) {
        const struct link_item *item = &links->items[i];
        if (links_stay(fd, item->path))
            continue;
        if (unlinkat(fd, item->path, 0) != 0)
            return err_errno(err, "remove the link %.200s of the repository", item->path);
        if (left_out++ == 0)
            notice_say(notice, NOTICE_WARNING,
                       "the link %.200s leads out of the repository or in a circle, to %.200s, and "
                       "is left out",
                       item->path, item->target);
    }
    if (left_out > 1)
        notice_say(notice, NOTICE_WARNING, "%zu more links lead there, and are left out",
                   left_out - 1);
    return 0;
}
