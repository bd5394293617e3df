/* Addresses, parsed by libcurl. */
#ifndef WASME_HTTP_URL_H
#define WASME_HTTP_URL_H

#include <stdbool.h>

#include "base/err.h"

/* The absolute address for `location`, a Location field in an answer from `base`, without a
 * fragment; the caller frees it. ERR_DAMAGED: `location` is not a URL, or is not of http or
 * https. */
int url_join(const char *base, const char *location, char **out, struct err *err);
/* The origin of an address: scheme://host:port in lower case, always with a port. The caller frees
 * the text. */
int url_origin(const char *url, char **out, struct err *err);
/* Have both addresses the same origin? False also when one of them is no address. */
bool url_same_origin(const char *a, const char *b);
/* Removes USER:PASSWORD@ from the addresses in a text. */
void url_hide_logins(char *text);

#endif
