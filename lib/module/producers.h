/* Which tools made a module, and for which features: the custom sections "producers" and
 * "target_features" (tool-conventions: ProducersSection.md, Linking.md). */
#ifndef WASME_MODULE_PRODUCERS_H
#define WASME_MODULE_PRODUCERS_H

#include "module/module.h"

#define PRODUCERS_MAX 1000 /* further ones are not listed */

struct module_producer {
    char *field;   /* "language", "processed-by" or "sdk" */
    char *name;    /* "Rust" */
    char *version; /* may be empty */
};

/* All is owned. */
struct module_producers {
    struct module_producer *items;
    size_t count;
    char **features; /* of target_features: "+simd128" for one that the compiler used */
    size_t feature_count;
};

/* Reads both sections from the descriptor that module_read() had. A damaged section gives what is
 * before the damage. Fails when the file cannot be read. */
int module_producers_read(int fd, const struct module *module, struct module_producers *out,
                          struct err *err);
void module_producers_release(struct module_producers *producers); /* usable with AUTO() */

#endif
