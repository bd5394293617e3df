#include "registry/token.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/visible.h"
#include "http/url.h"
#include "registry/calls.h"
#include "registry/route.h"
#include "registry/scope.h"

enum {
    URL_MAX = 16 * 1024,
    FORM_MAX = 256 * 1024, /* an identity token may be long */
    SCOPES_MAX = 8,
    SHOWN_MAX = 300, /* bytes of what the registry's challenge names, in words */
    LIFE_DEFAULT = 60,
    LIFE_MAX = 10 * 365 * 86400,
};

void token_release(struct token *token)
{
    credential_wipe(&token->line);
}

int token_check_realm(const struct host *host, const char *realm, struct err *err)
{
    AUTO_FREE char *there = NULL;
    AUTO_FREE char *base = host_base(host);
    int rc = url_origin(realm, &there, err);
    if (rc)
        return err_wrap(err, "token realm of %s", host->name);
    if (url_same_origin(base, realm))
        return 0;
    bool plain = strncmp(there, "http://", 7) == 0;
    if ((strncmp(there, "https://", 8) != 0 && !plain) || (plain && !host->http))
        return err_set(err, ERR_DENIED,
                       "%s sends us for a token to %s, which is not https: refused", host->name,
                       there);
    if (sender_may_name(host->sender, host_kind(strstr(there, "://") + 3)))
        return 0;
    AUTO_FREE char *who = mem_printf("for a token, %s", host->name);
    return route_refuse(who, there, "", err);
}

/* Adds a parameter to the query of an address, whose `first` character is '?', or to a form, where
 * `first` is 0. */
static void add_param(struct buf *out, char first, const char *name, const char *value, size_t len)
{
    if (first)
        buf_add_char(out, strchr(buf_text(out), first) ? '&' : first);
    else if (out->len)
        buf_add_char(out, '&');
    buf_add_text(out, name);
    buf_add_char(out, '=');
    percent_add(out, value, len, ":/,");
}

/* The scopes of the request and of the challenge, separated by spaces, without scopes that another
 * one covers. */
static char *all_scopes(const struct token_request *request)
{
    struct buf scopes = BUF_INIT(URL_MAX);
    const char *asked = request->asked_scope && *request->scope ? request->asked_scope : "";
    const char *const lists[] = {request->scope, asked};
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *at = lists[i];
        for (int n = 0; *at && n < SCOPES_MAX; n++) {
            size_t len = strcspn(at, " ");
            AUTO_FREE char *one = mem_dup_n(at, len);
            if (len &&
                (i == 0 ? !scope_is_outdone(one, asked) : !scope_covers(request->scope, one)))
                buf_printf(&scopes, "%s%s", scopes.len ? " " : "", one);
            at += len;
            at += strspn(at, " ");
        }
    }
    return buf_steal(&scopes);
}

/* The address for GET, in which each scope has a parameter of its own. */
static char *token_url(const struct token_request *request, struct err *err)
{
    struct buf url AUTO(buf_release) = BUF_INIT(URL_MAX);
    AUTO_FREE char *scopes = all_scopes(request);
    buf_add(&url, request->realm, strcspn(request->realm, "#"));
    if (request->service)
        add_param(&url, '?', "service", request->service, strlen(request->service));
    for (const char *at = scopes; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (len)
            add_param(&url, '?', "scope", at, len);
        at += len;
    }
    if (!buf_overflowed(&url))
        return buf_steal(&url);
    (void)err_set(err, ERR_DAMAGED, "the registry's challenge is too long");
    return NULL;
}

/* Makes the form for POST, which holds the identity token, a secret. */
static int make_form(const struct token_request *request, struct buf *form, struct err *err)
{
    AUTO_FREE char *scopes = all_scopes(request);
    const char *const params[][2] = {{"grant_type", "refresh_token"},
                                     {"client_id", "wasme"},
                                     {"service", request->service},
                                     {"scope", scopes},
                                     {"refresh_token", request->credential->identity_token}};
    buf_reserve(form);
    for (size_t i = 0; i < COUNT(params); i++)
        if (params[i][1] && *params[i][1])
            add_param(form, '\0', params[i][0], params[i][1], strlen(params[i][1]));
    if (buf_overflowed(form))
        return err_set(err, ERR_DAMAGED, "the identity token from %s is too long",
                       request->credential->source);
    return 0;
}

