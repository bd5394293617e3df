/* wasme tags: the tags of a repository. */
#include <string.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/names.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"

struct tags_args {
    struct transfer_args transfer;
    bool json;
};

/* "latest" is put there where the text has no tag. */
static void warn_of_tag(const char *text, const struct ref *ref)
{
    const char *slash = strrchr(text, '/');
    const char *colon = strchr(slash ? slash : text, ':');
    if (!ref->digest.text[0] && !colon)
        return;
    AUTO_FREE char *words =
        mem_printf("%s: a repository is wanted: its tag or digest is left out", text);
    log_warning(words, NULL);
}

static int tags(const struct cli *cli, void *opaque, struct err *err)
{
    const struct tags_args *args = opaque;
    AUTO(ref_release) struct ref ref = {0};
    AUTO(transfer_end) struct transfer transfer = {0};
    AUTO(registry_names_release) struct registry_names names = {0};
    int rc = settings_ref(cli->args[0], &ref, err);
    if (rc)
        return rc;
    warn_of_tag(cli->args[0], &ref);
    rc = transfer_begin(&transfer, &args->transfer, err);
    if (rc)
        return rc;
    rc = registry_tags(transfer.registry, &ref, &names, err);
    if (rc)
        return err_wrap(err, "tags of %s/%s", ref.registry, ref.repository);
    return names_print(&names, args->json, err);
}

static void defaults(void *opaque)
{
    transfer_defaults(&((struct tags_args *)opaque)->transfer);
}

static const struct option options[] = {
    OPT_FLAG(struct tags_args, json, 0, "json", "print a JSON array"),
    TRANSFER_OPTIONS(struct tags_args),
    OPT_END,
};

extern const struct command tags_command;
const struct command tags_command = {
    .name = "tags",
    .synopsis = "REPOSITORY",
    .summary = "list the tags of a repository on its registry",
    .details = "REPOSITORY is a reference without a tag. Prints one tag a line, sorted.",
    .example = "wasme tags harbor.example/base/filter",
    .min_args = 1,
    .max_args = 1,
    .args_complete = COMPLETE_REF,
    .options = options,
    .args_size = sizeof(struct tags_args),
    .defaults = defaults,
    .run = tags,
};
