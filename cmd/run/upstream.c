#include "cmd/run/upstream.h"

#include <ctype.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "cmd/log.h"
#include "server/server.h"

enum {
    IDLE_MS = 60 * 60 * 1000, /* Envoy keeps connections for an hour */
    CONNECTIONS_MAX = 1024,
    PAGE_MAX = 8 * UPSTREAM_BODY_MAX, /* a character of a body is six at most in JSON */
};

struct upstream {
    struct server *server;
    int stop;
    pthread_t thread;
    bool runs;
    pthread_mutex_t turn; /* for the rest */
    const struct upstream_answer *answer;
    struct upstream_seen seen;
};

/* A request whose body comes in. */
struct visit {
    struct upstream *upstream;
    struct buf body;
};

void upstream_seen_release(struct upstream_seen *seen)
{
    free(seen->method);
    free(seen->path);
    texts_release(&seen->fields);
    buf_release(&seen->body);
    *seen = (struct upstream_seen){0};
}

static void lock(struct upstream *upstream)
{
    (void)pthread_mutex_lock(&upstream->turn);
}

static void unlock(struct upstream *upstream)
{
    (void)pthread_mutex_unlock(&upstream->turn);
}

/* --- The JSON object --- */

static void lower(char *text)
{
    for (; *text; text++)
        *text = (char)tolower((unsigned char)*text);
}

/* Whether a field of that name stands in front of the field that begins at `before`. */
static bool was_there(const struct server_request *request, const char *name, size_t before)
{
    struct request_field field;
    for (size_t at = 0; at < before && request_next_field(request, &at, &field);)
        if (at < before && strcasecmp(field.name, name) == 0)
            return true;
    return false;
}

static void put_field(struct buf *page, const struct server_request *request, const char *name,
                      size_t from)
{
    AUTO(buf_release) struct buf value = BUF_INIT(REQUEST_HEAD_MAX + REQUEST_HEAD_MAX);
    AUTO_FREE char *key = mem_dup(name);
    struct request_field field;
    lower(key);
    for (size_t at = from; request_next_field(request, &at, &field);) {
        if (strcasecmp(field.name, name) != 0)
            continue;
        if (value.len)
            buf_add_text(&value, ", ");
        buf_add_text(&value, field.value);
    }
    json_put_plain_pair(page, key, buf_text(&value));
}

static void put_fields(struct buf *page, const struct server_request *request)
{
    struct request_field field;
    json_key(page, "headers");
    json_begin_object(page);
    for (size_t at = 0, from = 0; request_next_field(request, &at, &field); from = at)
        if (!was_there(request, field.name, at))
            put_field(page, request, field.name, from);
    json_end_object(page);
}

static void put_body(struct buf *page, const struct buf *body)
{
    const char *text = buf_text(body);
    if (strlen(text) == body->len && utf8_valid((const unsigned char *)text, body->len)) {
        json_put_plain_pair(page, "body", text);
        return;
    }
    AUTO_FREE char *coded = base64_encode(text, body->len);
    json_put_plain_pair(page, "bodyBase64", coded);
}

static void echo(const struct server_request *request, const struct buf *body,
                 struct server_reply *reply)
{
    reply->kind = REPLY_PAGE;
    reply->status = 200;
    reply->content_type = "application/json";
    buf_init(&reply->page, PAGE_MAX);
    json_begin_object(&reply->page);
    json_put_plain_pair(&reply->page, "method", request->method);
    json_put_plain_pair(&reply->page, "path", request->target);
    put_fields(&reply->page, request);
    put_body(&reply->page, body);
    json_end_object(&reply->page);
    buf_add_char(&reply->page, '\n');
}

/* --- The answer of a test --- */

