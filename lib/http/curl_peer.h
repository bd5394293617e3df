/* Which address an exchange goes to, by libcurl: see http.h, may_reach. For curl.c only. */
#ifndef WASME_HTTP_CURL_PEER_H
#define WASME_HTTP_CURL_PEER_H

#include "http/http.h"

struct curl_slist;

/* libcurl's part of an exchange: its `part`. */
struct http_part {
    void *handle;
    struct curl_slist *headers;
    bool own_proxy; /* a proxy was named to libcurl, which no_proxy may overrule */
    bool forbidden; /* may_reach() wanted no connection to an address */
};

/* Watches the exchange, whose `part` is there. False: libcurl refuses. */
bool peer_watch(struct http_transfer *transfer);

#endif
