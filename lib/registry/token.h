/* Fetches bearer tokens from the realm that a challenge names (distribution specification, "Token
 * Authentication"). */
#ifndef WASME_REGISTRY_TOKEN_H
#define WASME_REGISTRY_TOKEN_H

#include "credential/credential.h"
#include "registry/transport.h"

#define TOKEN_LEAD "Authorization: Bearer " /* before the token, in the line of a header */
#define TOKEN_REPLY_MAX (256 * 1024)        /* bytes of the realm's answer */

/*
 * A request for a token; all of it is lent. The realm gets a GET, with Basic authentication or
 * anonymously, or with an identity token a POST (distribution specification, "OAuth2 Token
 * Authentication"). A registry token is used as it is, without a request.
 */
struct token_request {
    const char *realm;
    const char *service; /* or NULL */
    const char *scope;   /* the access that the call needs, several scopes separated by spaces; "":
                                a mere login, and `asked_scope` is not asked for either */
    const char *asked_scope;             /* the scope in the registry's challenge, or NULL */
    const struct credential *credential; /* empty: the request is anonymous */
    const struct host *host;             /* the registry that names the realm */
    bool once; /* the request is tried once: another way to go on is left when it fails */
};

struct token {
    char *line;         /* owned: "Authorization: Bearer …" */
    int64_t expires_at; /* clock_ms(), some time before the token really expires */
    int status;         /* of the realm's answer, also of a refusal; 0: no request was made */
};

/*
 * Checks that the realm may have this registry's credentials. ERR_DENIED: the realm is not https
 * though the registry is, or the realm's address is further inward than the registry's.
 */
int token_check_realm(const struct host *host, const char *realm, struct err *err);
/* The message for a credential that the registry takes for no scope; the caller frees the text. */
char *token_not_taken(const struct credential *credential, const char *server);
/* Asks the realm for the token. ERR_DENIED: the realm refuses. */
int token_fetch(struct transport *transport, const struct token_request *request, struct token *out,
                struct err *err);
/* Reads the realm's answer: "access_token", or else "token", and "expires_in" in seconds (60 when
 * it is missing). ERR_DAMAGED: there is no token that can be sent; the error does not repeat the
 * token. */
int token_read(const char *text, size_t len, struct token *out, struct err *err);
void token_release(struct token *token); /* wipes the token; usable with AUTO() */

#endif
