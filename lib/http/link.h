/*
 * The Link field (RFC 8288, section 3), in which registries name the next page of a list
 * (distribution specification, "Listing Tags"). A field that is not well-formed is refused.
 */
#ifndef WASME_HTTP_LINK_H
#define WASME_HTTP_LINK_H

#include "base/err.h"

#define LINKS_MAX 32 /* links in one field; more is an error */

/*
 * Finds the first link of relation "next", and hands over its target as written, which is often a
 * relative address. *out is NULL when there is no such link. ERR_DAMAGED names the byte where the
 * field is malformed, whether before the link or behind it.
 */
int link_next(const char *field, char **out, struct err *err);

#endif
