#include "store/folders.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/dir.h"
#include "base/mem.h"
#include "store/layout.h"

bool folders_is_name(const char *name)
{
    return strlen(name) == MD5_HEX_LEN && strspn(name, "0123456789abcdef") == MD5_HEX_LEN;
}

/* Whether the item can be an image. Warns of a folder with another name. */
static bool check_item(const struct store *store, const struct dirent *item,
                       const struct notice *notice)
{
    if (item->d_name[0] == '.' || (item->d_type != DT_DIR && item->d_type != DT_UNKNOWN))
        return false;
    if (folders_is_name(item->d_name))
        return true;
    if (item->d_type == DT_DIR)
        notice_say(notice, NOTICE_WARNING, "skipping %s/%s: not the folder of an image", store->dir,
                   item->d_name);
    return false;
}

int folders_each(struct store *store, int (*visit)(void *arg, const char *name), void *arg,
                 const struct notice *notice, struct err *err)
{
    if (!layout_open(store))
        return 0;
    AUTO(dir_close_at) DIR *dir = dir_open(store->fd, ".");
    if (!dir)
        return err_errno(err, "open the store %s", store->dir);
    int rc = 0;
    errno = 0;
    for (struct dirent *item; !rc && (item = readdir(dir)); errno = 0) {
        if (check_item(store, item, notice))
            rc = visit(arg, item->d_name);
    }
    if (!rc && errno)
        rc = err_errno(err, "read the store %s", store->dir);
    return rc;
}

void folders_tell_skipped(const struct store *store, const char *name, const struct err *err,
                          const struct notice *notice)
{
    if (err->code == ERR_DAMAGED)
        notice_say(notice, NOTICE_WARNING, "skipping an image: %s", err_text(err));
    else if (err->code != ERR_NOT_FOUND) /* not found: removed since its name was read */
        notice_say(notice, NOTICE_WARNING, "skipping %s/%s: %s", store->dir, name, err_text(err));
}
