#include "cmd/serve_source.h"

#include <string.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/settings.h"

static const char wasm_name[] = "filter.wasm";

/* A file of the image. What is served as its wasm is its wasm: a damaged one is an error. */
static int serve_part(const struct serve_store *source, const struct store_image *image,
                      const char *name, struct server_resource *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    int rc = store_open_part(image, name, &fd, err);
    if (rc == ERR_NOT_FOUND) {
        err_release(err);
        return 0;
    }
    if (!rc)
        rc = serve_file(source->cache, fd, name, true, out, err);
    if (rc)
        return rc;
    if (strcmp(name, wasm_name) == 0 && strcmp(out->etag, image->layer.digest.text) != 0) {
        out->kind = RESOURCE_NONE;
        return err_set(err, ERR_DAMAGED, "%s/%s is damaged: its digest is %s, not %s", image->dir,
                       name, out->etag, image->layer.digest.text);
    }
    fd = -1;
    return 0;
}

static int list_image(const struct store_image *image, struct server_resource *out)
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

/* `rest` is what follows the image in the path: "" or "/" or "/<file>". */
static int serve_in_image(const struct serve_store *source, const struct store_image *image,
                          const char *path, const char *rest, struct server_resource *out,
                          struct err *err)
{
    if (!*rest) {
        serve_add_slash(out, path);
        return 0;
    }
    return rest[1] ? serve_part(source, image, rest + 1, out, err) : list_image(image, out);
}

static int add_image(void *arg, const struct store_image *image)
{
    struct server_resource *out = arg;
    const char *folder = strrchr(image->dir, '/');
    AUTO_FREE char *link = mem_printf(".%s/", folder);
    serve_page_row(out, link, image->ref, image->layer.size, image->updated);
    return 0;
}

static int list_store(const struct serve_store *source, struct server_resource *out,
                      struct err *err)
{
    serve_page_begin(out, "wasme store");
    int rc = store_each(source->store, add_image, out, &log_notice, err);
    serve_page_end(out);
    return rc;
}

struct digest_search {
    const char *hex;
    char *ref; /* owned */
};

static int match_digest(void *arg, const struct store_image *image)
{
    struct digest_search *search = arg;
    if (strcmp(digest_hex(&image->layer.digest), search->hex) != 0)
        return 0;
    search->ref = mem_dup(image->ref);
    return 1;
}

/* 0 and an image, or ERR_NOT_FOUND. */
static int get_by_ref(const struct serve_store *source, const char *text, struct store_image *image,
                      struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_ref(text, &ref, err);
    if (rc)
        return err_set(err, ERR_NOT_FOUND, "%s is no reference", text);
    return store_get(source->store, &ref, image, err);
}

static int get_by_digest(const struct serve_store *source, const char *hex,
                         struct store_image *image, struct err *err)
{
    struct digest_search search = {hex, NULL};
    int rc = store_each(source->store, match_digest, &search, NULL, err);
    if (rc < 0)
        return rc;
    AUTO_FREE char *ref = search.ref;
    return ref ? get_by_ref(source, ref, image, err)
               : err_set(err, ERR_NOT_FOUND, "no image with that digest");
}

static bool is_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* A path that is not in a folder: a digest or a reference; both name the wasm. */
static int serve_wasm(const struct serve_store *source, const char *name,
                      struct server_resource *out, struct err *err)
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

static int resolve(const struct serve_store *source, const char *path, struct server_resource *out,
                   struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    if (source->ref) {
        int rc = store_get(source->store, source->ref, &image, err);
        return rc ? rc : serve_in_image(source, &image, path, path, out, err);
    }
    if (strcmp(path, "/") == 0)
        return list_store(source, out, err);
    size_t len = strcspn(path + 1, "/");
    AUTO_FREE char *folder = mem_dup_n(path + 1, len);
    if (!is_hex(folder, MD5_HEX_LEN))
        return serve_wasm(source, path + 1, out, err);
    int rc = store_get_folder(source->store, folder, &image, err);
    return rc ? rc : serve_in_image(source, &image, path, path + 1 + len, out, err);
}

int serve_store_resolve(void *opaque, const char *path, struct server_resource *out,
                        struct err *err)
{
    int rc = resolve(opaque, path, out, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    return 0;
}
