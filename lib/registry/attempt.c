#include "registry/attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "credential/credential.h"
#include "http/retry.h"
#include "registry/advice.h"
#include "registry/answer.h"
#include "registry/range.h"
#include "registry/redact.h"
#include "registry/route.h"

/* --- The callbacks of struct http_transfer --- */

static long on_read(void *arg, char *to, size_t room)
{
    struct call *call = arg;
    long got = body_source_read(call->source, to, room);
    return got == BODY_WAIT ? HTTP_WAIT : got;
}

static bool on_rewind(void *arg)
{
    struct call *call = arg;
    /* libcurl itself would send the body again when a kept connection turns out to be closed, and
     * the session may have a part of it already. */
    if (call->in_session && call->source->at > 0)
        return false;
    return !call->source || body_source_start(call->source, ERR_IGNORED) == 0;
}

static bool on_head(void *arg, const char *line, size_t len)
{
    struct call *call = arg;
    return response_take_head(&call->response, line, len);
}

static bool on_write(void *arg, const char *data, size_t len)
{
    struct call *call = arg;
    if (!response_is_success(&call->response))
        return response_take_refusal(&call->response, data, len);
    if (!call->body_begun && !range_begin_body(call))
        return false;
    if (call->sink)
        return body_sink_write(call->sink, data, len);
    return response_take_refusal(&call->response, data, len); /* false: no more is needed */
}

/* Hides the secrets that were sent in the peer's words. */
static void hide_in_answer(struct call *call)
{
    struct response *response = &call->response;
    for (size_t i = 0; call->sent_headers[i]; i++) {
        redact(response->refusal.data, response->refusal.len, call->sent_headers[i]);
        redact(response->reason, strlen(response->reason), call->sent_headers[i]);
    }
    redact_secret(response->refusal.data, response->refusal.len, call->secret);
    redact_secret(response->reason, strlen(response->reason), call->secret);
}

static void finish(struct call *call, int rc)
{
    call_hide(call, &call->err);
    call->rc = rc ? err_wrap(&call->err, "%s %s", call->method, call->what) : 0;
    call->state = CALL_OVER;
}

static void try_again(struct call *call, int64_t due_at)
{
    call->state = CALL_WAITING;
    call->due_at = due_at;
}

enum { PROGRESS_MIN = 64 * 1024 };

int64_t attempt_pause(const struct transport *transport, const struct call *call, int attempt,
                      const struct err *why)
{
    int retries = transport->options->retries;
    unsigned noise = 0;
    if (attempt >= retries)
        return -1;
    if (getrandom(&noise, sizeof(noise), GRND_NONBLOCK) < 0)
        noise = 0; /* then all pauses have their shortest length */
    int64_t pause = retry_pause_ms(attempt, call->response.retry_after, time(NULL), noise);
    /* The error of a call that has ended names the call already. */
    AUTO_FREE char *name =
        call->state == CALL_OVER ? mem_dup("") : mem_printf("%s %s: ", call->method, call->what);
    if (pause >= 0)
        notice_say(transport->options->notice, NOTICE_INFO,
                   "%s%s: trying again in %.1f s (%d of %d)", name, err_text(why),
                   (double)pause / 1000, attempt + 1, retries);
    return pause;
}

/* After a transient failure, whose error is in call->err: plans another try, when one is left. */
static void fail_for_now(struct transport *transport, struct call *call)
{
    /* A peer may cut again and again, as long as each try brings more of the body. */
    if (call->sink && call->sink->at - call->best_at >= PROGRESS_MIN) {
        call->retries = 0;
        call->best_at = call->sink->at;
    }
    bool last = call->one_try || ++call->tries > TRIES_MAX;
    int64_t pause = last ? -1 : attempt_pause(transport, call, call->retries, &call->err);
    if (pause < 0) {
        if (!call->one_try) /* the caller may have tries left, and adds the advice after the last */
            advice_add(call);
        finish(call, ERR_TRANSIENT);
        return;
    }
    call->retries++;
    if (call->path) /* the address of a redirect may be good for one request only */
        route_forget(call);
    try_again(call, clock_ms() + pause);
}

/* --- Beginning a try --- */

static void list_headers(struct call *call)
{
    size_t count = 0;
    for (size_t i = 0; i < CALL_HEADERS_MAX && call->headers[i]; i++)
        call->sent_headers[count++] = call->headers[i];
    if (call->authority)
        call->sent_headers[count++] = call->authority;
    if (call->range[0])
        call->sent_headers[count++] = call->range;
    call->sent_headers[count] = NULL;
}

