/* wasme catalog: the repositories of a registry. */
#include "base/mem.h"
#include "cmd/names.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"

struct catalog_args {
    struct transfer_args transfer;
    bool json;
};

static int catalog(const struct cli *cli, void *opaque, struct err *err)
{
    const struct catalog_args *args = opaque;
    AUTO_FREE char *server = NULL;
    AUTO(transfer_end) struct transfer transfer = {0};
    AUTO(registry_names_release) struct registry_names names = {0};
    int rc = settings_registry(cli->args[0], &server, err);
    if (!rc)
        rc = transfer_begin(&transfer, &args->transfer, err);
    if (rc)
        return rc;
    rc = registry_catalog(transfer.registry, server, &names, err);
    if (rc)
        return err_wrap(err, "catalog of %s", server);
    return names_print(&names, args->json, err);
}

static const struct option options[] = {
    OPT_FLAG(struct catalog_args, json, 0, "json", "print a JSON array"),
    TRANSFER_OPTIONS(struct catalog_args),
    OPT_END,
};

extern const struct command catalog_command;
const struct command catalog_command = {
    .name = "catalog",
    .summary = "list the repositories of a registry",
    .details = "Prints one repository a line, sorted, without the server's name.",
    .example = "wasme catalog harbor.example",
    .positionals = POSITIONALS({.name = "SERVER",
                                .help = "the registry, host[:port]",
                                .otherwise = SETTINGS_REGISTRY_SHOWN,
                                .optional = true}),
    .options = options,
    .args_size = sizeof(struct catalog_args),
    .run = catalog,
};
