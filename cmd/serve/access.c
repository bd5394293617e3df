#include "cmd/serve/access.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/secret.h"
#include "cmd/serve/status.h"

static int read_networks(const struct option_list *list, struct serve_access *out, struct err *err)
{
    if (!list->count)
        return 0;
    out->networks = mem_zero(list->count, sizeof(*out->networks));
    for (size_t i = 0; i < list->count; i++) {
        int rc = network_parse(list->items[i], &out->networks[i], err);
        if (rc)
            return err_wrap(err, "--allow");
    }
    out->network_count = list->count;
    return 0;
}

static bool is_registry(const struct server_request *request)
{
    const char *path = request->path ? request->path : "";
    return strncmp(path, "/v2", 3) == 0 && (path[3] == '/' || !path[3]);
}

/* OCI distribution-spec, "Error Codes": clients of registries show the message. */
static void refuse(const struct server_request *request, struct server_reply *reply)
{
    static const struct {
        int status;
        const char *code, *message;
    } errors[] = {
        {401, "UNAUTHORIZED", "a login is needed: log in with a user and a password, or a token"},
        {429, "TOOMANYREQUESTS", "too many logins failed: try again later"},
    };
    if (!is_registry(request))
        return;
    server_reply_field(reply, "Docker-Distribution-Api-Version", "registry/2.0");
    for (size_t i = 0; i < COUNT(errors); i++) {
        if (errors[i].status != reply->status)
            continue;
        reply->kind = REPLY_PAGE;
        reply->content_type = "application/json";
        buf_init(&reply->page, 512);
        buf_printf(&reply->page, "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}\n",
                   errors[i].code, errors[i].message);
    }
}

static void tell(void *arg, bool problem, const char *what)
{
    (void)arg;
    log_pairs(problem ? LOG_WARNING : LOG_INFO, what, NULL);
}

static void check_mode(const char *path)
{
    struct stat info;
    if (path && stat(path, &info) == 0 && (info.st_mode & S_IROTH))
        log_warningf("every user of this machine can read the tokens in %s: chmod o-r %s", path,
                     path);
}

static int open_login(const struct serve_access_args *args, struct serve_access *out,
                      struct err *err)
{
    struct login_options options = {
        .htpasswd = args->htpasswd, .tokens = args->tokens, .refuse = refuse, .tell = tell};
    if (!args->htpasswd && !args->tokens)
        return 0;
    secret_guard();
    check_mode(args->tokens);
    return login_open(&options, &out->login, err);
}

int serve_access_open(const struct serve_access_args *args, struct serve_access *out,
                      struct err *err)
{
    *out = (struct serve_access){.plain = args->plain};
    int rc = read_networks(&args->allow, out, err);
    return rc ? rc : open_login(args, out, err);
}

/* A probe of whoever starts the server needs no login, and so never gets a file of that name. */
static bool admit(void *arg, struct server_request *request, struct server_reply *reply)
{
    const struct serve_access *access = arg;
    if (request_reads(request) && request->path && strcmp(request->path, "/healthz") == 0) {
        status_health(reply);
        return false;
    }
    return login_admit(access->login, request, reply);
}

static void reload(void *arg)
{
    const struct serve_access *access = arg;
    login_reload(access->login);
}

void serve_access_use(struct serve_access *access, struct server_options *options,
                      struct serve_service *service)
{
    options->networks = access->networks;
    options->network_count = access->network_count;
    if (!access->login)
        return;
    options->admit = admit;
    options->admit_arg = access;
    serve_service_on_reload(service, reload, access);
}

int serve_access_check(const struct serve_access *access, const struct server *server, bool tls,
                       struct err *err)
{
    if (!access->login || tls || access->plain || server_is_local(server))
        return 0;
    return err_set(err, ERR_USAGE,
                   "logins would cross the network readable by all on the way: serve over TLS "
                   "(--tls-cert), for this machine alone (--bind 127.0.0.1), or, behind a proxy "
                   "that ends TLS, with --plain-login");
}

void serve_access_release(struct serve_access *access)
{
    login_free(STEAL(access->login));
    free(STEAL(access->networks));
}
