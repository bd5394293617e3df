/*
 * Where a call goes: to its registry, or to an address that a registry or what it redirected to has
 * named. Whoever names an address may not send us inward: see host.h.
 */
#ifndef WASME_REGISTRY_ROUTE_H
#define WASME_REGISTRY_ROUTE_H

#include "registry/call.h"

/* The address is made anew from the path. */
void route_forget(struct call *call);
/* Settles url, own_origin and elsewhere; ERR_DENIED when it was named and may not be. */
int route_choose(struct call *call, struct err *err);
/* Has it been answered by a redirect that it follows? */
bool route_is_redirect(const struct call *call);
/* Follows it; an error is in call->err. */
int route_follow(struct call *call);
/* For http_transfer; `arg` is the call. */
bool route_may_reach(void *arg, enum host_kind kind);
/* After HTTP_FORBIDDEN: fills call->err and returns its code. */
int route_forbidden(struct call *call);
/* Who has answered it, as one who names an address. */
struct sender route_answerer(const struct call *call);
/* The same, with all who sent the call there. */
struct sender route_senders(const struct call *call);
/* `url`, which is handed over, is where `by` says that the next call goes. */
void route_name(struct call *call, char *url, struct sender by);
/* "HOST sends us to ADDRESS, which …: refused: …" */
int route_refuse(const char *who, const char *where, const char *peer, struct err *err);

#endif
