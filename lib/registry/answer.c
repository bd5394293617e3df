#include "registry/answer.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "http/retry.h"
#include "registry/advice.h"

/* The body in memory; NULL: the body is that of a blob, which is compared with a digest. */
static const struct buf *body_of(const struct call *call)
{
    if (!call->sink)
        return &call->response.refusal;
    return call->sink->expected ? NULL : call->sink->data;
}

static bool is_method(const struct call *call, const char *method)
{
    return strcmp(call->method, method) == 0;
}

/* Is the answer a web page? The first byte of the body tells, since some registries give every
 * empty body the type text/html; the answer to a HEAD has only the type. */
static bool is_page(const struct call *call)
{
    const struct buf *body = body_of(call);
    if (is_method(call, "HEAD"))
        return response_is_html(&call->response);
    return body && text_is_page(buf_text(body));
}

static int has_member(void *arg, const char *key, const struct json_t *value)
{
    (void)arg;
    (void)key;
    (void)value;
    return 1;
}

/* Is the answer to GET /v2/ a registry's? The head names the version, or the body is {}, or empty,
 * or (with one registry) the word "true". */
static bool is_greeting(const struct call *call)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    const struct buf *body = body_of(call);
    if (call->response.versioned || !body || !body->len || strcmp(buf_text(body), "true") == 0)
        return true;
    return json_doc_parse(buf_text(body), body->len, &doc, ERR_IGNORED) == 0 && json_is_obj(doc) &&
           json_each_member(doc, has_member, NULL) == 0;
}

/* The thing that the answer lacks, in words; NULL: nothing. */
static const char *missing(const struct call *call)
{
    const struct response *response = &call->response;
    bool settled = response->location || response->content_digest;
    if (!call->host || !call->own_origin || !call->scope)
        return NULL;
    bool bare =
        response->status == 201 && !response->refusal.len; /* enough after the PUT of a blob */
    if (is_method(call, "PUT") && !settled && !(bare && strstr(call->what, "blob ")))
        return "without the address or the digest of what it stored";
    if (is_method(call, "POST") && !settled)
        return "without the address of an upload";
    return NULL;
}

int answer_refuse(const char *address, int status, const char *came, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED,
                   "no registry answers at %s: %d came, %s: check the name and the port, and "
                   "whether something before it (a portal, a proxy) wants a login",
                   address, status, came);
}

int answer_check(const struct call *call, struct err *err)
{
    int status = call->response.status;
    const char *lack = missing(call);
    if (is_page(call) && (call->host || !call->sink)) /* token.c checks the body of a token */
        return answer_refuse(call_peer(call), status, "with a web page", err);
    if (lack)
        return answer_refuse(call_peer(call), status, lack, err);
    if (call->path && strcmp(call->path, "/v2/") == 0 && !is_greeting(call))
        return answer_refuse(call_peer(call), status, "with a document of something else", err);
    return 0;
}

bool answer_has_blob(const struct call *call, const struct descriptor *blob)
{
    const struct response *response = &call->response;
    const char *digest = response->content_digest;
    bool fits = response->content_length == blob->size ||
                (response->content_length < 0 && digest && strcmp(digest, blob->digest.text) == 0);
    return !call->rc && response->status == 200 && fits && !response_is_html(response);
}

/* A 401 or a 404 needs no words. */
bool answer_is_mute(const struct call *call)
{
    int status = call->response.status;
    return is_method(call, "HEAD") && status >= 400 && status != 401 && status != 404 &&
           !retry_wants(status);
}

bool answer_wants_tls(const struct call *call)
{
    const char *text = buf_text(&call->response.refusal); /* of Go or nginx */
    return call->response.status == 400 && strncmp(call->url, "http:", 5) == 0 &&
           (strstr(text, "HTTP request to an HTTPS server") ||
            strstr(text, "HTTP request was sent to HTTPS port"));
}
