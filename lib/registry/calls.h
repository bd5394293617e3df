/* Runs calls side by side: decides how many run at a time, when each begins, and which has
 * stalled. */
#ifndef WASME_REGISTRY_CALLS_H
#define WASME_REGISTRY_CALLS_H

#include "registry/call.h"
#include "registry/transport.h"

#define RATE_MIN 1024 /* bytes per second: a body that moves more slowly has stalled */

/*
 * Small requests to a host that speaks HTTP/2 share one connection, so that up to STREAMS_MAX of
 * them run at a time. Every other call counts as a transfer, of which `parallel` of struct
 * registry_options run at a time.
 */
#define STREAMS_MAX 64
#define SMALL_MAX (1024 * 1024) /* bytes of a body from the registry */

/* Calls that run together. More may be added while they run, also by the `done` of one of them. */
struct calls {
    struct transport *transport; /* lent */
    struct call **items;         /* each lent; the array is owned */
    size_t count;
};

/* The number of transfers that may run at a time. */
size_t calls_parallel(const struct transport *transport);

void calls_begin(struct calls *calls, struct transport *transport);
/* The call lives until calls_finish() has returned. */
void calls_add(struct calls *calls, struct call *call);
/* Ends a call that waits for its first or next try, without a result, as if it had been answered.
 * Any other call goes on. */
void calls_drop(struct call *call);
/*
 * Makes the calls, and returns when all of them have ended. The first error that a call does not
 * leave to its caller (by `apart` or `one_try`) is returned, and the other calls are dropped.
 */
int calls_finish(struct calls *calls, struct err *err);
void calls_release(struct calls *calls); /* usable with AUTO() */

/* Makes the calls of an array in the same way. An authority may call this function too. */
int calls_run(struct transport *transport, struct call *calls, size_t count, struct err *err);

#endif
