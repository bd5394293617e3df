#include "registry/calls.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "registry/attempt.h"

/* The calls of one calls_run(). */
struct run {
    struct transport *transport;
    struct call *calls;
    size_t count;
};

/* Counts running calls. An upload that waits for bytes that are still being fetched does not count,
 * since the fetch needs its place. */
static size_t count_running(const struct run *run, const struct host *host)
{
    size_t running = 0;
    for (size_t i = 0; i < run->count; i++)
        running += run->calls[i].state == CALL_RUNNING && !run->calls[i].transfer.waits &&
                   (!host || run->calls[i].host == host);
    return running;
}

/* The number of calls to the call's host that may run at a time. The first request to a host runs
 * alone, unless an earlier run has left a way to log in: its answer shows how to log in (some
 * registries take a second for that answer: zot's failDelay) and whether one connection is enough
 * (HTTP/2). The first request with a login runs
 * alone too, so that a wrong password is tried once, and not by all calls at the same time. */
static size_t room_of(const struct call *call, size_t most)
{
    const struct host *host = call->host;
    bool known = host && (host->tried || host->recalled);
    return host && (!known || host->unproved) ? 1 : most;
}

static bool may_begin(const struct run *run, const struct call *call, size_t most)
{
    return call->state == CALL_WAITING && (!call->due_at || call->due_at <= clock_ms()) &&
           (!call->source || body_source_is_ready(call->source)) &&
           count_running(run, call->host) < room_of(call, most);
}

static void tell_done(struct call *call)
{
    if (call->state == CALL_OVER && call->done)
        STEAL(call->done)(call->done_arg, call);
}

static void begin_due(struct run *run)
{
    int parallel = run->transport->options->parallel;
    size_t most = parallel > 0 ? (size_t)parallel : REGISTRY_PARALLEL;
    size_t running = count_running(run, NULL);
    for (size_t i = 0; i < run->count && running < most; i++) {
        struct call *call = &run->calls[i];
        if (!may_begin(run, call, most))
            continue;
        attempt_begin(run->transport, call);
        tell_done(call);
        running += call->state == CALL_RUNNING;
    }
}

static int wait_of(const struct run *run)
{
    int64_t now = clock_ms();
    int64_t wait = TRANSPORT_TURN_MS;
    for (size_t i = 0; i < run->count; i++) {
        const struct call *call = &run->calls[i];
        /* A call that is due but has not begun waits for a place, until another call ends. */
        if (call->state == CALL_WAITING && call->due_at > now && call->due_at - now < wait)
            wait = call->due_at - now;
        else if (call->state == CALL_RUNNING && call->transfer.outcome != HTTP_RUNNING)
            wait = 0;
    }
    return (int)wait;
}

/* Are there bytes of the call's body that have not left this machine? */
static bool is_sending(const struct call *call)
{
    const struct body_source *source = call->source;
    return source && source->at > 0 && (source->at < source->size || call->transfer.unsent > 0);
}

/* Measures how many bytes the call moves. True: none, or almost none, for the time that the options
 * allow. */
static bool look_for_stall(const struct transport *transport, struct call *call)
{
    struct http_transfer *transfer = &call->transfer;
    int64_t limit = (int64_t)transport->options->stall_seconds * 1000;
    if (limit <= 0 || transfer->waits)
        return false;
    if (call->source)
        http_look(transfer);
    int64_t now = clock_ms();
    if (now - transfer->moved_at > limit)
        return true;
    /* The rate counts only while a body moves, and not while the first byte of an answer is
     * awaited. */
    bool counts = call->response.status != 0 || is_sending(call);
    bool first = counts && !call->window_counts;
    if (!first && now - call->window_at <= limit)
        return false;
    bool slow = transfer->moved - call->window_moved < RATE_MIN * limit / 1000;
    bool counted = call->window_counts && counts;
    call->window_at = now;
    call->window_moved = transfer->moved;
    call->window_counts = counts;
    return slow && counted;
}

/* Has the call ended with an error that also ends the others? */
static bool has_failed(const struct call *call)
{
    return call->state == CALL_OVER && call->rc && !call->apart &&
           !(call->one_try && call->rc == ERR_TRANSIENT);
}

/* Settles the calls whose exchanges have ended, up to the first failure: after that (as with a
 * login that is refused), no further call needs to ask. */
static void settle_ended(struct run *run)
{
    for (size_t i = 0; i < run->count && !(i && has_failed(&run->calls[i - 1])); i++) {
        struct call *call = &run->calls[i];
        if (call->state != CALL_RUNNING)
            continue;
        if (call->transfer.outcome != HTTP_RUNNING) {
            attempt_settle(run->transport, call);
        } else if (look_for_stall(run->transport, call)) {
            http_stop(run->transport->http, &call->transfer);
            attempt_stalled(run->transport, call);
        }
        if (call->host && call->state != CALL_RUNNING)
            call->host->tried = true;
        tell_done(call);
    }
}

/* Tells the progress of blobs, the bodies with an expected digest. A blob that streams from one
 * registry to another counts only as it is sent. */
static void tell_progress(const struct run *run)
{
    const struct registry_options *options = run->transport->options;
    struct {
        long long moved, total;
    } sent = {0}, fetched = {0};
    bool streams = false;
    if (!options->progress)
        return;
    for (size_t i = 0; i < run->count; i++) {
        const struct call *call = &run->calls[i];
        if (call->source && call->source->expected) {
            sent.moved += call->source->at;
            sent.total += call->source->size;
            streams = streams || call->source->ready;
        } else if (call->sink && call->sink->expected) {
            fetched.moved += call->sink->at;
            fetched.total += call->sink->size;
        }
    }
    if (!streams) {
        sent.moved += fetched.moved;
        sent.total += fetched.total;
    }
    options->progress(options->progress_arg, sent.moved, sent.total);
}

/* Moves the first error that ends all calls to `err`. */
static int first_error(struct run *run, struct err *err)
{
    for (size_t i = 0; i < run->count; i++) {
        struct call *call = &run->calls[i];
        if (has_failed(call))
            return err_move(err, &call->err);
    }
    return 0;
}

static bool is_done(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->calls[i].state != CALL_OVER)
            return false;
    return true;
}

/* Wakes uploads that waited for bytes, when the bytes have been fetched. */
static void wake_waiting(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct call *call = &run->calls[i];
        if (call->state == CALL_RUNNING && call->transfer.outcome == HTTP_RUNNING &&
            call->transfer.waits && body_source_is_ready(call->source))
            http_go_on(&call->transfer);
    }
}

static int turn(struct run *run, struct err *err)
{
    begin_due(run);
    wake_waiting(run);
    int rc = first_error(run, err);
    if (!rc && !is_done(run))
        rc = http_step(run->transport->http, wait_of(run), err);
    if (!rc)
        rc = transport_may_go_on(run->transport, err);
    if (rc)
        return rc;
    settle_ended(run);
    tell_progress(run);
    return first_error(run, err);
}

int calls_run(struct transport *transport, struct call *calls, size_t count, struct err *err)
{
    struct run run = {.transport = transport, .calls = calls, .count = count};
    int rc = 0;
    while (!rc && !is_done(&run))
        rc = turn(&run, err);
    for (size_t i = 0; i < count; i++)
        http_stop(transport->http, &calls[i].transfer);
    return rc;
}
