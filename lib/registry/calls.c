#include "registry/calls.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "registry/attempt.h"

size_t calls_parallel(const struct transport *transport)
{
    int parallel = transport->options->parallel;
    return parallel > 0 ? (size_t)parallel : REGISTRY_PARALLEL;
}

/* Does the call share a connection with others? */
static bool is_small(const struct call *call)
{
    return call->host && call->host->multiplexed &&
           (!call->source || call->source->size <= UPLOAD_SHARED_MAX) &&
           (!call->sink || call->sink->size <= SMALL_MAX);
}

/* Counts running calls; `small` says of which kind, and a `host` of which host. An upload that
 * waits for bytes that are still being fetched does not count, since the fetch needs its place. */
static size_t count_running(const struct calls *calls, bool small, const struct host *host)
{
    size_t running = 0;
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->items[i];
        running += call->state == CALL_RUNNING && !call->warms && !call->transfer.waits &&
                   is_small(call) == small && (!host || call->host == host);
    }
    return running;
}

static bool is_any_running(const struct calls *calls, const struct host *host)
{
    return count_running(calls, true, host) || count_running(calls, false, host);
}

/* The first request to a host runs alone, unless an earlier run has left a way to log in: its
 * answer shows how to log in (some registries take a second for that answer: zot's failDelay) and
 * whether one connection is enough (HTTP/2). The first request with a login runs alone too, so that
 * a wrong password is tried once, and not by all calls at the same time. */
static bool must_be_alone(const struct call *call)
{
    const struct host *host = call->host;
    return host && ((!host->tried && !host->recalled) || host->unproved);
}

static bool has_room(const struct calls *calls, const struct call *call)
{
    if (call->warms)
        return true;
    if (must_be_alone(call) && is_any_running(calls, call->host))
        return false;
    return is_small(call) ? count_running(calls, true, call->host) < STREAMS_MAX
                          : count_running(calls, false, NULL) < calls_parallel(calls->transport);
}

static bool may_begin(const struct calls *calls, const struct call *call)
{
    return call->state == CALL_WAITING && (!call->due_at || call->due_at <= clock_ms()) &&
           (!call->source || body_source_is_ready(call->source)) && has_room(calls, call);
}

static void tell_done(struct call *call)
{
    if (call->state == CALL_OVER && call->done)
        STEAL(call->done)(call->done_arg, call);
}

static void begin_due(struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        struct call *call = calls->items[i];
        if (!may_begin(calls, call))
            continue;
        attempt_begin(calls->transport, call);
        tell_done(call);
    }
}

static int wait_of(const struct calls *calls)
{
    int64_t now = clock_ms();
    int64_t wait = TRANSPORT_TURN_MS;
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->items[i];
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
static void settle_ended(struct calls *calls)
{
    for (size_t i = 0; i < calls->count && !(i && has_failed(calls->items[i - 1])); i++) {
        struct call *call = calls->items[i];
        if (call->state != CALL_RUNNING)
            continue;
        if (call->transfer.outcome != HTTP_RUNNING) {
            attempt_settle(calls->transport, call);
        } else if (look_for_stall(calls->transport, call)) {
            http_stop(calls->transport->http, &call->transfer);
            attempt_stalled(calls->transport, call);
        }
        if (call->host && call->state != CALL_RUNNING && !call->warms)
            call->host->tried = true;
        tell_done(call);
    }
}

/* Tells the progress of blobs, the bodies with an expected digest. A blob that streams from one
 * registry to another counts only as it is sent. */
static void tell_progress(const struct calls *calls)
{
    const struct registry_options *options = calls->transport->options;
    struct {
        long long moved, total;
    } sent = {0}, fetched = {0};
    bool streams = false;
    if (!options->progress)
        return;
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->items[i];
        if (call->state == CALL_OVER && call->rc)
            continue; /* another call has the body again */
        if (call->source && call->source->expected) {
            sent.moved += call->source->at;
            sent.total += call->source->size;
            streams = streams || call->source->from;
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
static int first_error(struct calls *calls, struct err *err)
{
    for (size_t i = 0; i < calls->count; i++) {
        struct call *call = calls->items[i];
        if (has_failed(call))
            return err_move(err, &call->err);
    }
    return 0;
}

static bool is_done(const struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        if (calls->items[i]->state != CALL_OVER && !calls->items[i]->warms)
            return false;
    return true;
}

/* Wakes uploads that waited for bytes, when the bytes have been fetched. */
static void wake_waiting(const struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        struct call *call = calls->items[i];
        if (call->state == CALL_RUNNING && call->transfer.outcome == HTTP_RUNNING &&
            call->transfer.waits && body_source_is_ready(call->source))
            http_go_on(&call->transfer);
    }
}

static int turn(struct calls *calls, struct err *err)
{
    begin_due(calls);
    wake_waiting(calls);
    int rc = first_error(calls, err);
    if (!rc && !is_done(calls))
        rc = http_step(calls->transport->http, wait_of(calls), err);
    if (!rc)
        rc = transport_may_go_on(calls->transport, err);
    if (rc)
        return rc;
    settle_ended(calls);
    tell_progress(calls);
    return first_error(calls, err);
}

void calls_begin(struct calls *calls, struct transport *transport)
{
    *calls = (struct calls){.transport = transport};
}

void calls_add(struct calls *calls, struct call *call)
{
    calls->items = mem_resize(calls->items, calls->count + 1, sizeof(struct call *));
    calls->items[calls->count++] = call;
}

void calls_drop(struct call *call)
{
    if (call->state == CALL_WAITING)
        call->state = CALL_OVER;
}

int calls_finish(struct calls *calls, struct err *err)
{
    int rc = 0;
    while (!rc && !is_done(calls))
        rc = turn(calls, err);
    for (size_t i = 0; i < calls->count; i++)
        http_stop(calls->transport->http, &calls->items[i]->transfer);
    return rc;
}

void calls_release(struct calls *calls)
{
    free(calls->items);
    *calls = (struct calls){0};
}

int calls_run(struct transport *transport, struct call *calls, size_t count, struct err *err)
{
    struct calls together AUTO(calls_release) = {0};
    calls_begin(&together, transport);
    for (size_t i = 0; i < count; i++)
        calls_add(&together, &calls[i]);
    return calls_finish(&together, err);
}
