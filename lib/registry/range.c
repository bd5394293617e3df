#include "registry/range.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

long long range_first(const char *content_range)
{
    long long first = 0;
    if (strncasecmp(content_range, "bytes ", 6) != 0)
        return -1;
    const char *at = content_range + 6;
    const char *digits = at;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (first > (LLONG_MAX - 9) / 10)
            return -1;
        first = first * 10 + (*at - '0');
    }
    return at > digits && *at == '-' ? first : -1;
}

/* Does the range that the registry sends begin behind the bytes that are there? */
static bool goes_on(const struct call *call)
{
    const char *range = call->response.content_range;
    return range && range_first(range) == call->sink->at;
}

bool range_begin_body(struct call *call)
{
    call->body_begun = true;
    if (!call->sink || !call->sink->at)
        return true;
    if (call->response.status != 206)
        return body_sink_restart(call->sink, &call->sink->err) == 0;
    call->no_range = !goes_on(call);
    return !call->no_range;
}

int range_start(struct call *call, struct err *err)
{
    struct body_sink *sink = call->sink;
    int rc = body_sink_start(sink, err);
    if (!rc && call->no_range && sink->at)
        rc = body_sink_restart(sink, err);
    call->range[0] = '\0';
    call->body_begun = false;
    if (!rc && sink->at)
        (void)snprintf(call->range, sizeof(call->range), "Range: bytes=%lld-", sink->at);
    return rc;
}

bool range_take_kept(struct call *call)
{
    struct body_sink *sink = call->sink;
    if (!sink || !sink->have || call->no_range || body_sink_start(sink, ERR_IGNORED) != 0 ||
        sink->at != sink->size)
        return false;
    call->no_range = body_sink_finish(sink, ERR_IGNORED) != 0;
    return !call->no_range;
}
