#include "cmd/serve/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/serve/file.h"
#include "cmd/serve/page.h"

static bool is_hidden(const char *path)
{
    static const char known[] = "/.well-known";
    size_t len = sizeof(known) - 1;
    bool is_known = strncmp(path, known, len) == 0 && (path[len] == '/' || !path[len]);
    return strstr(is_known ? path + len : path, "/.") != NULL;
}

static int open_below(int root, const char *path)
{
    AUTO_FREE char *relative = mem_printf(".%s", path);
    return openat(root, relative, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int serve_folder_resolve(void *opaque, const char *path, struct server_reply *out, struct err *err)
{
    const struct serve_folder *folder = opaque;
    if (is_hidden(path))
        return 0;
    AUTO_CLOSE int fd = open_below(folder->fd, path);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP ||
                   errno == ENAMETOOLONG || errno == ENXIO))
        return 0;
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0)
        return err_errno(err, "open %s", path);
    bool slash = path[strlen(path) - 1] == '/';
    if (S_ISDIR(info.st_mode) && !slash) {
        serve_add_slash(out, path);
        return 0;
    }
    if (S_ISDIR(info.st_mode))
        return serve_list(folder->listing, fd, path, out, err);
    if (!S_ISREG(info.st_mode) || slash)
        return 0;
    int rc = serve_file(fd, path, out, err);
    if (!rc)
        fd = -1;
    return rc;
}
