/*
 * What a bearer token says of itself, when it is a JSON Web Token (RFC 7519) of the distribution's
 * token specification. Its signature is not looked at: this is for choosing words and the next
 * step, and no access depends on it.
 */
#ifndef WASME_REGISTRY_CLAIMS_H
#define WASME_REGISTRY_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#define CLAIMS_TOKEN_MAX (96 * 1024) /* bytes of a token that is looked into */
#define CLAIMS_ACCESS_MAX 1024       /* bytes of `access` */

struct claims {
    /* What it allows ("repository:a/b:pull", several with a space between; "nothing"); owned. NULL:
     * only the registry can read it. */
    char *access;
    /* It is of nobody: whatever login it was asked for with was not taken. False: not known. */
    bool anonymous;
};

/* False: the token says nothing of itself. */
bool claims_read(const char *token, struct claims *out);
void claims_release(struct claims *claims); /* usable with AUTO() */

#endif
