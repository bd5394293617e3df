/* The next step after a refusal. */
#ifndef WASME_REGISTRY_ADVICE_REFUSAL_H
#define WASME_REGISTRY_ADVICE_REFUSAL_H

#include "registry/call.h"

#define PROXY_LOGIN                                                                                \
    "it wants a user and a password, or others: write them into http_proxy and https_proxy "       \
    "(http://USER:PASSWORD@HOST:PORT)"

/*
 * Chosen by the registry's error code, then by whether the answer is a registry's at all, and by
 * the status last. NULL: nothing that is sure, or the registry's own words say why.
 */
const char *advice_of_refusal(const struct call *call);

#endif
