#include "registry/token.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "registry/url.h"

enum { URL_MAX = 16 * 1024, SCOPES_MAX = 8, LIFE_DEFAULT = 60, LIFE_MAX = 10 * 365 * 86400 };

void token_release(struct token *token)
{
    credential_wipe(&token->line);
}

int token_check_realm(const struct host *host, const char *realm, struct err *err)
{
    AUTO_FREE char *there = NULL;
    AUTO_FREE char *here = NULL;
    AUTO_FREE char *base = host_base(host);
    int rc = url_origin(realm, &there, err);
    if (!rc)
        rc = url_origin(base, &here, err);
    if (rc)
        return err_wrap(err, "token realm of %s", host->name);
    if (strcmp(here, there) == 0)
        return 0;
    bool plain = strncmp(there, "http://", 7) == 0;
    if ((strncmp(there, "https://", 8) != 0 && !plain) || (plain && !host->http))
        return err_set(err, ERR_DENIED,
                       "%s sends us for a token to %s, which is not https: refused", host->name,
                       there);
    enum host_kind kind = host_kind(strstr(there, "://") + 3);
    if (!host_may_send_to(host_kind(host->address), kind))
        return err_set(err, ERR_DENIED,
                       "%s sends us for a token to %s, an internal address: refused", host->name,
                       there);
    return 0;
}

static bool has_action(const char *actions, const char *action, size_t len)
{
    for (const char *at = actions; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t here = strcspn(at, ",");
        if (here == len && memcmp(at, action, len) == 0)
            return true;
    }
    return false;
}

bool token_scope_covers(const char *scope, const char *other)
{
    const char *mine = strrchr(scope, ':');
    const char *theirs = strrchr(other, ':');
    if (!mine || !theirs || mine - scope != theirs - other ||
        memcmp(scope, other, (size_t)(mine - scope)) != 0)
        return false;
    for (const char *at = theirs + 1; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t len = strcspn(at, ",");
        if (len && !has_action(mine + 1, at, len))
            return false;
    }
    return true;
}

static void add_encoded(struct buf *url, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c && strchr("-._~:/,", c));
        if (plain)
            buf_add_char(url, c);
        else
            buf_printf(url, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static void add_param(struct buf *url, const char *name, const char *value, size_t len)
{
    buf_add_char(url, strchr(buf_text(url), '?') ? '&' : '?');
    buf_add_text(url, name);
    buf_add_char(url, '=');
    add_encoded(url, value, len);
}

/* Ours, and each of the challenge's that ours does not cover. */
static void add_scopes(struct buf *url, const struct token_request *request)
{
    const char *at = request->asked_scope ? request->asked_scope : "";
    if (*request->scope)
        add_param(url, "scope", request->scope, strlen(request->scope));
    for (int i = 0; *at && i < SCOPES_MAX; i++) {
        size_t len = strcspn(at, " ");
        AUTO_FREE char *one = mem_dup_n(at, len);
        if (len && !token_scope_covers(request->scope, one))
            add_param(url, "scope", one, len);
        at += len;
        at += strspn(at, " ");
    }
}

static char *token_url(const struct token_request *request, struct err *err)
{
    struct buf url AUTO(buf_release) = BUF_INIT(URL_MAX);
    buf_add(&url, request->realm, strcspn(request->realm, "#"));
    if (request->service)
        add_param(&url, "service", request->service, strlen(request->service));
    add_scopes(&url, request);
    if (!buf_overflowed(&url))
        return buf_steal(&url);
    (void)err_set(err, ERR_DAMAGED, "the registry's challenge is too long");
    return NULL;
}

static int refusal(const struct token_request *request, const struct response *response,
                   struct err *err)
{
    int rc = response_refusal(response, err);
    if (rc == ERR_DENIED && request->credential->username) {
        AUTO_FREE char *words = mem_dup(err_text(err));
        return err_set(err, rc, "%s: the registry refused the credentials from %s", words,
                       request->credential->source);
    }
    return rc;
}

/* A field value may hold nothing but visible characters. */
static bool is_sendable(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return *text != '\0';
}

static int read_reply(const struct buf *reply, struct token *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(buf_text(reply), reply->len, &doc, err);
    if (rc)
        return err_wrap(err, "the answer");
    const char *text = json_member_text(doc, "access_token");
    if (!text || !*text)
        text = json_member_text(doc, "token");
    if (!text || !is_sendable(text))
        return err_set(err, ERR_DAMAGED, "the answer has no token that can be used");
    long long life = json_member_size(doc, "expires_in", LIFE_MAX);
    if (life <= 0)
        life = LIFE_DEFAULT;
    out->line = mem_printf("Authorization: Bearer %s", text);
    out->expires_at = clock_ms() + life * 900;
    return 0;
}

int token_fetch(struct transport *transport, const struct token_request *request, struct token *out,
                struct err *err)
{
    bool anonymous = !request->credential->username;
    AUTO(credential_wipe) char *basic = anonymous ? NULL : credential_basic(request->credential);
    struct buf reply AUTO(buf_release) = BUF_INIT(TOKEN_REPLY_MAX);
    struct body_sink sink AUTO(body_sink_release) = {.fd = -1, .data = &reply, .size = -1};
    AUTO_FREE char *what = mem_printf("token%s%s", *request->scope ? " for " : "", request->scope);
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = what,
        .url = token_url(request, err),
        .headers = {basic},
        .sink = &sink,
        .tolerant = true,
    };
    if (!call.url)
        return ERR_DAMAGED;
    int rc = transport_run(transport, &call, 1, err);
    if (rc)
        return rc;
    if (call.response.status != 200)
        rc = refusal(request, &call.response, err);
    else
        rc = read_reply(&reply, out, err);
    if (reply.data)
        explicit_bzero(reply.data, reply.cap);
    return rc ? err_wrap(err, "GET %s", what) : 0;
}
