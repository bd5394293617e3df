/* Chooses the next step after a refusal. */
#ifndef WASME_REGISTRY_ADVICE_REFUSAL_H
#define WASME_REGISTRY_ADVICE_REFUSAL_H

#include "registry/call.h"

#define PROXY_LOGIN                                                                                \
    "it wants a user and a password, or others: write them into http_proxy and https_proxy "       \
    "(http://USER:PASSWORD@HOST:PORT)"

/*
 * The advice for the refusal of a call. The registry's words and its error code count first, then
 * the question whether a registry answered at all, and the status last. NULL: no advice is sure, or
 * the registry's own words give the reason.
 */
const char *advice_of_refusal(const struct call *call);

#endif
