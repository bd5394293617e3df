/* Watches the address that an exchange goes to: see may_reach in http.h. Only curl.c uses this. */
#ifndef WASME_HTTP_CURL_PEER_H
#define WASME_HTTP_CURL_PEER_H

#include "http/http.h"

struct curl_slist;

/* The `part` of struct http_transfer. */
struct http_part {
    void *handle;
    struct curl_slist *headers;
    bool own_proxy; /* the settings named a proxy to libcurl; no_proxy may overrule that */
    bool forbidden; /* may_reach() refused an address */
    bool *busy;     /* set when bytes have moved; see http_step() */
};

/* Begins to watch an exchange that has its `part`. False: libcurl refuses an option. */
bool peer_watch(struct http_transfer *transfer);

#endif
