#include "registry/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long long range_first(const char *field)
{
    if (strncmp(field, "bytes ", 6) != 0)
        return -1;
    const char *digits = field + 6;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > RANGE_DIGITS_MAX || digits[count] != '-')
        return -1;
    return strtoll(digits, NULL, 10);
}

/* Does the answer go on where we are? */
static bool goes_on(const struct call *call)
{
    const char *field = call->response.content_range;
    return field && range_first(field) == call->sink->at;
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

bool range_is_there(struct call *call)
{
    struct body_sink *sink = call->sink;
    if (!sink || !sink->have || call->no_range || body_sink_start(sink, NULL) != 0 ||
        sink->at != sink->size)
        return false;
    call->no_range = body_sink_finish(sink, NULL) != 0;
    return !call->no_range;
}
