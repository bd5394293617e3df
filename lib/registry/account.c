#include "registry/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/visible.h"
#include "registry/challenge.h"
#include "registry/claims.h"
#include "registry/scope.h"

static void release_logins(struct account *account)
{
    for (size_t i = 0; i < account->login_count; i++) {
        free(account->logins[i].scope);
        free(account->logins[i].refusal);
        token_release(&account->logins[i].token);
    }
    account->login_count = 0;
}

void account_forget_logins(struct account *account)
{
    release_logins(account);
    account->voided = account->number;
    for (size_t i = 0; i < account->identity_count; i++) {
        struct identity *identity = account->identities[i];
        free(identity->refusal);
        identity->refusal = NULL;
        identity->taken = identity->anonymous = false;
    }
}

void account_release(struct account *account)
{
    release_logins(account);
    for (size_t i = 0; i < account->identity_count; i++) {
        free(account->identities[i]->repository);
        credential_release(&account->identities[i]->credential);
        free(account->identities[i]->refusal);
        err_release(&account->identities[i]->why);
        free(account->identities[i]);
    }
    free(account->logins);
    free(account->identities);
    free(account->realm);
    free(account->service);
    free(account->expected);
    free(account->refused.realm);
    free(account->refused.service);
    free(account->refused.scope);
    free(account->refused.words);
    *account = (struct account){0};
}

/* The repository in the first part of the scope, which the caller frees; NULL: there is none. */
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

static struct identity *find_identity(const struct account *account, const char *repository)
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

/* The error of a search that failed is told each time, and the search is not made again. */
static int tell_failure(const struct identity *identity, struct err *err)
{
    return err_set(err, identity->rc, "%s", err_text(&identity->why));
}

