/* The command that starts Envoy: the program itself, or a container with it. */
#ifndef WASME_CMD_RUN_LAUNCH_H
#define WASME_CMD_RUN_LAUNCH_H

#include "base/texts.h"
#include "cmd/run/envoy_log.h"
#include "cmd/run/find.h"
#include "toolchain/container_engine.h"

/* All is lent. */
struct launch_wish {
    const char *envoy, *version, *image; /* see struct session_wish */
    const char *folder;                  /* with all files that Envoy reads */
};

struct launch {
    struct envoy_program program; /* in a container: the path is "envoy" */
    const char *image;            /* lent; NULL: no container */
    const char *folder;           /* lent */
    struct engine engine;
    char *container;   /* the name of the one that runs; or NULL */
    struct texts argv; /* with a NULL behind */
};
void launch_release(struct launch *launch); /* usable with AUTO() */

/* Finds the program, or the container engine and the image. */
int launch_open(const struct launch_wish *wish, struct launch *out, struct err *err);
/* ERR_USAGE: a flag would take the place of the configuration that wasme writes. */
int launch_check_flags(const char *const *flags, struct err *err);
/* The command: an argument vector that is lent until the next call. `flags` are Envoy's own, and
 * take the place of those that are otherwise set. */
const char *const *launch_command(struct launch *launch, const char *bootstrap,
                                  enum envoy_level level, const char *const *flags);
/* The `end` of run_folder_sweep(): ends a container that a killed run has left. */
bool launch_end_left(void *launch, const char *engine, const char *container);
/* Envoy has ended, or is to be ended: no container is left. */
void launch_end(struct launch *launch);

#endif
