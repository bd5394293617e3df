/* Going on with a body that was cut (RFC 9110, section 14). */
#ifndef WASME_REGISTRY_RANGE_H
#define WASME_REGISTRY_RANGE_H

#include "registry/call.h"

/* Makes the call's sink ready, and its Range line where something of the body is there. */
int range_start(struct call *call, struct err *err);
/* The body of a success begins: where what is there of it ends, or at its first byte? False cuts
 * the exchange: the registry's idea of a range is another, and call->no_range set. */
bool range_begin_body(struct call *call);
/* An earlier run left all of it, and it is right: nothing is to be asked for. */
bool range_take_kept(struct call *call);
/* The first byte of a Content-Range ("bytes 100-199/200", RFC 9110, 14.4); -1 when it cannot be
 * read. */
long long range_first(const char *content_range);

#endif
