/* wasme inspect: the parts of an image, or of a .wasm file. */
#include "base/mem.h"
#include "cmd/inspect_print.h"
#include "cmd/settings.h"

struct inspect_args {
    bool json;
    int functions;
    const char *store;
};

static int inspect(const struct cli *cli, void *opaque, struct err *err)
{
    const struct inspect_args *args = opaque;
    AUTO(inspected_release) struct inspected found = {0};
    int rc = inspected_open(cli->args[0], args->store, &found, err);
    if (rc)
        return rc;
    if (args->json)
        rc = inspected_print_json(&found, (size_t)args->functions, err);
    else
        inspected_print(&found, (size_t)args->functions);
    return rc ? rc : inspected_verify(&found, err);
}

static const struct option options[] = {
    OPT_NUMBER(struct inspect_args, functions, 0, "functions", "N", 0, 1000000, 10,
               "show the N largest functions"),
    OPT_FLAG(struct inspect_args, json, 0, "json", "print JSON"),
    STORE_OPTION(struct inspect_args, store),
    OPT_END,
};

extern const struct command inspect_command;
const struct command inspect_command = {
    .name = "inspect",
    .summary = "show the digests, ABI, sizes, imports and exports of a filter",
    .details = "Where a file of that name exists, the file is read, and not an image.",
    .example = "wasme inspect harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "REF|FILE",
                                .help = "an image of the local store, or a file",
                                .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct inspect_args),
    .run = inspect,
};
