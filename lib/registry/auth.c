#include "registry/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/visible.h"
#include "registry/account.h"
#include "registry/challenge.h"
#include "registry/denial.h"
#include "registry/recall.h"
#include "registry/redact.h"
#include "registry/scope.h"

enum { FRESH_MS = 5000, RENEWALS_MAX = 2, REFUSALS_MAX = 4 };

struct auth {
    struct transport *transport;
    struct account **accounts; /* each owned */
    size_t count;
};

static struct account *account_of(struct auth *auth, const struct host *host)
{
    for (size_t i = 0; i < auth->count; i++)
        if (auth->accounts[i]->host == host)
            return auth->accounts[i];
    auth->accounts = mem_resize(auth->accounts, auth->count + 1, sizeof(*auth->accounts));
    struct account *account = mem_zero(1, sizeof(*account));
    account->host = host;
    auth->accounts[auth->count++] = account;
    return account;
}

const char *auth_realm(const struct auth *auth, const struct host *host)
{
    for (size_t i = 0; i < auth->count; i++) {
        if (auth->accounts[i]->host == host)
            return auth->accounts[i]->realm;
    }
    return NULL;
}

static const struct notice *notice_of(const struct auth *auth)
{
    return auth->transport->options->notice;
}

static int credential_of(struct auth *auth, struct account *account, const struct call *call,
                         const struct credential **out, struct err *err)
{
    return account_credential(account, auth->transport->options, call->scope, out, err);
}

static int authorize_bearer(struct auth *auth, struct account *account, struct call *call,
                            char **line, struct err *err)
{
    const struct login *login = account_login(account, call->scope);
    if (!login || login->token.expires_at <= clock_ms()) {
        int rc = !login && recall_token(account, auth->transport, call->scope)
                     ? 0
                     : account_log_in(account, auth->transport, call->scope, NULL, err);
        if (rc)
            return account->recalled ? recall_failed(account, auth->transport, call, err) : rc;
        login = account_login(account, call->scope);
    }
    *line = mem_dup(login->token.line);
    call->login = login->number;
    return 0;
}

static int authorize_basic(struct auth *auth, struct account *account, struct call *call,
                           char **line, struct err *err)
{
    const struct credential *credential = NULL;
    int rc = credential_of(auth, account, call, &credential, err);
    if (rc || !credential->username)
        return rc;
    *line = credential_basic(credential);
    call->login = account->number;
    return 0;
}

static bool is_api(const struct call *call)
{
    return strcmp(call->scope, AUTH_SCOPE_API) == 0;
}

static int authorize_api(struct auth *auth, struct account *account, const struct call *call,
                         char **line, struct err *err)
{
    const struct credential *credential = NULL;
    int rc = credential_of(auth, account, call, &credential, err);
    if (!rc && credential->username)
        *line = credential_basic(credential);
    return rc;
}

static int authorize(void *arg, struct call *call, char **line, struct err *err)
{
    struct auth *auth = arg;
    struct account *account = account_of(auth, call->host);
    const char *refusal = account_refusal(account, call->scope);
    if (refusal)
        return err_set(err, ERR_DENIED, "%s", refusal);
    if (is_api(call))
        return authorize_api(auth, account, call, line, err);
    recall_begin(account, auth->transport, call);
    if (account->scheme == SCHEME_BASIC)
        return authorize_basic(auth, account, call, line, err);
    if (account->scheme == SCHEME_BEARER)
        return authorize_bearer(auth, account, call, line, err);
    return 0;
}

static void say_challenge(const struct auth *auth, const struct call *call,
                          const struct challenge *challenge)
{
    struct buf text AUTO(buf_release) = BUF_INIT(4 * CHALLENGE_TEXT_MAX);
    const char *const parts[][2] = {{"", challenge->scheme},
                                    {", realm ", challenge->realm},
                                    {", service ", challenge->service},
                                    {", scope ", challenge->scope},
                                    {", error ", challenge->error}};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!parts[i][1])
            continue;
        buf_add_text(&text, parts[i][0]);
        visible_add_clean(&text, parts[i][1], strlen(parts[i][1]), CHALLENGE_TEXT_MAX);
    }
    redact_sent(text.data, text.len, call->authority);
    notice_say(notice_of(auth), NOTICE_DEBUG, "%s asks for %s", call->host->name, buf_text(&text));
}

/* Was the token asked for with more than the call needs? When such a token is refused, the next one
 * is asked for the call alone: some registries grant nothing when they do not grant everything. */
