/*
 * Who we are to one registry: how it wants us to log in, the credentials for its repositories, and
 * the tokens that were made from them, one for each scope.
 */
#ifndef WASME_REGISTRY_ACCOUNT_H
#define WASME_REGISTRY_ACCOUNT_H

#include "registry/credentials.h"
#include "registry/token.h"
#include "registry/transport.h"

enum scheme { SCHEME_UNKNOWN, SCHEME_BASIC, SCHEME_BEARER };

/* A token, and what it was asked for; or that it was refused. */
struct login {
    char *scope;        /* owned */
    char *refusal;      /* owned; NULL: there is a token */
    struct token token; /* owned */
    int64_t made_at;    /* clock_ms() */
    bool widened;       /* it was asked for more than the scope, since that was too little */
    unsigned number;    /* counted from 1 on each host */
};

/* The credential for a repository; or why there is none to be had, which is not tried again. */
struct identity {
    char *repository; /* owned; "": of calls that are about none; NULL: for all */
    struct credential credential;
    int rc;         /* 0, or what the search for it gave */
    struct err why; /* owned */
};

struct account {
    const struct host *host; /* lent */
    enum scheme scheme;
    char *realm;                  /* of Bearer; owned */
    char *service;                /* or NULL; owned */
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
/* The login for the scope, as old as it may be, or NULL; lent until the next log-in. */
struct login *account_login(struct account *account, const char *scope);
/* Notes that nobody is let in with the scope's credential: `why` is what is said to whoever asks
 * again. Each further try could be the one that locks the user's account. */
void account_refuse(struct account *account, const char *scope, const char *why);
/* That, or NULL; lent. */
const char *account_refusal(const struct account *account, const char *scope);
/* Makes or renews it, for what the challenge asks besides (`asked`, or NULL). */
int account_log_in(struct account *account, struct transport *transport, const char *scope,
                   const char *asked, struct err *err);

#endif
