/* The credentials for a registry: the user's own, otherwise those of files in Docker's format and of
 * the helper programs that the files name. */
#ifndef WASME_CREDENTIAL_FIND_H
#define WASME_CREDENTIAL_FIND_H

#include "base/err.h"
#include "base/notice.h"
#include "credential/credential.h"

/* A place where credentials are looked for, in one of the forms of form.h. */
struct credential_place {
    const char *name; /* a file; NULL ends a list */
    const char *text; /* in place of a file, and `name` is for people then; or NULL */
    bool optional; /* nobody named the place for this run: a place that cannot be read is a warning,
                         told once */
    char *problem; /* set with that warning: why; the owner of the list frees it */
};

/* All that a credential may come from. Lent; each pointer may be NULL. */
struct credential_sources {
    const char *username; /* with password: used for every registry, so the caller sees to it that
                             there is one */
    const char *password;
    const char *identity_token;      /* in place of user and password */
    struct credential_place *places; /* a list; the first that has a credential counts */
    const struct notice *notice;
    /* For helper programs: see struct helper. */
    const volatile int *interrupted;
    long seconds;
};

/*
 * The credential for a repository ("library/foo"; NULL: for the registry as a whole) of a registry,
 * both named as references do. The places are looked through in order, and in each the helper
 * program that the place names, then its "auths"; the first that has a credential counts. A missing
 * file has none. Without any credential the result is 0 too, and `out` empty. A place that cannot be
 * read or understood is an error, unless the place is optional: then it has none. A helper that fails
 * is an error. `*narrow` (or NULL) says whether other repositories of the registry may have another.
 */
int credential_find(const struct credential_sources *sources, const char *registry,
                    const char *repository, struct credential *out, bool *narrow, struct err *err);
/* For people: where a credential was looked for in vain, and the next step; the caller frees it. */
char *credential_missing(const struct credential_sources *sources, const char *registry);

#endif
