/* Finds the credential for a registry: the one that the user gave for this run, otherwise the first
 * one in a list of places, or in the helper programs that the places name. */
#ifndef WASME_CREDENTIAL_FIND_H
#define WASME_CREDENTIAL_FIND_H

#include "base/notice.h"
#include "credential/place.h"

/* The sources of a credential. Lent; each pointer may be NULL. */
struct credential_sources {
    /* User and password are used for every registry; the caller sees to it that the run has only
     * one. */
    const char *username;
    const char *password;
    const char *identity_token;      /* in place of user and password */
    struct credential_place *places; /* looked through in order */
    const struct notice *notice;
    /* For helper programs: see struct helper. */
    const volatile int *interrupted;
    long seconds;
};

/*
 * Finds the credential for the target. Each place is asked in order, first the helper program that
 * the place names, then the place's "auths"; the first credential counts. A missing file has no
 * credential. When there is no credential anywhere, the result is 0 and `out` stays empty. A place
 * that cannot be read or understood is an error, unless the place is optional: then the search goes
 * on without it. A helper program that fails is an error. `*narrow` (or NULL) says whether other
 * repositories of the registry may have another credential.
 */
int credential_find(const struct credential_sources *sources,
                    const struct credential_target *target, struct credential *out, bool *narrow,
                    struct err *err);
/* The message for a registry without a credential: the places that were looked into, and the next
 * step. The caller frees the text. */
char *credential_missing(const struct credential_sources *sources, const char *registry);

#endif
