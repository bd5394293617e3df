/* Turns a transfer into the options of its libcurl handle. Only curl.c uses this. */
#ifndef WASME_HTTP_CURL_SETUP_H
#define WASME_HTTP_CURL_SETUP_H

#include "http/http.h"

/* Sets the options of the handle in the transfer's part, and `headers` there. `alone` is the CURLSH
 * with the connections of transfers that are `alone`. Returns a CURLcode; libcurl is loaded. */
int curl_set_up(const struct http_settings *settings, void *alone, struct http_transfer *transfer);
/* Notes that bytes have moved now. */
void transfer_move(struct http_transfer *transfer, long long bytes);

#endif
