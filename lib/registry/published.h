/* The images of a registry, for a table: each tag of each repository. */
#ifndef WASME_REGISTRY_PUBLISHED_H
#define WASME_REGISTRY_PUBLISHED_H

#include <time.h>

#include "registry/registry.h"

#define PUBLISHED_MAX 100000         /* tags of one list */
#define PUBLISHED_MANIFESTS_MAX 2000 /* manifests that are fetched for one list */
#define PUBLISHED_FAILURES_MAX 10    /* in a row, after which the registry is given up */

struct registry_image {
    const char *repository;
    const char *tag;
    struct digest manifest; /* "": not known */
    struct digest wasm;     /* "": not known, or there is none in it */
    long long size;         /* of the wasm, or of the whole image where that is not known; or -1 */
    time_t updated;         /* when it was pushed or made; 0: not known */
};

/* The images that are wanted, and the function that is called for each. */
struct registry_viewer {
    const char *term; /* in the name of the repository; NULL: every repository */
    /* The image is lent for the call; an error of the function ends the list. */
    int (*visit)(void *arg, const struct registry_image *image, struct err *err);
    void *arg;
};

/*
 * Shows the viewer all images of the server.
 *
 * Harbor's API says when an image was pushed and how large it is as a whole; its manifest is not
 * fetched, since Harbor counts that as a pull, which its retention rules go by. Elsewhere the
 * manifest is fetched, for the wasm's size and digest. What cannot be read is a warning.
 */
int registry_published(struct registry *registry, const char *server,
                       const struct registry_viewer *viewer, struct err *err);

#endif
