#include "registry/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "registry/challenge.h"

void account_release(struct account *account)
{
    for (size_t i = 0; i < account->login_count; i++) {
        free(account->logins[i].scope);
        free(account->logins[i].refusal);
        token_release(&account->logins[i].token);
    }
    for (size_t i = 0; i < account->identity_count; i++) {
        free(account->identities[i]->repository);
        credential_release(&account->identities[i]->credential);
        err_release(&account->identities[i]->why);
        free(account->identities[i]);
    }
    free(account->logins);
    free(account->identities);
    free(account->realm);
    free(account->service);
    *account = (struct account){0};
}

/* The repository of the scope's first part, which the caller frees; NULL: it is of none. */
static char *repository_of(const char *scope)
{
    static const char prefix[] = "repository:";
    size_t len = strcspn(scope, " ");
    if (strncmp(scope, prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    while (len && scope[len - 1] != ':')
        len--;
    return len > sizeof(prefix) ? mem_dup_n(scope + sizeof(prefix) - 1, len - sizeof(prefix))
                                : NULL;
}

static const struct identity *find_identity(const struct account *account, const char *repository)
{
    for (size_t i = 0; i < account->identity_count; i++) {
        const char *of = account->identities[i]->repository;
        if (!of || strcmp(of, repository ? repository : "") == 0)
            return account->identities[i];
    }
    return NULL;
}

static struct identity *add_identity(struct account *account, const char *repository)
{
    struct identity *identity = mem_zero(1, sizeof(*identity));
    identity->repository = repository ? mem_dup(repository) : NULL;
    account->identities =
        mem_resize(account->identities, account->identity_count + 1, sizeof(*account->identities));
    account->identities[account->identity_count++] = identity;
    return identity;
}

int account_credential(struct account *account, const struct registry_options *options,
                       const char *scope, const struct credential **out, struct err *err)
{
    AUTO_FREE char *repository = repository_of(scope);
    const struct identity *known = find_identity(account, repository);
    if (known) {
        *out = &known->credential;
        return known->rc ? err_set(err, known->rc, "%s", err_text(&known->why)) : 0;
    }
    struct credential found AUTO(credential_release) = {0};
    const char *name = account->host->name;
    bool narrow = false;
    struct err why AUTO(err_release) = ERR_INIT;
    int rc = credential_find(options, name, repository, &found, &narrow, &why);
    if (rc) {
        struct identity *failed = add_identity(account, NULL);
        failed->rc = err_set(err, rc, "%s", err_text(&why));
        failed->why = why;
        why = (struct err)ERR_INIT;
        return rc;
    }
    if (credential_is_empty(&found))
        notice_say(options->notice, NOTICE_DEBUG, "%s: no credentials", name);
    else
        notice_say(options->notice, NOTICE_DEBUG, "%s: credentials from %s", name, found.source);
    struct identity *identity = add_identity(account, !narrow      ? NULL
                                                      : repository ? repository
                                                                   : "");
    identity->credential = found;
    found = (struct credential){0};
    *out = &identity->credential;
    return 0;
}

static struct login *find_login(const struct account *account, const char *scope)
{
    for (size_t i = 0; i < account->login_count; i++)
        if (strcmp(account->logins[i].scope, scope) == 0)
            return &account->logins[i];
    return NULL;
}

struct login *account_login(struct account *account, const char *scope)
{
    struct login *login = find_login(account, scope);
    return login && !login->refusal ? login : NULL;
}

const char *account_refusal(const struct account *account, const char *scope)
{
    const struct login *login = find_login(account, scope);
    return login ? login->refusal : NULL;
}

static struct login *add_login(struct account *account, const char *scope)
{
    size_t count = account->login_count + 1;
    account->logins = mem_resize(account->logins, count, sizeof(*account->logins));
    struct login *login = &account->logins[account->login_count++];
    *login = (struct login){.scope = mem_dup(scope)};
    return login;
}

void account_refuse(struct account *account, const char *scope, const char *why)
{
    struct login *login = find_login(account, scope);
    if (!login)
        login = add_login(account, scope);
    token_release(&login->token);
    free(login->refusal);
    login->refusal = mem_dup(why);
}

static void say_asking(const struct account *account, const struct notice *notice,
                       const struct credential *credential, const char *scope)
{
    struct buf realm AUTO(buf_release) = BUF_INIT(CHALLENGE_TEXT_MAX);
    if (credential->registry_token) {
        notice_say(notice, NOTICE_DEBUG, "%s: the token from %s is sent as it is",
                   account->host->name, credential->source);
        return;
    }
    const char *how = credential->identity_token        ? "with the identity token from "
                      : credential_is_empty(credential) ? "anonymously"
                                                        : "with the credentials from ";
    response_add_clean(&realm, account->realm, strlen(account->realm), CHALLENGE_TEXT_MAX);
    notice_say(notice, NOTICE_DEBUG, "%s: asks %s for a token for %s, %s%s", account->host->name,
               buf_text(&realm), *scope ? scope : "a login", how,
               credential->source ? credential->source : "");
}

int account_log_in(struct account *account, struct transport *transport, const char *scope,
                   const char *asked, struct err *err)
{
    struct token token = {0};
    const struct credential *credential = NULL;
    int rc = account_credential(account, transport->options, scope, &credential, err);
    if (rc)
        return rc;
    struct token_request request = {.realm = account->realm,
                                    .service = account->service,
                                    .scope = scope,
                                    .asked_scope = asked,
                                    .credential = credential,
                                    .host = account->host};
    if (!credential->registry_token) /* that one goes to the registry, not to the realm */
        rc = token_check_realm(account->host, account->realm, err);
    if (rc)
        return rc;
    say_asking(account, transport->options->notice, credential, scope);
    rc = token_fetch(transport, &request, &token, err);
    if (rc == ERR_DENIED && !credential_is_empty(credential))
        account_refuse(account, scope, err_text(err));
    if (rc)
        return rc;
    struct login *login = find_login(account, scope);
    if (!login)
        login = add_login(account, scope);
    token_release(&login->token);
    login->token = token;
    login->made_at = clock_ms();
    login->number = ++account->number;
    return 0;
}
