#include "registry/advice.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"
#include "registry/retry.h"

const char *call_peer(const struct call *call)
{
    if (call->elsewhere)
        return call->elsewhere;
    return call->host ? call->host->address : call->url;
}

/* What a call is about. */
enum subject { MANIFEST, BLOB, UPLOAD, OTHER };

static enum subject subject_of(const struct call *call)
{
    const char *path = call->path ? call->path : "";
    if (strstr(path, "/manifests/"))
        return MANIFEST;
    if (strcmp(call->method, "PUT") == 0 || strstr(path, "/blobs/uploads/"))
        return UPLOAD;
    return strstr(path, "/blobs/") ? BLOB : OTHER;
}

static bool reads(const struct call *call)
{
    return strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;
}

/* Does the registry's answer have the word? */
static bool says(const struct call *call, const char *word)
{
    return strcasestr(buf_text(&call->response.refusal), word) != NULL;
}

#define USE_COMPAT                                                                                 \
    "the registry may not take images of this type: push it with --format compat, which is an "    \
    "ordinary image to it"

#define KEPT_BACK "a policy of the project keeps it back: see the project's settings"

#define PROXY_LOGIN                                                                                \
    "it wants a user and a password, or others: write them into http_proxy and https_proxy "       \
    "(http://USER:PASSWORD@HOST:PORT)"

static const char *of_403(const struct call *call)
{
    if (says(call, "quota"))
        return "the project's quota is used up: remove images that nobody needs "
               "(wasme rm --remote), or ask its administrator for more";
    if (says(call, "vulnerab") || says(call, "policy") || says(call, "sign"))
        return KEPT_BACK;
    return reads(call) ? "this account may not read it: log in as one that may (wasme login)"
                       : "this account may not do that there: check its role in the project, or "
                         "log in as another (wasme login)";
}

static const char *of_404(const struct call *call)
{
    if (!reads(call))
        return "this registry wants the repository or project to be made first (in ECR: aws ecr "
               "create-repository)";
    if (says(call, "NAME_UNKNOWN"))
        return "there is no such repository: check its name (wasme catalog lists them)";
    if (subject_of(call) == MANIFEST)
        return "check the repository and the tag (wasme tags lists them)";
    return "the registry has lost a part of the image: push it again";
}

static const char *of_413(const struct call *call)
{
    if (subject_of(call) == MANIFEST)
        return "its manifest is larger than the registry takes: leave out annotations";
    return "the registry, or a proxy before it, takes nothing of this size: raise the proxy's "
           "limit "
           "(nginx: client_max_body_size)";
}

static const char *of_429(const struct call *call)
{
    if (call->response.retry_after &&
        retry_after_ms(call->response.retry_after, time(NULL)) > RETRY_AFTER_MAX)
        return "the registry asks to wait for longer than is worth waiting: try again later, or "
               "log in for a higher limit (wasme login)";
    return "too many requests: try again later, or log in for a higher limit (wasme login)";
}

static const char *of_400(const struct call *call)
{
    if (subject_of(call) != MANIFEST || reads(call))
        return NULL;
    if (says(call, "BLOB_UNKNOWN"))
        return "the registry has lost a part that it had: push again";
    return USE_COMPAT;
}

/* What a status means beyond the registry's words; NULL: nothing that is sure. */
static const char *advice(const struct call *call)
{
    switch (call->response.status) {
    case 400:
        return of_400(call);
    case 403:
        return of_403(call);
    case 404:
        return of_404(call);
    case 405:
        if (subject_of(call) == MANIFEST && !reads(call))
            return "the registry is read-only or a mirror, or takes no images of this type: for "
                   "the latter, push it with --format compat";
        return "the registry takes no such requests: it is read-only, or a mirror";
    case 407:
        return "the proxy says so: " PROXY_LOGIN;
    case 412: /* Harbor's, for images with vulnerabilities and without signatures too */
        if (reads(call))
            return KEPT_BACK;
        return "the tag is immutable, or a policy of the project forbids it: push under another "
               "tag";
    case 413:
        return of_413(call);
    case 415:
        return USE_COMPAT;
    case 429:
        return of_429(call);
    default:
        if (!retry_wants(call->response.status))
            return NULL;
        if (call->response.retry_after &&
            retry_after_ms(call->response.retry_after, time(NULL)) > RETRY_AFTER_MAX)
            return "the registry asks to wait for longer than is worth waiting: try again later";
        return "the trouble is on the registry's side: try again later";
    }
}

void advice_add(struct call *call)
{
    const char *next = call->response.status ? advice(call) : NULL;
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

/* libcurl names the host that it could not connect to: is it not the call's? */
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
    /* What has answered in this run, or whose machine refuses at once, is being restarted, perhaps.
     */
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