static int prepare(struct transport *transport, struct call *call, struct err *err)
{
    int rc = route_choose(call, err);
    if (!rc && call->source)
        rc = body_source_start(call->source, err);
    if (!rc && call->sink)
        rc = range_start(call, err);
    call->sent_headers[0] = NULL; /* one of the old lines is freed with the next statement */
    credential_wipe(&call->authority);
    call->login = 0;
    if (!rc && call->own_origin && call->scope)
        rc = transport->authority.authorize(transport->authority.arg, call, &call->authority, err);
    if (rc)
        return rc;
    list_headers(call);
    response_clear(&call->response);
    const struct trust *trust = NULL;
    rc = route_trust(transport, call, &trust, err);
    if (rc)
        return rc;
    long long size = call->source ? call->source->size : call->sink ? call->sink->size : 0;
    call->transfer = (struct http_transfer){
        .method = call->method,
        .url = call->url,
        .headers = call->sent_headers,
        .trust = trust,
        .send_size = call->source ? call->source->size : 0,
        .large = size > 64 * 1024,
        .alone = call->warms || (call->source && size > UPLOAD_SHARED_MAX),
        /* Plain http is used for this machine because nothing leaves it; a proxy would change
         * that. */
        .direct = call->own_origin && call->host->sender.written == HOST_LOOPBACK,
        .read = on_read,
        .rewind = on_rewind,
        .head = on_head,
        .write = on_write,
        .may_reach = route_may_reach,
        .arg = call,
        .details = call->details,
    };
    return http_start(transport->http, &call->transfer, err);
}

void attempt_begin(struct transport *transport, struct call *call)
{
    err_release(&call->err);
    if (range_take_kept(call)) {
        finish(call, 0);
        return;
    }
    int rc = prepare(transport, call, &call->err);
    call->window_at = clock_ms();
    call->window_moved = 0;
    call->window_counts = false;
    if (rc)
        finish(call, rc);
    else
        call->state = CALL_RUNNING;
}

/* --- After a response --- */

/* Ends the call with the error, or makes the next try when there is none. */
static void go_on(struct call *call, int rc)
{
    if (rc)
        finish(call, rc);
    else
        try_again(call, 0);
}

static void refuse(struct transport *transport, struct call *call)
{
    if (answer_is_mute(call)) {
        call->method = "GET";
        try_again(call, 0);
        return;
    }
    int rc = response_refusal(&call->response, &call->err);
    /* The upload's session has ended: the caller begins another one. */
    if (rc == ERR_NOT_FOUND && call->in_session)
        rc = call->err.code = ERR_TRANSIENT;
    if (rc == ERR_TRANSIENT) {
        fail_for_now(transport, call);
        return;
    }
    advice_add(call);
    finish(call, rc);
}

static void settle_401(struct transport *transport, struct call *call)
{
    call->refusals++;
    go_on(call, transport->authority.refused(transport->authority.arg, call, &call->err));
}

/* The bytes that were there, or the range that the registry sent, were wrong: fetches the whole
 * body, if the failed request had a range. */
static bool start_over(struct transport *transport, struct call *call)
{
    if (!call->range[0] || !call->sink)
        return false;
    call->no_range = true;
    notice_say(transport->options->notice, NOTICE_DEBUG,
               "%s %s: cannot go on where it was cut: fetching all of it", call->method,
               call->what);
    err_release(&call->err);
    try_again(call, 0);
    return true;
}

/* Compares the body of a success with the expected one, and checks the answer. */
static void settle_success(struct transport *transport, struct call *call)
{
    int rc = call->sink ? body_sink_finish(call->sink, &call->err) : 0;
    if (!rc)
        rc = answer_check(call, &call->err);
    if (rc != ERR_DAMAGED || !start_over(transport, call))
        finish(call, rc);
}

static void settle_response(struct transport *transport, struct call *call)
{
    int status = call->response.status;
    const struct authority *by = &transport->authority;
    if (call->login && status != 401 && by->answered(by->arg, call))
        try_again(call, 0);
    else if (response_is_success(&call->response))
        settle_success(transport, call);
    else if (status == 416 && start_over(transport, call))
        return;
    else if (route_is_redirect(call))
        go_on(call, route_follow(call));
    else if (status == 401 && call->scope && call->own_origin && !call->one_login)
        settle_401(transport, call);
    else if ((status == 304 && call->conditional) || (call->tolerant && !retry_wants(status)))
        finish(call, 0);
    else
        refuse(transport, call);
}

