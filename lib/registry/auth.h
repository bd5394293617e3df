/*
 * Logs in to the registries of a run, once for each host and scope. No credential is sent before a
 * registry's challenge has asked for it.
 */
#ifndef WASME_REGISTRY_AUTH_H
#define WASME_REGISTRY_AUTH_H

#include "registry/call.h"
#include "registry/transport.h"

/*
 * The scope of calls to Harbor's own API. The API takes only Basic authentication and sends no
 * challenge, so these calls carry the registry's credential from the start, and only to the
 * registry's own origin. Before such a call, an answer from that origin must have shown that the
 * API is there: harbor_detect().
 */
#define AUTH_SCOPE_API "api"

struct auth;

/* Sets the transport's authority. `transport` is lent, and is to be closed after auth_free(). */
void auth_new(struct transport *transport, struct auth **out);
void auth_free(struct auth *auth);
/* Has the host asked for a login in this run, or offered one (auth_take_offer)? */
bool auth_was_asked(const struct auth *auth, const struct host *host);
/* Looks up the credential for the host as a whole. `*out` says whether there is one. */
int auth_find_credential(struct auth *auth, const struct host *host, bool *out, struct err *err);
/*
 * Takes the offer of a registry that is open in part, and that names in an answer of success how to
 * log in for more, as zot does at /v2/. True: there was an offer and a credential, and the next
 * calls are made with a login.
 */
bool auth_take_offer(struct auth *auth, const struct call *call);
/* Says that calls to the host will need parts of this scope; when one credential is for all parts,
 * one token is asked for all of them. NULL: no longer. */
void auth_expect(struct auth *auth, const struct host *host, const char *scope);

/* The realm where the host sends clients for a token, as far as this run knows; lent, or NULL. */
const char *auth_realm(const struct auth *auth, const struct host *host);

#endif
