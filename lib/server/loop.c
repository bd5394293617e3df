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
    RETIRE_IDLE_MS = 2000, /* how long connections may be idle after server_retire() */
    WATCH_BIT = 1,         /* in the tag of an event: it is of a struct server_watch */
};

static int watch(const struct server *server, int operation, int fd, uint32_t events,
                 const void *tag)
{
    struct epoll_event event = {.events = events, .data.ptr = (void *)(uintptr_t)tag};
    return epoll_ctl(server->epoll, operation, fd, &event);
}

/* Returns false when one of them failed. */
static bool watch_listeners(const struct server *server, int operation, uint32_t events)
{
    bool all = true;
    for (size_t i = 0; i < server->listener_count; i++) {
        const int *listener = &server->listeners[i];
        all = watch(server, operation, *listener, events, listener) == 0 && all;
    }
    return all;
}

static void accept_pause(struct server *server, int64_t ms)
{
    watch_listeners(server, EPOLL_CTL_MOD, 0);
    server->accepting = false;
    server->accept_again = server->now + ms;
}

static void accept_resume(struct server *server)
{
    if (server->accepting || server->stopping || server->count >= server->max ||
        server->now < server->accept_again)
        return;
    server->accepting = watch_listeners(server, EPOLL_CTL_MOD, EPOLLIN);
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
        if (server->kept.files) {
            kept_reply_clear(server);
            return true;
        }
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

/* The first request has often come with the connection. When the answer ends the connection, too,
 * no event is ever needed. */
static void begin_connection(struct server *server, int fd, const struct sockaddr_storage *peer)
{
    struct conn *conn = conn_open(server, fd, peer);
    if (!conn)
        return;
    work_event(server, conn, EPOLLIN);
    conn_watch(server, conn);
}

static void accept_all(struct server *server, int listener)
{
    for (int i = 0; i < ACCEPT_MAX; i++) {
        if (server->count >= server->max && (i > 0 || !close_oldest_idle(server))) {
            if (i == 0)
                accept_pause(server, 0);
            return;
        }
        struct sockaddr_storage peer;
        socklen_t len = sizeof(peer);
        int fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && !admit_peer(server, &peer))
            close(fd);
        else if (fd >= 0)
            begin_connection(server, fd, &peer);
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

static void end_listening(struct server *server)
{
    while (server->listener_count)
        close(server->listeners[--server->listener_count]);
    server->accepting = false;
    server->stopping = true;
    server->drain_end =
        server->options.drain_ms > 0 ? server->now + server->options.drain_ms : INT64_MAX;
}

/* Connections that the system has accepted already are answered, too. */
static void begin_stop(struct server *server, int stop_fd)
{
    epoll_ctl(server->epoll, EPOLL_CTL_DEL, stop_fd, NULL);
    for (size_t i = 0; i < server->listener_count; i++)
        accept_all(server, server->listeners[i]);
    end_listening(server);
    each_in(server, TIMER_IDLE, work_stop);
    each_in(server, TIMER_HEADER, work_stop);
}

static void start_idle_anew(struct server *server, struct conn *conn)
{
    timers_start(&server->timers, &conn->timer, TIMER_IDLE, server->now);
}

void server_retire(struct server *server)
{
    end_listening(server);
    server->timers.duration[TIMER_IDLE] = RETIRE_IDLE_MS;
    each_in(server, TIMER_IDLE, start_idle_anew);
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
    if (server->kept.count && server->kept.sweep_at < next)
        next = server->kept.sweep_at;
    if (next == INT64_MAX)
        return -1;
    int64_t wait = next - server->now;
    return wait <= 0 ? 0 : wait > INT_MAX ? INT_MAX : (int)wait;
}

int server_watch(struct server *server, struct server_watch *watched, struct err *err)
{
    const void *tag = (const void *)((uintptr_t)watched | WATCH_BIT);
    if (watch(server, EPOLL_CTL_ADD, watched->fd, EPOLLIN, tag) != 0)
        return err_errno(err, "watch a descriptor");
    return 0;
}

void server_unwatch(struct server *server, struct server_watch *watched)
{
    epoll_ctl(server->epoll, EPOLL_CTL_DEL, watched->fd, NULL);
    watched->fd = -1;
}

static bool is_watch(const struct epoll_event *event)
{
    return (uintptr_t)event->data.ptr & WATCH_BIT;
}

static void call_watch(const struct epoll_event *event)
{
    uintptr_t tag = (uintptr_t)event->data.ptr;
    const struct server_watch *watched = (const void *)(tag & ~(uintptr_t)WATCH_BIT);
    if (watched->fd >= 0)
        watched->ready(watched->arg);
}

/* What the events of one wait ask for beside the work of connections. */
struct wants {
    bool stop;
    int listeners[SERVER_LISTENERS_MAX]; /* where connections wait */
    size_t listener_count;
};

static void take_event(struct server *server, const struct epoll_event *event, struct wants *wants)
{
    const int *tag = event->data.ptr;
    if (event->data.ptr == &server->stopping)
        wants->stop = true;
    else if (tag >= server->listeners && tag < server->listeners + SERVER_LISTENERS_MAX)
        wants->listeners[wants->listener_count++] = *tag;
    else
        work_event(server, event->data.ptr, event->events);
}

static int step(struct server *server, int stop_fd, struct err *err)
{
    struct epoll_event events[EVENTS_MAX];
    struct wants wants = {.stop = false};
    int count = epoll_wait(server->epoll, events, EVENTS_MAX, wait_ms(server));
    if (count < 0 && errno != EINTR)
        return err_errno(err, "wait for connections");
    server->now = clock_ms();
    /* The watched descriptors come first: a request that is here already may depend on them. */
    for (int i = 0; i < count; i++)
        if (is_watch(&events[i]))
            call_watch(&events[i]);
    for (int i = 0; i < count; i++)
        if (!is_watch(&events[i]))
            take_event(server, &events[i], &wants);
    give_turns(server);
    expire(server);
    kept_reply_sweep(server);
    if (wants.stop)
        begin_stop(server, stop_fd);
    for (size_t i = 0; i < wants.listener_count && !server->stopping; i++)
        accept_all(server, wants.listeners[i]);
    conn_bury(server);
    accept_resume(server);
    return 0;
}

bool server_background(struct server *server, void (*work)(void *arg), void (*done)(void *arg),
                       void (*drop)(void *arg), void *arg)
{
    return jobs_add(server->jobs, &(struct job_task){work, done, drop, arg});
}

static void reap_jobs(void *jobs)
{
    jobs_reap(jobs);
}

static int run(struct server *server, int stop_fd, struct err *err)
{
    server->jobs_watch = (struct server_watch){jobs_fd(server->jobs), reap_jobs, server->jobs};
    int rc = server_watch(server, &server->jobs_watch, err);
    if (rc)
        return rc;
    if (!watch_listeners(server, EPOLL_CTL_ADD, 0) ||
        (stop_fd >= 0 && watch(server, EPOLL_CTL_ADD, stop_fd, EPOLLIN, &server->stopping) != 0))
        return err_errno(err, "watch the listening socket");
    accept_resume(server);
    while (!server->stopping || (server->count > 0 && server->now < server->drain_end)) {
        rc = step(server, stop_fd, err);
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
