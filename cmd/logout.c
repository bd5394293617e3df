/* wasme logout: forgets the credentials for a registry. */
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/login_place.h"
#include "cmd/settings.h"
#include "credential/file.h"

struct logout_args {
    const char *server;
    const char *credentials_file;
};

static int forget_in_file(const struct login_place *place, bool *any, struct err *err)
{
    bool removed = false;
    const struct lock_wait wait = login_place_wait();
    int rc = credential_file_erase(place->file, place->server, &wait, &removed, err);
    if (!rc && removed)
        log_info("logged out", "registry", place->server, "removed_from", place->file, NULL);
    *any = *any || removed;
    return rc;
}

static int forget_in_helper(const struct login_place *place, bool *any, struct err *err)
{
    AUTO(credential_release) struct credential found = {0};
    if (!place->helper.name)
        return 0;
    int rc = helper_get(&place->helper, place->server, &found, err);
    if (rc || credential_is_empty(&found))
        return rc;
    rc = helper_erase(&place->helper, place->server, err);
    if (rc)
        return rc;
    AUTO_FREE char *name = mem_printf("docker-credential-%s", place->helper.name);
    log_info("logged out", "named_by", place->helper.origin, "registry", place->server,
             "removed_from", name, NULL);
    *any = true;
    return 0;
}

/* Finds the helper that Docker's file names. An error is only a warning: the login is out of the
 * file of wasme already. */
static void find_docker_helper(struct login_place *place)
{
    AUTO(err_release) struct err problem = ERR_INIT;
    if (login_place_ask_docker(place, &problem))
        log_warning("a login in a helper that docker's file names would stay: mend the file and "
                    "log out again",
                    "reason", err_text(&problem), "registry", place->server, NULL);
}

/* Warns of credentials of other programs, which stay, and which push and pull go on using. */
static void tell_what_stays(struct login_place *place)
{
    AUTO(credential_release) struct credential found = {0};
    const struct credential_sources options = {.places = place->files.list};
    const struct credential_target target = {.registry = place->server};
    if (credential_find(&options, &target, &found, NULL, ERR_IGNORED) == 0 && found.source)
        log_warning("other credentials are still used for this registry", "registry", place->server,
                    "source", found.source, NULL);
}

static int logout(const struct cli *cli, void *opaque, struct err *err)
{
    const struct logout_args *args = opaque;
    AUTO(login_place_release) struct login_place place = {0};
    bool any = false;
    int rc = login_place_find(cli, args->server, args->credentials_file, &place, err);
    if (!rc)
        login_place_forget_tokens(&place);
    if (!rc)
        rc = forget_in_file(&place, &any, err);
    if (!rc)
        find_docker_helper(&place);
    if (!rc)
        rc = forget_in_helper(&place, &any, err);
    if (rc)
        return rc;
    if (!any)
        log_info("there was no login to forget", "file", place.file, "registry", place.server,
                 NULL);
    if (!args->credentials_file)
        tell_what_stays(&place);
    return 0;
}

static const struct option options[] = {
    OPT_TEXT(struct logout_args, server, 's', "server", "SERVER", COMPLETE_NONE,
             "the registry, as the argument SERVER"),
    OPT_TEXT(struct logout_args, credentials_file, 0, "credentials-file", "FILE", COMPLETE_FILE,
             "forget the login in FILE", .otherwise = AUTH_FILE_SHOWN),
    OPT_END,
};

extern const struct command logout_command;
const struct command logout_command = {
    .name = "logout",
    .summary = "forget the credentials for a registry",
    .details = "The files of docker and podman stay as they are.",
    .example = "wasme logout harbor.example",
    .positionals = POSITIONALS({.name = "SERVER",
                                .help = "the registry, host[:port]",
                                .otherwise = SETTINGS_REGISTRY_SHOWN,
                                .optional = true}),
    .options = options,
    .args_size = sizeof(struct logout_args),
    .run = logout,
};
