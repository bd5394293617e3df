/* Fetches the rest of a body that was cut, by Range (RFC 9110, section 14). */
#ifndef WASME_REGISTRY_RANGE_H
#define WASME_REGISTRY_RANGE_H

#include "registry/call.h"

/* Makes the call's sink ready; when it has a part of the body, makes a Range line for the rest. */
int range_start(struct call *call, struct err *err);
/* To be called when the body of a success begins: goes on behind the bytes that are there when the
 * registry sends the range that was asked for, and starts again when it sends the whole body.
 * False: the registry sends another range, and call->no_range is set; the exchange is to be cut. */
bool range_begin_body(struct call *call);
/* Takes a whole body that an earlier run has left, when its digest is right. True: the call needs
 * no request. */
bool range_take_kept(struct call *call);
/* The first byte in a Content-Range ("bytes 100-199/200", RFC 9110, 14.4); -1: the field cannot be
 * read. */
long long range_first(const char *content_range);

#endif
