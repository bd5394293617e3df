#include "server/exchange.h"

#include <stdlib.h>

#include "base/mem.h"
#include "server/answer.h"
#include "server/conn.h"

/* How the connection goes on after a response. */
struct ending {
    bool lost;     /* the place where the next request begins cannot be known */
    bool bodied;   /* a body follows that the handler does not want */
    size_t behind; /* bytes after the request that have come in already */
    int asked;     /* how often the request was asked before */
};

static bool answer_request(struct server *server, struct conn *conn, struct server_request *request,
                           struct ending ending);

static void begin_delivery(const struct server *server, struct conn *conn,
                           const struct server_request *request, struct ending ending,
                           struct delivery *delivery)
{
    delivery_init(delivery);
    delivery->close = ending.lost || !request->keep_alive || server->stopping;
    delivery->linger = ending.lost || ending.bodied || ending.behind > 0 || request->keep_alive;
    delivery->began = conn->began;
    delivery->method = request->method;
    delivery->target = request->target;
    delivery->agent = request->agent;
    delivery->user = request->user;
    conn->skip = delivery->close || !ending.bodied ? 0 : request->content_length;
}

static bool send_kept(struct server *server, struct conn *conn,
                      const struct server_request *request, struct kept *kept, struct ending ending)
{
    struct delivery delivery;
    begin_delivery(server, conn, request, ending, &delivery);
    kept_reply_deliver(server, kept, request, &delivery);
    return conn_send(server, conn, &delivery);
}

static bool send_reply(struct server *server, struct conn *conn,
                       const struct server_request *request, struct server_reply *reply,
                       struct ending ending)
{
    struct delivery delivery;
    struct kept *kept = kept_reply_add(server, request, reply);
    if (kept) {
        reply_release(reply);
        return send_kept(server, conn, request, kept, ending);
    }
    begin_delivery(server, conn, request, ending, &delivery);
    answer_write(server, request, reply, &delivery);
    reply_release(reply);
    return conn_send(server, conn, &delivery);
}

static void pending_free(struct pending *pending)
{
    reply_free_job(&pending->job);
    reply_release(&pending->reply);
    err_release(&pending->err);
    free(pending->texts);
    free(pending);
}

static void pending_free_at(struct pending **pending)
{
    pending_free(*pending);
}

static void run_job(void *arg)
{
    struct pending *pending = arg;
    pending->rc =
        pending->job.run(pending->job.arg, &pending->request, &pending->reply, &pending->err);
}

static void drop_job(void *arg)
{
    struct pending *pending = arg;
    if (pending->conn)
        pending->conn->pending = NULL;
    pending_free(pending);
}

/* Each time a file of logins changes while a password is checked, the request begins anew. */
static bool ask_again(struct server *server, struct conn *conn, struct pending *pending,
                      struct ending ending)
{
    if (ending.asked < REPLY_AGAIN_MAX)
        return answer_request(server, conn, &pending->request,
                              (struct ending){.behind = ending.behind, .asked = ending.asked + 1});
    reply_release(&pending->reply);
    server_reply_status(&pending->reply, 503);
    return send_reply(server, conn, &pending->request, &pending->reply, ending);
}

/* Goes on with a request whose job has ended. */
static void end_job(void *arg)
{
    AUTO(pending_free_at) struct pending *pending = arg;
    struct conn *conn = pending->conn;
    struct server *server = pending->server;
    const struct ending ending = {pending->lost, pending->bodied, pending->behind, pending->asked};
    answer_settle(server, &pending->request, &pending->reply, pending->rc, &pending->err);
    reply_free_job(&pending->job);
    if (!conn)
        return;
    pending->reply.keep = pending->reply.keep && pending->changes == server->kept.changes;
    conn->pending = NULL;
    conn->began = pending->began;
    timers_stop(&server->timers, &conn->timer);
    bool more = pending->reply.again
                    ? ask_again(server, conn, pending, ending)
                    : send_reply(server, conn, &pending->request, &pending->reply, ending);
    if (more && conn->timer.kind == TIMER_STOPPED)
        timers_start(&server->timers, &conn->timer, TIMER_IDLE, server->now);
    if (more || conn->lingering)
        conn_queue(server, conn);
}

/* Hands the job of the reply to a thread. */
static bool begin_job(struct server *server, struct conn *conn,
                      const struct server_request *request, struct server_reply *reply,
                      struct ending ending)
{
    struct pending *pending = mem_zero(1, sizeof(*pending));
    *pending = (struct pending){
        .server = server,
        .conn = conn,
        .job = reply->job,
        .lost = ending.lost,
        .bodied = ending.bodied,
        .behind = ending.behind,
        .asked = ending.asked,
        .changes = server->kept.changes,
        .began = conn->began,
    };
    reply->job = (struct server_job){0};
    reply_release(reply);
    reply_init(&pending->reply);
    pending->texts = request_copy(request, &pending->request);
    if (!jobs_add(server->jobs, &(struct job_task){run_job, end_job, drop_job, pending})) {
        pending_free(pending);
        server_reply_status(reply, 503);
        return send_reply(server, conn, request, reply, ending);
    }
    conn->pending = pending;
    timers_start(&server->timers, &conn->timer, TIMER_JOB, server->now);
    return false;
}