static bool is_too_wide(const struct login *login, const struct call *call)
{
    return strcmp(login->scope, call->scope) != 0;
}

static int narrow(struct auth *auth, struct account *account, const struct call *call,
                  const char *asked, struct err *err)
{
    account_expect(account, NULL);
    return account_log_in(account, auth->transport, call->scope, asked, err);
}

/* Is a token that was refused so young that a new token would be refused too? When the registry
 * says that a token is invalid, the token may have expired early; two such answers are believed. */
static bool is_fresh(const struct login *login, const struct call *call,
                     const struct challenge *challenge)
{
    if (clock_ms() - login->made_at >= FRESH_MS)
        return false;
    return !challenge->error || strcmp(challenge->error, "invalid_token") != 0 ||
           call->refusals > RENEWALS_MAX;
}

static void take_bearer(struct account *account, const struct challenge *challenge)
{
    account->proved = account->proved && recall_agrees(account, challenge);
    account->scheme = SCHEME_BEARER;
    free(account->realm);
    free(account->service);
    account->realm = mem_dup_or_null(challenge->realm);
    account->service = mem_dup_or_null(challenge->service);
}

static void take_basic(struct account *account)
{
    if (account->scheme != SCHEME_BASIC) {
        account->number++;
        account->proved = false;
    }
    account->scheme = SCHEME_BASIC;
}

/* Does the challenge name a scope that the call's own does not cover? */
static bool challenge_wants_more(const struct call *call, const struct challenge *challenge)
{
    return challenge->scope && !scope_covers(call->scope, challenge->scope);
}

static int answer_bearer(struct auth *auth, struct account *account, struct call *call,
                         const struct challenge *challenge, struct err *err)
{
    const struct login *login = account_login(account, call->scope);
    if (call->login && login) {
        if (login->number != call->login)
            return 0; /* another call has logged in since */
        if (is_too_wide(login, call))
            return narrow(auth, account, call, challenge->scope, err);
        if (is_fresh(login, call, challenge) && !challenge_wants_more(call, challenge))
            return denial(account, auth->transport, call, err);
    } else if (login && login->token.expires_at > clock_ms()) {
        return 0;
    }
    take_bearer(account, challenge);
    int rc = recall_refusal(account, auth->transport, call->scope, challenge, err);
    bool found = !rc && !login && !challenge_wants_more(call, challenge) &&
                 recall_token(account, auth->transport, call->scope);
    if (!rc && !found)
        rc = account_log_in(account, auth->transport, call->scope, challenge->scope, err);
    /* The realm has seen the password, once; requests with the token need not go one by one. */
    if (!rc)
        call->host->unproved = false;
    return rc;
}

/*
 * Harbor sends a challenge of Basic when a token grants too little. The answer to that is not the
 * password, but a token for pull and push.
 */
static int widen(struct auth *auth, struct account *account, struct call *call, struct err *err)
{
    struct login *login = account_login(account, call->scope);
    if (login && login->number != call->login)
        return 0; /* another call has logged in since */
    if (!login || login->widened)
        return denial(account, auth->transport, call, err);
    int rc = denial_prove(account, auth->transport, call, err);
    if (rc)
        return rc;
    if (is_too_wide(login, call))
        return narrow(auth, account, call, NULL, err);
    const char *actions =
        strncmp(call->scope, "repository:", 11) == 0 ? strrchr(call->scope, ':') : NULL;
    AUTO_FREE char *wide =
        actions ? mem_printf("%.*s:pull,push", (int)(actions - call->scope), call->scope)
                : mem_dup("");
    rc = account_log_in(account, auth->transport, call->scope, wide, err);
    if (!rc)
        account_login(account, call->scope)->widened = true;
    return rc;
}

static int answer_basic(struct auth *auth, struct account *account, struct call *call,
                        struct err *err)
{
    if (account->scheme == SCHEME_BEARER)
        return widen(auth, account, call, err);
    const struct credential *credential = NULL;
    int rc = credential_of(auth, account, call, &credential, err);
    if (rc)
        return rc;
    bool tried = account->scheme == SCHEME_BASIC && call->login;
    take_basic(account);
    if (!tried && credential->username)
        return 0;
    rc = denial(account, auth->transport, call, err);
    if (tried)
        account_refuse(account, call->scope, false, err_text(err));
    return rc;
}

static int read_challenges(const struct call *call, struct challenge_list *list, struct err *err)
{
    const struct response *response = &call->response;
    return challenge_read(buf_text(&response->challenges), response->status, list, err);
}

