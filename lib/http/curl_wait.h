/* Waits for the sockets of libcurl's exchanges. Only curl.c uses this. */
#ifndef WASME_HTTP_CURL_WAIT_H
#define WASME_HTTP_CURL_WAIT_H

/*
 * Waits up to `wait_ms` until libcurl has something to do; returns a CURLMcode. `idle` counts the
 * waits after which nothing was done; the caller sets the number to 0 whenever a byte moves.
 *
 * libcurl asks whether a socket takes bytes also while the peer's HTTP/2 window is closed. The
 * socket takes them, and libcurl has none to give: such a wait would end at once, again and again,
 * for as long as the peer is slow. After a few of these waits, only bytes that come are waited for,
 * and no longer than some milliseconds.
 */
int curl_wait(void *multi, int *idle, int wait_ms);

#endif
