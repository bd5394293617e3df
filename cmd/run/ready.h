/* The start of Envoy: its admin interface says when it answers requests, and on which port. */
#ifndef WASME_CMD_RUN_READY_H
#define WASME_CMD_RUN_READY_H

#include "cmd/run/proxy.h"

/* The time that Envoy may take to load the modules: V8 compiles a large one for some seconds. */
#define READY_MS (120 * 1000)

/* Waits until Envoy listens, and sets its port. ERR_FAILED: it has ended, and the talk says why, or
 * it takes too long; ERR_INTERRUPTED: the user wants an end. */
int ready_wait(struct proxy *proxy, struct err *err);

#endif
