#include "cmd/serve/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/beneath.h"
#include "base/mem.h"
#include "cmd/serve/defer.h"
#include "cmd/serve/image_page.h"

static const char *content_type(const char *name)
{
    static const char *const types[][2] = {
        {".wasm", "application/wasm"},
        {".json", "application/json"},
        {"image_ref", "text/plain"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/plain; charset=utf-8"},
        {".html", "text/html; charset=utf-8"},
        {".yaml", "text/plain; charset=utf-8"},
        {".gz", "application/gzip"},
    };
    size_t len = strlen(name);
    for (size_t i = 0; i < COUNT(types); i++) {
        size_t end = strlen(types[i][0]);
        if (len >= end && strcmp(name + len - end, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

/* Makes the entity tag of the facts of stat(2), as nginx does: hashing each file that a client asks
 * for would keep all other clients waiting. */
int serve_file(int fd, const char *name, struct server_reply *out, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat %s", name);
    snprintf(out->etag, sizeof(out->etag), "%llx-%llx.%lx-%llx.%lx-%llx", (long long)info.st_size,
             (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (long long)info.st_ctim.tv_sec,
             info.st_ctim.tv_nsec, (long long)info.st_ino);
    out->kind = REPLY_FILE;
    out->fd = fd;
    out->facts = file_facts_of(&info);
    out->size = info.st_size;
    out->modified = info.st_mtime;
    out->content_type = content_type(name);
    out->cache = "no-cache";
    return 0;
}

static int page_of_one(void *opaque, const struct server_request *request, struct server_reply *out,
                       struct err *err)
{
    const struct serve_one *one = opaque;
    int rc = image_page_of_file(one->site, one->cache, one->path, request, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    return 0;
}

int serve_one_resolve(void *opaque, const struct server_request *request, struct server_reply *out,
                      struct err *err)
{
    struct serve_one *one = opaque;
    const char *path = request->path;
    const char *slash = strrchr(one->path, '/');
    const char *name = slash ? slash + 1 : one->path;
    if (!path[1])
        return defer(out, page_of_one, NULL, one);
    if (strcmp(path + 1, name) != 0 && strcmp(path, "/filter.wasm") != 0)
        return 0;
    struct stat info;
    const struct beneath tree = {AT_FDCWD, .follow = true};
    AUTO_CLOSE int found = beneath_find(&tree, one->path, NULL);
    if (found < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (found < 0 || fstat(found, &info) != 0)
        return err_errno(err, "open %s", one->path);
    if (!S_ISREG(info.st_mode))
        return 0;
    AUTO_CLOSE int fd = beneath_open(&tree, one->path, found);
    if (fd < 0)
        return err_errno(err, "open %s", one->path);
    int rc = serve_file(fd, name, out, err);
    if (rc)
        return rc;
    out->keep = true;
    out->keep_folder = AT_FDCWD;
    out->keep_path = mem_dup(one->path);
    fd = -1;
    return 0;
}
