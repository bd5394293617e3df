/*
 * The client's account at one registry: how the registry wants to be logged in to, the credentials
 * for its repositories, and the tokens that were made from the credentials, one for each scope.
 */
#ifndef WASME_REGISTRY_ACCOUNT_H
#define WASME_REGISTRY_ACCOUNT_H

#include "credential/find.h"
#include "registry/token.h"
#include "registry/transport.h"

enum scheme { SCHEME_UNKNOWN, SCHEME_BASIC, SCHEME_BEARER };

/* The credential for a repository, or the error of the search for it, which is not made again. */
struct identity {
    char *repository; /* owned; "": for calls that name no repository; NULL: for all */
    struct credential credential;
    int rc;         /* 0, or the error of the search for the credential, with `why` */
    struct err why; /* owned */
    char *refusal;  /* owned: why the registry takes the credential for no scope; NULL: not known */
    bool taken;     /* the realm took the credential, or was asked and did not say */
    bool anonymous; /* the realm gave an anonymous token for the credential: no more are asked for
                       with it */
    bool told;      /* the user was warned about that */
};

/* A token and the scope that it was asked for, or the words of its refusal. */
struct login {
    char *scope;               /* owned */
    struct identity *identity; /* asked for with its credential; lent by the account */
    char *refusal;             /* owned; NULL: there is a token */
    struct token token;        /* owned */
    int64_t made_at;           /* clock_ms() */
    bool anonymous;            /* the token says that it belongs to nobody */
    bool widened;    /* the token for the scope granted too little, and more was asked for */
    bool kept;       /* an earlier command asked for the token */
    bool taken;      /* the registry took a request with the token */
    unsigned number; /* counted from 1 on each host */
};

/* A realm from an earlier run that has refused a login in this run: see recall.h. */
struct realm_refusal {
    char *realm; /* owned, as all texts; NULL: there was no refusal */
    char *service;
    char *scope;
    char *words;
    const struct credential *credential; /* lent by the account; the one that was refused */
    bool whole; /* the realm refused the login itself, and not the access */
};

struct account {
    const struct host *host; /* lent */
    enum scheme scheme;
    char *realm;                  /* owned; with SCHEME_BEARER */
    char *service;                /* owned; or NULL */
    char *expected;               /* owned; a scope whose parts later calls will need; or NULL */
    struct identity **identities; /* each owned by itself, so that its address stays */
    size_t identity_count;
    struct login *logins; /* owned */
    size_t login_count;
    unsigned number;  /* of the newest login; with Basic not 0 */
    unsigned voided;  /* logins up to this number are of no use any more */
    bool proved;      /* the registry took a request with a login of this scheme */
    int realm_status; /* of the last answer of the realm that was no token; 0: no answer */

    /* For recall.c. */
    bool recalled;      /* scheme, realm and service are of an earlier run, and unconfirmed */
    bool recalled_http; /* host->http at that time */
    bool looked_http;   /* the memory was asked how to log in over plain http */
    bool looked_https;  /* the same over TLS */
    struct realm_refusal refused;
};

void account_release(struct account *account); /* usable with AUTO() */

/* Gives the credential for a call's scope ("repository:a/b:pull"), which is looked up at the first
 * call. The credential is lent, and may be empty. */
int account_credential(struct account *account, const struct registry_options *options,
                       const char *scope, const struct credential **out, struct err *err);
/* The login for the scope, or for a wider scope, even when its token has expired; NULL: there is
 * none. The login is lent until the next account_log_in(). */
struct login *account_login(struct account *account, const char *scope);
/* Adds a login with a token that an earlier command has asked for; `token` is handed over. */
void account_add_kept(struct account *account, const struct notice *notice, const char *scope,
                      const struct token *token);
/* Drops all logins, and what the realm said of the credentials; the logins are void. */
void account_forget_logins(struct account *account);
/* Notes that the registry refuses the scope's credential, for that scope or (`whole`) for every
 * scope. No further try is made, since it could be the one that locks the user's account; later
 * calls get the words `why`. */
void account_refuse(struct account *account, const char *scope, bool whole, const char *why);
/* The words of such a refusal; lent; NULL: there is none. */
const char *account_refusal(const struct account *account, const char *scope);
/* Says that later calls will need parts of this scope, so that one token is asked for all of them.
 * NULL: no longer. */
void account_expect(struct account *account, const char *scope);
/* Logs in for the scope, for the first time or again. `asked` is the scope of the registry's
 * challenge, which is asked for too; or NULL. */
int account_log_in(struct account *account, struct transport *transport, const char *scope,
                   const char *asked, struct err *err);
/*
 * Finds out whether the registry takes the scope's credential at all. When Harbor's realm does not
 * take a login, it answers with a token of less access, unless no scope is asked for. Therefore
 * the realm is asked once without a scope, unless the last token says that it belongs to nobody.
 * ERR_DENIED: the credential is not taken. 0: it is taken, or nothing could be found out.
 */
int account_prove(struct account *account, struct transport *transport, const char *scope,
                  struct err *err);

#endif
