#include "image/whiteout.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char prefix[] = ".wh.";
static const char opaque[] = ".wh..wh..opq";

void whiteouts_release(struct whiteouts *whiteouts)
{
    for (size_t i = 0; i < whiteouts->count; i++)
        free(whiteouts->paths[i]);
    free(whiteouts->paths);
    *whiteouts = (struct whiteouts){0};
}

bool whiteout_is_one(const char *base)
{
    return strncmp(base, prefix, sizeof(prefix) - 1) == 0;
}

/* "./a" and "/a" are "a". */
static const char *bare(const char *path)
{
    while (*path == '/' || strncmp(path, "./", 2) == 0)
        path += *path == '/' ? 1 : 2;
    return path;
}

int whiteouts_note(struct whiteouts *whiteouts, const char *entry, struct err *err)
{
    const char *path = bare(entry);
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    bool is_opaque = strcmp(base, opaque) == 0;
    if (!whiteout_is_one(base) || (!is_opaque && whiteout_is_one(base + sizeof(prefix) - 1)))
        return 0; /* a file, or one of the names that a file system keeps for itself */
    AUTO_FREE char *hidden =
        mem_printf("%.*s%s", (int)(base - path), path, is_opaque ? "" : base + sizeof(prefix) - 1);
    return whiteouts_add(whiteouts, hidden, err);
}

int whiteouts_refuse(struct err *err)
{
    return err_set(err, ERR_DAMAGED, "its layers delete more than %d files: flatten the image",
                   WHITEOUTS_MAX);
}

int whiteouts_add(struct whiteouts *whiteouts, const char *path, struct err *err)
{
    if (whiteouts->count == WHITEOUTS_MAX)
        return whiteouts_refuse(err);
    whiteouts->paths =
        mem_resize(whiteouts->paths, whiteouts->count + 1, sizeof(*whiteouts->paths));
    whiteouts->paths[whiteouts->count++] = mem_dup(path);
    return 0;
}

bool whiteouts_hide(const struct whiteouts *whiteouts, const char *entry)
{
    const char *path = bare(entry);
    for (size_t i = 0; i < whiteouts->count; i++) {
        const char *hidden = whiteouts->paths[i];
        size_t len = strlen(hidden);
        bool is_folder = len == 0 || hidden[len - 1] == '/';
        if (strncmp(path, hidden, len) == 0 && (is_folder || !path[len] || path[len] == '/'))
            return true;
    }
    return false;
}
