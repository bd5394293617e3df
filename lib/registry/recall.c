#include "registry/recall.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/visible.h"
#include "http/url.h"
#include "registry/kept.h"
#include "registry/scope.h"

static enum memory_over over_of(const struct transport *transport, const struct host *host)
{
    if (host->http)
        return OVER_HTTP;
    return transport->options->insecure ? OVER_UNVERIFIED : OVER_HTTPS;
}

static void say_recalled(const struct account *account, const struct notice *notice)
{
    struct buf realm AUTO(buf_release) = BUF_INIT(MEMORY_TEXT_MAX + 1);
    const char *text = account->realm ? account->realm : "";
    visible_add_clean(&realm, text, strlen(text), MEMORY_TEXT_MAX);
    notice_say(notice, NOTICE_DEBUG, "%s: asks for %s%s, as it did before", account->host->name,
               account->realm ? "a token of " : "user and password", buf_text(&realm));
}

/* Has the account a user and a password? An error of the search is told when a login is needed. */
static bool has_password(struct account *account, const struct transport *transport,
                         const char *scope)
{
    const struct credential *credential = NULL;
    return account_credential(account, transport->options, scope, &credential, ERR_IGNORED) == 0 &&
           credential->username;
}

static void take(struct account *account, struct transport *transport, const struct call *call,
                 const struct memory_entry *entry)
{
    struct host *host = call->host;
    host->recalled = true;
    host->multiplexed = entry->http2; /* the first answer corrects that */
    if (entry->open)
        return;
    if (entry->bearer) {
        account->scheme = SCHEME_BEARER;
        account->realm = mem_dup(entry->realm);
        account->service = mem_dup_or_null(entry->service);
    } else {
        account->scheme = SCHEME_BASIC;
        account->number++;
        host->unproved = true;
    }
    account->recalled = true;
    account->recalled_http = host->http;
    say_recalled(account, transport->options->notice);
}

/* A realm of another origin counts only where recall_keep() would have kept it: the file may be
 * damaged, or another program's. */
static bool may_use_realm(const struct host *host, const struct memory_entry *entry)
{
    AUTO_FREE char *base = host_base(host);
    return (entry->over == OVER_HTTPS || url_same_origin(base, entry->realm)) &&
           token_check_realm(host, entry->realm, ERR_IGNORED) == 0;
}

static bool may_take(struct account *account, const struct transport *transport,
                     const struct call *call, const struct memory_entry *entry)
{
    if (entry->open)
        return true;
    if (entry->bearer)
        return may_use_realm(account->host, entry);
    return has_password(account, transport, call->scope);
}

void recall_begin(struct account *account, struct transport *transport, const struct call *call)
{
    const struct host *host = call->host;
    if (account->recalled && account->recalled_http != host->http)
        recall_drop(account, transport, call->host, true);
    bool *looked = host->http ? &account->looked_http : &account->looked_https;
    if (account->scheme != SCHEME_UNKNOWN || *looked)
        return;
    *looked = true;
    if (host->flipped && host->http) /* from https to plain http, no login goes unasked */
        return;
    const struct memory_entry *entry =
        memory_find(&transport->memory, host->name, over_of(transport, host));
    if (entry && may_take(account, transport, call, entry))
        take(account, transport, call, entry);
}

void recall_drop(struct account *account, struct transport *transport, struct host *host,
                 bool right)
{
    if (!right)
        memory_forget(&transport->memory, host->name, over_of(transport, host));
    account_forget_logins(account);
    mem_free_at(&account->realm);
    mem_free_at(&account->service);
    account->realm = account->service = NULL;
    account->scheme = SCHEME_UNKNOWN;
    account->recalled = host->recalled = false;
}

bool recall_agrees(const struct account *account, const struct challenge *challenge)
{
    if (!challenge)
        return false;
    if (account->scheme == SCHEME_BASIC)
        return !challenge_is_bearer(challenge);
    return challenge_is_bearer(challenge) && mem_same_text(account->realm, challenge->realm) &&
           mem_same_text(account->service, challenge->service);
}

static void refused_release(struct realm_refusal *refused)
{
    free(refused->realm);
    free(refused->service);
    free(refused->scope);
    free(refused->words);
    *refused = (struct realm_refusal){0};
}

int recall_failed(struct account *account, struct transport *transport, const struct call *call,
                  struct err *err)
{
    int status = account->realm_status;
    bool login =
        account_refusal(account, call->scope) && (status == 400 || status == 401 || status == 403);
    struct err stop AUTO(err_release) = ERR_INIT;
    if (err->code == ERR_INTERRUPTED)
        return err->code;
    if (transport_may_go_on(transport, &stop) != 0)
        return err_move(err, &stop);
    const struct credential *credential = NULL;
    bool failed =
        account_credential(account, transport->options, call->scope, &credential, ERR_IGNORED) != 0;
    if (login) {
        refused_release(&account->refused);
        account->refused = (struct realm_refusal){
            .realm = STEAL(account->realm),
            .service = STEAL(account->service),
            .scope = mem_dup(call->scope),
            .words = mem_dup(err_text(err)),
            .credential = credential,
            .whole = status == 401,
        };
    } else {
        notice_say(transport->options->notice, NOTICE_DEBUG,
                   "%s: no token as before, so the registry is asked how to log in: %s",
                   account->host->name, err_text(err));
    }
    err_release(err);
    bool right = login || failed;
    recall_drop(account, transport, call->host, right);
    return 0;
}

