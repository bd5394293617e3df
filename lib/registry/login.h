/* Logging in: finding out whether a registry takes a credential, before it is kept. */
#ifndef WASME_REGISTRY_LOGIN_H
#define WASME_REGISTRY_LOGIN_H

#include "registry/registry.h"

/*
 * Asks the registry ("harbor.example:8443", "docker.io") for GET /v2/ with the credential of the
 * client's options. A token is asked for without a scope: with one, Harbor answers a wrong password
 * with a token of less access. ERR_DENIED when it is refused. `*asked` is false when the registry
 * did not ask for a login, so that nothing is known of the credential.
 */
int registry_login(struct registry *registry, const char *server, bool *asked, struct err *err);

#endif
