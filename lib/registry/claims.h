/*
 * Reads the claims of a bearer token, when it is a JSON Web Token (RFC 7519) of the distribution's
 * token specification. The claims are used to choose words and the next step; no access depends on
 * them, so the signature is not verified.
 */
#ifndef WASME_REGISTRY_CLAIMS_H
#define WASME_REGISTRY_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#define CLAIMS_TOKEN_MAX (96 * 1024) /* bytes of a token that is read; a longer one has no claims */
#define CLAIMS_ACCESS_MAX 1024       /* bytes of `access` */

struct claims {
    /* The access that the token grants, "repository:a/b:pull" or several of them separated by
     * spaces, or "nothing"; owned. NULL: only the registry can read the token. */
    char *access;
    /* The token belongs to nobody: the login that was sent for it was not taken. False: not
     * known. */
    bool anonymous;
};

/* False: the token has no claims that can be read. */
bool claims_read(const char *token, struct claims *out);
void claims_release(struct claims *claims); /* usable with AUTO() */

#endif
