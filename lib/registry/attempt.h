/* The tries of one call: calls.c uses these functions for each call in turn. */
#ifndef WASME_REGISTRY_ATTEMPT_H
#define WASME_REGISTRY_ATTEMPT_H

#include "registry/call.h"
#include "registry/transport.h"

/* Begins a try. When that fails, or when nothing needs to be fetched, the call has ended. */
void attempt_begin(struct transport *transport, struct call *call);
/* For a call whose exchange has ended: ends the call, or lets it wait for its next try. */
void attempt_settle(struct transport *transport, struct call *call);
/* For a call whose exchange was stopped because no bytes moved: settles the call as after a broken
 * connection. */
void attempt_stalled(struct transport *transport, struct call *call);
/* The pause, in milliseconds, after try number `attempt` (from 0), which failed with `why`; the
 * user is told of the next try. -1: there is no further try. */
int64_t attempt_pause(const struct transport *transport, const struct call *call, int attempt,
                      const struct err *why);

#endif
