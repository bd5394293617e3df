#include "server/work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/mem.h"
#include "server/conn.h"
#include "server/exchange.h"
#include "server/parse.h"

enum {
    TURN_REQUESTS = 4, /* reads before other connections get their turn */
    TURN_MS = 5,       /* time of a turn, since one read may bring hundreds of requests */
};

static size_t skip_body(struct conn *conn, size_t len)
{
    size_t skipped = conn->skip < (long long)len ? (size_t)conn->skip : len;
    conn->skip -= (long long)skipped;
    return skipped;
}

static bool turn_is_over(const struct server *server)
{
    return clock_ms() >= server->turn_end;
}

/* Begins the next request in `data`; *used: its bytes, or 0 while the header block is not complete.
 * Returns false when no other request can be answered now. */
static bool begin_request(struct server *server, struct conn *conn, char *data, size_t len,
                          size_t *used)
{
    struct server_request request;
    enum parse_result result = request_parse(data, len, &request);
    *used = result == PARSE_MORE ? 0 : result == PARSE_DONE ? request.size : len;
    return *used && exchange_begin(server, conn, &request, len - *used);
}

/* Answers requests in server->in until the turn is over, at least one. Returns how many bytes are
 * done with. */
static size_t consume(struct server *server, struct conn *conn, size_t len)
{
    size_t at = 0;
    bool goes_on = true;
    while (goes_on) {
        at += skip_body(conn, len - at);
        if (at == len)
            break;
        size_t used;
        if (conn->intake) {
            goes_on = exchange_body(server, conn, server->in + at, len - at, &used);
        } else {
            if (at)
                conn->began = server->now;
            goes_on = begin_request(server, conn, server->in + at, len - at, &used);
        }
        at += used;
        goes_on = goes_on && !turn_is_over(server);
    }
    return at;
}

/* Fills server->in with the kept bytes and the bytes that can be read. Returns how many there are,
 * or -1 when the peer is gone. */
static ssize_t fill(struct server *server, struct conn *conn)
{
    size_t len = conn->kept_len;
    if (len)
        memcpy(server->in, conn->kept, len);
    else
        conn->began = server->now;
    free(STEAL(conn->kept));
    conn->kept_len = 0;
    if (!conn->readable || len == INPUT_MAX)
        return (ssize_t)len;
    ssize_t count = wire_recv(&conn->wire, server->in + len, INPUT_MAX - len);
    if (count < 0 && errno != EAGAIN)
        return -1;
    if (count < 0) {
        conn->readable = conn->wire.more;
        return (ssize_t)len;
    }
    conn->eof = count == 0;
    conn->readable = count && (conn->hangup || conn->wire.more);
    return (ssize_t)len + count;
}

static void keep_input(struct server *server, struct conn *conn, const char *data, size_t len)
{
    if (len) {
        conn->kept = mem_alloc(len);
        memcpy(conn->kept, data, len);
        conn->kept_len = len;
    }
    if (conn->delivery || conn->pending)
        return;
    bool begun = len || conn->skip || wire_is_opening(&conn->wire);
    enum timer_kind kind = conn->intake ? TIMER_BODY : begun ? TIMER_HEADER : TIMER_IDLE;
    if (conn->timer.kind != kind)
        timers_start(&server->timers, &conn->timer, kind, server->now);
}

/* Tells at most one failure a second: otherwise anybody who connects could fill the log. */
static void tell_tls_failure(struct server *server, const struct conn *conn)
{
    if (server->now < server->tell_tls_again)
        return;
    server_failed(server, "TLS with %s: %s", conn->peer, wire_reason(&conn->wire));
    server->tell_tls_again = server->now + 1000;
}

/* Ends the connection after an error of wire_recv(). */
static bool lose(struct server *server, struct conn *conn)
{
    if (errno == ENOTSUP)
        return exchange_refuse_plain(server, conn) || conn->lingering;
    if (errno == EPROTO)
        tell_tls_failure(server, conn);
    conn->wire.cut = true;
    conn_close(server, conn);
    return false;
}

