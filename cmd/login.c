/* wasme login: checks credentials with a registry and keeps them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/login_place.h"
#include "cmd/secret.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "credential/file.h"
#include "registry/login.h"

enum { RETRIES = 2, STALL_SECONDS = 30 };

struct login_args {
    const char *server;
    struct login_words words;
    struct reach_args reach;
    bool token_stdin;
    const char *credentials_file;
    bool plaintext;
};

static int check(const struct login_args *args, struct err *err)
{
    int secrets = (args->words.password != NULL) + args->words.password_stdin + args->token_stdin;
    if (secrets > 1)
        return err_set(err, ERR_USAGE,
                       "give one of --password, --password-stdin and --token-stdin");
    if (args->words.username && (!*args->words.username || strchr(args->words.username, ':')))
        return err_set(err, ERR_USAGE,
                       "--username: a user's name is not empty and has no colon in it");
    return reach_check(&args->reach, err);
}

/* Asks on the terminal; without a terminal, the error says which option stands for the answer. */
static int ask(const char *question, bool echo, const char *instead, char **out, struct err *err)
{
    int rc = secret_ask(question, echo, out, err);
    if (rc == ERR_UNSUPPORTED)
        return err_set(err, ERR_USAGE, "%s: %s", err_text(err), instead);
    return rc;
}

static int ask_username(const char *server, char **out, struct err *err)
{
    AUTO_FREE char *question = mem_printf("Username for %s: ", server);
    int rc = ask(question, true, "name the user with --username", out, err);
    if (rc)
        return rc;
    return strchr(*out, ':') ? err_set(err, ERR_USAGE, "a user's name has no colon in it") : 0;
}

static int ask_password(const char *server, const char *username, char **out, struct err *err)
{
    AUTO_FREE char *question = mem_printf("Password of %s for %s: ", username, server);
    return ask(question, false, "use --password-stdin, or --token-stdin", out, err);
}

static int take_credential(const struct login_args *args, const char *server,
                           struct credential *out, struct err *err)
{
    int rc = 0;
    out->username = args->words.username ? mem_dup(args->words.username) : NULL;
    if (args->token_stdin)
        return secret_from_stdin("--token-stdin", &out->identity_token, err);
    if (!out->username)
        rc = ask_username(server, &out->username, err);
    if (rc)
        return rc;
    if (args->words.password_stdin)
        return secret_from_stdin("--password-stdin", &out->password, err);
    if (args->words.password && !*args->words.password)
        return err_set(err, ERR_USAGE, "--password is empty");
    if (args->words.password)
        out->password = mem_dup(args->words.password);
    else
        rc = ask_password(server, out->username, &out->password, err);
    return rc;
}

/* Tries the credential with the registry, so that only a credential that the registry takes is
 * kept. */
static int verify(const struct login_args *args, const char *server,
                  const struct credential *credential, struct err *err)
{
    AUTO(registry_close_at) struct registry *registry = NULL;
    bool asked = false;
    struct registry_options options = reach_options(&args->reach);
    options.retries = RETRIES;
    options.stall_seconds = STALL_SECONDS;
    options.login = (struct credential_sources){
        .username = credential->username,
        .password = credential->password,
        .identity_token = credential->identity_token,
    };
    int rc = registry_open(&options, &registry, err);
    if (!rc)
        rc = registry_login(registry, server, &asked, err);
    if (!rc && !asked)
        log_warning("the registry asks for no login: the credentials could not be checked",
                    "registry", server, NULL);
    return rc;
}

