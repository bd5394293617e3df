/* Addresses, parsed by libcurl. */
#ifndef WASME_HTTP_URL_H
#define WASME_HTTP_URL_H

#include "base/err.h"

/* The absolute address for `location`, a Location field in an answer from `base`, without a
 * fragment; the caller frees it. ERR_DAMAGED: `location` is not a URL, or is not of http or
 * https. */
int url_join(const char *base, const char *location, char **out, struct err *err);
/* The origin of an address: scheme://host:port in lower case, always with a port. The caller frees
 * the text. */
int url_origin(const char *url, char **out, struct err *err);
/* Removes USER:PASSWORD@ from the addresses in a text. */
void url_hide_logins(char *text);

#endif
