/* Bearer tokens: asked for at the realm that a challenge names (distribution specification's
 * "Token Authentication"). */
#ifndef WASME_REGISTRY_TOKEN_H
#define WASME_REGISTRY_TOKEN_H

#include "credential/credential.h"
#include "registry/transport.h"

#define TOKEN_REPLY_MAX (256 * 1024) /* bytes of the realm's answer */

/*
 * The realm is asked with GET, by Basic authentication or anonymously; with POST when there is an
 * identity token (the specification's "OAuth2 Token Authentication"). Nobody is asked when the
 * credential is a registry token: it is the token.
 */
struct token_request {
    const char *realm;
    const char *service;                 /* or NULL */
    const char *scope;                   /* what the call needs, several with spaces between; "": a
                                            mere login, for which nothing else is asked either */
    const char *asked_scope;             /* what the registry's challenge says, or NULL */
    const struct credential *credential; /* empty: anonymously */
    const struct host *host;             /* the registry that names the realm */
};

struct token {
    char *line;         /* owned: "Authorization: Bearer …" */
    int64_t expires_at; /* clock_ms(), some time before it really does */
    int status;         /* of the realm's answer, also of a refusal; 0: nobody was asked */
};

/*
 * May the realm have this registry's credentials? Not when it is not https (unless the registry is
 * not either), nor when it points further inward than the registry itself.
 */
int token_check_realm(const struct host *host, const char *realm, struct err *err);
/* Does `scope` ("repository:a/b:pull,push", several with spaces between) grant all that the single
 * `other` does? */
bool token_scope_covers(const char *scope, const char *other);
/* The same for each of several, of which there is at least one. */
bool token_scope_covers_all(const char *scope, const char *others);
/* What is said of a credential that the registry does not take, whatever it is asked for; the
 * caller frees it. */
char *token_not_taken(const struct credential *credential, const char *server);
/* ERR_DENIED when the realm refuses. */
int token_fetch(struct transport *transport, const struct token_request *request, struct token *out,
                struct err *err);
/* Reads the realm's answer: "access_token", else "token", and "expires_in" seconds (60 when it does
 * not say). ERR_DAMAGED when there is no token that can be sent; never with the token in the words.
 */
int token_read(const char *text, size_t len, struct token *out, struct err *err);
void token_release(struct token *token); /* wipes it; usable with AUTO() */

#endif
