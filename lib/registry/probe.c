#include "registry/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/http_date.h"
#include "base/mem.h"
#include "http/url.h"
#include "registry/calls.h"
#include "registry/claims.h"
#include "registry/client.h"
#include "registry/login.h"
#include "registry/manifest_head.h"
#include "registry/route.h"
#include "registry/token.h"

enum { TAGS_MAX = 4 * 1024 * 1024 };

void probe_answer_release(struct probe_answer *answer)
{
    free(answer->words);
    free(answer->reason);
    free(answer->location);
    free(answer->challenges);
    *answer = (struct probe_answer){0};
}

const struct host *probe_host(struct registry *registry, const char *server)
{
    return transport_host(&registry->transport, server);
}

const char *probe_realm(struct registry *registry, const char *server)
{
    return auth_realm(registry->auth, probe_host(registry, server));
}

static char *refusal_words(const struct response *response)
{
    struct err words AUTO(err_release) = ERR_INIT;
    if (response_is_success(response))
        return mem_dup("");
    (void)response_refusal(response, &words);
    return mem_dup(err_text(&words));
}

static void take_answer(const struct call *call, int rc, const struct err *why,
                        struct probe_answer *out)
{
    const struct response *response = &call->response;
    *out = (struct probe_answer){
        .rc = rc,
        .outcome = call->transfer.outcome,
        .status = response->status,
        .words = rc ? mem_dup(err_text(why)) : refusal_words(response),
        .reason = mem_dup(call->transfer.reason),
        .location = response->location ? mem_dup(response->location) : NULL,
        .challenges = mem_dup(buf_text(&response->challenges)),
    };
    if (response->date && !http_date_parse_fixed(response->date, &out->date))
        out->date = 0;
}

/* Keeps the outcome of the call, which has ended with `rc` and `err`. */
static int keep(const struct call *call, int rc, struct probe_answer *out, struct err *err)
{
    if (rc == ERR_INTERRUPTED)
        return rc;
    take_answer(call, rc, err, out);
    err_release(err);
    return 0;
}

static int ask(struct transport *transport, struct call *call, struct probe_answer *out,
               struct err *err)
{
    call->tolerant = true;
    return keep(call, calls_run(transport, call, 1, err), out, err);
}

static int ask_version(struct transport *transport, const char *server,
                       struct http_details *details, struct probe_answer *out, struct err *err)
{
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = "/v2/",
        .host = transport_host(transport, server),
        .path = "/v2/",
        .details = details,
    };
    return ask(transport, &call, out, err);
}

int probe_version(struct registry *registry, const char *server, struct http_details *details,
                  struct probe_answer *out, struct err *err)
{
    return ask_version(&registry->transport, server, details, out, err);
}

int probe_certificate(struct registry *registry, const char *server, struct http_details *details,
                      struct err *err)
{
    struct registry_options options = *registry->transport.options;
    struct transport AUTO(transport_close) transport = {0};
    struct probe_answer answer AUTO(probe_answer_release) = {0};
    options.insecure = true;
    options.trust = (struct trust_sources){0};
    int rc = transport_open(&transport, &options, err);
    return rc ? rc : ask_version(&transport, server, details, &answer, err);
}

bool probe_challenges(const struct probe_answer *answer, struct challenge_list *list,
                      struct err *err)
{
    return challenge_read(answer->challenges, answer->status, list, err) == 0 && list->count;
}

int probe_credential(struct registry *registry, const char *server, const char *repository,
                     struct credential *out, struct err *err)
{
    const struct registry_options *options = registry->transport.options;
    const struct credential_target target = {server, repository};
    int rc = credential_find(&options->login, &target, out, NULL, err);
    const struct credential_place *source = options->login.places;
    /* A pull would go on without such a place, but here the user asks for faults. */
    for (; !rc && credential_is_empty(out) && source && source->name; source++)
        if (source->problem)
            rc = err_set(err, ERR_DAMAGED, "credentials %s %s: %s", source->text ? "in" : "file",
                         source->name, source->problem);
    return rc;
}

int probe_login(struct registry *registry, const char *server, struct probe_answer *out,
                struct err *err)
{
    struct call call AUTO(call_release) = {.host = transport_host(&registry->transport, server),
                                           .scope = ""};
    return keep(&call, login_greet(registry, &call, err), out, err);
}

