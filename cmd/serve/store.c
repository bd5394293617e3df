#include "cmd/serve/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/list_rows.h"
#include "cmd/log.h"
#include "cmd/serve/file.h"
#include "cmd/serve/page.h"
#include "cmd/settings.h"

static const char wasm_name[] = "filter.wasm";

/* Replies with a file of the image. A damaged wasm is an error, so that each served wasm is the
 * image's own. */
static int serve_part(const struct serve_store *source, const struct store_image *image,
                      const char *name, struct server_reply *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    int rc = store_open_part(image, name, &fd, err);
    if (rc == ERR_NOT_FOUND) {
        err_release(err);
        return 0;
    }
    struct digest digest;
    if (!rc)
        rc = digest_cache_get(source->cache, fd, &digest, err);
    if (rc)
        return err_wrap(err, "%s", name);
    if (strcmp(name, wasm_name) == 0 && strcmp(digest.text, image->layer.digest.text) != 0)
        return err_set(err, ERR_DAMAGED,
                       "%s/%s is damaged: its digest is %s, not %s: build or pull "
                       "the image again, or remove it with `wasme rm %s`",
                       image->dir, name, digest.text, image->layer.digest.text, image->ref);
    rc = serve_file(fd, name, out, err);
    if (rc)
        return rc;
    snprintf(out->etag, sizeof(out->etag), "%s", digest.text);
    fd = -1;
    return 0;
}

static int list_image(const struct store_image *image, struct server_reply *out)
{
    static const char *const names[] = {wasm_name, "runtime-config.json", "descriptor.json",
                                        "image_ref"};
    serve_page_begin(out, image->ref);
    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO_FREE char *link = mem_printf("./%s", names[i]);
        serve_page_row(out, link, names[i], i ? -1 : image->layer.size, i ? 0 : image->updated);
    }
    serve_page_end(out);
    return 0;
}

/* `rest` is the part of the path behind the image: "/" or "/<file>". */
static int serve_in_image(const struct serve_store *source, const struct store_image *image,
                          const char *rest, struct server_reply *out, struct err *err)
{
    return rest[1] ? serve_part(source, image, rest + 1, out, err) : list_image(image, out);
}

static int add_image(void *arg, const struct store_image *image)
{
    struct row *row = rows_add(arg, image->ref);
    row->dir = mem_dup(image->dir);
    row->size = image->layer.size;
    row->updated = image->updated;
    return 0;
}

static void add_rows(struct server_reply *out, struct rows *rows)
{
    rows_sort(rows);
    serve_page_begin(out, "wasme store");
    for (size_t i = 0; i < rows->count; i++) {
        AUTO_FREE char *link = mem_printf(".%s/", strrchr(rows->items[i].dir, '/'));
        serve_page_row(out, link, rows->items[i].ref, rows->items[i].size, rows->items[i].updated);
    }
    serve_page_end(out);
}

static int list_store(const struct serve_store *source, struct server_reply *out, struct err *err)
{
    struct stat info;
    const char *dir = store_dir(source->store);
    bool there = stat(dir, &info) == 0; /* a store has no folder before the first image */
    if (there && serve_listing_again(source->listing, dir, &info, out))
        return 0;
    int64_t began = clock_ms();
    AUTO(rows_release) struct rows rows = {0};
    int rc = store_each(source->store, add_image, &rows, &log_notice, err);
    if (rc)
        return rc;
    add_rows(out, &rows);
    if (there)
        serve_listing_keep(source->listing, dir, &info, &out->page, began);
    return 0;
}

void serve_store_release(struct serve_store *source)
{
    for (size_t i = 0; i < source->digest_count; i++)
        free(source->digests[i].ref);
    free(source->digests);
    source->digests = NULL;
    source->digest_count = 0;
}

