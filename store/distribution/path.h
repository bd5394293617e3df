/*
 * The addresses of the registry API (OCI distribution specification, "Endpoints"): what a path
 * asks for, and the parameters behind it.
 */
#ifndef WASME_STORE_DISTRIBUTION_PATH_H
#define WASME_STORE_DISTRIBUTION_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "image/ref.h"

enum dist_kind {
    DIST_BASE,      /* /v2/ */
    DIST_CATALOG,   /* /v2/_catalog */
    DIST_TAGS,      /* /v2/NAME/tags/list */
    DIST_MANIFEST,  /* /v2/NAME/manifests/KEY: a tag or a digest */
    DIST_BLOB,      /* /v2/NAME/blobs/KEY: a digest */
    DIST_REFERRERS, /* /v2/NAME/referrers/KEY: a digest */
    DIST_UPLOADS,   /* /v2/NAME/blobs/uploads/ */
    DIST_UPLOAD,    /* /v2/NAME/blobs/uploads/KEY */
};

enum { DIST_KEY_MAX = 255 }; /* bytes */

struct dist_path {
    enum dist_kind kind;
    char name[REF_NAME_MAX + 1]; /* "": the path has none. Not checked: ref_repository_valid() */
    char key[DIST_KEY_MAX + 1];  /* likewise */
};

/* Whether the path, percent-decoded, begins with /v2 as a whole word. */
bool dist_path_is_one(const char *path);
/* Reads the path. False: there is no such endpoint, or a part is too long for what it has to be. */
bool dist_path_read(const char *path, struct dist_path *out);

/* A parameter of a request, read strictly: see percent_param(). */
char *dist_query(const char *query, const char *name, size_t number);

/*
 * Names of repositories have no colon: in one that begins with a host, '_' stands for the colon of
 * that. The first function changes the host at the start of a name; the second one returns what is
 * behind HOST/ in a name, or NULL for a name that begins otherwise.
 */
void dist_hide_port(char *name, size_t host_len);
const char *dist_behind_host(const char *name, const char *host, size_t host_len);
/* The reference HOST/REPOSITORY:KEY, or with @ before a key that is a digest. */
int dist_ref(const char *host, const char *repository, const char *key, struct ref *out,
             struct err *err);

#endif
