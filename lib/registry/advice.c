#include "registry/advice.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "registry/advice_refusal.h"

const char *call_peer(const struct call *call)
{
    if (call->elsewhere)
        return call->elsewhere;
    return call->host ? call->host->address : call->url;
}

void advice_add(struct call *call)
{
    const char *next = call->response.status ? advice_of_refusal(call) : NULL;
    AUTO_FREE char *text = mem_dup(err_text(&call->err));
    if (call->response.status / 100 == 3 && call->response.location)
        (void)err_set(
            &call->err, call->err.code,
            "%s: it redirects to %.200s, which is not followed here: name that address, or "
            "mend the proxy before the registry",
            text, call->response.location);
    else if (next)
        (void)err_set(&call->err, call->err.code, "%s: %s", text, next);
}

/* Is the failure that of a proxy? libcurl names the host that it could not connect to. */
static bool is_of_proxy(const struct call *call)
{
    char host[256];
    const char *reason = call->transfer.reason;
    return strstr(reason, "proxy") ||
           (sscanf(reason, "Failed to connect to %255s port", host) == 1 &&
            !strstr(call->url, host));
}

static int no_connection(struct call *call)
{
    const char *reason = call->transfer.reason;
    if (is_of_proxy(call))
        return err_set(&call->err, ERR_FAILED,
                       "no connection to the proxy: %s: check http_proxy and https_proxy, or name "
                       "%s in no_proxy",
                       reason, call_peer(call));
    /* A host that has answered in this run, or whose machine refuses at once, may be restarting. */
    const struct host *host = call->host ? call->host : call->sender;
    bool restarts = call->transfer.refused || (host && host->answered);
    int code = restarts ? ERR_TRANSIENT : ERR_FAILED;
    if (call->elsewhere)
        return err_set(
            &call->err, code,
            "no connection to %s, where %s sends us: %s: check that it runs (wasme doctor "
            "%s)",
            call->elsewhere, host ? host->name : "the registry", reason,
            host ? host->name : "SERVER");
    return err_set(&call->err, code,
                   "no connection: %s: check the name, and that it runs (wasme doctor %s)", reason,
                   host ? host->name : "SERVER");
}

static int of_proxy(struct call *call)
{
    long status = call->transfer.proxy_status;
    if (status == 407)
        return err_set(&call->err, ERR_FAILED, "the proxy answers with 407: %s", PROXY_LOGIN);
    return err_set(&call->err, status >= 500 ? ERR_TRANSIENT : ERR_FAILED,
                   "the proxy opens no way to %s, and answers with %ld: ask who runs it, or name "
                   "the host in no_proxy",
                   call_peer(call), status);
}

static int not_http(struct call *call)
{
    if (strncmp(call->url, "http:", 5) == 0)
        return err_set(&call->err, ERR_FAILED,
                       "%s does not speak plain http: leave out --plain-http", call_peer(call));
    return err_set(&call->err, ERR_FAILED, "%s does not answer in HTTP", call_peer(call));
}

int advice_explain(struct call *call)
{
    struct err *err = &call->err;
    const char *reason = call->transfer.reason;
    switch (call->transfer.outcome) {
    case HTTP_BROKEN:
        return err_set(err, ERR_TRANSIENT, "the connection to %s broke: %s", call_peer(call),
                       reason);
    case HTTP_NO_CONNECTION:
        return no_connection(call);
    case HTTP_PROXY_REFUSED:
        return of_proxy(call);
    case HTTP_BAD_CERTIFICATE:
        return err_set(err, ERR_FAILED,
                       "the certificate of %s cannot be verified: %s: name its authority with "
                       "--ca-file, or trust it blindly with --insecure",
                       call_peer(call), reason);
    case HTTP_NOT_TLS:
        return err_set(err, ERR_FAILED, "%s speaks plain http: use --plain-http", call_peer(call));
    case HTTP_NOT_HTTP:
        return not_http(call);
    default:
        return err_set(err, ERR_FAILED, "%s: %s", call_peer(call), reason);
    }
}
