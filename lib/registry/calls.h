/* Calls side by side: how many run at a time, when each begins, and when one has stalled. */
#ifndef WASME_REGISTRY_CALLS_H
#define WASME_REGISTRY_CALLS_H

#include "registry/call.h"
#include "registry/transport.h"

#define RATE_MIN 1024 /* bytes a second: a slower body has stalled */

/*
 * Makes the calls, and returns when all are over; at the first error that no call declares its
 * caller's (`apart`, `once`), the others are dropped and that error is returned. May be called by
 * an authority.
 */
int calls_run(struct transport *transport, struct call *calls, size_t count, struct err *err);

#endif
