#include "cmd/serve/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/serve/file.h"
#include "cmd/serve/page.h"

static bool is_hidden(const char *path)
{
    static const char known[] = "/.well-known";
    size_t len = sizeof(known) - 1;
    bool is_known = strncmp(path, known, len) == 0 && (path[len] == '/' || !path[len]);
    return strstr(is_known ? path + len : path, "/.") != NULL;
}

/* Clients decide how often a link is asked for, and must not fill the log. */
static void warn_of_link(struct serve_folder *folder, const char *link)
{
    enum { WARN_PAUSE_MS = 1000 };
    int64_t now = clock_ms();
    if (!link || now < folder->warn_again)
        return;
    folder->warn_again = now + WARN_PAUSE_MS;
    log_warning("a symbolic link that leads out of the folder is not served; --follow allows it",
                "link", link, NULL);
}

/* Whether a failed search means that the client asked for nothing that is served. */
static bool is_absence(int number)
{
    return number == ENOENT || number == ENOTDIR || number == EACCES || number == ELOOP ||
           number == ENAMETOOLONG || number == EXDEV || number == ESTALE;
}

static int find(struct serve_folder *folder, const char *path)
{
    AUTO_FREE char *link = NULL;
    int fd = beneath_find(&folder->tree, path, &link);
    int number = errno;
    if (fd < 0)
        warn_of_link(folder, link);
    errno = number;
    return fd;
}

static int serve_found(struct serve_folder *folder, const char *path, int found,
                       struct server_reply *out, struct err *err)
{
    AUTO_CLOSE int fd = beneath_open(&folder->tree, path, found);
    if (fd < 0)
        return is_absence(errno) ? 0 : err_errno(err, "open %s", path);
    int rc = serve_file(fd, path, out, err);
    if (rc)
        return rc;
    out->keep = true;
    out->keep_folder = folder->tree.root;
    out->keep_path = mem_dup(path + 1);
    fd = -1;
    return 0;
}

int serve_folder_resolve(void *opaque, const struct server_request *request,
                         struct server_reply *out, struct err *err)
{
    struct serve_folder *folder = opaque;
    const char *path = request->path;
    if (is_hidden(path))
        return 0;
    AUTO_CLOSE int found = find(folder, path);
    if (found < 0 && is_absence(errno))
        return 0;
    struct stat info;
    if (found < 0 || fstat(found, &info) != 0)
        return err_errno(err, "open %s", path);
    bool slash = path[strlen(path) - 1] == '/';
    if (S_ISDIR(info.st_mode) && slash)
        return serve_list(folder->listing, &folder->tree, found, request, out, err);
    if (S_ISDIR(info.st_mode))
        page_add_slash(out, path);
    else if (S_ISREG(info.st_mode) && !slash)
        return serve_found(folder, path, found, out, err);
    return 0;
}
