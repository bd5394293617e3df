/*
 * The Link field (RFC 8288, section 3), parsed to the letter: registries name the next page of a
 * list in it (distribution specification, "Listing Tags").
 */
#ifndef WASME_HTTP_LINK_H
#define WASME_HTTP_LINK_H

#include "base/err.h"

#define LINKS_MAX 32 /* links of one field */

/*
 * The target of the first link of relation "next", as written: often relative. *out is NULL when
 * there is none; the caller frees it. ERR_DAMAGED says where the field is malformed, also when
 * that is behind the link.
 */
int link_next(const char *field, char **out, struct err *err);

#endif