static int add_digest(void *arg, const struct store_image *image)
{
    struct serve_store *source = arg;
    size_t n = source->digest_count;
    if ((n & (n - 1)) == 0)
        source->digests = mem_resize(source->digests, n ? 2 * n : 1, sizeof(*source->digests));
    source->digests[source->digest_count++] =
        (struct serve_known_wasm){image->layer.digest, mem_dup(image->ref)};
    return 0;
}

/* Returns whether the store has changed since the last call. */
static bool look_for_change(struct serve_store *source)
{
    struct stat info;
    if (stat(store_dir(source->store), &info) != 0)
        return true;
    bool same = info.st_mtim.tv_sec == source->store_changed.tv_sec &&
                info.st_mtim.tv_nsec == source->store_changed.tv_nsec;
    source->store_changed = info.st_mtim;
    return !same;
}

/* Reads the digests again, if the store has changed: walking the store for each digest that a
 * client makes up would keep all other clients waiting. Digests also have an age limit, since the
 * original changes images without a trace in the folder of the store. */
static int refresh_digests(struct serve_store *source, struct err *err)
{
    enum { REFRESH_MS = 5000 };
    bool fresh = source->digests && clock_ms() - source->read_at < REFRESH_MS;
    if (!look_for_change(source) && fresh)
        return 0;
    serve_store_release(source);
    int rc = store_each(source->store, add_digest, source, NULL, err);
    source->read_at = clock_ms();
    if (rc)
        serve_store_release(source); /* a part of the digests would look like all of them */
    return rc;
}

/* Finds an image by its reference; ERR_NOT_FOUND also for a text that is no reference. */
static int get_by_ref(const struct serve_store *source, const char *text, struct store_image *image,
                      struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_ref(text, &ref, err);
    if (rc)
        return err_set(err, ERR_NOT_FOUND, "%s is no reference", text);
    return store_get(source->store, &ref, image, err);
}

static int get_by_digest(struct serve_store *source, const char *hex, struct store_image *image,
                         struct err *err)
{
    int rc = refresh_digests(source, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < source->digest_count; i++) {
        if (strcmp(digest_hex(&source->digests[i].digest), hex) != 0)
            continue;
        rc = get_by_ref(source, source->digests[i].ref, image, err);
        if (!rc && strcmp(digest_hex(&image->layer.digest), hex) == 0)
            return 0;
        if (!rc) /* another image has taken its place since the store was read */
            store_image_release(image);
    }
    return err_set(err, ERR_NOT_FOUND, "no image with that digest");
}

static bool is_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* Replies with the wasm of the image that a digest or a reference names. */
static int serve_wasm(struct serve_store *source, const char *name, struct server_reply *out,
                      struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    bool by_digest = is_hex(name, DIGEST_HEX_LEN);
    int rc = by_digest ? get_by_digest(source, name, &image, err)
                       : get_by_ref(source, name, &image, err);
    if (!rc)
        rc = serve_part(source, &image, wasm_name, out, err);
    if (!rc && by_digest)
        out->cache = "public, max-age=31536000, immutable";
    return rc;
}

static int resolve(struct serve_store *source, const char *path, struct server_reply *out,
                   struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    if (source->ref) {
        int rc = store_get(source->store, source->ref, &image, err);
        return rc ? rc : serve_in_image(source, &image, path, out, err);
    }
    if (strcmp(path, "/") == 0)
        return list_store(source, out, err);
    size_t len = strcspn(path + 1, "/");
    AUTO_FREE char *folder = mem_dup_n(path + 1, len);
    if (!is_hex(folder, MD5_HEX_LEN))
        return serve_wasm(source, path + 1, out, err);
    int rc = store_get_folder(source->store, folder, &image, err);
    if (!rc && path[1 + len])
        rc = serve_in_image(source, &image, path + 1 + len, out, err);
    else if (!rc)
        serve_add_slash(out, path);
    return rc;
}

int serve_store_resolve(void *opaque, const char *path, struct server_reply *out, struct err *err)
{
    int rc = resolve(opaque, path, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    return 0;
}
