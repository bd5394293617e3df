#include "server/server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "server/listen.h"
#include "server/state.h"

enum {
    LINGER_MS = 2000,
    JOB_MS = 60 * 60 * 1000, /* the timer only keeps the connection in a queue */
    OTHER_FILES = 64,        /* descriptors of the rest of the process */
};

void server_options_init(struct server_options *options)
{
    *options = (struct server_options){
        .port = 8080,
        .methods = "GET, HEAD",
        .header_timeout_ms = 10 * 1000,
        .idle_timeout_ms = 60 * 1000,
        .send_timeout_ms = 30 * 1000,
        .send_min_rate = 1024,
        .body_timeout_ms = 30 * 1000,
        .body_min_rate = 1024,
        .max_connections = SERVER_CONNECTIONS,
        .workers = 4,
        .max_jobs = 256,
        .drain_ms = 30 * 1000,
    };
}

void server_failed(const struct server *server, const char *format, ...)
{
    if (!server->options.failed)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = mem_vprintf(format, args);
    va_end(args);
    server->options.failed(server->options.arg, text);
}

/* Each connection may need two descriptors: its socket, and the file that is sent. */
static int allowed_connections(int wanted, size_t *kept_files)
{
    struct rlimit limit;
    if (wanted < 1)
        wanted = 1;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    rlim_t need = (rlim_t)wanted * 2 + OTHER_FILES + KEPT_FILES;
    if (limit.rlim_cur < need) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    if (limit.rlim_cur >= need)
        return wanted;
    *kept_files = KEPT_FILES_FEW;
    return limit.rlim_cur > OTHER_FILES + 2 ? (int)((limit.rlim_cur - OTHER_FILES) / 2) : 1;
}

/* A timer that is due at its start would stay due for ever. */
static int64_t at_least_1(int ms)
{
    return ms > 0 ? ms : 1;
}

static void set_durations(struct server *server)
{
    const struct server_options *options = &server->options;
    server->timers.duration[TIMER_IDLE] = at_least_1(options->idle_timeout_ms);
    server->timers.duration[TIMER_HEADER] = at_least_1(options->header_timeout_ms);
    server->timers.duration[TIMER_BODY] = at_least_1(options->body_timeout_ms);
    server->timers.duration[TIMER_SEND] = at_least_1(options->send_timeout_ms);
    server->timers.duration[TIMER_JOB] = JOB_MS;
    server->timers.duration[TIMER_LINGER] = LINGER_MS;
}

int server_reload(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    struct tls_context context;
    AUTO_FREE char *warning = NULL;
    if (!options->tls_cert)
        return 0;
    int rc = tls_context_open(options->tls_cert, options->tls_key, &context, &warning, err);
    if (rc)
        return rc;
    tls_context_release(&server->tls);
    server->tls = context;
    if (warning)
        server_failed(server, "%s", warning);
    return 0;
}

/* The sockets of the options become the server's only when all of them are fit. */
static int take_listeners(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    if (options->listener_count > SERVER_LISTENERS_MAX)
        return err_set(err, ERR_FAILED, "listen: %zu sockets are too many: the most is %d",
                       options->listener_count, SERVER_LISTENERS_MAX);
    for (size_t i = 0; i < options->listener_count; i++) {
        int rc = listen_take(options->listeners[i], err);
        if (rc)
            return rc;
    }
    server->listener_count = options->listener_count;
    for (size_t i = 0; i < server->listener_count; i++)
        server->listeners[i] = options->listeners[i];
    return 0;
}

static int open_listeners(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    int rc = options->listener_count
                 ? take_listeners(server, err)
                 : listen_open(options->bind, options->port, &server->listeners[0], err);
    if (rc)
        return rc;
    if (!options->listener_count)
        server->listener_count = 1;
    server->port = listen_port(server->listeners[0]);
    server->local = true;
    for (size_t i = 0; i < server->listener_count; i++)
        server->local = server->local && listen_is_local(server->listeners[i]);
    return 0;
}

int server_open(const struct server_options *options, struct server **out, struct err *err)
{
    AUTO(server_close_at) struct server *server = mem_zero(1, sizeof(*server));
    server->options = *options;
    server->epoll = -1;
    server->kept.files_max = KEPT_FILES;
    server->max = allowed_connections(options->max_connections, &server->kept.files_max);
    server->now = clock_ms();
    if (getrandom(&server->crowd.seed, sizeof(server->crowd.seed), GRND_NONBLOCK) < 0)
        server->crowd.seed = (uint64_t)server->now;
    server->kept.seed = server->crowd.seed;
    set_durations(server);
    int rc = jobs_open(options->workers, (size_t)options->max_jobs, &server->jobs, err);
    if (rc)
        return rc;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0)
        return err_errno(err, "listen: make an epoll descriptor");
    rc = server_reload(server, err);
    if (!rc)
        rc = open_listeners(server, err);
    if (rc)
        return rc;
    *out = STEAL(server);
    return 0;
}

int server_port(const struct server *server)
{
    return server->port;
}

const int *server_listeners(const struct server *server, size_t *count)
{
    *count = server->listener_count;
    return server->listeners;
}

bool server_is_local(const struct server *server)
{
    return server->local;
}

void server_metrics(const struct server *server, struct buf *out)
{
    struct metrics_now now = {.connections = server->count};
    jobs_count(server->jobs, &now.waiting, &now.working);
    metrics_write(&server->metrics, &now, out);
}

void server_close(struct server *server)
{
    if (!server)
        return;
    jobs_close(server->jobs);
    while (server->listener_count)
        close(server->listeners[--server->listener_count]);
    if (server->epoll >= 0)
        close(server->epoll);
    kept_reply_clear(server);
    tls_context_release(&server->tls);
    free(server);
}

void server_close_at(struct server **server)
{
    server_close(*server);
}
