#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/dir.h"
#include "base/mem.h"
#include "store/entry.h"
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

static bool is_folder_name(const char *name)
{
    return strlen(name) == MD5_HEX_LEN && strspn(name, "0123456789abcdef") == MD5_HEX_LEN;
}

int store_get_folder(struct store *store, const char *name, struct store_image *out,
                     struct err *err)
{
    if (!is_folder_name(name) || !layout_open(store))
        return err_set(err, ERR_NOT_FOUND, "%.80s: no such folder in %s", name, store->dir);
    return entry_read(store, name, true, out, err);
}

/* Whether the item can be an image. Warns of a folder with another name. */
static bool check_item(const struct store *store, const struct dirent *item,
                       const struct notice *notice)
{
    if (item->d_name[0] == '.' || (item->d_type != DT_DIR && item->d_type != DT_UNKNOWN))
        return false;
    if (is_folder_name(item->d_name))
        return true;
    if (item->d_type == DT_DIR)
        notice_say(notice, NOTICE_WARNING, "skipping %s/%s: not the folder of an image", store->dir,
                   item->d_name);
    return false;
}

static int visit_entry(struct store *store, const char *name,
                       int (*visit)(void *arg, const struct store_image *image), void *arg,
                       const struct notice *notice)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = entry_read(store, name, false, &image, &err);
    if (rc == 0)
        return visit(arg, &image);
    if (rc == ERR_DAMAGED)
        notice_say(notice, NOTICE_WARNING, "skipping an image: %s", err_text(&err));
    else if (rc != ERR_NOT_FOUND) /* not found: removed since we read its name */
        notice_say(notice, NOTICE_WARNING, "skipping %s/%s: %s", store->dir, name, err_text(&err));
    return 0;
}

int store_each(struct store *store, int (*visit)(void *arg, const struct store_image *image),
               void *arg, const struct notice *notice, struct err *err)
{
    if (!layout_open(store))
        return 0;
    DIR *dir = dir_open(store->fd, ".");
    if (!dir)
        return err_errno(err, "open the store %s", store->dir);
    int rc = 0;
    errno = 0;
    for (struct dirent *item; !rc && (item = readdir(dir)); errno = 0) {
        if (check_item(store, item, notice))
            rc = visit_entry(store, item->d_name, visit, arg, notice);
    }
    if (!rc && errno)
        rc = err_errno(err, "read the store %s", store->dir);
    closedir(dir);
    return rc;
}