int account_credential(struct account *account, const struct registry_options *options,
                       const char *scope, const struct credential **out, struct err *err)
{
    AUTO_FREE char *repository = repository_of(scope);
    const struct identity *known = find_identity(account, repository);
    if (known) {
        *out = &known->credential;
        return known->rc ? tell_failure(known, err) : 0;
    }
    struct credential found AUTO(credential_release) = {0};
    const char *name = account->host->name;
    const struct credential_target target = {name, repository};
    bool narrow = false;
    struct err why AUTO(err_release) = ERR_INIT;
    if (credential_find(&options->login, &target, &found, &narrow, &why) != 0) {
        struct identity *failed = add_identity(account, NULL);
        failed->rc = err_move(&failed->why, &why);
        *out = &failed->credential; /* which is empty */
        return tell_failure(failed, err);
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

static struct identity *identity_of(const struct account *account, const char *scope)
{
    AUTO_FREE char *repository = repository_of(scope);
    return find_identity(account, repository);
}

static struct login *find_login(const struct account *account, const char *scope)
{
    for (size_t i = 0; i < account->login_count; i++)
        if (strcmp(account->logins[i].scope, scope) == 0)
            return &account->logins[i];
    return NULL;
}

/* Finds a login of the same credential that was asked for with a wider scope. */
static struct login *find_wider(const struct account *account, const char *scope)
{
    const struct identity *identity = identity_of(account, scope);
    for (size_t i = 0; i < account->login_count; i++) {
        struct login *login = &account->logins[i];
        if (!login->refusal && login->identity == identity && scope_covers_all(login->scope, scope))
            return login;
    }
    return NULL;
}

struct login *account_login(struct account *account, const char *scope)
{
    struct login *login = find_login(account, scope);
    if (!login)
        login = find_wider(account, scope);
    return login && !login->refusal ? login : NULL;
}

const char *account_refusal(const struct account *account, const char *scope)
{
    const struct identity *identity = identity_of(account, scope);
    const struct login *login = find_login(account, scope);
    if (identity && identity->refusal)
        return identity->refusal;
    return login ? login->refusal : NULL;
}

static struct login *add_login(struct account *account, const char *scope)
{
    size_t count = account->login_count + 1;
    account->logins = mem_resize(account->logins, count, sizeof(*account->logins));
    struct login *login = &account->logins[account->login_count++];
    *login = (struct login){.scope = mem_dup(scope), .identity = identity_of(account, scope)};
    return login;
}

void account_refuse(struct account *account, const char *scope, bool whole, const char *why)
{
    struct identity *identity = identity_of(account, scope);
    char **refusal;
    if (whole && identity) {
        refusal = &identity->refusal;
    } else {
        struct login *login = find_login(account, scope);
        if (!login)
            login = add_login(account, scope);
        token_release(&login->token);
        refusal = &login->refusal;
    }
    free(*refusal);
    *refusal = mem_dup(why);
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
    visible_add_clean(&realm, account->realm, strlen(account->realm), CHALLENGE_TEXT_MAX);
    notice_say(notice, NOTICE_DEBUG, "%s: asks %s for a token for %s, %s%s", account->host->name,
               buf_text(&realm), *scope ? scope : "a login", how,
               credential->source ? credential->source : "");
}

/* A request for a token for the scope; the caller may add the scope of the registry's challenge. */
static struct token_request request_of(const struct account *account, const char *scope,
                                       const struct credential *credential)
{
    return (struct token_request){.realm = account->realm,
                                  .service = account->service,
                                  .scope = scope,
                                  .credential = credential,
                                  .host = account->host,
                                  .once = account->recalled};
}

/* Asks the realm for a token. */
static int fetch(const struct account *account, struct transport *transport,
                 const struct token_request *request, struct token *token, struct err *err)
{
    int rc = request->credential->registry_token /* such a token goes to the registry itself */
                 ? 0
                 : token_check_realm(account->host, account->realm, err);
    if (rc)
        return rc;
    say_asking(account, transport->options->notice, request->credential, request->scope);
    return token_fetch(transport, request, token, err);
}

/* Reads the claims of a new token. With a login that was not taken, public images can be had all
 * the same, and the user is warned. */
static void look_into(const struct account *account, const struct notice *notice,
                      struct login *login)
{
    struct claims claims AUTO(claims_release) = {0};
    struct identity *identity = login->identity;
    const struct credential *credential = &identity->credential;
    bool asked = !credential_is_empty(credential) && !credential->registry_token;
    if (!asked || !claims_read(login->token.line + strlen(TOKEN_LEAD), &claims))
        return;
    login->anonymous = claims.anonymous;
    identity->anonymous = claims.anonymous;
    if (!login->anonymous || identity->told || strcmp(claims.access, "nothing") == 0)
        return;
    identity->told = true;
    notice_say(notice, NOTICE_WARNING,
               "%s does not take the login from %s (password changed, robot expired or "
               "disabled?): going on as anybody",
               account->host->name, credential->source);
}

void account_expect(struct account *account, const char *scope)
{
    free(account->expected);
    account->expected = scope ? mem_dup(scope) : NULL;
}

/* The scope to ask for: the expected one, when the scope is a part of it. */
static const char *with_expected(const struct account *account, const char *scope)
{
    const char *expected = account->expected;
    return expected && !find_login(account, scope) &&
                   identity_of(account, expected) == identity_of(account, scope) &&
                   scope_covers_all(expected, scope)
               ? expected
               : scope;
}

static void keep_login(struct account *account, const struct notice *notice, const char *scope,
                       const struct token *token)
{
    struct login *login = find_login(account, scope);
    if (!login)
        login = add_login(account, scope);
    token_release(&login->token);
    login->token = *token;
    login->made_at = clock_ms();
    login->kept = login->taken = false;
    login->number = ++account->number;
    look_into(account, notice, login);
}

void account_add_kept(struct account *account, const struct notice *notice, const char *scope,
                      const struct token *token)
{
    keep_login(account, notice, scope, token);
    struct login *login = find_login(account, scope);
    login->kept = true;
    login->made_at = 0; /* a refusal shows nothing but that the token is old */
}

int account_log_in(struct account *account, struct transport *transport, const char *scope,
                   const char *asked, struct err *err)
{
    static const struct credential nobody = {0};
    struct token token = {0};
    const struct credential *credential = NULL;
    int rc = account_credential(account, transport->options, scope, &credential, err);
    if (rc)
        return rc;
    if (identity_of(account, scope)->anonymous)
        credential = &nobody;
    account->realm_status = 0;
    struct token_request request = request_of(account, with_expected(account, scope), credential);
    request.asked_scope = asked;
    rc = fetch(account, transport, &request, &token, err);
    if (rc == ERR_DENIED && request.scope != scope && token.status != 401) {
        /* Some registries refuse the whole access, where they would grant a part of it. */
        err_release(err);
        request.scope = scope;
        account_expect(account, NULL);
        rc = fetch(account, transport, &request, &token, err);
    }
    account->realm_status = token.status;
    if (rc == ERR_DENIED && !credential_is_empty(credential))
        account_refuse(account, scope, token.status == 401, err_text(err));
    if (rc)
        return rc;
    keep_login(account, transport->options->notice, request.scope, &token);
    return 0;
}

int account_prove(struct account *account, struct transport *transport, const char *scope,
                  struct err *err)
{
    struct token token AUTO(token_release) = {0};
    struct identity *identity = identity_of(account, scope);
    const struct login *login = account_login(account, scope);
    if (!identity || identity->taken || credential_is_empty(&identity->credential) ||
        identity->credential.registry_token)
        return 0;
    bool refused = login && login->anonymous;
    if (!refused) {
        const struct token_request request = request_of(account, "", &identity->credential);
        int rc = fetch(account, transport, &request, &token, err);
        if (rc == ERR_INTERRUPTED)
            return rc;
        err_release(err);
        refused = rc == ERR_DENIED && token.status == 401;
    }
    identity->taken = !refused;
    if (!refused)
        return 0;
    AUTO_FREE char *words = token_not_taken(&identity->credential, account->host->name);
    account_refuse(account, scope, true, words);
    return err_set(err, ERR_DENIED, "%s", words);
}
