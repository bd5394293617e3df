#include "base/stop.h"

#include <stddef.h>

#include "base/clock.h"

/* The whole program has one such state, as it has one --timeout and one handler of signals. */
static const volatile int *stop_interrupted;
static long stop_seconds;
static int64_t stop_begun;

void stop_when(const volatile int *interrupted, long seconds)
{
    stop_interrupted = interrupted;
    stop_seconds = seconds;
    stop_begun = clock_ms();
}

int stop_check(struct err *err)
{
    if (stop_interrupted && *stop_interrupted)
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    if (stop_seconds > 0 && clock_ms() - stop_begun > (int64_t)stop_seconds * 1000)
        return stop_late(stop_seconds, err);
    return 0;
}

int stop_late(long seconds, struct err *err)
{
    return err_set(err, ERR_FAILED, "not done after %ld second%s (--timeout)", seconds,
                   seconds == 1 ? "" : "s");
}
