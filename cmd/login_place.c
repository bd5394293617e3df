#include "cmd/login_place.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "cmd/cache_dirs.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/secret.h"
#include "cmd/settings.h"
#include "credential/file.h"
#include "registry/kept.h"

/* Makes a host of an address, since many users copy addresses from a browser or from Docker's
 * file. */
static char *bare_server(const char *text)
{
    static const char *const starts[] = {"https://", "http://"};
    static const char *const ends[] = {"/", "/v1", "/v2"};
    for (size_t i = 0; i < COUNT(starts); i++)
        if (strncasecmp(text, starts[i], strlen(starts[i])) == 0)
            text += strlen(starts[i]);
    char *server = mem_dup(text);
    for (size_t i = 0; i < COUNT(ends); i++) {
        size_t len = strlen(server), end = strlen(ends[i]);
        if (len > end && strcmp(server + len - end, ends[i]) == 0)
            server[len - end] = '\0';
    }
    return server;
}

static int find_server(const char *text, char **out, struct err *err)
{
    if (!text) /* the registry of a reference that names none */
        return settings_registry(NULL, out, err);
    AUTO_FREE char *server = bare_server(text);
    if (strchr(server, '/'))
        return err_set(err, ERR_USAGE, "\"%.200s\" is more than a registry: name only the host",
                       text);
    return settings_registry(credential_is_hub(server) ? "docker.io" : server, out, err);
}

static int find_helper(struct login_place *place, const char *file, struct err *err)
{
    int rc = credential_file_helper(file, place->server, &place->helper_name, &place->helper_origin,
                                    err);
    place->helper = (struct helper){.name = place->helper_name,
                                    .origin = place->helper_origin,
                                    .interrupted = interrupt_catch()};
    return rc;
}

int login_place_find(const struct cli *cli, const char *server, const char *given,
                     struct login_place *place, struct err *err)
{
    *place = (struct login_place){0};
    secret_guard();
    const char *argument = cli->arg_count ? cli->args[0] : NULL;
    if (argument && server && strcmp(argument, server) != 0)
        return err_set(err, ERR_USAGE, "SERVER is %s, and --server is %s: name one", argument,
                       server);
    int rc = find_server(argument ? argument : server, &place->server, err);
    if (rc)
        return rc;
    auth_files_find(&place->files);
    if (!given && !place->files.own)
        return err_set(err, ERR_FAILED,
                       "HOME is not set: set it, or WASME_HOME, or use --credentials-file");
    place->file = mem_dup(given ? given : place->files.own);
    place->given = given != NULL;
    return find_helper(place, place->file, err);
}

int login_place_ask_docker(struct login_place *place, struct err *err)
{
    if (place->helper.name || place->given || !place->files.docker)
        return 0;
    return find_helper(place, place->files.docker, err);
}

struct lock_wait login_place_wait(void)
{
    return (struct lock_wait){&log_notice, interrupt_catch(), 0};
}

void login_place_forget_tokens(const struct login_place *place)
{
    AUTO(cache_dirs_release) struct cache_dirs dirs = {0};
    cache_dirs_find(&dirs);
    kept_forget_host(dirs.runtime, place->server);
}

void login_place_release(struct login_place *place)
{
    auth_files_release(&place->files);
    free(place->server);
    free(place->file);
    free(place->helper_name);
    free(place->helper_origin);
    *place = (struct login_place){0};
}
