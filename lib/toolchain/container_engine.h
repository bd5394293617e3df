/* Docker or podman: which of them is there, its image, and the end of a container. */
#ifndef WASME_TOOLCHAIN_CONTAINER_ENGINE_H
#define WASME_TOOLCHAIN_CONTAINER_ENGINE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/notice.h"

#define ENGINE_SECONDS 60 /* the time that docker or podman may take for an answer */

struct engine {
    const char *program; /* "docker" or "podman" */
    bool podman;         /* also behind the name docker, as Debian's podman-docker has it */
    bool rootless;       /* Docker alone: its root is the user */
    bool remapped;       /* Docker alone: the numbers of users differ inside */
    bool init;           /* has a first process that passes signals on */
    const volatile int *interrupted;
};

/* Finds docker with a daemon that answers, else podman. The warning about a
 * daemon that does not answer goes to `notice`. */
int engine_find(const struct notice *notice, const volatile int *interrupted, struct engine *out,
                struct err *err);
/* Pulls the image when it is not there; the progress is shown on standard error. */
int engine_get_image(const struct engine *engine, const char *image, const struct notice *notice,
                     struct err *err);
/* Kills and removes the container, which may be gone already. Returns false when the container is
 * there afterwards, or that cannot be told. */
bool engine_remove(const struct engine *engine, const char *name);

#endif
