/* The outcome of an exchange, from libcurl's result code. */
#ifndef WASME_HTTP_CURL_OUTCOME_H
#define WASME_HTTP_CURL_OUTCOME_H

#include "http/http.h"

/* `code` is a CURLcode, `reason` libcurl's words. */
enum http_outcome curl_outcome(int code, const char *reason);

#endif