/* --- After an exchange that failed --- */

/* An upload of a blob that is fetched at the same time fails transiently when wrong bytes came:
 * they are fetched again. */
static int code_of_cut(const struct call *call, int code)
{
    bool streamed = call->in_session && call->source->from;
    return streamed && code == ERR_DAMAGED ? ERR_TRANSIENT : code;
}

static void settle_cut(struct transport *transport, struct call *call)
{
    struct err *why = NULL;
    if (call->no_range && call->range[0] && start_over(transport, call))
        return;
    if (call->source && call->source->err.code)
        why = &call->source->err;
    else if (call->sink && call->sink->err.code)
        why = &call->sink->err;
    else if (call->response.status && (!response_is_success(&call->response) || !call->sink) &&
             call->response.head_len <= RESPONSE_HEAD_MAX) {
        settle_response(transport, call); /* the callback needed no more of the body */
        return;
    }
    if (why)
        call->err.code = code_of_cut(call, err_move(&call->err, why));
    else
        (void)err_set(&call->err, ERR_DAMAGED,
                      "%s answers with more than %d bytes of header fields", call_peer(call),
                      RESPONSE_HEAD_MAX);
    finish(call, call->err.code);
}

/* Does the end of the exchange show that the host speaks the other scheme? */
static bool other_scheme(const struct call *call)
{
    enum http_outcome outcome = call->transfer.outcome;
    if (!call->was_http)
        return outcome == HTTP_NOT_TLS;
    return outcome == HTTP_NOT_HTTP || (outcome == HTTP_BROKEN && !call->response.status) ||
           (outcome == HTTP_DONE && call->response.status == 400);
}

static bool flip_scheme(struct call *call)
{
    struct host *host = call->host;
    if (!host || !call->path || host->settled || !other_scheme(call))
        return false;
    if (call->was_http == host->http && !host_flip(host))
        return false;
    route_forget(call);
    try_again(call, 0);
    return true;
}

/* Notes the facts about the registry that the answer shows. After a redirect, the answer is another
 * peer's, and shows only the scheme. */
static void learn_host(const struct call *call)
{
    struct host *host = call->host;
    host->settled = true;
    if (!call->own_origin)
        return;
    host->answered = true;
    host->sender = route_answerer(call);
    if (call->warms)
        return;
    if (call->response.status == 401)
        host->unproved = true;
    else if (call->authority)
        host->proved = !(host->unproved = false);
    else if (call->scope)
        host->open = true;
}

/* Notes whether the host shares connections. The address of its tokens may be its own. */
static void learn_connection(struct transport *transport, const struct call *call)
{
    const struct host *host = call->host ? call->host : call->sender;
    if (host && call->at_home && !call->transfer.alone)
        transport_host(transport, host->name)->multiplexed = call->transfer.multiplexed;
}

void attempt_settle(struct transport *transport, struct call *call)
{
    enum http_outcome outcome = call->transfer.outcome;
    hide_in_answer(call);
    if (flip_scheme(call))
        return;
    if (outcome == HTTP_DONE)
        learn_connection(transport, call);
    if (call->host && outcome == HTTP_DONE)
        learn_host(call);
    if (answer_wants_tls(call))
        call->transfer.outcome = outcome = HTTP_NOT_HTTP;
    /* A refusal that has come counts, though the connection broke while a body was being sent. */
    if ((outcome == HTTP_BROKEN || outcome == HTTP_FAILED) && call->response.status >= 400)
        outcome = HTTP_DONE;
    if (outcome == HTTP_DONE) {
        settle_response(transport, call);
    } else if (outcome == HTTP_CUT) {
        settle_cut(transport, call);
    } else if (outcome == HTTP_FORBIDDEN) {
        finish(call, route_forbidden(call));
    } else if (advice_explain(call) == ERR_TRANSIENT) {
        fail_for_now(transport, call);
    } else {
        finish(call, call->err.code);
    }
}

void attempt_stalled(struct transport *transport, struct call *call)
{
    long seconds = transport->options->stall_seconds;
    (void)err_set(&call->err, ERR_TRANSIENT, "nothing came or went for %ld second%s", seconds,
                  seconds == 1 ? "" : "s");
    fail_for_now(transport, call);
}
