#include "server/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    LINGER_BYTES = 256 * 1024, /* read and dropped after the last response */
    CLIENT_GONE = 499,         /* in the log, as nginx writes it */
};

/* A socket for IPv6 and IPv4 names an IPv4 peer ::ffff:10.0.0.7; the log shows 10.0.0.7. */
static void name_peer(const struct sockaddr_storage *peer, char out[PEER_MAX])
{
    char host[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *four = (const void *)peer;
    const struct sockaddr_in6 *six = (const void *)peer;
    bool mapped = peer->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);
    if (peer->ss_family == AF_INET)
        inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
    else if (mapped)
        inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], host, sizeof(host));
    else
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
    int port = ntohs(peer->ss_family == AF_INET ? four->sin_port : six->sin6_port);
    bool brackets = peer->ss_family == AF_INET6 && !mapped;
    snprintf(out, PEER_MAX, brackets ? "[%s]:%d" : "%s:%d", host, port);
}

struct conn *conn_open(struct server *server, int fd, const struct sockaddr_storage *peer)
{
    struct conn *conn = mem_zero(1, sizeof(*conn));
    if (server->tls.ssl)
        tls_context_renew(&server->tls, server->now);
    if (!wire_open(&conn->wire, fd, server->tls.ssl ? &server->tls : NULL)) {
        server_failed(server, "begin TLS: no memory");
        close(fd);
        free(conn);
        return NULL;
    }
    name_peer(peer, conn->peer);
    struct address address;
    address_of(peer, &address);
    conn->member = crowd_enter(&server->crowd, &address);
    server->count++;
    server->metrics.connections++;
    timers_start(&server->timers, &conn->timer, TIMER_IDLE, server->now);
    return conn;
}

void conn_watch(struct server *server, struct conn *conn)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = conn};
    if (conn->wire.fd < 0 || epoll_ctl(server->epoll, EPOLL_CTL_ADD, conn->wire.fd, &event) == 0)
        return;
    server_failed(server, "watch a connection: %s", strerror(errno));
    conn_close(server, conn);
}

static void log_request(struct server *server, const struct conn *conn, struct server_log entry,
                        int64_t began)
{
    entry.peer = conn->peer;
    entry.ms = clock_ms() - began;
    metrics_count(&server->metrics, &entry);
    if (server->options.log)
        server->options.log(server->options.arg, &entry);
}

static void log_delivery(struct server *server, const struct conn *conn,
                         const struct delivery *delivery)
{
    log_request(server, conn,
                (struct server_log){
                    .method = delivery->method,
                    .target = delivery->target,
                    .agent = delivery->agent,
                    .user = delivery->user,
                    .status = delivery->status,
                    .bytes = delivery->body_sent,
                },
                delivery->began);
}

static void log_unanswered(struct server *server, const struct conn *conn,
                           const struct server_request *request, int status, int64_t began)
{
    log_request(server, conn,
                (struct server_log){
                    .method = request->method,
                    .target = request->target,
                    .agent = request->agent,
                    .user = request->user,
                    .status = status,
                },
                began);
}

/* The connection ends in the middle of a request's body: no answer can be sent. */
static void abandon_intake(struct server *server, struct conn *conn)
{
    AUTO(intake_free_at) struct intake *intake = STEAL(conn->intake);
    log_unanswered(server, conn, &intake->request, 400, intake->began);
}

/* The client is gone before the reply was made. */
static void abandon_pending(struct server *server, struct conn *conn)
{
    struct pending *pending = STEAL(conn->pending);
    pending->conn = NULL;
    log_unanswered(server, conn, &pending->request, CLIENT_GONE, pending->began);
}

/* Counts a response that begins to wait, or ends that. Bodies in memory count once. */
static void hold(struct server *server, struct body *body, int by)
{
    if (!body)
        return;
    bool before = body->waiting > 0;
    body->waiting += by;
    if (before != (body->waiting > 0))
        server->held = before ? server->held - body->page.cap : server->held + body->page.cap;
}

static void end_delivery(struct server *server, struct conn *conn, struct delivery *delivery)
{
    log_delivery(server, conn, delivery);
    if (delivery == conn->delivery)
        hold(server, delivery->body, -1);
    delivery_release(delivery);
    if (delivery == conn->delivery) {
        free(delivery);
        conn->delivery = NULL;
    }
    timers_stop(&server->timers, &conn->timer);
}

void conn_close(struct server *server, struct conn *conn)
{
    if (conn->wire.fd < 0)
        return;
    if (conn->delivery || conn->intake || conn->pending)
        conn->wire.cut = true;
    if (conn->delivery)
        end_delivery(server, conn, conn->delivery);
    if (conn->intake)
        abandon_intake(server, conn);
    if (conn->pending)
        abandon_pending(server, conn);
    timers_stop(&server->timers, &conn->timer);
    wire_close(&conn->wire);
    crowd_leave(&server->crowd, STEAL(conn->member));
    free(STEAL(conn->kept));
    server->count--;
    server->accept_again = 0;
    if (!conn->queued) {
        conn->next = server->closed;
        server->closed = conn;
    }
}

void conn_bury(struct server *server)
{
    while (server->closed) {
        struct conn *conn = server->closed;
        server->closed = conn->next;
        free(conn);
    }
}

void conn_queue(struct server *server, struct conn *conn)
{
    if (conn->queued)
        return;
    conn->queued = true;
    conn->next = server->turns;
    server->turns = conn;
}

/*
 * When a socket is closed while the client still sends, the client's system drops the response
 * (RFC 9112, section 9.6). The server therefore ends its own side first, and for a while reads and
 * drops the bytes that still come.
 */
static void hang_up(struct server *server, struct conn *conn, bool linger)
{
    if (!linger || conn->eof || wire_shutdown(&conn->wire) != 0) {
        conn_close(server, conn);
        return;
    }
    conn->lingering = true;
    conn->skip = LINGER_BYTES;
    timers_start(&server->timers, &conn->timer, TIMER_LINGER, server->now);
}

/* With TLS, the last bytes of a connection are a note that no byte is missing. */
static enum delivery_step finish(struct conn *conn)
{
    if (wire_finish(&conn->wire) == 0)
        return DELIVERY_DONE;
    return errno == EAGAIN ? DELIVERY_BLOCKED : DELIVERY_FAILED;
}

bool conn_send(struct server *server, struct conn *conn, struct delivery *delivery)
{
    bool end = delivery->close || server->stopping;
    enum delivery_step step = delivery_send(delivery, &conn->wire);
    if (step == DELIVERY_DONE && end)
        step = finish(conn);
    if (step == DELIVERY_BLOCKED || step == DELIVERY_TURN) {
        if (delivery != conn->delivery) {
            conn->delivery = delivery_keep(delivery);
            hold(server, conn->delivery->body, 1);
            delivery_progress(conn->delivery, &conn->wire);
            timers_start(&server->timers, &conn->timer, TIMER_SEND, server->now);
        }
        if (step == DELIVERY_TURN)
            conn_queue(server, conn);
        return false;
    }
    if (step == DELIVERY_SHORT || step == DELIVERY_CHANGED)
        server_failed(server, "%s %s: the file %s while it was sent", delivery->method,
                      delivery->target, step == DELIVERY_SHORT ? "became shorter" : "was changed");
    bool linger = delivery->linger || !delivery->close;
    end_delivery(server, conn, delivery);
    conn->wire.cut = step != DELIVERY_DONE;
    if (conn->wire.cut)
        conn_close(server, conn);
    else if (end)
        hang_up(server, conn, linger);
    return step == DELIVERY_DONE && !end;
}
