/*
 * What a registry has: its repositories and their tags (distribution specification, "Listing
 * Tags"; Docker Registry HTTP API V2, "Listing Repositories"). Harbor is asked by its own API.
 * Bounds of a list are in page.h.
 */
#ifndef WASME_REGISTRY_DISCOVERY_H
#define WASME_REGISTRY_DISCOVERY_H

#include "registry/registry.h"

/* Names in the order of strcmp(), each once and each of a name's form; others are left out with a
 * warning. */
struct registry_names {
    char **items; /* each owned */
    size_t count;
};
void registry_names_release(struct registry_names *names); /* usable with AUTO() */

/* The tags of the reference's repository. */
int registry_tags(struct registry *registry, const struct ref *ref, struct registry_names *out,
                  struct err *err);

/* The tags of one of several repositories. */
struct registry_tags_request {
    const struct ref *ref;      /* lent */
    struct registry_names tags; /* set when rc is 0; the caller releases it */
    int rc;                     /* 0, or why there are none, with `err` */
    struct err err;
};
/* Side by side: what one does not give says nothing of the others. An error means that all was
 * given up. */
int registry_tags_all(struct registry *registry, struct registry_tags_request *requests,
                      size_t count, struct err *err);

/*
 * The repositories of `server` ("harbor.example:8443"). ERR_UNSUPPORTED for Docker Hub, which has
 * no such list; where it is closed to the account, the error names the way around.
 */
int registry_catalog(struct registry *registry, const char *server, struct registry_names *out,
                     struct err *err);
/* Those whose names have the term in them. */
int registry_search(struct registry *registry, const char *server, const char *term,
                    struct registry_names *out, struct err *err);

#endif
