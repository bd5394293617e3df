#include "cmd/serve/image_page.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/serve/filter_page.h"
#include "cmd/serve/plugin.h"
#include "cmd/serve/query.h"
#include "store/pack.h"

static const char *const files[] = {"filter.wasm", "runtime-config.json", "descriptor.json",
                                    "image_ref", NULL};

static void reply_with(const struct filter_view *view, const struct server_request *request,
                       struct server_reply *out)
{
    if (query_wants_json(request->accept))
        filter_page_json(view, out);
    else
        filter_page(view, out);
}

/* Reads the module and the digests of the file. A file that is no module has a fault, which the
 * caller frees, and is shown nevertheless. */
static int read_wasm(struct digest_cache *cache, int fd, struct inspected *in,
                     struct filter_view *view, char **fault, struct err *err)
{
    AUTO(err_release) struct err reason = ERR_INIT;
    struct stat info;
    int rc = inspected_read_module(fd, in, &reason);
    if (rc && rc != ERR_DAMAGED)
        return err_move(err, &reason);
    if (rc)
        *fault = mem_dup(err_text(&reason));
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat %s", in->path);
    in->size = info.st_size;
    rc = digest_cache_get(cache, fd, &in->file, err);
    if (!rc)
        rc = digest_cache_md5(cache, fd, view->md5, err);
    if (!rc && inspected_verify(in, err) != 0) {
        free(*fault);
        *fault = mem_dup(err_text(err));
        err_release(err);
    }
    view->in = in;
    view->fd = fd;
    view->fault = *fault;
    return rc;
}

/* The path by the last part of the name when no other image has that, else by the whole name. */
static char *plugin_path_of(const struct image_subject *subject)
{
    const struct row *row = subject->item->row;
    const char *slash = strrchr(row->name, '/');
    struct plugin_path path = {.name = mem_dup(slash ? slash + 1 : row->name),
                               .version = mem_dup(row->tag)};
    bool several;
    bool found = plugin_find(subject->catalogue, &path, &several, NULL) == subject->item;
    char *text = mem_printf("/plugins/%s/%s/plugin.wasm", found ? path.name : row->name, row->tag);
    plugin_path_release(&path);
    return text;
}

/* Names the paths, which differ between an image of the whole store and one that is alone. */
static void show_image(const struct image_subject *subject, struct filter_view view,
                       const struct server_request *request, struct server_reply *out)
{
    const struct page_step below[] = {{"Images", "/"}, {NULL, NULL}};
    AUTO_FREE char *digest = mem_printf("/%s", digest_hex(&subject->image->layer.digest));
    AUTO_FREE char *ref = mem_printf("/%s", subject->image->ref);
    AUTO_FREE char *plugin = subject->item ? plugin_path_of(subject) : NULL;
    view.steps = subject->item ? below : below + 1;
    view.title = subject->image->ref;
    view.name = subject->item ? subject->item->name : NULL;
    view.path = subject->item ? digest : "/filter.wasm";
    view.other_path = subject->item ? ref : NULL;
    view.plugin_path = plugin;
    view.files = files;
    view.updated = subject->image->updated;
    reply_with(&view, request, out);
}

int image_page(const struct image_subject *subject, const struct server_request *request,
               struct server_reply *out, struct err *err)
{
    AUTO(store_pack_release) struct store_pack pack = {0};
    AUTO(inspected_release) struct inspected in = {0};
    AUTO_FREE char *fault = NULL;
    struct self self;
    struct filter_view view = {.self = &self};
    self_of(subject->site, request, &self);
    int rc = store_pack(subject->image, &pack, err);
    if (!rc)
        rc = inspected_of_image(subject->image, &pack, &in, err);
    if (rc)
        return rc;
    free(in.path); /* the folder of the store is of no use to clients */
    in.path = mem_dup("filter.wasm");
    view.manifest = &pack.parsed;
    rc = read_wasm(subject->cache, subject->image->wasm, &in, &view, &fault, err);
    if (!rc)
        show_image(subject, view, request, out);
    return rc;
}

int image_page_of_file(const struct site *site, struct digest_cache *cache, const char *path,
                       const struct server_request *request, struct server_reply *out,
                       struct err *err)
{
    static const struct page_step none[] = {{NULL, NULL}};
    AUTO(inspected_release) struct inspected in = {0};
    AUTO_FREE char *fault = NULL;
    AUTO_CLOSE int fd = -1;
    struct self self;
    struct stat info;
    off_t size;
    int rc = file_open_regular(path, &fd, &size, err);
    if (!rc && fstat(fd, &info) != 0)
        rc = err_errno(err, "stat %s", path);
    if (rc)
        return rc;
    const char *slash = strrchr(path, '/');
    in.path = mem_dup(slash ? slash + 1 : path);
    AUTO_FREE char *own = mem_printf("/%s", in.path);
    const char *names[] = {in.path, NULL};
    struct filter_view view = {.self = &self,
                               .steps = none,
                               .title = in.path,
                               .path = "/filter.wasm",
                               .other_path = own,
                               .files = names,
                               .updated = info.st_mtime};
    self_of(site, request, &self);
    rc = read_wasm(cache, fd, &in, &view, &fault, err);
    if (!rc)
        reply_with(&view, request, out);
    return rc;
}
