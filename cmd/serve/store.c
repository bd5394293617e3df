#include "cmd/serve/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/serve/defer.h"
#include "cmd/serve/image_page.h"
#include "cmd/serve/page.h"
#include "cmd/serve/part.h"
#include "cmd/serve/plugin.h"
#include "cmd/serve/store_page.h"
#include "cmd/settings.h"
#include "store/folders.h"

static const char registry_json[] = "/.well-known/wasm-pkg/registry.json";

/* A request on its way to a reply by the catalogue. */
struct ask {
    const struct serve_store *source;
    const struct catalogue *catalogue;
    const struct server_request *request;
    bool in_job; /* in a thread that may take its time */
};

/* Lets the server send a page again until the store changes. */
static void keep_page(const struct serve_store *source, bool host, struct server_reply *out)
{
    out->keep = live_is_watched(source->live);
    out->keep_accept = true;
    out->keep_host = host;
}

/* --- What needs the catalogue --- */

/* Sends the text of an image that does not exist: 404, also after an error that says so. */
static int not_found(int rc, struct err *err)
{
    if (rc != ERR_NOT_FOUND)
        return rc;
    err_release(err);
    return 0;
}

static int serve_item(const struct ask *ask, const struct catalogue_item *item, bool forever,
                      struct server_reply *out, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = store_get_folder(ask->source->store, item->image->folder, &image, err);
    bool same = !rc && digest_equal(&image.layer.digest, &item->image->wasm.digest);
    if (!rc && (same || !forever))
        rc = part_serve(ask->source->cache, &image, PART_WASM, forever, ask->in_job, out, err);
    return not_found(rc, err);
}

/* Replies 300 with the names that a client can choose from. */
static void offer_names(struct server_reply *out, const struct buf *names)
{
    page_set_up(out, "text/plain; charset=utf-8");
    out->status = 300;
    buf_add_text(&out->page, "Several images have this name; use one of the full names:\n");
    buf_add(&out->page, names->data, names->len);
}

static int serve_metadata(const struct ask *ask, const struct catalogue_item *item,
                          const struct plugin_path *path, struct server_reply *out, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    char md5[MD5_HEX_LEN + 1];
    int rc = store_get_folder(ask->source->store, item->image->folder, &image, err);
    if (!rc)
        rc = digest_cache_md5(ask->source->cache, image.wasm, md5, err);
    if (rc)
        return not_found(rc, err);
    page_set_up(out, "text/plain; charset=utf-8");
    plugin_metadata(path->name, image.layer.size, image.updated, md5, &out->page);
    return 0;
}

static int serve_plugin(const struct ask *ask, const struct plugin_path *path,
                        struct server_reply *out, struct err *err)
{
    enum { NAMES_MAX = 64 * 1024 };
    AUTO(buf_release) struct buf names = BUF_INIT(NAMES_MAX);
    bool several;
    const struct catalogue_item *item = plugin_find(ask->catalogue, path, &several, &names);
    if (several)
        offer_names(out, &names);
    if (!item)
        return 0;
    return path->metadata ? serve_metadata(ask, item, path, out, err)
                          : serve_item(ask, item, false, out, err);
}

static int serve_list_page(const struct ask *ask, struct server_reply *out)
{
    AUTO(page_search_release) struct page_search search;
    struct self self;
    self_of(ask->source->site, ask->request, &self);
    page_search_read(ask->request, &search);
    if (query_wants_json(ask->request->accept))
        store_page_json(ask->catalogue, &search, &self, out);
    else if (search.text)
        store_page_found(ask->catalogue, &search, out);
    else
        store_page_all(ask->catalogue, out);
    keep_page(ask->source, query_wants_json(ask->request->accept), out);
    return 0;
}

static int serve_folder_page(const struct ask *ask, const char *folder, struct server_reply *out,
                             struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    const struct catalogue_item *item = catalogue_by_folder(ask->catalogue, folder);
    int rc = item ? store_get_folder(ask->source->store, folder, &image, err) : ERR_NOT_FOUND;
    struct image_subject subject = {ask->source->site, ask->source->cache, &image, ask->catalogue,
                                    item};
    if (!rc)
        rc = image_page(&subject, ask->request, out, err);
    if (!rc)
        keep_page(ask->source, true, out);
    return not_found(rc, err);
}

static bool is_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* Replies by the catalogue, in any thread. */
static int serve_by(const struct ask *ask, struct server_reply *out, struct err *err)
{
    AUTO(plugin_path_release) struct plugin_path plugin = {0};
    const char *path = ask->request->path;
    const struct catalogue_item *item = NULL;
    if (strcmp(path, "/") == 0)
        return serve_list_page(ask, out);
    if (plugin_path_parse(path, &plugin))
        return serve_plugin(ask, &plugin, out, err);
    bool forever = is_hex(path + 1, DIGEST_HEX_LEN);
    if (forever)
        item = catalogue_by_digest(ask->catalogue, path + 1);
    else if (strcmp(path, "/" PART_WASM) == 0)
        item = ask->catalogue->count == 1 ? &ask->catalogue->items[0] : NULL;
    if (item)
        return serve_item(ask, item, forever, out, err);
    AUTO_FREE char *folder = mem_dup_n(path + 1, strcspn(path + 1, "/"));
    return folders_is_name(folder) ? serve_folder_page(ask, folder, out, err) : 0;
}

