#include "cmd/serve_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { CACHE_SLOTS = 1024, LISTING_MAX = 10000 };

#define HASH_MAX (256LL * 1024 * 1024)

struct cached {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified, changed;
    struct digest digest;
};

struct digest_cache {
    struct cached slots[CACHE_SLOTS];
};

struct digest_cache *digest_cache_new(void)
{
    return mem_zero(1, sizeof(struct digest_cache));
}

void digest_cache_free(struct digest_cache *cache)
{
    free(cache);
}

static bool same_file(const struct cached *slot, const struct stat *info)
{
    return slot->digest.text[0] && slot->dev == info->st_dev && slot->ino == info->st_ino &&
           slot->size == info->st_size && slot->modified.tv_sec == info->st_mtim.tv_sec &&
           slot->modified.tv_nsec == info->st_mtim.tv_nsec &&
           slot->changed.tv_sec == info->st_ctim.tv_sec &&
           slot->changed.tv_nsec == info->st_ctim.tv_nsec;
}

static int cached_digest(struct digest_cache *cache, int fd, const struct stat *info,
                         struct digest *out, struct err *err)
{
    struct cached *slot = &cache->slots[info->st_ino % CACHE_SLOTS];
    if (!same_file(slot, info)) {
        struct digest digest;
        int rc = digest_of_fd(fd, &digest, NULL, err);
        if (rc)
            return rc;
        *slot = (struct cached){info->st_dev,  info->st_ino,  info->st_size,
                                info->st_mtim, info->st_ctim, digest};
    }
    *out = slot->digest;
    return 0;
}

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

int serve_file(struct digest_cache *cache, int fd, const char *name, bool always,
               struct server_resource *out, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat %s", name);
    struct digest digest = {""};
    bool hash = always || info.st_size <= HASH_MAX;
    int rc = hash ? cached_digest(cache, fd, &info, &digest, err) : 0;
    if (rc)
        return err_wrap(err, "%s", name);
    if (digest.text[0])
        snprintf(out->etag, sizeof(out->etag), "%s", digest.text);
    else
        snprintf(out->etag, sizeof(out->etag), "%llx-%llx.%lx", (long long)info.st_size,
                 (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    out->kind = RESOURCE_FILE;
    out->fd = fd;
    out->size = info.st_size;
    out->modified = info.st_mtime;
    out->content_type = content_type(name);
    out->cache = "no-cache";
    return 0;
}

static int not_dotted(const struct dirent *item)
{
    return item->d_name[0] != '.';
}

static void add_item(struct server_resource *out, int dirfd, const char *name)
{
    struct stat info;
    if (fstatat(dirfd, name, &info, 0) != 0)
        return;
    bool folder = S_ISDIR(info.st_mode);
    AUTO_FREE char *shown = mem_printf("%s%s", name, folder ? "/" : "");
    AUTO_FREE char *link = mem_printf("./%s", shown);
    serve_page_row(out, link, shown, folder ? -1 : info.st_size, info.st_mtime);
}

static int list_folder(int fd, const char *path, struct server_resource *out, struct err *err)
{
    struct dirent **items = NULL;
    int count = scandirat(fd, ".", &items, not_dotted, alphasort);
    if (count < 0)
        return err_errno(err, "list %s", path);
    serve_page_begin(out, path);
    if (path[1])
        serve_page_row(out, "../", "../", -1, 0);
    for (int i = 0; i < count; i++) {
        if (i < LISTING_MAX)
            add_item(out, fd, items[i]->d_name);
        free(items[i]);
    }
    free(items);
    serve_page_end(out);
    return 0;
}

static bool is_hidden(const char *path)
{
    return strstr(path, "/.") != NULL;
}

static int open_below(int root, const char *path)
{
    AUTO_FREE char *relative = mem_printf(".%s", path);
    return openat(root, relative, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int serve_folder_resolve(void *opaque, const char *path, struct server_resource *out,
                         struct err *err)
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
        return list_folder(fd, path, out, err);
    if (!S_ISREG(info.st_mode) || slash)
        return 0;
    int rc = serve_file(folder->cache, fd, path, false, out, err);
    if (!rc)
        fd = -1;
    return rc;
}
