/* wasme prune: removes from the folder of a served registry what nothing refers to. */
#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/serve/registry_dir.h"
#include "cmd/settings.h"
#include "cmd/size.h"
#include "store/distribution/prune.h"

struct prune_args {
    bool untagged;
    bool dry;
    const char *dir;
    const char *store;
};

static void close_at(struct depot **depot)
{
    depot_close(*depot);
}

static void tell(const struct prune_args *args, const struct prune_result *result)
{
    AUTO_FREE char *size = size_text(result->bytes, " ");
    AUTO_FREE char *blobs = mem_printf("%zu", result->blobs);
    AUTO_FREE char *manifests = mem_printf("%zu", result->manifests);
    AUTO_FREE char *uploads = mem_printf("%zu", result->uploads);
    log_info(args->dry ? "would remove" : "removed", "blobs", blobs, "manifests", manifests,
             "uploads", uploads, "freed", size, NULL);
}

static int prune(const struct cli *cli, void *opaque, struct err *err)
{
    const struct prune_args *args = opaque;
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(close_at) struct depot *depot = NULL;
    AUTO(store_snapshot_drop_at) struct store_snapshot *images = NULL;
    AUTO_FREE char *dir = NULL;
    struct prune_result result = {0};
    (void)cli;
    int rc = settings_store(args->store, &store, err);
    if (!rc)
        rc = serve_registry_dir(args->dir, store, args->store, &dir, err);
    if (!rc)
        rc = store_snapshot_make(store, NULL, &log_notice, &images, err);
    if (rc)
        return rc;
    rc = depot_open(dir, DEPOT_CHANGE, -1, &depot, err);
    if (rc == ERR_NOT_FOUND) {
        err_release(err);
        tell(args, &result);
        return 0;
    }
    const struct prune_wish wish = {.untagged = args->untagged, .dry = args->dry, .images = images};
    if (!rc)
        rc = prune_run(depot, &wish, &result, err);
    if (rc)
        return err_wrap(err, "prune %s", dir);
    tell(args, &result);
    return 0;
}

static const struct option options[] = {
    OPT_FLAG(struct prune_args, untagged, 0, "untagged",
             "also remove manifests that no tag leads to"),
    OPT_FLAG(struct prune_args, dry, 0, "dry-run", "only say what would be removed"),
    REGISTRY_DIR_OPTION(struct prune_args, dir, "prune the registry in DIR"),
    STORE_OPTION(struct prune_args, store),
    OPT_END,
};

extern const struct command prune_command;
const struct command prune_command = {
    .name = "prune",
    .summary = "remove from the served registry what nothing refers to",
    .details = "The command removes blobs that no repository has, blobs that were pushed a day\n"
               "ago or earlier and that no manifest names, and uploads that stopped a day ago.\n"
               "Images of the store stay. A server may be running meanwhile.",
    .example = "wasme prune --dry-run",
    .options = options,
    .args_size = sizeof(struct prune_args),
    .run = prune,
};
