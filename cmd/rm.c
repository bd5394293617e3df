/* wasme rm: removes images from the local store. */
#include <stdint.h>

#include "base/mem.h"
#include "cmd/each.h"
#include "cmd/log.h"
#include "cmd/settings.h"

struct rm_args {
    const char *store;
};

static int remove_one(void *opaque, const char *text, struct err *err)
{
    struct store *store = opaque;
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_ref(text, &ref, err);
    if (!rc)
        rc = store_remove(store, &ref, err);
    if (!rc)
        log_info("removed image", "image", ref.full, NULL);
    return rc;
}

static int rm(const struct cli *cli, void *opaque, struct err *err)
{
    const struct rm_args *args = opaque;
    AUTO(store_close_at) struct store *store = NULL;
    int rc = settings_store(args->store, &store, err);
    return rc ? rc : each_arg(cli, remove_one, store, err);
}

static const struct option options[] = {
    STORE_OPTION(struct rm_args, store),
    OPT_END,
};

extern const struct command rm_command;
const struct command rm_command = {
    .name = "rm",
    .synopsis = "REF...",
    .summary = "remove images from the local store",
    .min_args = 1,
    .max_args = SIZE_MAX,
    .args_complete = COMPLETE_REF,
    .options = options,
    .args_size = sizeof(struct rm_args),
    .run = rm,
};
