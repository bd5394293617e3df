/* The loop: waits for events, accepts connections, ends connections whose time is up, stops. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/admit.h"
#include "server/conn.h"
#include "server/state.h"
#include "server/work.h"

enum {
    EVENTS_MAX = 128,
    ACCEPT_MAX = 64, /* at a time, before connections get their turn */
    ACCEPT_PAUSE_MS = 1000,
};

static int watch(const struct server *server, int operation, int fd, uint32_t events,
                 const void *tag)
{
    struct epoll_event event = {.events = events, .data.ptr = (void *)(uintptr_t)tag};
    return epoll_ctl(server->epoll, operation, fd, &event);
}

static void accept_pause(struct server *server, int64_t ms)
{
    watch(server, EPOLL_CTL_MOD, server->listener, 0, &server->listener);
    server->accepting = false;
    server->accept_again = server->now + ms;
}

static void accept_resume(struct server *server)
{
    if (server->accepting || server->stopping || server->count >= server->max ||
        server->now < server->accept_again)
        return;
    if (watch(server, EPOLL_CTL_MOD, server->listener, EPOLLIN, &server->listener) == 0)
        server->accepting = true;
}

static bool close_oldest_idle(struct server *server)
{
    struct timer *oldest = server->timers.first[TIMER_IDLE];
    if (oldest)
        conn_close(server, (struct conn *)(void *)oldest);
    return oldest != NULL;
}

/* Tells at most one error a second: otherwise anybody who connects could fill the log. */
static void tell_accept_error(struct server *server)
{
    if (server->now < server->tell_again)
        return;
    server_failed(server, "accept a connection: %s", strerror(errno));
    server->tell_again = server->now + ACCEPT_PAUSE_MS;
}

/*
 * Whether to call accept(2) again at once, after a call that failed and set errno. `first`: a
 * connection is known to wait. In a later call the error of missing descriptors can come although
 * no connection waits.
 */
static bool accept_failed(struct server *server, bool first)
{
    switch (errno) {
    case EAGAIN:
        return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        if (!first)
            return false;
        tell_accept_error(server);
        if (close_oldest_idle(server))
            return true;
        accept_pause(server, ACCEPT_PAUSE_MS);
        return false;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        tell_accept_error(server);
        accept_pause(server, ACCEPT_PAUSE_MS);
        return false;
    default: /* accept(2): an error of the connection itself, which is gone */
        return true;
    }
}

static void accept_all(struct server *server)
{
    for (int i = 0; i < ACCEPT_MAX; i++) {
        if (server->count >= server->max && (i > 0 || !close_oldest_idle(server))) {
            if (i == 0)
                accept_pause(server, 0);
            return;
        }
        struct sockaddr_storage peer;
        socklen_t len = sizeof(peer);
        int fd =
            accept4(server->listener, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && !admit_peer(server, &peer))
            close(fd);
        else if (fd >= 0)
            conn_open(server, fd, &peer);
        else if (!accept_failed(server, i == 0))
            return;
    }
}

/* Calls `act` for all connections that are in the queue now. `act` may end or move its
 * connection. */
static void each_in(struct server *server, enum timer_kind kind,
                    void (*act)(struct server *server, struct conn *conn))
{
    const struct timer *last = server->timers.last[kind];
    for (struct timer *at = server->timers.first[kind]; at;) {
        struct timer *next = at == last ? NULL : at->next;
        act(server, (struct conn *)(void *)at);
        at = next;
    }
}

static void begin_stop(struct server *server, int stop_fd)
{
    epoll_ctl(server->epoll, EPOLL_CTL_DEL, stop_fd, NULL);
    close(server->listener);
    server->listener = -1;
    server->accepting = false;
    server->stopping = true;
    server->drain_end =
        server->options.drain_ms > 0 ? server->now + server->options.drain_ms : INT64_MAX;
    each_in(server, TIMER_IDLE, work_stop);
    each_in(server, TIMER_HEADER, work_stop);
}

static void give_turns(struct server *server)
{
    struct conn *list = server->turns;
    server->turns = NULL;
    while (list) {
        struct conn *conn = list;
        list = conn->next;
        work_turn(server, conn);
    }
}

static void expire(struct server *server)
{
    struct timer *due;
    while ((due = timers_due(&server->timers, server->now)))
        work_expire(server, (struct conn *)(void *)due);
}

static void close_all(struct server *server)
{
    for (int kind = TIMER_IDLE; kind < TIMER_KINDS; kind++)
        each_in(server, (enum timer_kind)kind, conn_close);
    give_turns(server);
    conn_bury(server);
}

static int wait_ms(const struct server *server)
{
    if (server->turns)
        return 0;
    int64_t next = timers_next(&server->timers);
    if (server->stopping && server->drain_end < next)
        next = server->drain_end;
    if (!server->accepting && !server->stopping && server->count < server->max &&
        server->accept_again < next)
        next = server->accept_again;
    if (next == INT64_MAX)
        return -1;
    int64_t wait = next - server->now;
    return wait <= 0 ? 0 : wait > INT_MAX ? INT_MAX : (int)wait;
}

static int step(struct server *server, int stop_fd, struct err *err)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(server->epoll, events, EVENTS_MAX, wait_ms(server));
    if (count < 0 && errno != EINTR)
        return err_errno(err, "wait for connections");
    server->now = clock_ms();
    bool stop = false, waiting = false;
    for (int i = 0; i < count; i++) {
        const void *tag = events[i].data.ptr;
        if (tag == &server->stopping)
            stop = true;
        else if (tag == &server->listener)
            waiting = true;
        else
            work_event(server, events[i].data.ptr, events[i].events);
    }
    give_turns(server);
    expire(server);
    if (stop)
        begin_stop(server, stop_fd);
    else if (waiting)
        accept_all(server);
    conn_bury(server);
    accept_resume(server);
    return 0;
}

static int run(struct server *server, int stop_fd, struct err *err)
{
    if (watch(server, EPOLL_CTL_ADD, server->listener, 0, &server->listener) != 0 ||
        (stop_fd >= 0 && watch(server, EPOLL_CTL_ADD, stop_fd, EPOLLIN, &server->stopping) != 0))
        return err_errno(err, "watch the listening socket");
    accept_resume(server);
    while (!server->stopping || (server->count > 0 && server->now < server->drain_end)) {
        int rc = step(server, stop_fd, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* sendfile(2) raises SIGPIPE when the peer is gone; unlike send(2), no flag prevents that. */
int server_run(struct server *server, int stop_fd, struct err *err)
{
    sigset_t pipe_only, before, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    int rc = run(server, stop_fd, err);
    close_all(server);
    sigpending(&pending);
    if (!sigismember(&before, SIGPIPE) && sigismember(&pending, SIGPIPE))
        sigtimedwait(&pipe_only, NULL, &(struct timespec){0, 0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}
