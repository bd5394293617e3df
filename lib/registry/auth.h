/*
 * Who we are to each registry of the run: finds out what it asks for, and logs in once per host
 * and scope. Nothing is sent before a registry's challenge asked for it.
 */
#ifndef WASME_REGISTRY_AUTH_H
#define WASME_REGISTRY_AUTH_H

#include "registry/call.h"
#include "registry/transport.h"

/*
 * The scope of calls to an API beside the registry's (Harbor's), which takes Basic alone and says
 * so in no challenge: they carry the registry's credential from the start, to its own origin only.
 * An address of that origin must have shown before that the API is there.
 */
#define AUTH_SCOPE_API "api"

struct auth;

/* `transport` is lent and outlives it; the transport's authority is set. */
void auth_new(struct transport *transport, struct auth **out);
void auth_free(struct auth *auth);
/* Has the host asked for a login in this run, or offered one (auth_take_offer)? */
bool auth_was_asked(const struct auth *auth, const struct host *host);
/* Is there a credential for the host as a whole? */
int auth_find_credential(struct auth *auth, const struct host *host, bool *out, struct err *err);
/*
 * A registry that is open in part names in an answer of success how to log in for more, as zot does
 * at /v2/. True: the calls to come are made with the login that there is.
 */
bool auth_take_offer(struct auth *auth, const struct call *call);
/* Calls to the host will need this scope in parts: one token is asked for all of them, where that
 * is one credential's. NULL: no more. */
void auth_expect(struct auth *auth, const struct host *host, const char *scope);

#endif
