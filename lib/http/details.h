/*
 * What libcurl knows of a connection beyond the response, for who looks into why one fails. It is
 * of the connection that was made for the exchange: one that was kept from an earlier exchange has
 * no more to tell than its peer.
 */
#ifndef WASME_HTTP_DETAILS_H
#define WASME_HTTP_DETAILS_H

#include <stdbool.h>
#include <time.h>

#include "base/err.h"

#define DETAILS_TEXT_MAX 2048 /* bytes of each text; the rest is not kept */

/* Texts are owned, NULL where nothing is known, and not cleaned of what a terminal obeys. */
struct http_details {
    char *peer;     /* "10.1.2.3 port 443": the proxy when there is one */
    char *proxy;    /* "https_proxy, http://proxy:3128", without a login in it */
    char *tls;      /* "TLSv1.3" */
    char *issuer;   /* of the peer's own certificate, as the next ones */
    char *names;    /* "DNS:localhost, IP Address:127.0.0.1", or the subject where it has none */
    bool forwarded; /* the request was one to a proxy that speaks http for us */
    time_t begins;  /* 0: not known */
    time_t expires;
};

void details_release(struct http_details *details); /* usable with AUTO() */

/* For curl*.c only: `handle` is libcurl's. Before the exchange (false: libcurl refuses), with what
 * libcurl says of it or sends as the head of a request, and at its end. */
bool details_ask(void *handle, struct http_details *details);
void details_say(struct http_details *details, const char *data, size_t len);
void details_send(struct http_details *details, const char *data, size_t len);
void details_take(void *handle, struct http_details *details);
/* What libcurl says of its version and its parts; ERR_NOT_FOUND when there is none here. The caller
 * frees it. */
int details_library(char **version, struct err *err);

#endif
