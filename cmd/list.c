/* wasme list: the images of the local store, or of a registry. */
#include "base/mem.h"
#include "cmd/list_rows.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "registry/published.h"

struct list_args {
    struct transfer_args transfer;
    struct rows_view view;
    bool json;
    bool published;
    const char *server;
    const char *search;
    const char *store;
};

static int collect(void *arg, const struct store_image *image)
{
    struct row *row = rows_add(arg, image->ref);
    row->dir = mem_dup(image->dir);
    row->digest = image->layer.digest;
    row->size = image->layer.size;
    row->updated = image->updated;
    return 0;
}

static int list_stored(const struct list_args *args, struct rows *rows, struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    if (args->server || args->search)
        log_warning("--server and --search count only with --published", NULL);
    int rc = settings_store(args->store, &store, err);
    return rc ? rc : store_each(store, collect, rows, &log_notice, err);
}

/* Images of one registry on their way into the rows. */
struct arrivals {
    struct rows *rows;
    const char *server;
};

static int collect_published(void *arg, const struct registry_image *image, struct err *err)
{
    (void)err;
    const struct arrivals *arrivals = arg;
    AUTO_FREE char *ref = mem_printf("%s/%s:%s", arrivals->server, image->repository, image->tag);
    struct row *row = rows_add(arrivals->rows, ref);
    row->digest = image->wasm;
    row->manifest = image->manifest;
    row->size = image->size;
    row->updated = image->updated;
    return 0;
}

static int list_published(const struct list_args *args, struct rows *rows, struct err *err)
{
    AUTO_FREE char *server = NULL;
    AUTO(transfer_end) struct transfer transfer = {0};
    int rc = settings_registry(args->server, &server, err);
    if (!rc)
        rc = transfer_begin(&transfer, &args->transfer, err);
    if (rc)
        return rc;
    struct arrivals arrivals = {rows, server};
    const struct registry_viewer viewer = {args->search, collect_published, &arrivals};
    rc = registry_published(transfer.registry, server, &viewer, err);
    return rc ? err_wrap(err, "list of %s", server) : 0;
}

static int list(const struct cli *cli, void *opaque, struct err *err)
{
    (void)cli;
    const struct list_args *args = opaque;
    AUTO(rows_release) struct rows rows = {0};
    int rc = args->published ? list_published(args, &rows, err) : list_stored(args, &rows, err);
    if (rc)
        return rc;
    rows_sort(&rows);
    if (args->json)
        return rows_print_json(&rows, err);
    rows_print_table(&rows, &args->view);
    return 0;
}

static const struct option options[] = {
    OPT_FLAG(struct list_args, view.wide, 'w', "wide", "show tags and digests in full"),
    OPT_FLAG(struct list_args, view.show_dir, 'd', "show-dir", "show the folder of each image"),
    OPT_FLAG(struct list_args, json, 0, "json", "print JSON instead of a table"),
    OPT_FLAG(struct list_args, published, 0, "published", "list the images of a registry"),
    OPT_TEXT(struct list_args, server, 's', "server", "SERVER", COMPLETE_NONE,
             "with --published: the registry, host[:port]", .otherwise = SETTINGS_REGISTRY_SHOWN),
    OPT_TEXT(struct list_args, search, 0, "search", "TERM", COMPLETE_NONE,
             "with --published: list only repositories with TERM in their names"),
    TRANSFER_OPTIONS(struct list_args),
    STORE_OPTION(struct list_args, store),
    OPT_END,
};

extern const struct command list_command;
const struct command list_command = {
    .name = "list",
    .summary = "list the images of the local store, or of a registry",
    .details = "SHA is the beginning of filter.wasm's own digest, not of the image's manifest.\n"
               "With --published on a Harbor, SHA is that of the manifest, with an @ before it,\n"
               "and SIZE is the size of the whole image. A value that is not known shows as -.",
    .example = "wasme list",
    .options = options,
    .args_size = sizeof(struct list_args),
    .run = list,
};
