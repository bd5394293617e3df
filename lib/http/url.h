/* Addresses that registries name. */
#ifndef WASME_HTTP_URL_H
#define WASME_HTTP_URL_H

#include "base/err.h"

/* `location` (a Location field) as seen from `base`: absolute, without a fragment. ERR_DAMAGED
 * when it is no URL or not of http or https. */
int url_join(const char *base, const char *location, char **out, struct err *err);
/* scheme://host:port, lower case, the port always there; the caller frees it. */
int url_origin(const char *url, char **out, struct err *err);
/* Takes USER:PASSWORD@ out of the addresses in a text. */
void url_hide_logins(char *text);

#endif
