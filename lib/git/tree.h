/*
 * Writes the files of a commit into a folder. Nothing in a repository is trusted: names, modes,
 * sizes and links are checked, no filter and no hook runs, and files are exactly the bytes that
 * were committed.
 */
#ifndef WASME_GIT_TREE_H
#define WASME_GIT_TREE_H

#include "git/links.h"
#include "git/limits.h"
#include "git/objects.h"

/* A repository within the repository, of which the tree has a commit's id alone. */
struct submodule {
    char *path; /* from the root of its repository; owned */
    char id[GIT_ID_LEN + 1];
};

/* Counts over all repositories of a source. */
struct tree_sums {
    size_t files;
    long long bytes;
    long long folder_bytes; /* of the lists of files */
    size_t lfs;             /* files that only point to content on a server of Git LFS */
    char *first_lfs;        /* the path of one of them; owned */
};

struct tree_job {
    const struct objects *objects;
    const char *root;          /* the folder of the whole source */
    const char *below;         /* the repository's place in it: "" or "lib/x/" */
    struct tree_sums *sums;    /* lent */
    struct links *links;       /* lent: gets the links, which are not made yet */
    struct submodule *modules; /* filled; each owned */
    size_t module_count;
};

/* Writes the tree of the commit to the job's place, an empty folder. */
int tree_write(struct tree_job *job, git_commit *commit, struct err *err);
void tree_job_release(struct tree_job *job); /* usable with AUTO() */

#endif