/* Is the answer one to a login that is of no use any more, or that an earlier run would have made?
 * Then the call is sent again: it is the next answer that says how to log in. */
static bool is_out_of_date(struct auth *auth, struct account *account, struct call *call,
                           const struct challenge *challenge)
{
    if (account->recalled && !recall_agrees(account, challenge)) {
        notice_say(notice_of(auth), NOTICE_DEBUG, "%s: asks for another login than before",
                   call->host->name);
        recall_drop(account, auth->transport, call->host, false);
    }
    account->recalled = false;
    bool dated = call->login && call->login <= account->voided;
    call->refusals -= dated;
    return dated;
}

static int refused(void *arg, struct call *call, struct err *err)
{
    struct auth *auth = arg;
    struct account *account = account_of(auth, call->host);
    if (is_api(call))
        return denial(account, auth->transport, call, err);
    const char *refusal = account_refusal(account, call->scope);
    struct challenge_list list AUTO(challenge_list_release) = {0};
    if (refusal)
        return err_set(err, ERR_DENIED, "%s", refusal);
    if (read_challenges(call, &list, err) != 0)
        return err_wrap(err, "401 from %s", call->host->address);
    for (size_t i = 0; i < list.count; i++)
        say_challenge(auth, call, &list.items[i]);
    const struct challenge *chosen = challenge_choose(&list);
    if (is_out_of_date(auth, account, call, chosen))
        return 0;
    if (recall_drop_token(account, auth->transport, call))
        return account_log_in(account, auth->transport, call->scope, chosen ? chosen->scope : NULL,
                              err);
    if (call->refusals > REFUSALS_MAX)
        return denial(account, auth->transport, call, err);
    if (chosen && challenge_is_bearer(chosen))
        return answer_bearer(auth, account, call, chosen, err);
    if (chosen)
        return answer_basic(auth, account, call, err);
    return denial_unknown(account, auth->transport, call, &list, err);
}

static bool answered(void *arg, const struct call *call)
{
    struct auth *auth = arg;
    struct account *account = account_of(auth, call->host);
    int status = call->response.status;
    if (is_api(call) || call->login <= account->voided)
        return false;
    /* The rights may have changed since an earlier command asked for the token. */
    if (status == 403 && recall_drop_token(account, auth->transport, call))
        return !call->in_session;
    if (status >= 400 && status != 404)
        return false;
    account->proved = true;
    account->recalled = false;
    for (size_t i = 0; i < account->login_count; i++)
        if (account->logins[i].number == call->login)
            account->logins[i].taken = true;
    return false;
}

void auth_new(struct transport *transport, struct auth **out)
{
    struct auth *auth = mem_zero(1, sizeof(*auth));
    auth->transport = transport;
    transport->authority = (struct authority){auth, authorize, refused, answered};
    *out = auth;
}

int auth_find_credential(struct auth *auth, const struct host *host, bool *out, struct err *err)
{
    const struct credential *credential = NULL;
    int rc =
        account_credential(account_of(auth, host), auth->transport->options, "", &credential, err);
    *out = !rc && !credential_is_empty(credential);
    return rc;
}

bool auth_take_offer(struct auth *auth, const struct call *call)
{
    struct account *account = account_of(auth, call->host);
    struct challenge_list list AUTO(challenge_list_release) = {0};
    const struct credential *credential = NULL;
    if (account->scheme != SCHEME_UNKNOWN || read_challenges(call, &list, ERR_IGNORED) != 0 ||
        !list.count || credential_of(auth, account, call, &credential, ERR_IGNORED) != 0 ||
        credential_is_empty(credential))
        return false;
    const struct challenge *chosen = challenge_choose(&list);
    if (chosen && challenge_is_bearer(chosen)) {
        take_bearer(account, chosen);
    } else if (chosen && credential->username) {
        take_basic(account);
    }
    return account->scheme != SCHEME_UNKNOWN;
}

void auth_expect(struct auth *auth, const struct host *host, const char *scope)
{
    account_expect(account_of(auth, host), scope);
}

bool auth_was_asked(const struct auth *auth, const struct host *host)
{
    for (size_t i = 0; i < auth->count; i++)
        if (auth->accounts[i]->host == host)
            return auth->accounts[i]->scheme != SCHEME_UNKNOWN && !auth->accounts[i]->recalled;
    return false;
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    for (size_t i = 0; i < auth->count; i++) {
        recall_keep(auth->accounts[i], auth->transport);
        account_release(auth->accounts[i]);
        free(auth->accounts[i]);
    }
    free(auth->accounts);
    free(auth);
}