/* Reads and answers once. Returns false when there is nothing more to do now. */
static bool serve_input(struct server *server, struct conn *conn)
{
    ssize_t len = fill(server, conn);
    if (len < 0)
        return lose(server, conn);
    size_t used = consume(server, conn, (size_t)len);
    if (conn->wire.fd < 0 || conn->lingering)
        return conn->lingering && conn->wire.fd >= 0;
    keep_input(server, conn, server->in + used, (size_t)len - used);
    if (conn->delivery || conn->pending)
        return false;
    if (conn->kept_len && turn_is_over(server))
        return true;
    if (conn->eof && conn->intake)
        exchange_break(server, conn, 400);
    else if (conn->eof)
        conn_close(server, conn);
    return conn->readable && conn->wire.fd >= 0;
}

static bool drop_input(struct server *server, struct conn *conn)
{
    ssize_t count = wire_recv(&conn->wire, server->in, INPUT_MAX);
    if (count < 0 && errno == EAGAIN)
        return conn->wire.more;
    if (count > 0)
        conn->skip -= count;
    if (count <= 0 || conn->skip <= 0) {
        conn_close(server, conn);
        return false;
    }
    return true;
}

static void work(struct server *server, struct conn *conn)
{
    if (conn->pending)
        return;
    server->turn_end = clock_ms() + TURN_MS;
    for (int i = 0; i < TURN_REQUESTS && (i == 0 || !turn_is_over(server)); i++) {
        if (conn->delivery && !conn_send(server, conn, conn->delivery) && !conn->lingering)
            return;
        if (!(conn->lingering ? drop_input(server, conn) : serve_input(server, conn)))
            return;
    }
    conn_queue(server, conn);
}

void work_event(struct server *server, struct conn *conn, uint32_t events)
{
    if (conn->wire.fd < 0)
        return;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        conn->hangup = conn->readable = true;
    if (conn->pending && (events & (EPOLLHUP | EPOLLERR))) {
        conn_close(server, conn);
        return;
    }
    if ((events & EPOLLIN) || ((events & EPOLLOUT) && wire_reads_when_writable(&conn->wire)))
        conn->readable = true;
    work(server, conn);
}

void work_turn(struct server *server, struct conn *conn)
{
    conn->queued = false;
    if (conn->wire.fd >= 0) {
        work(server, conn);
        return;
    }
    conn->next = server->closed;
    server->closed = conn;
}

static void expire_header(struct server *server, struct conn *conn)
{
    bool begun = conn->kept_len > 0;
    free(STEAL(conn->kept));
    conn->kept_len = 0;
    if (begun)
        exchange_break(server, conn, 408);
    else
        conn_close(server, conn);
}

static bool is_fast_enough(long long bytes, int min_rate, int ms)
{
    return bytes >= (long long)min_rate * ms / 1000;
}

/* A client whose bytes wait in the socket is not too slow: the server has not read them yet. */
static void expire_body(struct server *server, struct conn *conn)
{
    const struct server_options *options = &server->options;
    long long progress = intake_progress(conn->intake);
    if (wire_has_unread(&conn->wire) ||
        is_fast_enough(progress, options->body_min_rate, options->body_timeout_ms))
        timers_start(&server->timers, &conn->timer, TIMER_BODY, server->now);
    else
        exchange_break(server, conn, 408);
}

/* Ends a connection that was too slow for the whole time of the timer. */
static void expire_send(struct server *server, struct conn *conn)
{
    const struct server_options *options = &server->options;
    long long progress = delivery_progress(conn->delivery, &conn->wire);
    if (is_fast_enough(progress, options->send_min_rate, options->send_timeout_ms))
        timers_start(&server->timers, &conn->timer, TIMER_SEND, server->now);
    else
        conn_close(server, conn);
}

void work_expire(struct server *server, struct conn *conn)
{
    if (conn->timer.kind == TIMER_HEADER)
        expire_header(server, conn);
    else if (conn->timer.kind == TIMER_BODY)
        expire_body(server, conn);
    else if (conn->timer.kind == TIMER_SEND)
        expire_send(server, conn);
    else if (conn->timer.kind == TIMER_JOB)
        timers_start(&server->timers, &conn->timer, TIMER_JOB, server->now);
    else
        conn_close(server, conn);
}

void work_stop(struct server *server, struct conn *conn)
{
    conn->readable = true;
    work(server, conn);
    if (conn->wire.fd >= 0 && !conn->delivery && !conn->pending && !conn->lingering)
        conn_close(server, conn);
}
