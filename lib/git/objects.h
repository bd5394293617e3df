/* The objects that are fetched: a store of libgit2 in a folder, of which no file is configuration,
 * so that libgit2 reads none. */
#ifndef WASME_GIT_OBJECTS_H
#define WASME_GIT_OBJECTS_H

#include "git/libgit2.h"
#include "git/refs.h"

struct objects {
    git_odb *odb;
    git_repository *repo;
};

/* Makes the folder, which must not exist, for objects that are to come. */
int objects_make(const char *folder, struct objects *out, struct err *err);
/* Opens the repository at the path, and lists its names. ERR_NOT_FOUND: there is none. */
int objects_open(const char *path, struct objects *out, struct refs *refs, struct err *err);
/* Finds the commit that the object stands for: itself, or the target of a tag. */
int objects_commit(const struct objects *objects, const char *id, git_commit **out,
                   struct err *err);
void objects_free_commit(git_commit **commit); /* for AUTO(); takes NULL */
void objects_close(struct objects *objects);   /* usable with AUTO() */

#endif
