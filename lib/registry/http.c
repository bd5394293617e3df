#include "registry/http.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "registry/curl.h"
#include "registry/plain.h"

enum { BOTH_MS = 5 };

struct http {
    struct http_settings settings;
    struct curl_engine *curl;   /* NULL until needed */
    struct plain_engine *plain; /* likewise */
};

void http_open(const struct http_settings *settings, struct http **out)
{
    *out = mem_zero(1, sizeof(**out));
    (*out)->settings = *settings;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    curl_engine_close(http->curl);
    plain_engine_close(http->plain);
    free(http);
}

int http_start(struct http *http, struct http_transfer *transfer, struct err *err)
{
    int rc = 0;
    transfer->plain = plain_takes(transfer->url);
    if (transfer->plain && !http->plain)
        plain_engine_open(&http->settings, &http->plain);
    else if (!transfer->plain && !http->curl)
        rc = curl_engine_open(&http->settings, &http->curl, err);
    if (rc)
        return rc;
    if (transfer->plain)
        return plain_engine_start(http->plain, transfer, err);
    return curl_engine_start(http->curl, transfer, err);
}

void http_stop(struct http *http, struct http_transfer *transfer)
{
    if (transfer->outcome != HTTP_RUNNING)
        return;
    if (transfer->plain)
        plain_engine_stop(http->plain, transfer);
    else
        curl_engine_stop(http->curl, transfer);
}

int http_step(struct http *http, int wait_ms, struct err *err)
{
    bool plain = plain_engine_busy(http->plain);
    bool curl = curl_engine_busy(http->curl);
    /* With both at work (a local registry that redirects away) they take turns. */
    int wait = plain && curl && wait_ms > BOTH_MS ? BOTH_MS : wait_ms;
    int rc = 0;
    if (plain)
        rc = plain_engine_step(http->plain, wait, err);
    if (!rc && curl)
        rc = curl_engine_step(http->curl, plain ? 0 : wait, err);
    if (!plain && !curl)
        clock_sleep_ms(wait_ms);
    return rc;
}
