/* The part of `wasme build` that knows of --image: the compiler runs in docker or podman. */
#ifndef WASME_CMD_BUILD_CONTAINER_H
#define WASME_CMD_BUILD_CONTAINER_H

#include "base/err.h"
#include "cmd/build_image.h"

/* Refuses --image for a builder that runs no tool. */
int build_check_container(const struct build_job *job, struct err *err);
/* Runs the builder, in a container when --image is given. The caller frees the path. */
int build_run(const struct build_job *job, struct build_request *request, char **wasm_path,
              struct err *err);

#endif