char *token_not_taken(const struct credential *credential, const char *server)
{
    const char *kind = credential->identity_token ? "identity token" : "credentials";
    AUTO_FREE char *next = strcmp(credential->source, "-u") == 0
                               ? mem_dup("check the user and the password")
                               : mem_printf("log in again with `wasme login %s`", server);
    return mem_printf("the registry does not take this login: password changed, robot expired or "
                      "disabled (the registry refused the %s from %s): %s",
                      kind, credential->source, next);
}

/* Is the error of OAuth2 (RFC 6749, section 5.2) about the login? */
static bool blames_login(const struct response *response)
{
    const char *text = buf_text(&response->refusal);
    return strstr(text, "invalid_grant") || strstr(text, "invalid_client") ||
           strcasestr(text, "unauthorized") || strcasestr(text, "credential");
}

/* The text without control characters; the caller frees it. */
static char *clean(const char *text)
{
    struct buf out = BUF_INIT(SHOWN_MAX);
    visible_add_clean(&out, text ? text : "", text ? strlen(text) : 0, SHOWN_MAX);
    return buf_steal(&out);
}

static int bad_request(const struct token_request *request, const char *words, struct err *err)
{
    AUTO_FREE char *service = clean(request->service);
    AUTO_FREE char *realm = clean(request->realm);
    return err_set(err, ERR_FAILED,
                   "%s: that says nothing of the login: the token service at %s does not take the "
                   "request, which the registry says is for the service \"%s\": ask who runs the "
                   "registry",
                   words, realm, service);
}

static int refusal(const struct transport *transport, const struct token_request *request,
                   const struct response *response, struct err *err)
{
    const struct credential *credential = request->credential;
    int rc = response_refusal(response, err);
    AUTO_FREE char *words = mem_dup(err_text(err));
    if (credential->identity_token && (response->status == 404 || response->status == 405))
        return err_set(err, ERR_DENIED,
                       "%s: the registry takes no identity tokens, such as that from %s: log in "
                       "with user and password",
                       words, credential->source);
    if (response->status == 401 && !credential_is_empty(credential) && request->host) {
        AUTO_FREE char *ours = token_not_taken(credential, request->host->name);
        return err_set(err, ERR_DENIED, "%s: %s", words, ours);
    }
    if (response->status == 400 && !blames_login(response))
        return bad_request(request, words, err);
    if (rc == ERR_DENIED && credential_is_empty(credential) && request->host) {
        AUTO_FREE char *ours = credential_missing(&transport->options->login, request->host->name);
        return err_set(err, rc, "%s: %s", words, ours);
    }
    if ((rc == ERR_DENIED || response->status == 400) && !credential_is_empty(credential))
        return err_set(err, ERR_DENIED, "%s: the registry refused the %s from %s", words,
                       credential->identity_token ? "identity token" : "credentials",
                       credential->source);
    return rc;
}

int token_read(const char *text, size_t len, struct token *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (json_doc_parse(text, len, &doc, ERR_IGNORED) != 0) /* its words may quote the token */
        return err_set(err, ERR_DAMAGED, "the answer is not JSON");
    const char *token = json_member_text(doc, "access_token");
    if (!token || !*token)
        token = json_member_text(doc, "token");
    if (!token || !visible_is_all(token))
        return err_set(err, ERR_DAMAGED, "the answer has no token that can be used");
    long long life = json_member_size(doc, "expires_in", LIFE_MAX);
    if (life <= 0)
        life = LIFE_DEFAULT;
    out->line = mem_printf(TOKEN_LEAD "%s", token);
    out->expires_at = clock_ms() + life * 900;
    return 0;
}

/* The error for an answer from the realm without a token. */
static int no_token(const struct token_request *request, const struct call *call, const char *why,
                    struct err *err)
{
    AUTO_FREE char *realm = clean(request->realm);
    return err_set(err, ERR_FAILED,
                   "%s %s: no token from %s, where %s sends us: %s: check the address that the "
                   "registry has for its tokens (in Harbor: external_url)",
                   call->method, call->what, realm,
                   request->host ? request->host->name : "the registry", why);
}

