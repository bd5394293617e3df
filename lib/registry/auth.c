#include "registry/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "registry/challenge.h"
#include "registry/credentials.h"
#include "registry/token.h"

enum { FRESH_MS = 5000, REFUSALS_MAX = 4 };

enum scheme { SCHEME_UNKNOWN, SCHEME_BASIC, SCHEME_BEARER };

struct login {
    char *scope;        /* owned */
    struct token token; /* owned */
    int64_t made_at;    /* clock_ms() */
    unsigned number;    /* counted from 1 on each host */
};

struct account {
    const struct host *host;
    enum scheme scheme;
    char *realm;   /* of Bearer; owned */
    char *service; /* or NULL; owned */
    bool looked_up;
    struct credential credential;
    struct login *logins; /* one for each scope; owned */
    size_t login_count;
    unsigned number; /* of the newest login */
};

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

static const struct notice *notice_of(const struct auth *auth)
{
    return auth->transport->options->notice;
}

static int look_up(struct auth *auth, struct account *account, struct err *err)
{
    if (account->looked_up)
        return 0;
    const char *name = account->host->name;
    int rc = credential_find(auth->transport->options, name, &account->credential, err);
    if (rc)
        return rc;
    account->looked_up = true;
    if (account->credential.username)
        notice_say(notice_of(auth), NOTICE_DEBUG, "%s: credentials from %s", name,
                   account->credential.source);
    else
        notice_say(notice_of(auth), NOTICE_DEBUG, "%s: no credentials", name);
    return 0;
}

static struct login *login_for(struct account *account, const char *scope)
{
    for (size_t i = 0; i < account->login_count; i++)
        if (strcmp(account->logins[i].scope, scope) == 0)
            return &account->logins[i];
    return NULL;
}

static struct login *add_login(struct account *account, const char *scope)
{
    size_t count = account->login_count + 1;
    account->logins = mem_resize(account->logins, count, sizeof(*account->logins));
    struct login *login = &account->logins[account->login_count++];
    *login = (struct login){.scope = mem_dup(scope)};
    return login;
}

static int log_in(struct auth *auth, struct account *account, const char *scope,
                  const char *asked_scope, struct err *err)
{
    struct token token = {0};
    struct token_request request = {account->realm, account->service, scope, asked_scope,
                                    &account->credential};
    int rc = look_up(auth, account, err);
    if (!rc)
        rc = token_check_realm(account->host, account->realm, err);
    if (!rc)
        rc = token_fetch(auth->transport, &request, &token, err);
    if (rc)
        return rc;
    struct login *login = login_for(account, scope);
    if (!login)
        login = add_login(account, scope);
    token_release(&login->token);
    login->token = token;
    login->made_at = clock_ms();
    login->number = ++account->number;
    return 0;
}

static bool is_api(const struct call *call)
{
    return strcmp(call->scope, AUTH_SCOPE_API) == 0;
}

static int authorize_api(struct auth *auth, struct account *account, char **line, struct err *err)
{
    int rc = look_up(auth, account, err);
    if (!rc && account->credential.username)
        *line = credential_basic(&account->credential);
    return rc;
}

static int authorize(void *arg, struct call *call, char **line, struct err *err)
{
    struct auth *auth = arg;
    struct account *account = account_of(auth, call->host);
    if (is_api(call))
        return authorize_api(auth, account, line, err);
    if (account->scheme == SCHEME_BASIC) {
        *line = credential_basic(&account->credential);
        call->login = account->number;
    } else if (account->scheme == SCHEME_BEARER) {
        struct login *login = login_for(account, call->scope);
        if (!login || login->token.expires_at <= clock_ms()) {
            int rc = log_in(auth, account, call->scope, NULL, err);
            if (rc)
                return rc;
            login = login_for(account, call->scope);
        }
        *line = mem_dup(login->token.line);
        call->login = login->number;
    }
    return 0;
}

/* The registry's words and then ours, which are freed. */
static int denied(const struct call *call, char *ours, struct err *err)
{
    int rc = response_refusal(&call->response, err);
    AUTO_FREE char *words = mem_dup(err_text(err));
    AUTO_FREE char *mine = ours;
    return err_set(err, rc, "%s: %s", words, mine);
}

