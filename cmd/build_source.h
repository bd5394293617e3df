/* The SOURCE of `wasme build`: a folder, a file, or an address of git, which is fetched into a
 * folder of its own; and what --provenance records of it. */
#ifndef WASME_CMD_BUILD_SOURCE_H
#define WASME_CMD_BUILD_SOURCE_H

#include "cmd/packing_args.h"
#include "cmd/transfer.h"
#include "cmd/workdir.h"
#include "git/source.h"

/* Behind a revision: the files are not those of the commit, as `git describe --dirty` says it. */
#define BUILD_MODIFIED "-dirty"

struct build_source_args {
    struct reach_args reach;
    int stall_timeout;
    bool provenance;
};

/* The options, for a struct with a member `source`. */
#define BUILD_SOURCE_OPTIONS(type)                                                                 \
    OPT_FLAG(type, source.provenance, 0, "provenance",                                             \
             "record the git repository and commit of SOURCE as annotations"),                     \
        BUILD_FETCH_OPTIONS(type)
/* Those for the connection alone. */
#define BUILD_FETCH_OPTIONS(type)                                                                  \
    OPT_FLAG(type, source.reach.insecure, 0, "insecure",                                           \
             "do not verify the certificate of a git server", .group = GROUP_CONNECTION),          \
        OPT_FLAG(type, source.reach.plain_http, 0, "plain-http",                                   \
                 "fetch from http:// addresses, too", .group = GROUP_CONNECTION),                  \
        OPT_TEXT(type, source.reach.ca_file, 0, "ca-file", "FILE", COMPLETE_FILE,                  \
                 "trust the CA certificates in FILE (PEM) too", .group = GROUP_CONNECTION),        \
        OPT_NUMBER(type, source.stall_timeout, 0, "stall-timeout", "SECONDS", 1, 86400, 60,        \
                   "give up when nothing moves for SECONDS", .group = GROUP_CONNECTION)

struct build_source {
    const char *path;          /* the folder or file to build; lent by the members below, or by the
                                  command line */
    struct git_source fetched; /* of an address of git */
    struct workdir scratch;    /* has the fetched files; removed at the end */
    char *shown;               /* the address without a password; owned; NULL: not fetched */
};

/* Finds the source; fetches it when `text` is an address of git and no such file exists. With
 * --provenance adds to `packing` what the user did not annotate. Nothing is left of a failure. */
int build_source_open(const struct build_source_args *args, const char *text,
                      struct packing *packing, struct build_source *out, struct err *err);
/* Puts the address in the place of the folder that it was fetched to, in an error that names it. */
void build_source_name(const struct build_source *source, struct err *err);
void build_source_close(struct build_source *source); /* usable with AUTO() */

#endif
