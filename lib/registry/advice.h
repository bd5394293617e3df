/* Words for what went wrong: each names the reason and the next step. */
#ifndef WASME_REGISTRY_ADVICE_H
#define WASME_REGISTRY_ADVICE_H

#include "registry/call.h"

/* Whom the call speaks to, for people; borrowed. */
const char *call_peer(const struct call *call);
/* Adds to call->err what the response's status means for the user, where that is known. */
void advice_add(struct call *call);
/* Fills call->err with why the exchange brought no response; ERR_TRANSIENT when another try may
 * help. Returns the code. */
int advice_explain(struct call *call);

#endif
