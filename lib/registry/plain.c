#include "registry/plain.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "registry/connect.h"
#include "registry/host.h"
#include "registry/reply.h"

enum { CHUNK = 128 * 1024, HEAD_MAX = 64 * 1024, EXCHANGES_MAX = 32 };

/* One exchange on its connection. */
struct exchange {
    struct http_transfer *transfer;
    char *address; /* host:port; owned */
    int fd;
    bool reused;     /* the connection has served another exchange before */
    struct buf head; /* of the request */
    size_t head_at;  /* bytes of it that are sent */
    char *chunk;     /* a part of the body; owned, NULL without one */
    size_t chunk_len;
    size_t chunk_at;
    long long left; /* bytes of the body that are not in a chunk yet */
    struct reply reply;
};

struct idle {
    char *address; /* owned */
    int fd;
};

struct plain_engine {
    struct http_settings settings;
    struct exchange *running[EXCHANGES_MAX];
    size_t running_count;
    struct idle idle[EXCHANGES_MAX];
    size_t idle_count;
    char *input; /* of CHUNK bytes: what is received goes through it */
};

/* "127.0.0.1:5000" of "http://127.0.0.1:5000/v2/"; the caller frees it. */
static char *address_of(const char *url)
{
    return mem_dup_n(url + 7, strcspn(url + 7, "/?#"));
}

bool plain_takes(const char *url)
{
    if (strncmp(url, "http://", 7) != 0)
        return false;
    AUTO_FREE char *address = address_of(url);
    return !strpbrk(address, "@ \t\r\n%") && url[7 + strlen(address)] == '/' &&
           host_kind(address) == HOST_LOOPBACK;
}

void plain_engine_open(const struct http_settings *settings, struct plain_engine **out)
{
    *out = mem_zero(1, sizeof(**out));
    (*out)->settings = *settings;
    (*out)->input = mem_alloc(CHUNK);
}

void plain_engine_close(struct plain_engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->idle_count; i++) {
        close(engine->idle[i].fd);
        free(engine->idle[i].address);
    }
    free(engine->input);
    free(engine);
}

/* Connections. */

static bool take_idle(struct plain_engine *engine, struct exchange *exchange)
{
    for (size_t i = engine->idle_count; i-- > 0;) {
        struct idle *idle = &engine->idle[i];
        if (strcmp(idle->address, exchange->address) != 0)
            continue;
        exchange->fd = idle->fd;
        exchange->reused = true;
        free(idle->address);
        *idle = engine->idle[--engine->idle_count];
        return true;
    }
    return false;
}

static void leave_connection(struct plain_engine *engine, struct exchange *exchange)
{
    bool whole = exchange->reply.state == REPLY_DONE && exchange->reply.keep_alive &&
                 exchange->head_at == exchange->head.len && !exchange->left &&
                 exchange->chunk_at == exchange->chunk_len;
    if (whole && engine->idle_count < EXCHANGES_MAX)
        engine->idle[engine->idle_count++] = (struct idle){STEAL(exchange->address), exchange->fd};
    else if (exchange->fd >= 0)
        close(exchange->fd);
    exchange->fd = -1;
}

static int open_connection(struct plain_engine *engine, struct exchange *exchange, struct err *err)
{
    exchange->reused = false;
    return connect_local(exchange->address, engine->settings.connect_seconds, &exchange->fd, err);
}

/* The beginning and the end of an exchange. */

static void write_head(struct plain_engine *engine, struct exchange *exchange)
{
    const struct http_transfer *transfer = exchange->transfer;
    const char *path = transfer->url + 7 + strlen(exchange->address);
    struct buf *head = &exchange->head;
    buf_printf(head, "%s %.*s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n", transfer->method,
               (int)strcspn(path, "#"), path, exchange->address, engine->settings.user_agent);
    for (const char *const *header = transfer->headers; *header; header++)
        buf_printf(head, "%s\r\n", *header);
    if (exchange->left || strcmp(transfer->method, "PUT") == 0 ||
        strcmp(transfer->method, "POST") == 0)
        buf_printf(head, "Content-Length: %lld\r\n", exchange->left);
    buf_add_text(head, "\r\n");
}

