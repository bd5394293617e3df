/* The names that a repository has: branches, tags and others, each with the object it stands for;
 * and the choice of the one that the user means. */
#ifndef WASME_GIT_REFS_H
#define WASME_GIT_REFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define REFS_MAX 1000000                     /* names of a repository; more is an error */
#define REFS_BYTES_MAX (128LL * 1024 * 1024) /* bytes of the list; more is an error */
#define GIT_ID_LEN 40                        /* digits of an object's id (SHA-1) */

struct ref_name {
    char *name; /* "HEAD", "refs/heads/main"; owned */
    char id[GIT_ID_LEN + 1];
};

struct refs {
    struct ref_name *items; /* owned */
    size_t count;
};

/* ERR_DAMAGED: there are more than REFS_MAX. */
int refs_add(struct refs *refs, const char *name, size_t len, const char *id, struct err *err);
void refs_release(struct refs *refs); /* usable with AUTO() */
/* Is the text the full id of an object? */
bool refs_is_id(const char *text);
/*
 * Finds the name that `wanted` means (NULL: the default branch), as `git rev-parse` does: the whole
 * name, a tag, a branch. NULL in *out when `wanted` is the id of a commit that no name stands for.
 * ERR_NOT_FOUND names those that resemble it.
 */
int refs_choose(const struct refs *refs, const char *wanted, const struct ref_name **out,
                struct err *err);

#endif
