/* One call on its way: what transport_run() does with each in turn. */
#ifndef WASME_REGISTRY_CALL_H
#define WASME_REGISTRY_CALL_H

#include "registry/transport.h"

/* Sends it (again). On failure it is over. */
void call_begin(struct transport *transport, struct call *call);
/* Its exchange has ended: it is over, or waits for its next try. */
void call_settle(struct transport *transport, struct call *call);
/* Nothing has moved for too long: as a broken connection. */
void call_stalled(struct transport *transport, struct call *call);
/* Takes out of an error about it what was sent with it. */
void call_hide(const struct call *call, struct err *err);

#endif