/* Whether the path is one of serve_by() that may take long. */
static bool takes_long(const struct server_request *request)
{
    const char *path = request->path;
    if (strcmp(path, "/") == 0)
        return request->query || query_wants_json(request->accept);
    return path[strlen(path) - 1] == '/' || strstr(path, "/metadata.txt");
}

static bool needs_catalogue(const char *path)
{
    size_t first = strcspn(path + 1, "/");
    bool folder = first == MD5_HEX_LEN && strcmp(path + 1 + first, "/") == 0;
    return strcmp(path, "/") == 0 || strncmp(path, "/plugins/", 9) == 0 ||
           strcmp(path, "/" PART_WASM) == 0 || is_hex(path + 1, DIGEST_HEX_LEN) || folder;
}

static int serve_renewed(void *opaque, const struct server_request *request,
                         struct server_reply *out, struct err *err)
{
    const struct serve_store *source = opaque;
    AUTO(catalogue_drop_at) struct catalogue *catalogue = NULL;
    int rc = live_renew(source->live, &catalogue, err);
    return rc ? rc : serve_by(&(struct ask){source, catalogue, request, true}, out, err);
}

/* --- What is there without it --- */

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

/* Replies with the file that a path names within an image. */
static int serve_file_of(const struct serve_store *source, const struct store_image *image,
                         const char *name, struct server_reply *out, struct err *err)
{
    return part_serve(source->cache, image, name, false, false, out, err);
}

static int serve_direct(const struct serve_store *source, const struct server_request *request,
                        struct server_reply *out, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    const char *path = request->path;
    size_t len = strcspn(path + 1, "/");
    AUTO_FREE char *folder = mem_dup_n(path + 1, len);
    if (!folders_is_name(folder)) {
        int rc = get_by_ref(source, path + 1, &image, err);
        return rc ? rc : serve_file_of(source, &image, PART_WASM, out, err);
    }
    int rc = store_get_folder(source->store, folder, &image, err);
    if (!rc && path[1 + len])
        rc = serve_file_of(source, &image, path + 2 + len, out, err);
    else if (!rc)
        page_add_slash(out, path);
    return rc;
}

/* The registry as a source of packages for wkg (bytecodealliance/wasm-pkg-tools, registry
 * metadata). */
static void serve_registry_json(const struct serve_store *source,
                                const struct server_request *request, struct server_reply *out)
{
    struct self self;
    self_of(source->site, request, &self);
    page_set_up(out, "application/json");
    json_begin_object(&out->page);
    json_put_pair(&out->page, "preferredProtocol", "oci");
    json_key(&out->page, "oci");
    json_begin_object(&out->page);
    json_put_pair(&out->page, "registry", self.host);
    json_end_object(&out->page);
    json_end_object(&out->page);
    buf_add_char(&out->page, '\n');
}

static int resolve_all(struct serve_store *source, const struct server_request *request,
                       struct server_reply *out, struct err *err)
{
    if (strcmp(request->path, registry_json) == 0 && source->site->registry) {
        serve_registry_json(source, request, out);
        return 0;
    }
    if (!needs_catalogue(request->path))
        return serve_direct(source, request, out, err);
    AUTO(catalogue_drop_at) struct catalogue *catalogue = live_fresh(source->live);
    if (!catalogue || takes_long(request))
        return defer(out, serve_renewed, NULL, source);
    return serve_by(&(struct ask){source, catalogue, request, false}, out, err);
}

/* --- One image --- */

static int serve_page_of_one(void *opaque, const struct server_request *request,
                             struct server_reply *out, struct err *err)
{
    const struct serve_store *source = opaque;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = store_get(source->store, source->ref, &image, err);
    struct image_subject subject = {source->site, source->cache, &image, NULL, NULL};
    if (!rc)
        rc = image_page(&subject, request, out, err);
    return not_found(rc, err);
}

static int resolve_one(struct serve_store *source, const struct server_request *request,
                       struct server_reply *out, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    if (strcmp(request->path, "/") == 0)
        return defer(out, serve_page_of_one, NULL, source);
    int rc = store_get(source->store, source->ref, &image, err);
    return rc ? rc : serve_file_of(source, &image, request->path + 1, out, err);
}

int serve_store_resolve(void *opaque, const struct server_request *request,
                        struct server_reply *out, struct err *err)
{
    struct serve_store *source = opaque;
    int rc = source->ref ? resolve_one(source, request, out, err)
                         : resolve_all(source, request, out, err);
    return not_found(rc, err);
}
