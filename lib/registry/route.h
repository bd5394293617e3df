/*
 * Decides where a call goes: to its registry, or to an address that a registry has named, or a host
 * that a registry redirected to. No peer may send the client further inward by naming an address:
 * see reach.h.
 */
#ifndef WASME_REGISTRY_ROUTE_H
#define WASME_REGISTRY_ROUTE_H

#include "registry/call.h"
#include "registry/transport.h"

/* Drops the call's address; the next try makes it from the path. */
void route_forget(struct call *call);
/* Sets url, own_origin, at_home and elsewhere of the call. ERR_DENIED: the peer that named the
 * address may not name it. */
int route_choose(struct call *call, struct err *err);
/* Is the answer a redirect that the call follows? */
bool route_is_redirect(const struct call *call);
/* Sets the address of the redirect as the next one. Returns the code of an error in call->err. */
int route_follow(struct call *call);
/* The function `may_reach` of struct http_transfer; `arg` is the call. */
bool route_may_reach(void *arg, enum host_kind kind);
/* After HTTP_FORBIDDEN: fills call->err, and returns the code. */
int route_forbidden(struct call *call);
/* The peer that has answered the call, as a sender of addresses. */
struct sender route_answerer(const struct call *call);
/* The same joined with all senders that named the call's address. */
struct sender route_senders(const struct call *call);
/* Sets the address that `by` has named for the call; `url` is handed over. */
void route_name(struct call *call, char *url, struct sender by);
/* Makes the error "WHO sends us to WHERE (PEER), an internal address: refused: …". */
int route_refuse(const char *who, const char *where, const char *peer, struct err *err);
/* Gives the certificates for the address that route_choose() has chosen. Those for a registry are
 * found by its name, as people write it; those for another host by the address. */
int route_trust(struct transport *transport, const struct call *call, const struct trust **out,
                struct err *err);

#endif
