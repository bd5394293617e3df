/* wasme tag: a second reference for an image. */
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/settings.h"

struct tag_args {
    const char *store;
};

static int tag(const struct cli *cli, void *opaque, struct err *err)
{
    const struct tag_args *args = opaque;
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(ref_release) struct ref from = {0};
    AUTO(ref_release) struct ref to = {0};
    int rc = settings_ref(cli->args[0], &from, err);
    if (!rc)
        rc = settings_ref(cli->args[1], &to, err);
    if (!rc && to.digest.text[0])
        rc =
            err_set(err, ERR_USAGE, "tag: %s: the new name gets a tag, not a digest", cli->args[1]);
    if (!rc)
        rc = settings_store(args->store, &store, err);
    if (!rc)
        rc = store_tag(store, &from, &to, err);
    if (!rc)
        log_info("tagged image", "image", to.full, "source", from.full, NULL);
    return rc;
}

static const struct option options[] = {
    STORE_OPTION(struct tag_args, store),
    OPT_END,
};

extern const struct command tag_command;
const struct command tag_command = {
    .name = "tag",
    .summary = "give an image of the local store another reference",
    .example = "wasme tag filter:dev harbor.example/base/filter:v1",
    .positionals = POSITIONALS(
        {.name = "SOURCE", .help = "the image of the local store", .complete = COMPLETE_REF},
        {.name = "TARGET", .help = "the new reference", .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct tag_args),
    .run = tag,
};