static int store_in_helper(const struct login_place *place, const struct credential *credential,
                           struct err *err)
{
    bool stale = false;
    const struct lock_wait wait = login_place_wait();
    int rc = helper_store(&place->helper, place->server, credential, err);
    if (rc && rc != ERR_INTERRUPTED)
        return err_set(err, rc, "%s: mend the helper, or keep the login in %s with --plaintext",
                       err_text(err), place->file);
    if (rc)
        return rc;
    AUTO_FREE char *name = mem_printf("docker-credential-%s", place->helper.name);
    log_info("logged in", "named_by", place->helper.origin, "registry", place->server, "stored_in",
             name, NULL);
    /* An entry in the file, which is read first, would hide the new login. */
    rc = credential_file_erase(place->file, place->server, &wait, &stale, err);
    if (!rc && stale)
        log_info("removed the older login", "file", place->file, "registry", place->server, NULL);
    return rc;
}

/* Keeps the login in the file, and removes an older login from the helper that the file names: the
 * helper is asked first, so that its login would hide the new one. */
static int store_in_file(const struct login_place *place, const struct credential *credential,
                         struct err *err)
{
    AUTO(credential_release) struct credential older = {0};
    const struct lock_wait wait = login_place_wait();
    int rc = place->helper.name ? helper_get(&place->helper, place->server, &older, err) : 0;
    if (!rc)
        rc = credential_file_store(place->file, place->server, credential, &wait, err);
    if (rc)
        return rc;
    if (!credential_is_empty(&older))
        rc = helper_erase(&place->helper, place->server, err);
    if (rc)
        return err_wrap(err, "the login is in %s, but an older one comes before it", place->file);
    log_info("logged in", "registry", place->server, "stored_in", place->file, NULL);
    if (!credential_is_empty(&older))
        log_info("removed the older login", "named_by", place->helper.origin, "registry",
                 place->server, NULL);
    return 0;
}

static int store(const struct login_args *args, const struct login_place *place,
                 const struct credential *credential, struct err *err)
{
    return place->helper.name && !args->plaintext ? store_in_helper(place, credential, err)
                                                  : store_in_file(place, credential, err);
}

static int login(const struct cli *cli, void *opaque, struct err *err)
{
    const struct login_args *args = opaque;
    AUTO(login_place_release) struct login_place place = {0};
    AUTO(credential_release) struct credential credential = {0};
    int rc = check(args, err);
    if (!rc)
        rc = login_place_find(cli, args->server, args->credentials_file, &place, err);
    if (!rc && !args->plaintext)
        rc = login_place_ask_docker(&place, err);
    if (!rc)
        rc = take_credential(args, place.server, &credential, err);
    if (!rc)
        rc = verify(args, place.server, &credential, err);
    if (rc)
        return rc;
    login_place_forget_tokens(&place);
    return store(args, &place, &credential, err);
}

static const struct option options[] = {
    OPT_TEXT(struct login_args, server, 's', "server", "SERVER", COMPLETE_NONE,
             "the registry, as the argument SERVER"),
    LOGIN_OPTIONS(struct login_args, words.),
    OPT_FLAG(struct login_args, token_stdin, 0, "token-stdin",
             "read an identity token from standard input", .group = GROUP_CREDENTIALS),
    OPT_TEXT(struct login_args, credentials_file, 0, "credentials-file", "FILE", COMPLETE_FILE,
             "keep the login in FILE", .otherwise = AUTH_FILE_SHOWN),
    OPT_FLAG(struct login_args, plaintext, 0, "plaintext",
             "keep the login in the file, even where a helper is set up"),
    REACH_OPTIONS(struct login_args, reach.),
    OPT_END,
};

extern const struct command login_command;
const struct command login_command = {
    .name = "login",
    .summary = "check credentials with a registry and keep them",
    .details = "Without options, login asks for user and password on the terminal, and keeps\n"
               "them when the registry takes them.",
    .example = "echo \"$PASSWORD\" | wasme login harbor.example -u robot --password-stdin",
    .positionals = POSITIONALS({.name = "SERVER",
                                .help = "the registry, host[:port]",
                                .otherwise = SETTINGS_REGISTRY_SHOWN,
                                .optional = true}),
    .options = options,
    .args_size = sizeof(struct login_args),
    .run = login,
};
