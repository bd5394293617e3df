/* One call on its way, try after try: calls.c does this with each call in turn. */
#ifndef WASME_REGISTRY_ATTEMPT_H
#define WASME_REGISTRY_ATTEMPT_H

#include "registry/call.h"
#include "registry/transport.h"

/* Sends the call (again). On failure the call is over. */
void attempt_begin(struct transport *transport, struct call *call);
/* The call's exchange has ended: the call is over, or waits for its next try. */
void attempt_settle(struct transport *transport, struct call *call);
/* Nothing has moved for too long: settles the call as one whose connection broke. */
void attempt_stalled(struct transport *transport, struct call *call);
/* Milliseconds until the try after the `attempt`th (from 0), and tells the user; -1: no more. */
int64_t attempt_pause(const struct transport *transport, const struct call *call, int attempt,
                      const struct err *why);

#endif
