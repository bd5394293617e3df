/*
 * The rules of gateways for the way in which a registry asks for a login.
 *
 * Sources: istio/istio, pkg/wasm/imagefetcher.go (validateRealmURL); google/go-containerregistry,
 * pkg/v1/remote/transport/bearer.go (validateRealmURL, since 0.21) and ping.go, which Istio, Envoy
 * Gateway and Higress use. Higress's version of it is older, and has no rules for realms.
 */
#ifndef WASME_IMAGE_GATEWAY_LOGIN_H
#define WASME_IMAGE_GATEWAY_LOGIN_H

#include "image/gateway.h"

/* How a registry asked for a login; all borrowed. */
struct gateway_login {
    const char *registry; /* host[:port] */
    bool plain_http;      /* the registry speaks http */
    const char *realm;    /* where it sends clients for a token; NULL: it asks for none */
    bool open_at_first;   /* GET /v2/ is answered by 200, without a challenge, and the manifest by
                               401: gateways ask /v2/ alone */
};

/* Why the gateway gets no token there: owned; NULL: nothing is against it. */
char *gateway_login_fault(enum gateway gateway, const struct gateway_login *login);

#endif