int probe_token(struct registry *registry, const struct probe_token_request *request,
                char **granted, struct err *err)
{
    struct token token AUTO(token_release) = {0};
    const struct challenge *challenge = request->challenge;
    const struct host *host = probe_host(registry, request->server);
    const struct token_request wanted = {
        .realm = challenge->realm,
        .service = challenge->service,
        .scope = request->scope,
        .credential = request->credential,
        .host = host,
    };
    int rc = request->credential->registry_token
                 ? 0 /* such a token goes to the registry, and not to the realm */
                 : token_check_realm(host, challenge->realm, err);
    if (!rc)
        rc = token_fetch(&registry->transport, &wanted, &token, err);
    if (rc)
        return rc;
    struct claims claims AUTO(claims_release) = {0};
    const char *bearer = strstr(token.line, "Bearer ");
    *granted =
        bearer && claims_read(bearer + strlen("Bearer "), &claims) ? STEAL(claims.access) : NULL;
    return 0;
}

/* Makes the call, whose method, subject and path are set, to the repository. */
static int read_repository(const struct repository *repo, struct call *call,
                           struct probe_answer *out, struct err *err)
{
    struct buf data AUTO(buf_release) = BUF_INIT(TAGS_MAX);
    struct body_sink sink AUTO(body_sink_release) = {.fd = -1, .data = &data, .size = -1};
    call->host = repo->host;
    call->scope = repo->scope;
    call->sink = strcmp(call->method, "HEAD") == 0 ? NULL : &sink;
    call->follow = true;
    int rc = ask(&repo->registry->transport, call, out, err);
    call_release(call);
    return rc;
}

int probe_read(struct registry *registry, const struct ref *ref, bool tagged,
               struct probe_answer *out, struct err *err)
{
    struct repository repo AUTO(repository_release) = {0};
    repository_init(&repo, registry, ref, "pull");
    const char *key = ref_manifest_key(ref);
    AUTO_FREE char *what = tagged ? mem_printf("manifest %s", key) : mem_dup("list of tags");
    AUTO_FREE char *path = tagged ? mem_printf("/v2/%s/manifests/%s", repo.path, key)
                                  : mem_printf("/v2/%s/tags/list?n=1", repo.path);
    const char *accept = tagged ? MANIFEST_ACCEPT : NULL;
    struct call head = {.method = "HEAD", .what = what, .path = path, .headers = {accept}};
    struct call get = {.method = "GET", .what = what, .path = path, .headers = {accept}};
    int rc = read_repository(&repo, tagged ? &head : &get, out, err);
    if (rc || !tagged || out->rc || out->status < 400 || out->status == 401 || out->status == 404)
        return rc;
    probe_answer_release(out);
    return read_repository(&repo, &get, out, err);
}

/* Cancels the upload, at the address that the answer to the POST has named. */
static int cancel_upload(const struct repository *repo, const struct call *post,
                         struct probe_answer *out, struct err *err)
{
    AUTO_FREE char *url = NULL;
    int rc = post->response.location
                 ? url_join(post->url, post->response.location, &url, err)
                 : err_set(err, ERR_DAMAGED, "the registry names no address of the upload");
    if (rc) {
        *out = (struct probe_answer){.rc = rc, .words = mem_dup(err_text(err))};
        err_release(err);
        return 0;
    }
    struct call call AUTO(call_release) = {
        .method = "DELETE",
        .what = "upload",
        .host = repo->host,
        .scope = repo->scope,
    };
    route_name(&call, STEAL(url), route_senders(post));
    return ask(&repo->registry->transport, &call, out, err);
}

int probe_push(struct registry *registry, const struct ref *ref, struct probe_answer *out,
               struct probe_answer *cancel, struct err *err)
{
    struct repository repo AUTO(repository_release) = {0};
    repository_init(&repo, registry, ref, "pull,push");
    AUTO_FREE char *path = mem_printf("/v2/%s/blobs/uploads/", repo.path);
    struct call post AUTO(call_release) = {
        .method = "POST",
        .what = "upload",
        .host = repo.host,
        .path = path,
        .scope = repo.scope,
    };
    int rc = ask(&registry->transport, &post, out, err);
    if (!rc && !out->rc && response_is_success(&post.response))
        rc = cancel_upload(&repo, &post, cancel, err);
    return rc;
}
