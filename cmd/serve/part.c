#include "cmd/serve/part.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/serve/defer.h"
#include "cmd/serve/file.h"

enum { HASHED_AT_ONCE = 128 * 1024 }; /* bytes: about a tenth of a millisecond */

/* A file on its way into a reply. */
struct part {
    struct digest_cache *cache;
    char *ref, *path;       /* owned */
    struct digest expected; /* of a wasm; "" for other files */
    int fd;                 /* owned */
    bool forever;
};

static void part_free(void *opaque)
{
    struct part *part = opaque;
    if (part->fd >= 0)
        close(part->fd);
    free(part->ref);
    free(part->path);
    free(part);
}

static int finish(struct part *part, const struct digest *digest, struct server_reply *out,
                  struct err *err)
{
    if (part->expected.text[0] && !digest_equal(digest, &part->expected))
        return err_set(err, ERR_DAMAGED,
                       "%s is damaged: its digest is %s, not %s: build or pull "
                       "the image again, or remove it with `wasme rm %s`",
                       part->path, digest->text, part->expected.text, part->ref);
    int rc = serve_file(part->fd, part->path, out, err);
    if (rc)
        return rc;
    part->fd = -1;
    out->keep = true;
    out->keep_folder = AT_FDCWD;
    out->keep_path = mem_dup(part->path);
    snprintf(out->etag, sizeof(out->etag), "%s", digest->text);
    if (part->forever)
        out->cache = "public, max-age=31536000, immutable";
    return 0;
}

static int hash(void *opaque, const struct server_request *request, struct server_reply *out,
                struct err *err)
{
    (void)request;
    struct part *part = opaque;
    struct digest digest;
    int rc = digest_cache_get(part->cache, part->fd, &digest, err);
    return rc ? err_wrap(err, "%s", part->path) : finish(part, &digest, out, err);
}

static struct part *part_new(struct digest_cache *cache, const struct store_image *image,
                             const char *name)
{
    struct part *part = mem_zero(1, sizeof(*part));
    part->cache = cache;
    part->ref = mem_dup(image->ref);
    part->path = mem_printf("%s/%s", image->dir, name);
    if (strcmp(name, PART_WASM) == 0)
        part->expected = image->layer.digest;
    return part;
}

int part_serve(struct digest_cache *cache, const struct store_image *image, const char *name,
               bool forever, bool in_job, struct server_reply *out, struct err *err)
{
    int fd = -1;
    int rc = store_open_part(image, name, &fd, err);
    if (rc)
        return rc;
    struct part *part = part_new(cache, image, name);
    struct digest digest;
    struct stat info;
    part->fd = fd;
    part->forever = forever;
    bool known = digest_cache_find(cache, fd, &digest);
    if (!known && !in_job && (fstat(fd, &info) != 0 || info.st_size > HASHED_AT_ONCE))
        return defer(out, hash, part_free, part);
    rc = known ? finish(part, &digest, out, err) : hash(part, NULL, out, err);
    part_free(part);
    return rc;
}
