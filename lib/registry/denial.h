/* The errors for a call that a registry refuses with 401, after all that a login can do. */
#ifndef WASME_REGISTRY_DENIAL_H
#define WASME_REGISTRY_DENIAL_H

#include "registry/account.h"
#include "registry/call.h"
#include "registry/challenge.h"

/* Makes the error that says why the call's login does not do. */
int denial(struct account *account, struct transport *transport, const struct call *call,
           struct err *err);
/* Makes the error for an answer in which wasme can answer no challenge. */
int denial_unknown(struct account *account, struct transport *transport, const struct call *call,
                   const struct challenge_list *list, struct err *err);
/* Asks the realm, once, whether it refuses the login itself, and makes the error of that. */
int denial_prove(struct account *account, struct transport *transport, const struct call *call,
                 struct err *err);

#endif