/* Did a peer name the realm? A realm of the registry's own origin is one that the user named, when
 * it was remembered and the registry has not been reached yet. */
static bool is_named(const struct token_request *request)
{
    AUTO_FREE char *base = host_base(request->host);
    return request->host->answered || !url_same_origin(base, request->realm);
}

/* Has a redirect to another origin dropped the login? */
static bool has_lost_login(const struct token_request *request, const struct call *call)
{
    return !call->source && request->credential->username && !call->headers[0];
}

/* Makes the call to the realm, whose address and way are set, and reads the token. */
static int ask(struct transport *transport, const struct token_request *request, struct call *call,
               struct token *out, struct err *err)
{
    struct buf reply AUTO(buf_wipe) = BUF_INIT(TOKEN_REPLY_MAX);
    struct body_sink sink AUTO(body_sink_release) = {.fd = -1, .data = &reply, .size = -1};
    call->sink = &sink;
    call->tolerant = call->follow = true;
    call->one_try = request->once;
    int rc = calls_run(transport, call, 1, err);
    if (!rc)
        rc = err_move(err, &call->err); /* of a call with one try */
    if (!rc && call->response.status == 200)
        rc = token_read(buf_text(&reply), reply.len, out, err);
    if (rc == ERR_DAMAGED || (rc == ERR_UNSUPPORTED && call->response.status == 200))
        return no_token(request, call,
                        text_is_page(buf_text(&reply)) ? "a web page came" : err_text(err), err);
    if (rc)
        return rc;
    out->status = call->response.status;
    if (out->status != 200)
        rc = refusal(transport, request, &call->response, err);
    if (rc && has_lost_login(request, call))
        rc = err_wrap(err,
                      "%s, where the token service sends us, is another origin and is not "
                      "given the login",
                      call->elsewhere ? call->elsewhere : call->url);
    return rc ? err_wrap(err, "%s %s", call->method, call->what) : 0;
}

static int ask_with_get(struct transport *transport, const struct token_request *request,
                        const char *what, struct token *out, struct err *err)
{
    const struct credential *credential = request->credential;
    AUTO(credential_wipe)
    char *basic = credential->username ? credential_basic(credential) : NULL;
    struct call call AUTO(call_release) = {
        .method = "GET",
        .what = what,
        .sender = request->host,
        .url = token_url(request, err),
        .headers = {basic},
        .named = is_named(request),
        .senders = request->host->sender,
    };
    return call.url ? ask(transport, request, &call, out, err) : ERR_DAMAGED;
}

static int ask_with_post(struct transport *transport, const struct token_request *request,
                         const char *what, struct token *out, struct err *err)
{
    struct buf form AUTO(buf_wipe) = BUF_INIT(FORM_MAX);
    int rc = make_form(request, &form, err);
    if (rc)
        return rc;
    struct body_source source AUTO(body_source_release) = {
        .data = form.data, .fd = -1, .size = (long long)form.len};
    struct call call AUTO(call_release) = {
        .method = "POST",
        .what = what,
        .sender = request->host,
        .url = mem_dup_n(request->realm, strcspn(request->realm, "#")),
        .headers = {"Content-Type: application/x-www-form-urlencoded"},
        .source = &source,
        .secret = request->credential->identity_token,
        .named = is_named(request),
        .senders = request->host->sender,
    };
    return ask(transport, request, &call, out, err);
}

int token_fetch(struct transport *transport, const struct token_request *request, struct token *out,
                struct err *err)
{
    const struct credential *credential = request->credential;
    if (credential->registry_token) {
        if (!visible_is_all(credential->registry_token))
            return err_set(err, ERR_DAMAGED, "the registry token from %s cannot be sent",
                           credential->source);
        out->line = mem_printf(TOKEN_LEAD "%s", credential->registry_token);
        out->expires_at = INT64_MAX;
        return 0;
    }
    AUTO_FREE char *what =
        *request->scope ? mem_printf("token for %s", request->scope) : mem_dup("token");
    if (credential->identity_token)
        return ask_with_post(transport, request, what, out, err);
    return ask_with_get(transport, request, what, out, err);
}
