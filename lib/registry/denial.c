#include "registry/denial.h"

#include <string.h>

#include "base/mem.h"
#include "registry/auth.h"

/* Makes the error with the registry's words and then `ours`, which is freed. */
static int say(const struct call *call, char *ours, struct err *err)
{
    int rc = response_refusal(&call->response, err);
    AUTO_FREE char *words = mem_dup(err_text(err));
    AUTO_FREE char *mine = ours;
    return err_set(err, rc, "%s: %s", words, mine);
}

/* The registry takes the credential of the call for no scope: notes that no further try is made. */
static int deny_login(struct account *account, const struct call *call,
                      const struct credential *credential, struct err *err)
{
    AUTO_FREE char *words = token_not_taken(credential, account->host->name);
    account_refuse(account, call->scope, true, words);
    return say(call, STEAL(words), err);
}

int denial_prove(struct account *account, struct transport *transport, const struct call *call,
                 struct err *err)
{
    int rc = account_prove(account, transport, call->scope, err);
    return rc == ERR_DENIED ? say(call, mem_dup(err_text(err)), err) : rc;
}

static int deny_bearer(struct account *account, struct transport *transport,
                       const struct call *call, const struct credential *credential,
                       struct err *err)
{
    int rc = denial_prove(account, transport, call, err);
    if (rc)
        return rc;
    return say(call,
               mem_printf("%s gives the credentials from %s no such access: check the "
                          "repository's name and the account's rights",
                          account->host->name, credential->source),
               err);
}

int denial(struct account *account, struct transport *transport, const struct call *call,
           struct err *err)
{
    const char *name = account->host->name;
    const struct credential *credential = NULL;
    int rc = account_credential(account, transport->options, call->scope, &credential, err);
    if (rc)
        return rc;
    if (credential_is_empty(credential))
        return say(call, credential_missing(&transport->options->login, name), err);
    if (account->scheme == SCHEME_BEARER && call->login && *call->scope)
        return deny_bearer(account, transport, call, credential, err);
    if ((account->scheme == SCHEME_BASIC || strcmp(call->scope, AUTH_SCOPE_API) == 0) &&
        !credential->username)
        return say(
            call,
            mem_printf("%s wants user and password, and %s has a token", name, credential->source),
            err);
    if (!account->host->proved)
        return deny_login(account, call, credential, err);
    return say(call, mem_printf("the registry refused the credentials from %s", credential->source),
               err);
}

int denial_unknown(struct account *account, struct transport *transport, const struct call *call,
                   const struct challenge_list *list, struct err *err)
{
    const char *name = account->host->name;
    const struct credential *credential = NULL;
    AUTO_FREE char *none = NULL;
    if (challenge_find(list, "bearer"))
        return say(call,
                   mem_printf("%s asks for a token and names no realm, the address where it "
                              "is given: ask who runs the registry",
                              name),
                   err);
    if (list->count)
        return say(
            call,
            mem_printf("%s asks for %s, which wasme does not do", name, list->items[0].scheme),
            err);
    if (account_credential(account, transport->options, "", &credential, ERR_IGNORED) == 0 &&
        credential_is_empty(credential))
        none = credential_missing(&transport->options->login, name);
    return say(call,
               mem_printf("%s does not say how to log in: the project does not exist, or "
                          "gives no access%s%s",
                          name, none ? "; " : "", none ? none : ""),
               err);
}