static void rewind_exchange(struct exchange *exchange)
{
    const struct http_transfer *transfer = exchange->transfer;
    exchange->head_at = exchange->chunk_len = exchange->chunk_at = 0;
    exchange->left = strcmp(transfer->method, "PUT") == 0 ? transfer->send_size : 0;
    exchange->reply.bodyless = strcmp(transfer->method, "HEAD") == 0;
    exchange->reply.head = transfer->head;
    exchange->reply.write = transfer->write;
    exchange->reply.arg = transfer->arg;
    reply_start(&exchange->reply);
}

static void free_exchange(struct exchange *exchange)
{
    reply_release(&exchange->reply);
    if (exchange->head.data) /* it may hold a credential */
        explicit_bzero(exchange->head.data, exchange->head.cap);
    buf_release(&exchange->head);
    free(exchange->chunk);
    free(exchange->address);
    free(exchange);
}

static void end_exchange(struct plain_engine *engine, struct exchange *exchange,
                         enum http_outcome outcome)
{
    size_t at = 0;
    while (engine->running[at] != exchange)
        at++;
    engine->running[at] = engine->running[--engine->running_count];
    exchange->transfer->outcome = outcome;
    exchange->transfer->engine_part = NULL;
    leave_connection(engine, exchange);
    free_exchange(exchange);
}

/* Words for the outcome, as libcurl has its own. */
static void give_reason(struct exchange *exchange, const char *reason)
{
    struct http_transfer *transfer = exchange->transfer;
    (void)snprintf(transfer->reason, sizeof(transfer->reason), "%s", reason);
}

int plain_engine_start(struct plain_engine *engine, struct http_transfer *transfer, struct err *err)
{
    if (engine->running_count == EXCHANGES_MAX)
        return err_set(err, ERR_FAILED, "too many exchanges at a time");
    struct err why = ERR_INIT;
    struct exchange *exchange = mem_zero(1, sizeof(*exchange));
    exchange->transfer = transfer;
    exchange->fd = -1;
    exchange->address = address_of(transfer->url);
    exchange->head = (struct buf)BUF_INIT(HEAD_MAX);
    rewind_exchange(exchange);
    write_head(engine, exchange);
    transfer->engine_part = exchange;
    transfer->moved_at = clock_ms();
    transfer->outcome = HTTP_RUNNING;
    engine->running[engine->running_count++] = exchange;
    if (buf_overflowed(&exchange->head)) {
        give_reason(exchange, "the request's head is too long");
        end_exchange(engine, exchange, HTTP_FAILED);
    } else if (!take_idle(engine, exchange) && open_connection(engine, exchange, &why) != 0) {
        give_reason(exchange, err_text(&why));
        end_exchange(engine, exchange, HTTP_NO_CONNECTION);
    }
    err_release(&why);
    return 0;
}

void plain_engine_stop(struct plain_engine *engine, struct http_transfer *transfer)
{
    if (transfer->outcome == HTTP_RUNNING)
        end_exchange(engine, transfer->engine_part, HTTP_IDLE);
}

/* The connection is gone. A kept one may have been closed while it was idle: then a new one gets
 * the request again, as long as nothing tells of it having been worked on. */
static void broken(struct plain_engine *engine, struct exchange *exchange, const char *reason)
{
    const struct http_transfer *transfer = exchange->transfer;
    if (exchange->reused && !exchange->reply.begun && transfer->rewind(transfer->arg)) {
        close(exchange->fd);
        exchange->fd = -1;
        rewind_exchange(exchange);
        if (open_connection(engine, exchange, NULL) == 0)
            return;
    }
    give_reason(exchange, reason);
    end_exchange(engine, exchange, HTTP_BROKEN);
}

/* Sending. */

static bool has_more_to_send(const struct exchange *exchange)
{
    bool refused = exchange->reply.status >= 300; /* the body is of no use any more */
    return exchange->head_at < exchange->head.len ||
           (!refused && (exchange->chunk_at < exchange->chunk_len || exchange->left > 0));
}