int recall_refusal(struct account *account, const struct transport *transport, const char *scope,
                   const struct challenge *challenge, struct err *err)
{
    const struct realm_refusal *refused = &account->refused;
    const struct credential *credential = NULL;
    if (!refused->realm ||
        account_credential(account, transport->options, scope, &credential, ERR_IGNORED) != 0 ||
        credential != refused->credential || !mem_same_text(refused->realm, challenge->realm) ||
        !mem_same_text(refused->service, challenge->service))
        return 0;
    /* A refusal of the access may be one of the scope, and the challenge may name another one. */
    if (!refused->whole && (strcmp(refused->scope, scope) != 0 ||
                            (challenge->scope && !scope_covers(scope, challenge->scope))))
        return 0;
    account_refuse(account, scope, refused->whole, refused->words);
    return err_set(err, ERR_DENIED, "%s", refused->words);
}

/* Would the realm be used before the registry has answered, and was the challenge read on a way
 * on which nobody else could write it? */
static bool may_keep_realm(const struct account *account, enum memory_over over)
{
    const struct host *host = account->host;
    AUTO_FREE char *base = host_base(host);
    if (url_same_origin(base, account->realm))
        return true;
    return over == OVER_HTTPS && host->sender.reached == host_kind(host->address);
}

/* Sets the owner of the tokens for the scope; the caller frees `origin`. False: no such token is
 * kept. A login on the command line is to be tried, and an identity token does not say whose it
 * is. */
static bool find_owner(struct account *account, const struct transport *transport,
                       const char *scope, struct kept_owner *owner, char **origin)
{
    const struct credential *credential = NULL;
    const struct registry_options *options = transport->options;
    if (!options->runtime_dir || options->insecure || options->login.username ||
        options->login.identity_token || account->scheme != SCHEME_BEARER || !account->realm ||
        account_credential(account, options, scope, &credential, ERR_IGNORED) != 0 ||
        credential->identity_token || credential->registry_token)
        return false;
    *origin = host_base(account->host);
    *owner = (struct kept_owner){
        .host = account->host->name,
        .origin = *origin,
        .realm = account->realm,
        .service = account->service,
        .user = credential->username,
        .source = credential->source,
    };
    return true;
}

bool recall_token(struct account *account, struct transport *transport, const char *scope)
{
    struct kept_owner owner;
    struct token token = {0};
    AUTO_FREE char *origin = NULL;
    AUTO_FREE char *granted = NULL;
    const struct notice *notice = transport->options->notice;
    if (!find_owner(account, transport, scope, &owner, &origin) ||
        !kept_find(transport->kept, &owner, scope, &token, &granted))
        return false;
    notice_say(notice, NOTICE_DEBUG, "%s: the token for %s of an earlier command is still good",
               account->host->name, *granted ? granted : "a login");
    account_add_kept(account, notice, granted, &token);
    return true;
}

bool recall_drop_token(struct account *account, struct transport *transport,
                       const struct call *call)
{
    struct kept_owner owner;
    AUTO_FREE char *origin = NULL;
    struct login *login = account_login(account, call->scope);
    if (!login || !login->kept || login->number != call->login)
        return false;
    if (find_owner(account, transport, call->scope, &owner, &origin))
        kept_drop(transport->kept, &owner, login->scope);
    login->kept = false;
    login->token.expires_at = 0;
    return true;
}

/* Keeps the tokens that the registry took. A token of nobody is not kept for a user whose login was
 * not taken: the next command warns of that again. */
static void keep_tokens(struct account *account, struct transport *transport)
{
    for (size_t i = 0; i < account->login_count; i++) {
        const struct login *login = &account->logins[i];
        struct kept_owner owner;
        AUTO_FREE char *origin = NULL;
        if (!login->taken || login->kept || login->refusal || login->anonymous ||
            login->identity->anonymous ||
            !find_owner(account, transport, login->scope, &owner, &origin))
            continue;
        int64_t now = clock_ms();
        int64_t left = login->token.expires_at - now;
        int64_t most = login->made_at + KEPT_SECONDS * 1000LL - now;
        kept_put(transport->kept, &owner, login->scope, &login->token, left < most ? left : most);
    }
}

/* A registry that asked for no login may ask for one at other requests, and the way to log in is
 * worth more. */
static void keep_open(const struct account *account, struct transport *transport)
{
    const struct host *host = account->host;
    enum memory_over over = over_of(transport, host);
    const struct memory_entry *old = memory_find(&transport->memory, host->name, over);
    const struct memory_entry entry = {
        .host = host->name, .over = over, .open = true, .http2 = host->multiplexed};
    if (host->open && !host->unproved && !host->proved && (!old || old->open))
        memory_keep(&transport->memory, &entry);
}

void recall_keep(struct account *account, struct transport *transport)
{
    enum memory_over over = over_of(transport, account->host);
    if (account->scheme == SCHEME_UNKNOWN) {
        keep_open(account, transport);
        return;
    }
    bool bearer = account->scheme == SCHEME_BEARER;
    keep_tokens(account, transport);
    if (!account->proved || (bearer && !may_keep_realm(account, over)))
        return;
    const struct memory_entry entry = {.host = account->host->name,
                                       .over = over,
                                       .bearer = bearer,
                                       .realm = account->realm,
                                       .service = account->service,
                                       .http2 = account->host->multiplexed};
    memory_keep(&transport->memory, &entry);
}
