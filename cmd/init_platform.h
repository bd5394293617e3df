/* The proxy that `wasme init` is told, by the names of our hosts and by those of older wasmes. */
#ifndef WASME_CMD_INIT_PLATFORM_H
#define WASME_CMD_INIT_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "module/host/host.h"
#include "starter/starter.h"

/* "envoy", "istio", ..., "gloo"; NULL behind the last. */
const char *init_platform_name(size_t at);

struct init_platform {
    char *name;    /* owned; "istio", "gloo" */
    char *version; /* owned; that of the user, or the nearest of which wasme has facts; or NULL */
    char *host;    /* owned; a word for --host of `wasme check` */
    /* The host of the tables. The platform may have none: when it was not given, and gloo. */
    struct host_choice choice;
    bool known;
};
void init_platform_release(struct init_platform *platform); /* usable with AUTO() */

/*
 * Reads a platform, NAME or NAME:VERSION, and a version; either may be NULL. A platform or version
 * of which wasme has no facts is warned of, and the nearest host takes its place. ERR_USAGE: the
 * version is given twice, is empty, or has no platform.
 */
int init_platform_read(const char *platform, const char *version, struct init_platform *out,
                       struct err *err);

/* How a starter goes with a platform. */
struct init_fit {
    bool unfit;           /* the platform does not load the filter, or that cannot be told */
    const char *language; /* then: one whose starter the platform loads; or NULL */
};

/* Warns when the platform does not load filters of that starter, or when that cannot be told. */
int init_platform_judge(const struct init_platform *platform, const struct starter *starter,
                        struct init_fit *out, struct err *err);

#endif