/* False when the source has no more bytes, which it owes. */
static bool fill_chunk(struct exchange *exchange)
{
    const struct http_transfer *transfer = exchange->transfer;
    if (!exchange->chunk)
        exchange->chunk = mem_alloc(CHUNK);
    long got = transfer->read(transfer->arg, exchange->chunk, CHUNK);
    if (got <= 0 || got > exchange->left)
        return false;
    exchange->chunk_len = (size_t)got;
    exchange->chunk_at = 0;
    exchange->left -= got;
    return true;
}

/* True when all of it is sent. */
static bool send_part(struct exchange *exchange, const char *data, size_t len, size_t *at, int more)
{
    ssize_t put = send(exchange->fd, data + *at, len - *at, MSG_NOSIGNAL | more);
    if (put < 0)
        return false;
    *at += (size_t)put;
    exchange->transfer->moved_at = clock_ms();
    return *at == len;
}

/* Until the socket takes no more. An error of it is left to receive(): what the peer said before
 * it closed is worth reading. */
static void send_on(struct plain_engine *engine, struct exchange *exchange)
{
    while (has_more_to_send(exchange)) {
        bool body = exchange->head_at == exchange->head.len;
        if (body && exchange->chunk_at == exchange->chunk_len && !fill_chunk(exchange)) {
            end_exchange(engine, exchange, HTTP_CUT);
            return;
        }
        bool whole =
            body ? send_part(exchange, exchange->chunk, exchange->chunk_len, &exchange->chunk_at, 0)
                 : send_part(exchange, exchange->head.data, exchange->head.len, &exchange->head_at,
                             exchange->left ? MSG_MORE : 0);
        if (!whole)
            return;
    }
}

/* Receiving. */

static void look_at_reply(struct plain_engine *engine, struct exchange *exchange)
{
    switch (exchange->reply.state) {
    case REPLY_DONE:
        end_exchange(engine, exchange, HTTP_DONE);
        break;
    case REPLY_CUT:
        end_exchange(engine, exchange, HTTP_CUT);
        break;
    case REPLY_WRONG:
        give_reason(exchange, "its answer is not HTTP");
        end_exchange(engine, exchange, HTTP_NOT_HTTP);
        break;
    default:
        break;
    }
}

static void receive(struct plain_engine *engine, struct exchange *exchange)
{
    ssize_t got = recv(exchange->fd, engine->input, CHUNK, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0) {
        exchange->transfer->moved_at = clock_ms();
        reply_take(&exchange->reply, engine->input, (size_t)got);
        look_at_reply(engine, exchange);
    } else if (got == 0 && reply_end(&exchange->reply)) {
        end_exchange(engine, exchange, HTTP_DONE);
    } else {
        broken(engine, exchange, got < 0 ? strerror(errno) : "closed by the peer");
    }
}

bool plain_engine_busy(const struct plain_engine *engine)
{
    return engine && engine->running_count;
}

int plain_engine_step(struct plain_engine *engine, int wait_ms, struct err *err)
{
    struct pollfd polled[EXCHANGES_MAX];
    struct exchange *exchanges[EXCHANGES_MAX];
    size_t count = engine->running_count;
    for (size_t i = 0; i < count; i++) {
        exchanges[i] = engine->running[i];
        short events = POLLIN | (has_more_to_send(exchanges[i]) ? POLLOUT : 0);
        polled[i] = (struct pollfd){.fd = exchanges[i]->fd, .events = events};
    }
    int ready = poll(polled, count, wait_ms);
    if (ready < 0 && errno != EINTR)
        return err_errno(err, "wait for the registry");
    for (size_t i = 0; ready > 0 && i < count; i++) {
        const struct http_transfer *transfer = exchanges[i]->transfer;
        if (polled[i].revents & POLLOUT)
            send_on(engine, exchanges[i]);
        if (transfer->outcome == HTTP_RUNNING && (polled[i].revents & ~POLLOUT))
            receive(engine, exchanges[i]);
    }
    return 0;
}