/* The server itself frames the answer. */
static bool is_framing(const char *name)
{
    static const char *const names[] = {"content-length", "transfer-encoding", "connection"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static void answer_as_told(const struct upstream_answer *answer, struct server_reply *reply)
{
    reply->kind = answer->body_len ? REPLY_PAGE : REPLY_EMPTY;
    reply->status = answer->status;
    reply->content_type = "";
    buf_init(&reply->page, PAGE_MAX);
    buf_add(&reply->page, answer->body, answer->body_len);
    for (size_t i = 0; answer->fields && i < answer->fields->count; i++) {
        const char *field = answer->fields->items[i];
        size_t len = strcspn(field, ":");
        AUTO_FREE char *name = mem_dup_n(field, len);
        const char *value = field + len + (field[len] == ':');
        value += strspn(value, " \t");
        if (!is_framing(name))
            server_reply_field(reply, name, value);
    }
}

static void note(struct upstream *upstream, const struct server_request *request,
                 const struct buf *body)
{
    struct upstream_seen *seen = &upstream->seen;
    struct request_field field;
    if (seen->came)
        return;
    seen->came = true;
    seen->method = mem_dup(request->method);
    seen->path = mem_dup(request->target);
    for (size_t at = 0; request_next_field(request, &at, &field);) {
        AUTO_FREE char *name = mem_dup(field.name);
        lower(name);
        texts_add(&seen->fields, mem_printf("%s: %s", name, field.value));
    }
    buf_init(&seen->body, UPSTREAM_BODY_MAX);
    buf_add(&seen->body, body->data, body->len);
}

/* --- Requests --- */

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct visit *visit = arg;
    (void)err;
    buf_add(&visit->body, data, len);
    return 0;
}

static int end_visit(void *arg, const struct server_request *request, struct server_reply *reply,
                     struct err *err)
{
    struct visit *visit = arg;
    struct upstream *upstream = visit->upstream;
    (void)err;
    lock(upstream);
    if (reply) {
        note(upstream, request, &visit->body);
        if (upstream->answer)
            answer_as_told(upstream->answer, reply);
        else
            echo(request, &visit->body, reply);
    }
    unlock(upstream);
    buf_release(&visit->body);
    free(visit);
    return 0;
}

/* Also a path that no server of files would take is shown as it came. */
static int handle(void *arg, const struct server_request *request, struct server_reply *reply,
                  struct err *err)
{
    (void)err;
    if (request->status) /* could not be read */
        return 0;
    struct visit *visit = mem_zero(1, sizeof(*visit));
    visit->upstream = arg;
    buf_init(&visit->body, UPSTREAM_BODY_MAX);
    reply->sink = (struct server_sink){
        .limit = UPSTREAM_BODY_MAX, .piece = take_piece, .end = end_visit, .arg = visit};
    return 0;
}

/* --- The server --- */

static void log_failure(void *arg, const char *what)
{
    (void)arg;
    log_warningf("the server behind the filter: %s", what);
}

static void *serve(void *arg)
{
    struct upstream *upstream = arg;
    AUTO(err_release) struct err err = ERR_INIT;
    if (server_run(upstream->server, upstream->stop, &err))
        log_failure(NULL, err_text(&err));
    return NULL;
}

void upstream_stop_at(struct upstream **at)
{
    static const uint64_t one = 1;
    struct upstream *upstream = *at;
    if (!upstream)
        return;
    if (upstream->runs) {
        (void)!write(upstream->stop, &one, sizeof(one));
        (void)pthread_join(upstream->thread, NULL);
    }
    server_close(upstream->server);
    mem_close_at(&upstream->stop);
    upstream_seen_release(&upstream->seen);
    (void)pthread_mutex_destroy(&upstream->turn);
    free(upstream);
}

int upstream_start(struct upstream **out, struct err *err)
{
    AUTO(upstream_stop_at) struct upstream *upstream = mem_zero(1, sizeof(*upstream));
    struct server_options options;
    (void)pthread_mutex_init(&upstream->turn, NULL);
    upstream->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (upstream->stop < 0)
        return err_errno(err, "make an event descriptor");
    server_options_init(&options);
    options.bind = "127.0.0.1";
    options.port = 0;
    options.max_connections = CONNECTIONS_MAX;
    options.handle = handle;
    options.failed = log_failure;
    options.arg = upstream;
    options.idle_timeout_ms = IDLE_MS;
    options.drain_ms = 1;
    int rc = server_open(&options, &upstream->server, err);
    if (rc)
        return err_wrap(err, "the server behind the filter");
    upstream->runs = thread_begin(&upstream->thread, serve, upstream);
    if (!upstream->runs)
        return err_set(err, ERR_FAILED, "the server behind the filter: no thread could be made");
    *out = STEAL(upstream);
    return 0;
}

int upstream_port(const struct upstream *upstream)
{
    return server_port(upstream->server);
}

void upstream_expect(struct upstream *upstream, const struct upstream_answer *answer)
{
    lock(upstream);
    upstream->answer = answer;
    upstream_seen_release(&upstream->seen);
    unlock(upstream);
}

void upstream_take_seen(struct upstream *upstream, struct upstream_seen *out)
{
    lock(upstream);
    *out = upstream->seen;
    upstream->seen = (struct upstream_seen){0};
    unlock(upstream);
}
