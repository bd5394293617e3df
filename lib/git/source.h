/* A source in git: its files at one commit, with its submodules, in a folder. */
#ifndef WASME_GIT_SOURCE_H
#define WASME_GIT_SOURCE_H

#include "git/options.h"
#include "git/refs.h"
#include "git/spec.h"

struct git_source {
    char *path;                    /* DIR of the spec, below the folder; owned */
    char revision[GIT_ID_LEN + 1]; /* the commit */
};

/*
 * Fetches the commit that the spec names into `folder`, which is empty and private to this user; no
 * ".git" is made there. An error names the address. ERR_NOT_FOUND: there is no such repository,
 * name or folder.
 */
int git_source_fetch(const struct git_options *options, const struct git_spec *spec,
                     const char *folder, struct git_source *out, struct err *err);
void git_source_release(struct git_source *source); /* usable with AUTO() */
/* Loads libgit2, which the functions of this room do when they need it. */
int git_source_load(struct err *err);

#endif
