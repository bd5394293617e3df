/* wasme tags: the tags of a repository. */
#include <stdbool.h>
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

/* Warns of a tag or digest in the argument. A reference without a tag has the tag "latest". */
static void warn_of_tag(const char *text, const struct ref *ref)
{
    const char *slash = strrchr(text, '/');
    const char *colon = strchr(slash ? slash : text, ':');
    if (!ref->digest.text[0] && !colon)
        return;
    log_warningf("%s: a repository is wanted: its tag or digest is left out", text);
}

/* Whether the argument is a registry: a name on Docker Hub that looks like a host. */
static bool is_registry(const char *text, const struct ref *ref)
{
    size_t len = strcspn(text, ":");
    const char *port = text + len;
    if (strchr(text, '/') || strcmp(ref->registry, "docker.io") != 0)
        return false;
    if (*port && strspn(port + 1, "0123456789") == strlen(port + 1))
        return true;
    return memchr(text, '.', len) || (len == 9 && memcmp(text, "localhost", len) == 0);
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
    if (is_registry(cli->args[0], &ref))
        return err_set(err, ERR_USAGE,
                       "tags: \"%s\" is a registry: name a repository in it, as %s/NAME; `wasme "
                       "catalog %s` lists them",
                       cli->args[0], cli->args[0], cli->args[0]);
    warn_of_tag(cli->args[0], &ref);
    rc = transfer_begin(&transfer, &args->transfer, err);
    if (rc)
        return rc;
    rc = registry_tags(transfer.registry, &ref, &names, err);
    if (rc)
        return err_wrap(err, "tags of %s/%s", ref.registry, ref.repository);
    return names_print(&names, args->json, err);
}

static const struct option options[] = {
    OPT_FLAG(struct tags_args, json, 0, "json", "print a JSON array"),
    TRANSFER_OPTIONS(struct tags_args),
    OPT_END,
};

extern const struct command tags_command;
const struct command tags_command = {
    .name = "tags",
    .summary = "list the tags of a repository on its registry",
    .details = "Prints one tag a line, sorted.",
    .example = "wasme tags harbor.example/base/filter",
    .positionals = POSITIONALS(
        {.name = "REPOSITORY", .help = "a reference without a tag", .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct tags_args),
    .run = tags,
};
