/*
 * Lists the repositories of a registry and their tags (distribution specification, "Listing Tags";
 * Docker Registry HTTP API V2, "Listing Repositories"). Harbor is asked by its own API. page.h has
 * the bounds of a list. The names are checked and sorted; a text that is not a name is left out
 * with a warning.
 */
#ifndef WASME_REGISTRY_DISCOVERY_H
#define WASME_REGISTRY_DISCOVERY_H

#include "registry/names.h"
#include "registry/registry.h"

/* The tags of the reference's repository. */
int registry_tags(struct registry *registry, const struct ref *ref, struct registry_names *out,
                  struct err *err);

/* One of several repositories whose tags are listed side by side. */
struct registry_tags_request {
    const struct ref *ref;      /* lent */
    struct registry_names tags; /* set when `rc` is 0; the caller releases it */
    int rc;                     /* 0, or why there are no tags, with `err` */
    struct err err;
};
/* Lists the tags of several repositories side by side. A request that fails does not end the
 * others; an error means that all requests were given up. */
int registry_tags_all(struct registry *registry, struct registry_tags_request *requests,
                      size_t count, struct err *err);

/*
 * The repositories of `server` ("harbor.example:8443"). ERR_UNSUPPORTED: the server is Docker Hub,
 * which has no such list. When the registry does not show this account the list, the error names
 * another way.
 */
int registry_catalog(struct registry *registry, const char *server, struct registry_names *out,
                     struct err *err);
/* The repositories of `server` whose names contain the term. */
int registry_search(struct registry *registry, const char *server, const char *term,
                    struct registry_names *out, struct err *err);

#endif
