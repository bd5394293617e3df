/*
 * Facts about a connection, for somebody who wants to know why connections fail (wasme doctor).
 * All facts are known only of a connection that was made for this exchange; of a connection that
 * was kept from an earlier exchange, only the peer is known.
 */
#ifndef WASME_HTTP_DETAILS_H
#define WASME_HTTP_DETAILS_H

#include <stdbool.h>
#include <time.h>

#include "base/err.h"

#define DETAILS_TEXT_MAX 2048 /* bytes of each text; the rest is dropped */

/* Texts are owned, and NULL where nothing is known. A text may hold control characters, which are
 * to be removed before it is shown. */
struct http_details {
    char *peer;     /* "10.1.2.3 port 443"; with a proxy, the proxy's address */
    char *proxy;    /* "https_proxy, http://proxy:3128", without its login */
    char *tls;      /* "TLSv1.3" */
    char *issuer;   /* of the peer's own certificate, as the members below */
    char *names;    /* "DNS:localhost, IP Address:127.0.0.1"; without such names, the subject */
    bool forwarded; /* the request was addressed to a proxy that forwards plain http */
    time_t begins;  /* 0: not known */
    time_t expires;
};

void details_release(struct http_details *details); /* usable with AUTO() */

/* The next four are for curl.c and curl_peer.c alone; `handle` is libcurl's. */

/* Before the exchange: asks libcurl to keep certificates. False: libcurl refuses. */
bool details_ask(void *handle, struct http_details *details);
/* For each line of libcurl's verbose mode. */
void details_say(struct http_details *details, const char *data, size_t len);
/* For each head of a request that libcurl sends. */
void details_send(struct http_details *details, const char *data, size_t len);
/* After the exchange: takes the values that libcurl has. */
void details_take(void *handle, struct http_details *details);

/* The text in which libcurl names its version and its parts; the caller frees it. ERR_NOT_FOUND:
 * libcurl is not installed. */
int details_library(char **version, struct err *err);

#endif
