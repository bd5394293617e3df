/* wasme rm: removes images from the local store, or from their registries. */
#include <stdint.h>

#include "base/mem.h"
#include "cmd/each.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "registry/remove.h"

struct rm_args {
    struct transfer_args transfer;
    const char *store;
    bool remote;
    bool force;
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

struct remote {
    struct transfer transfer;
    bool force;
};

static int remove_published(void *opaque, const char *text, struct err *err)
{
    const struct remote *remote = opaque;
    struct registry_removal removal;
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_ref(text, &ref, err);
    if (rc)
        return rc;
    rc = registry_remove(remote->transfer.registry, &ref, remote->force, &removal, err);
    if (rc)
        return err_wrap(err, "remove %s", ref.full);
    const char *done =
        removal.whole ? "removed image from its registry" : "removed tag from its registry";
    const char *manifest = removal.digest.text[0] ? removal.digest.text : "not known";
    log_info(done, "image", ref.full, "manifest", manifest, NULL);
    return 0;
}

static void remote_release(struct remote *remote)
{
    transfer_end(&remote->transfer);
}

static int remove_remote(const struct cli *cli, const struct rm_args *args, struct err *err)
{
    AUTO(remote_release) struct remote remote = {.force = args->force};
    int rc = transfer_open(cli, &args->transfer, args->store, &remote.transfer, err);
    return rc ? rc : each_arg(cli, remove_published, &remote, err);
}

static int rm(const struct cli *cli, void *opaque, struct err *err)
{
    const struct rm_args *args = opaque;
    AUTO(store_close_at) struct store *store = NULL;
    if (args->remote)
        return remove_remote(cli, args, err);
    if (args->force || args->transfer.login.username)
        return err_set(err, ERR_USAGE, "rm: --%s is for --remote",
                       args->force ? "force" : "username");
    int rc = settings_store(args->store, &store, err);
    return rc ? rc : each_arg(cli, remove_one, store, err);
}

static const struct option options[] = {
    OPT_FLAG(struct rm_args, remote, 0, "remote", "remove from the registry, not from the store"),
    OPT_FLAG(struct rm_args, force, 0, "force",
             "with --remote: even when other tags are removed with it"),
    TRANSFER_OPTIONS(struct rm_args),
    STORE_OPTION(struct rm_args, store),
    OPT_END,
};

extern const struct command rm_command;
const struct command rm_command = {
    .name = "rm",
    .summary = "remove images from the local store, or from their registries",
    .details = "Without --remote, the registry is not asked. With --remote, the local\n"
               "image stays.",
    .example = "wasme rm filter:v1 filter:v2",
    .positionals =
        POSITIONALS({.name = "REF",
                     .help = "an image of the local store, or with --remote of a registry",
                     .repeated = true,
                     .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct rm_args),
    .run = rm,
};
