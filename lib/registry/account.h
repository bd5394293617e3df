/*
 * Who we are to one registry: how it wants us to log in, the credentials for its repositories, and
 * the tokens that were made from them, one for each scope.
 */
#ifndef WASME_REGISTRY_ACCOUNT_H
#define WASME_REGISTRY_ACCOUNT_H

#include "credential/find.h"
#include "registry/token.h"
#include "registry/transport.h"

enum scheme { SCHEME_UNKNOWN, SCHEME_BASIC, SCHEME_BEARER };

/* The credential for a repository; or why there is none to be had, which is not tried again. */
struct identity {
    char *repository; /* owned; "": of calls that are about none; NULL: for all */
    struct credential credential;
    int rc;         /* 0, or what the search for it gave */
    struct err why; /* owned */
    char *refusal;  /* owned; why it is not taken, whatever for; NULL: nothing is known of that */
    bool taken;     /* the realm has taken it, or was asked and did not say */
    bool anonymous; /* a token that was asked for with it is of nobody: others are without it */
    bool told;      /* the user knows that */
};

/* A token, and what it was asked for; or that it was refused. */
struct login {
    char *scope;               /* owned */
    struct identity *identity; /* whose it is; lent by the account */
    char *refusal;             /* owned; NULL: there is a token */
    struct token token;        /* owned */
    int64_t made_at;           /* clock_ms() */
    bool anonymous;            /* the token says that it is of nobody */
    bool widened;              /* it was asked for more than the scope, since that was too little */
    unsigned number;           /* counted from 1 on each host */
};

struct account {
    const struct host *host; /* lent */
    enum scheme scheme;
    char *realm;                  /* of Bearer; owned */
    char *service;                /* or NULL; owned */
    char *expected;               /* a scope that calls to come need in parts; or NULL; owned */
    struct identity **identities; /* each owned, so that they stay where they are */
    size_t identity_count;
    struct login *logins; /* owned */
    size_t login_count;
    unsigned number; /* of the newest login; with Basic not 0 */
};

void account_release(struct account *account); /* usable with AUTO() */

/* The credential for a call's scope ("repository:a/b:pull"), looked up when it is first asked for;
 * lent. It may be empty. */
int account_credential(struct account *account, const struct registry_options *options,
                       const char *scope, const struct credential **out, struct err *err);
/* The login for the scope, or for one with that in it, as old as it may be, or NULL; lent until the
 * next log-in. */
struct login *account_login(struct account *account, const char *scope);
/* Notes that nobody is let in with the scope's credential, for that scope or (`whole`) for any:
 * `why` is what is said to whoever asks again. Each further try could be the one that locks the
 * user's account. */
void account_refuse(struct account *account, const char *scope, bool whole, const char *why);
/* That, or NULL; lent. */
const char *account_refusal(const struct account *account, const char *scope);
/* Calls to come need this scope in parts (NULL: no more): one token is asked for all of them. */
void account_expect(struct account *account, const char *scope);
/* Makes or renews it, for what the challenge asks besides (`asked`, or NULL). */
int account_log_in(struct account *account, struct transport *transport, const char *scope,
                   const char *asked, struct err *err);
/*
 * Does the registry take the scope's credential at all? Harbor's realm answers a login that it does
 * not take with a token of less access, except where no scope is asked for: it is asked so, once,
 * unless the token says itself that it is of nobody. ERR_DENIED when the credential is not taken;
 * otherwise 0, also where that cannot be found out.
 */
int account_prove(struct account *account, struct transport *transport, const char *scope,
                  struct err *err);

#endif