/* Sends the reply, or has its job make another one first. */
static bool reply_with(struct server *server, struct conn *conn,
                       const struct server_request *request, struct server_reply *reply,
                       struct ending ending)
{
    return reply->job.run ? begin_job(server, conn, request, reply, ending)
                          : send_reply(server, conn, request, reply, ending);
}

/* Answers a request whose whole body is in the handler's sink. */
static bool finish(struct server *server, struct conn *conn, size_t behind)
{
    AUTO(intake_free_at) struct intake *intake = STEAL(conn->intake);
    struct server_reply reply;
    reply_init(&reply);
    conn->began = intake->began;
    answer_body(server, intake, &reply);
    return reply_with(server, conn, &intake->request, &reply, (struct ending){.behind = behind});
}

static bool answer_unread(struct server *server, struct conn *conn, struct server_reply *reply)
{
    struct server_request unread;
    request_init(&unread);
    unread.http11 = true;
    return send_reply(server, conn, &unread, reply, (struct ending){.lost = true});
}

bool exchange_break(struct server *server, struct conn *conn, int status)
{
    AUTO(intake_free_at) struct intake *intake = STEAL(conn->intake);
    struct server_reply reply;
    reply_init(&reply);
    server_reply_status(&reply, status);
    if (!intake)
        return answer_unread(server, conn, &reply);
    conn->began = intake->began;
    return send_reply(server, conn, &intake->request, &reply, (struct ending){.lost = true});
}

bool exchange_refuse_plain(struct server *server, struct conn *conn)
{
    struct server_reply reply;
    reply_init(&reply);
    reply.kind = REPLY_PAGE;
    reply.status = 400;
    reply.content_type = "text/plain; charset=utf-8";
    buf_init(&reply.page, MESSAGE_BODY_MAX);
    buf_add_text(&reply.page, "400 Bad Request: this port speaks TLS; use https://\n");
    return answer_unread(server, conn, &reply);
}

/* `behind`: bytes after `data` that have come in already. */
static bool hand_on(struct server *server, struct conn *conn, const char *data, size_t len,
                    size_t behind, size_t *used)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct intake *intake = conn->intake;
    int status = 0;
    enum intake_step step = intake_take(intake, data, len, used, &status, &err);
    if (step == INTAKE_MORE)
        return true;
    if (step == INTAKE_DONE)
        return finish(server, conn, behind + len - *used);
    if (status == 500)
        server_failed(server, "%s %s: %s", intake->request.method, intake->request.target,
                      err_text(&err));
    *used = len;
    return exchange_break(server, conn, status);
}

/*
 * Tells a client that waits to send its body (RFC 9110, section 10.1.1). When the socket is full,
 * the client has not read earlier responses; nothing is sent then, since a client must not wait for
 * ever. Returns false when only a part could be sent, or when TLS has to send these bytes first.
 */
static bool invite(struct conn *conn)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    ssize_t sent = wire_send(&conn->wire, text, sizeof(text) - 1, false);
    return (sent < 0 && !conn->wire.tls) || (size_t)sent == sizeof(text) - 1;
}

static bool begin_intake(struct server *server, struct conn *conn,
                         const struct server_request *request, const struct server_sink *sink,
                         size_t behind)
{
    size_t used;
    conn->intake = intake_new(request, sink, conn->began);
    if (!hand_on(server, conn, "", 0, behind, &used))
        return false;
    if (conn->intake && request->expect_continue && !behind && !invite(conn)) {
        conn_close(server, conn);
        return false;
    }
    return true;
}

static bool answer_request(struct server *server, struct conn *conn, struct server_request *request,
                           struct ending ending)
{
    char path[TARGET_PATH_MAX + 1];
    struct server_reply reply;
    reply_init(&reply);
    if (answer_admit(server, request, path, &reply)) {
        struct kept *kept = kept_reply_find(server, request);
        if (kept)
            return send_kept(server, conn, request, kept, ending);
        answer_ask(server, request, &reply);
    }
    if (reply.sink.end && !reply.job.run) {
        struct server_sink sink = reply.sink;
        reply_release(&reply);
        return begin_intake(server, conn, request, &sink, ending.behind);
    }
    ending.bodied = request->content_length > 0 || request->transfer_encoding;
    ending.lost = request->status || request->transfer_encoding ||
                  request->content_length > BODY_MAX || (ending.bodied && request->expect_continue);
    return reply_with(server, conn, request, &reply, ending);
}

bool exchange_begin(struct server *server, struct conn *conn, struct server_request *request,
                    size_t behind)
{
    request->peer = conn->peer;
    return answer_request(server, conn, request, (struct ending){.behind = behind});
}

bool exchange_body(struct server *server, struct conn *conn, const char *data, size_t len,
                   size_t *used)
{
    return hand_on(server, conn, data, len, 0, used);
}
