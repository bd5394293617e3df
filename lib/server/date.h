/* Dates in HTTP (RFC 9110, section 5.6.7). */
#ifndef WASME_SERVER_DATE_H
#define WASME_SERVER_DATE_H

#include <stdbool.h>
#include <time.h>

#define HTTP_DATE_LEN 29

/* Writes a date such as "Sun, 06 Nov 1994 08:49:37 GMT". */
void http_date_format(time_t when, char out[HTTP_DATE_LEN + 1]);
/* Reads this form and the two obsolete forms; returns false for any other text. */
bool http_date_parse(const char *text, time_t *out);

#endif
