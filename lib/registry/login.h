/* Finds out whether a registry takes a credential, before the credential is stored or used. */
#ifndef WASME_REGISTRY_LOGIN_H
#define WASME_REGISTRY_LOGIN_H

#include "registry/registry.h"

struct call;
struct host;

/*
 * Sends GET /v2/ to the registry ("harbor.example:8443", "docker.io") with the credential of the
 * client's options. A token is asked for without a scope, since Harbor answers a wrong password
 * with a token of less access when there is a scope. ERR_DENIED: the credential is refused.
 * `*asked` is false when the registry did not ask for a login, and so said nothing about the
 * credential.
 */
int registry_login(struct registry *registry, const char *server, bool *asked, struct err *err);
/*
 * The same with any credential that there is for the registry. After it, requests that the registry
 * answers to anybody, but more fully to some users, are sent with the login. The result is also 0
 * when there is no credential, when the registry asks for none, and when GET /v2/ brings nothing
 * useful.
 */
int registry_prove(struct registry *registry, struct host *host, struct err *err);

/* Sends GET /v2/ by the call, whose host and scope the caller has set. With the scope "", a login
 * is used when the registry asks for one or offers one. The caller looks at the status. */
int login_greet(struct registry *registry, struct call *call, struct err *err);

#endif
