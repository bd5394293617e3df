/* wasme search: the repositories of a registry that have a term in their names. */
#include "base/mem.h"
#include "cmd/names.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"

struct search_args {
    struct transfer_args transfer;
    const char *server;
    bool json;
};

static int search(const struct cli *cli, void *opaque, struct err *err)
{
    const struct search_args *args = opaque;
    const char *term = cli->args[0];
    AUTO_FREE char *server = NULL;
    AUTO(transfer_end) struct transfer transfer = {0};
    AUTO(registry_names_release) struct registry_names names = {0};
    if (!*term)
        return err_set(err, ERR_USAGE, "search: the term is empty: `wasme catalog` lists all");
    int rc = settings_registry(args->server, &server, err);
    if (!rc)
        rc = transfer_begin(&transfer, &args->transfer, err);
    if (rc)
        return rc;
    rc = registry_search(transfer.registry, server, term, &names, err);
    if (rc)
        return err_wrap(err, "search on %s", server);
    return names_print(&names, args->json, err);
}

static const struct option options[] = {
    OPT_TEXT(struct search_args, server, 's', "server", "SERVER", COMPLETE_NONE,
             "search on SERVER (host[:port])", .otherwise = SETTINGS_REGISTRY_SHOWN),
    OPT_FLAG(struct search_args, json, 0, "json", "print a JSON array"),
    TRANSFER_OPTIONS(struct search_args),
    OPT_END,
};

extern const struct command search_command;
const struct command search_command = {
    .name = "search",
    .summary = "find repositories of a registry by their names",
    .details = "Prints one repository a line, sorted, without the server's name.",
    .example = "wasme search filter -s harbor.example",
    .positionals = POSITIONALS({.name = "TERM", .help = "a part of the names"}),
    .options = options,
    .args_size = sizeof(struct search_args),
    .run = search,
};
