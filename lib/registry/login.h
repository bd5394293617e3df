/* Logging in: finding out whether a registry takes a credential, before it is kept or relied on. */
#ifndef WASME_REGISTRY_LOGIN_H
#define WASME_REGISTRY_LOGIN_H

#include "registry/registry.h"

struct call;
struct host;

/*
 * Asks the registry ("harbor.example:8443", "docker.io") for GET /v2/ with the credential of the
 * client's options. A token is asked for without a scope: with one, Harbor answers a wrong password
 * with a token of less access. ERR_DENIED when it is refused. `*asked` is false when the registry
 * did not ask for a login, so that nothing is known of the credential.
 */
int registry_login(struct registry *registry, const char *server, bool *asked, struct err *err);
/*
 * The same for whatever credential there is for the registry: what it answers to anybody, and to
 * some more fully, is asked for with that from then on. 0 too when there is none, and when the
 * registry asks for none or says nothing of use at /v2/.
 */
int registry_prove(struct registry *registry, struct host *host, struct err *err);

/* GET /v2/ by the call, of which host and scope are set; with the scope "" with a login, where the
 * registry asks for one or offers one. Any status is the caller's. */
int login_greet(struct registry *registry, struct call *call, struct err *err);

#endif
