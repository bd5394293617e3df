#include "tests/unit/server_upload.h"

#include <stdlib.h>

#include "base/mem.h"

/* A body that is arriving; its sink owns it. */
struct echo {
    struct fixture *fixture;
    struct buf body;
    long long left_to_fail; /* bytes before the sink fails; below 0: never */
};

/* The number of sinks that ended, under the fixture's lock. */
static int complete, broken;

static void count(struct fixture *fixture, int *counter)
{
    pthread_mutex_lock(&fixture->lock);
    ++*counter;
    pthread_cond_broadcast(&fixture->logged);
    pthread_mutex_unlock(&fixture->lock);
}

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct echo *echo = arg;
    if (!len)
        return err_set(err, ERR_FAILED, "an empty piece");
    buf_add(&echo->body, data, len);
    if (echo->left_to_fail < 0)
        return 0;
    echo->left_to_fail -= (long long)len;
    return echo->left_to_fail < 0 ? err_set(err, ERR_FAILED, "the disk is full") : 0;
}

/* The reply has the body of the request, except on paths whose reply has no body. */
static void fill(struct echo *echo, const struct server_request *request,
                 struct server_reply *reply)
{
    server_reply_field(reply, "Location", request->path);
    if (request->query)
        server_reply_field(reply, "X-Query", request->query);
    if (request->content_type)
        server_reply_field(reply, "X-Type", request->content_type);
    bool created = strcmp(request->path, "/created") == 0;
    reply->kind = created || strcmp(request->path, "/nothing") == 0 ? REPLY_EMPTY : REPLY_PAGE;
    reply->status = created ? 201 : reply->kind == REPLY_EMPTY ? 204 : 200;
    reply->content_type = "text/plain";
    if (reply->kind == REPLY_EMPTY)
        return;
    reply->page = echo->body;
    buf_init(&echo->body, 0);
}

static int end(void *arg, const struct server_request *request, struct server_reply *reply,
               struct err *err)
{
    struct echo *echo = arg;
    int rc = 0;
    if (reply && strcmp(request->path, "/late") == 0)
        rc = err_set(err, ERR_FAILED, "the digest is wrong");
    else if (reply)
        fill(echo, request, reply);
    count(echo->fixture, reply ? &complete : &broken);
    buf_release(&echo->body);
    free(echo);
    return rc;
}

static int handle(void *arg, const struct server_request *request, struct server_reply *reply,
                  struct err *err)
{
    if (strcmp(request->method, "PUT") != 0)
        return fixture_handle(arg, request, reply, err);
    if (!request->path)
        return 0;
    if (strcmp(request->path, "/secret") == 0) {
        server_reply_status(reply, 401);
        server_reply_field(reply, "WWW-Authenticate", "Basic realm=\"x\"");
        return 0;
    }
    struct echo *echo = mem_zero(1, sizeof(*echo));
    echo->fixture = arg;
    echo->left_to_fail = strcmp(request->path, "/full") == 0 ? 2 : -1;
    buf_init(&echo->body, 2 * BIG);
    reply->sink = (struct server_sink){
        .limit = strcmp(request->path, "/big") == 0 ? BIG : UPLOAD_LIMIT,
        .piece = take_piece,
        .end = end,
        .arg = echo,
    };
    return 0;
}

struct server_options upload_options(struct fixture *fixture)
{
    struct server_options options = fixture_options(fixture);
    options.handle = handle;
    options.methods = "GET, HEAD, PUT";
    complete = broken = 0;
    return options;
}

struct fixture *upload_start(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = upload_options(fixture);
    fixture_start_with(fixture, &options);
    return fixture;
}

void upload_expect_ended(struct fixture *fixture, int wanted_complete, int wanted_broken)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    int rc = 0;
    pthread_mutex_lock(&fixture->lock);
    while (complete + broken < wanted_complete + wanted_broken && rc == 0)
        rc = pthread_cond_timedwait(&fixture->logged, &fixture->lock, &until);
    assert_int_equal(complete, wanted_complete);
    assert_int_equal(broken, wanted_broken);
    pthread_mutex_unlock(&fixture->lock);
}

void upload_expect_next(int fd)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_hear_head(fd, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 200 OK\r\n");
    client_hear_bytes(fd, strlen(HELLO), &got.body);
    assert_string_equal(buf_text(&got.body), HELLO);
}
