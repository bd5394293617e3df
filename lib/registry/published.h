/* Lists the images of a registry for a table: each tag of each repository. */
#ifndef WASME_REGISTRY_PUBLISHED_H
#define WASME_REGISTRY_PUBLISHED_H

#include <time.h>

#include "registry/registry.h"

#define PUBLISHED_MAX 100000         /* tags of one list */
#define PUBLISHED_MANIFESTS_MAX 2000 /* manifests that are fetched for one list */
#define PUBLISHED_FAILURES_MAX 10    /* failures in a row, after which the list ends */

struct registry_image {
    const char *repository;
    const char *tag;
    struct digest manifest; /* "": not known */
    struct digest wasm;     /* "": not known, or the image has no wasm */
    long long size;         /* of the wasm, or else of the whole image; -1: not known */
    time_t updated;         /* the time of its push or its making; 0: not known */
};

/* The images that are wanted, and the function that is called for each. */
struct registry_viewer {
    const char *term; /* in the name of the repository; NULL: every repository */
    /* The image is lent for the call; an error of the function ends the list. */
    int (*visit)(void *arg, const struct registry_image *image, struct err *err);
    void *arg;
};

/*
 * Shows the viewer the images of the server.
 *
 * Harbor's API gives the time of an image's push and the size of the whole image. The manifest is
 * not fetched there, since Harbor would count that as a pull, on which its retention rules depend.
 * From other registries the manifest is fetched, for the size and the digest of the wasm. The user
 * is warned about each thing that cannot be read.
 */
int registry_published(struct registry *registry, const char *server,
                       const struct registry_viewer *viewer, struct err *err);

#endif