static int deny(const struct account *account, const struct call *call, struct err *err)
{
    const char *name = account->host->name;
    const char *source = account->credential.source;
    if (!account->credential.username)
        return denied(call,
                      mem_printf("no credentials for %s: use -u USER with --password-stdin, or a "
                                 "credentials file",
                                 name),
                      err);
    if (account->scheme == SCHEME_BEARER && call->login)
        return denied(call,
                      mem_printf("%s gives the credentials from %s no such access: check the "
                                 "repository's name and the account's rights",
                                 name, source),
                      err);
    return denied(call, mem_printf("the registry refused the credentials from %s", source), err);
}

static void say_challenge(const struct auth *auth, const char *host,
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
        response_add_clean(&text, parts[i][1], strlen(parts[i][1]), CHALLENGE_TEXT_MAX);
    }
    notice_say(notice_of(auth), NOTICE_DEBUG, "%s asks for %s", host, buf_text(&text));
}

static int read_challenges(const struct call *call, struct challenge_list *list, struct err *err)
{
    const char *at = buf_text(&call->response.challenges);
    while (*at) {
        size_t len = strcspn(at, "\n");
        AUTO_FREE char *line = mem_dup_n(at, len);
        int rc = challenge_parse(line, list, err);
        if (rc)
            return err_wrap(err, "401 from %s", call->host->address);
        at += len + (at[len] == '\n');
    }
    return 0;
}

static char *dup_or_null(const char *text)
{
    return text ? mem_dup(text) : NULL;
}

static int answer_bearer(struct auth *auth, struct account *account, struct call *call,
                         const struct challenge *challenge, struct err *err)
{
    const struct login *login = login_for(account, call->scope);
    if (call->login && login) {
        if (login->number != call->login)
            return 0; /* another call has logged in since */
        if (clock_ms() - login->made_at < FRESH_MS &&
            (!challenge->scope || token_scope_covers(call->scope, challenge->scope)))
            return deny(account, call, err);
    } else if (login && login->token.expires_at > clock_ms()) {
        return 0;
    }
    account->scheme = SCHEME_BEARER;
    free(account->realm);
    free(account->service);
    account->realm = dup_or_null(challenge->realm);
    account->service = dup_or_null(challenge->service);
    return log_in(auth, account, call->scope, challenge->scope, err);
}

static int answer_basic(struct auth *auth, struct account *account, const struct call *call,
                        struct err *err)
{
    int rc = look_up(auth, account, err);
    if (rc)
        return rc;
    bool tried = account->scheme == SCHEME_BASIC && call->login == account->number;
    if (!account->credential.username || tried)
        return deny(account, call, err);
    if (account->scheme != SCHEME_BASIC)
        account->number++;
    account->scheme = SCHEME_BASIC;
    return 0;
}

static int refused(void *arg, struct call *call, struct err *err)
{
    struct auth *auth = arg;
    struct account *account = account_of(auth, call->host);
    if (is_api(call))
        return deny(account, call, err);
    struct challenge_list list AUTO(challenge_list_release) = CHALLENGE_LIST_INIT;
    int rc = read_challenges(call, &list, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < list.count; i++)
        say_challenge(auth, account->host->name, &list.items[i]);
    if (call->refusals > REFUSALS_MAX)
        return deny(account, call, err);
    const struct challenge *bearer = challenge_find(&list, "bearer");
    if (bearer && bearer->realm)
        return answer_bearer(auth, account, call, bearer, err);
    if (challenge_find(&list, "basic"))
        return answer_basic(auth, account, call, err);
    if (list.count)
        return denied(call,
                      mem_printf("%s asks for %s, which wasme does not do", account->host->name,
                                 list.items[0].scheme),
                      err);
    return denied(call,
                  mem_printf("%s does not say how to log in: the project does not exist, or gives "
                             "no access",
                             account->host->name),
                  err);
}

void auth_new(struct transport *transport, struct auth **out)
{
    struct auth *auth = mem_zero(1, sizeof(*auth));
    auth->transport = transport;
    transport->authority = (struct authority){auth, authorize, refused};
    *out = auth;
}

static void free_account(struct account *account)
{
    for (size_t i = 0; i < account->login_count; i++) {
        free(account->logins[i].scope);
        token_release(&account->logins[i].token);
    }
    free(account->logins);
    free(account->realm);
    free(account->service);
    credential_release(&account->credential);
    free(account);
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    for (size_t i = 0; i < auth->count; i++)
        free_account(auth->accounts[i]);
    free(auth->accounts);
    free(auth);
}
