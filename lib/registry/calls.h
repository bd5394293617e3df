/* Runs calls side by side: decides how many run at a time, when each begins, and which has
 * stalled. */
#ifndef WASME_REGISTRY_CALLS_H
#define WASME_REGISTRY_CALLS_H

#include "registry/call.h"
#include "registry/transport.h"

#define RATE_MIN 1024 /* bytes per second: a body that moves more slowly has stalled */

/*
 * Makes the calls, and returns when all of them have ended. The first error that a call does not
 * leave to its caller (by `apart` or `one_try`) is returned, and the other calls are dropped. An
 * authority may call this function too.
 */
int calls_run(struct transport *transport, struct call *calls, size_t count, struct err *err);

#endif
