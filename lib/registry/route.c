#include "registry/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/url.h"
#include "registry/advice.h"

void route_forget(struct call *call)
{
    mem_free_at(&call->url);
    call->url = NULL;
    call->redirects = 0;
}

void route_name(struct call *call, char *url, struct sender by)
{
    free(call->url);
    call->url = url;
    call->named = true;
    call->senders = by;
}

struct sender route_answerer(const struct call *call)
{
    const char *sign = strstr(call->url, "://");
    size_t len = sign ? strcspn(sign + 3, "/?#") : 0;
    AUTO_FREE char *address = mem_dup_n(sign ? sign + 3 : "", len);
    enum host_kind written = host_kind(address);
    return (struct sender){written, call->transfer.by_proxy ? written : call->transfer.reached};
}

struct sender route_senders(const struct call *call)
{
    struct sender last = route_answerer(call);
    return call->named ? sender_join(call->senders, last) : last;
}

int route_refuse(const char *who, const char *where, const char *peer, struct err *err)
{
    return err_set(err, ERR_DENIED,
                   "%s sends us to %s%s%s%s, an internal address: refused: mend the address that "
                   "the registry names (in Harbor: external_url, and redirects to its storage), or "
                   "reach the registry by an address of the same network",
                   who, where, *peer ? " (" : "", peer, *peer ? ")" : "");
}

static int refuse(const struct call *call, const char *peer, struct err *err)
{
    const struct host *host = call->host ? call->host : call->sender;
    return route_refuse(host ? host->address : "the registry", call_peer(call), peer, err);
}

/* Sets `at_home` and, when the address is not one of the call's own registry, `elsewhere`. */
static int find_elsewhere(struct call *call, struct err *err)
{
    const struct host *host = call->host ? call->host : call->sender;
    AUTO_FREE char *base = host ? host_base(host) : NULL;
    AUTO_FREE char *here = NULL;
    AUTO_FREE char *there = NULL;
    int rc = url_origin(call->url, &there, err);
    if (!rc && base)
        rc = url_origin(base, &here, err);
    if (rc)
        return rc;
    call->at_home = here && strcmp(here, there) == 0;
    if (!call->at_home || !call->host)
        call->elsewhere = STEAL(there);
    return 0;
}

int route_choose(struct call *call, struct err *err)
{
    mem_free_at(&call->elsewhere);
    call->elsewhere = NULL;
    call->own_origin = call->at_home = call->host != NULL;
    if (call->host)
        call->was_http = call->host->http;
    if (!call->url) {
        AUTO_FREE char *base = host_base(call->host);
        call->url = mem_printf("%s%s", base, call->path);
        call->named = false;
        return 0;
    }
    int rc = find_elsewhere(call, err);
    if (rc)
        return rc;
    call->own_origin = call->host && call->at_home;
    if (call->named && !call->at_home &&
        !sender_may_name(call->senders, host_kind(strstr(call->elsewhere, "://") + 3)))
        return refuse(call, "", err);
    return 0;
}

int route_trust(struct transport *transport, const struct call *call, const struct trust **out,
                struct err *err)
{
    const struct host *host = call->host ? call->host : call->sender;
    if (host && call->at_home)
        return transport_trust(transport, host->name, true, out, err);
    const char *sign = strstr(call->url, "://");
    AUTO_FREE char *name = mem_dup_n(sign ? sign + 3 : "", sign ? strcspn(sign + 3, "/?#") : 0);
    return transport_trust(transport, name, false, out, err);
}

bool route_may_reach(void *arg, enum host_kind kind)
{
    const struct call *call = arg;
    return !call->named || sender_may_reach(call->senders, kind, call->at_home);
}

int route_forbidden(struct call *call)
{
    return refuse(call, call->transfer.peer, &call->err);
}

bool route_is_redirect(const struct call *call)
{
    int status = call->response.status;
    bool reads = strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;
    return call->follow && call->response.location &&
           (status == 307 || status == 308 ||
            (reads && (status == 301 || status == 302 || status == 303)));
}

/* A login is for one origin, and is dropped when the call goes to another. */
static void drop_authorization(struct call *call)
{
    size_t kept = 0;
    for (size_t i = 0; i < CALL_HEADERS_MAX && call->headers[i]; i++)
        if (strncasecmp(call->headers[i], "Authorization:", 14) != 0)
            call->headers[kept++] = call->headers[i];
    if (kept < CALL_HEADERS_MAX)
        call->headers[kept] = NULL;
}

/* Refuses a redirect to another origin when the body holds a secret, and drops the login for every
 * other such redirect. */
static int guard_secrets(struct call *call, const char *target)
{
    AUTO_FREE char *here = NULL;
    AUTO_FREE char *there = NULL;
    int rc = url_origin(call->url, &here, &call->err);
    if (!rc)
        rc = url_origin(target, &there, &call->err);
    if (rc || strcmp(here, there) == 0)
        return rc;
    if (call->secret)
        return err_set(&call->err, ERR_DENIED,
                       "%s redirects a request that holds a secret to another origin, %s: refused: "
                       "ask who runs the registry for the right address",
                       here, there);
    drop_authorization(call);
    return 0;
}

int route_follow(struct call *call)
{
    AUTO_FREE char *target = NULL;
    int rc = url_join(call->url, call->response.location, &target, &call->err);
    if (!rc && ++call->redirects > REDIRECTS_MAX)
        rc = err_set(&call->err, ERR_FAILED, "more than %d redirects", REDIRECTS_MAX);
    if (!rc && strncmp(call->url, "https:", 6) == 0 && strncmp(target, "https:", 6) != 0)
        rc = err_set(&call->err, ERR_FAILED,
                     "%s redirects from https to plain http, which is refused", call_peer(call));
    if (!rc)
        rc = guard_secrets(call, target);
    if (!rc)
        route_name(call, STEAL(target), route_senders(call));
    return rc;
}
