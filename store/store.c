#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "store/entry.h"
#include "store/folders.h"
#include "store/layout.h"

static char *absolute(const char *dir)
{
    if (*dir == '/')
        return mem_dup(dir);
    AUTO_FREE char *here = getcwd(NULL, 0);
    return here ? mem_printf("%s/%s", here, dir) : mem_dup(dir);
}

int store_open(const char *dir, struct store **out, struct err *err)
{
    if (!*dir)
        return err_set(err, ERR_USAGE, "the store's folder has an empty name");
    AUTO_FREE char *path = absolute(dir);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return err_errno(err, "open the store %s", path);
    *out = mem_alloc(sizeof(**out));
    **out = (struct store){.dir = STEAL(path), .fd = fd};
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->fd >= 0)
        close(store->fd);
    free(store->dir);
    free(store);
}

void store_close_at(struct store **store)
{
    store_close(*store);
}

const char *store_dir(const struct store *store)
{
    return store->dir;
}

void store_set_wait(struct store *store, const struct lock_wait *wait)
{
    store->wait = *wait;
}

int store_get(struct store *store, const struct ref *ref, struct store_image *out, struct err *err)
{
    char name[MD5_HEX_LEN + 1];
    md5_hex(ref->full, name);
    if (!layout_open(store))
        return layout_no_image(store, ref, err);
    int rc = entry_read(store, name, true, out, err);
    if (rc == ERR_NOT_FOUND)
        return layout_no_image(store, ref, err);
    return rc ? err_wrap(err, "%s", ref->full) : 0;
}

int store_get_folder(struct store *store, const char *name, struct store_image *out,
                     struct err *err)
{
    if (!folders_is_name(name) || !layout_open(store))
        return err_set(err, ERR_NOT_FOUND, "%.80s: no such folder in %s", name, store->dir);
    return entry_read(store, name, true, out, err);
}

/* What store_each() was asked for. */
struct walk {
    struct store *store;
    int (*visit)(void *arg, const struct store_image *image);
    void *arg;
    const struct notice *notice;
};

static int visit_folder(void *opaque, const char *name)
{
    const struct walk *walk = opaque;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = entry_read(walk->store, name, false, &image, &err);
    if (rc == 0)
        return walk->visit(walk->arg, &image);
    folders_tell_skipped(walk->store, name, &err, walk->notice);
    return 0;
}

int store_each(struct store *store, int (*visit)(void *arg, const struct store_image *image),
               void *arg, const struct notice *notice, struct err *err)
{
    struct walk walk = {store, visit, arg, notice};
    return folders_each(store, visit_folder, &walk, notice, err);
}
