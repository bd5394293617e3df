/* Messages about calls that failed: each names the reason and the next step. */
#ifndef WASME_REGISTRY_ADVICE_H
#define WASME_REGISTRY_ADVICE_H

#include "registry/call.h"

/* The peer that the call speaks to, for people; borrowed. */
const char *call_peer(const struct call *call);
/* Adds the next step after the response's refusal to call->err, when a step is known. */
void advice_add(struct call *call);
/* Fills call->err with the reason why the exchange brought no response, and returns the code.
 * ERR_TRANSIENT: another try may help. */
int advice_explain(struct call *call);

#endif
