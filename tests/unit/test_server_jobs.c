/* Replies that a thread of the server makes. */
#include "tests/unit/server_fixture.h"

#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* A handler whose paths under /job/ are answered by jobs. `go` lets one job end that holds. */
struct workshop {
    struct fixture *fixture;
    sem_t begun, go;
    pthread_mutex_t lock;
    int made, freed; /* under the lock */
};

static struct workshop shop;

static void count(int *counter)
{
    pthread_mutex_lock(&shop.lock);
    ++*counter;
    pthread_mutex_unlock(&shop.lock);
}

static int value_of(const int *counter)
{
    pthread_mutex_lock(&shop.lock);
    int value = *counter;
    pthread_mutex_unlock(&shop.lock);
    return value;
}

static int run_job(void *arg, const struct server_request *request, struct server_reply *reply,
                   struct err *err)
{
    const char *path = arg;
    sem_post(&shop.begun);
    if (strstr(path, "hold"))
        sem_wait(&shop.go);
    if (strstr(path, "fail"))
        return err_set(err, ERR_FAILED, "the job is lost");
    reply->again = strstr(path, "again") != NULL;
    reply->kind = REPLY_PAGE;
    reply->content_type = "text/plain";
    buf_init(&reply->page, 4096);
    buf_printf(&reply->page, "%s %s %s", request->method, request->path, request->peer);
    return 0;
}

static void free_job(void *arg)
{
    free(arg);
    count(&shop.freed);
}

static void give_job(struct server_reply *reply, const char *path)
{
    count(&shop.made);
    reply->job = (struct server_job){run_job, free_job, mem_dup(path)};
}

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    (void)arg, (void)data, (void)len, (void)err;
    return 0;
}

static int end_body(void *arg, const struct server_request *request, struct server_reply *reply,
                    struct err *err)
{
    (void)arg, (void)err;
    if (reply)
        give_job(reply, request->path);
    return 0;
}

static int handle(void *arg, const struct server_request *request, struct server_reply *reply,
                  struct err *err)
{
    if (!request->path || strncmp(request->path, "/job/", 5) != 0)
        return fixture_handle(arg, request, reply, err);
    if (strcmp(request->method, "PUT") == 0)
        reply->sink = (struct server_sink){1000, take_piece, end_body, NULL};
    else if (!strstr(request->path, "again") || strstr(request->path, "always") ||
             value_of(&shop.made) == 0)
        give_job(reply, request->path);
    else
        server_reply_status(reply, 202);
    return 0;
}

static int set_up(void **state)
{
    sem_init(&shop.begun, 0, 0);
    sem_init(&shop.go, 0, 0);
    pthread_mutex_init(&shop.lock, NULL);
    shop.made = shop.freed = 0;
    return fixture_set_up(state);
}

static int tear_down(void **state)
{
    int rc = fixture_tear_down(state);
    assert_int_equal(shop.made, shop.freed);
    return rc;
}

static struct fixture *start(void **state, int workers, int max_jobs)
{
    struct fixture *fixture = *state;
    struct server_options options = fixture_options(fixture);
    options.handle = handle;
    options.methods = "GET, HEAD, PUT";
    options.workers = workers;
    options.max_jobs = max_jobs;
    fixture_start_with(fixture, &options);
    return fixture;
}

static void test_reply_of_a_job(void **state)
{
    struct fixture *fixture = start(state, 2, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_expect_in(client_get(fixture, "/job/a", "", &got), "HTTP/1.1 200 OK\r\n");
    client_expect_in(buf_text(&got.body), "GET /job/a 127.0.0.1:");
    fixture_wait_for_log(fixture, 1);
    assert_int_equal(value_of(&shop.freed), 1);
}

static void test_kept_connection(void **state)
{
    struct fixture *fixture = start(state, 2, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    for (int i = 0; i < 20; i++) {
        client_exchange(fd, "GET /job/a HTTP/1.1\r\nHost: x\r\n\r\n", &got);
        client_expect_in(buf_text(&got.body), "GET /job/a 127");
        client_exchange(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got);
        assert_string_equal(buf_text(&got.body), HELLO);
        client_exchange(fd, "HEAD /job/b HTTP/1.1\r\nHost: x\r\n\r\n", &got);
        client_expect_in(buf_text(&got.head), "\r\nContent-Length: ");
    }
    client_exchange(fd, "GET /job/c HTTP/1.0\r\n\r\n", &got);
    client_expect_in(buf_text(&got.head), "\r\nConnection: close\r\n");
    client_expect_end(fd);
}

/* The answers come in the order of the requests, and a half-closed client gets all of them. */
static void test_pipeline(void **state)
{
    struct fixture *fixture = start(state, 4, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd, "GET /job/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                   "PUT /job/2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                   "GET /job/3 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxy"
                   "GET /job/4 HTTP/1.1\r\nHost: x\r\n\r\n");
    shutdown(fd, SHUT_WR);
    static const char *const bodies[] = {"GET /job/1", HELLO, "PUT /job/2", "GET /job/3",
                                         "GET /job/4"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        client_hear_head(fd, &got.head);
        client_hear_bytes(fd, client_body_length(buf_text(&got.head)), &got.body);
        client_expect_in(buf_text(&got.body), bodies[i]);
    }
    client_expect_end(fd);
}

static void test_others_are_served_meanwhile(void **state)
{
    struct fixture *fixture = start(state, 1, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int slow = client_dial(fixture);
    client_say(slow, "GET /job/hold HTTP/1.1\r\nHost: x\r\n\r\n");
    sem_wait(&shop.begun);
    client_get(fixture, "/hello", "", &got);
    assert_string_equal(buf_text(&got.body), HELLO);
    sem_post(&shop.go);
    client_hear_head(slow, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 200 OK\r\n");
    close(slow);
}

static void test_client_that_leaves(void **state)
{
    struct fixture *fixture = start(state, 1, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int gone = client_dial(fixture);
    client_say(gone, "GET /job/hold HTTP/1.1\r\nHost: x\r\n\r\n");
    sem_wait(&shop.begun);
    setsockopt(gone, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(gone);
    fixture_wait_for_log(fixture, 1);
    assert_int_equal(fixture->status, 499);
    sem_post(&shop.go);
    client_get(fixture, "/job/next", "", &got);
    client_expect_in(buf_text(&got.body), "GET /job/next");
}

static void test_too_many(void **state)
{
    struct fixture *fixture = start(state, 1, 1);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int first = client_dial(fixture), second = client_dial(fixture);
    client_say(first, "GET /job/hold HTTP/1.1\r\nHost: x\r\n\r\n");
    sem_wait(&shop.begun);
    client_say(second, "GET /job/hold HTTP/1.1\r\nHost: x\r\n\r\n");
    while (value_of(&shop.made) < 2)
        usleep(1000);
    client_expect_in(client_get(fixture, "/job/x", "", &got), "HTTP/1.1 503 ");
    client_expect_in(buf_text(&got.head), "\r\nRetry-After: 1\r\n");
    sem_post(&shop.go);
    sem_post(&shop.go);
    client_hear_head(second, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 200 OK\r\n");
    close(first);
    close(second);
}

static void test_failure(void **state)
{
    struct fixture *fixture = start(state, 1, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_expect_in(client_get(fixture, "/job/fail", "", &got), "HTTP/1.1 500 ");
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->failure, "GET /job/fail: the job is lost");
}

static void test_asked_again(void **state)
{
    struct fixture *fixture = start(state, 1, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_expect_in(client_get(fixture, "/job/again", "", &got), "HTTP/1.1 202 ");
    assert_int_equal(value_of(&shop.made), 1);
}

/* A request that never gets its reply is told to come back, and not that there is nothing. */
static void test_always_asked_again(void **state)
{
    struct fixture *fixture = start(state, 1, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    for (int i = 1; i <= 2; i++) {
        client_exchange(fd, "GET /job/always/again HTTP/1.1\r\nHost: x\r\n\r\n", &got);
        client_expect_in(buf_text(&got.head), "HTTP/1.1 503 ");
        client_expect_in(buf_text(&got.head), "\r\nRetry-After: 1\r\n");
        assert_int_equal(value_of(&shop.made), i * (1 + REPLY_AGAIN_MAX));
    }
    client_exchange(fd, "GET /job/a HTTP/1.1\r\nHost: x\r\n\r\n", &got);
    client_expect_in(buf_text(&got.body), "GET /job/a 127");
}

/* A stop lets running jobs end, and their clients get the replies. */
static void test_stop(void **state)
{
    struct fixture *fixture = start(state, 1, 10);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd, "GET /job/hold HTTP/1.1\r\nHost: x\r\n\r\n");
    sem_wait(&shop.begun);
    fixture_stop(fixture);
    sem_post(&shop.go);
    client_hear_head(fd, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 200 OK\r\n");
    client_hear_bytes(fd, client_body_length(buf_text(&got.head)), &got.body);
    client_expect_end(fd);
    fixture_wait_for_end(fixture);
}

/* A server that does not wait for its clients drops what they asked for. */
static void test_end_of_the_drain(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = fixture_options(fixture);
    options.handle = handle;
    options.workers = 1;
    options.drain_ms = 1;
    fixture_start_with(fixture, &options);
    int first = client_dial(fixture), second = client_dial(fixture);
    client_say(first, "GET /job/hold HTTP/1.1\r\nHost: x\r\n\r\n");
    sem_wait(&shop.begun);
    client_say(second, "GET /job/never HTTP/1.1\r\nHost: x\r\n\r\n");
    while (value_of(&shop.made) < 2)
        usleep(1000);
    fixture_stop(fixture);
    fixture_wait_for_end(fixture);
    sem_post(&shop.go);
    close(first);
    close(second);
}

struct background {
    struct fixture *fixture;
    sem_t done;
    pthread_t worked, ended;
};

static void work_behind(void *arg)
{
    ((struct background *)arg)->worked = pthread_self();
}

static void end_behind(void *arg)
{
    struct background *background = arg;
    background->ended = pthread_self();
    sem_post(&background->done);
}

static void test_background(void **state)
{
    struct fixture *fixture = *state;
    struct background background = {.fixture = fixture};
    struct server_options options = fixture_options(fixture);
    sem_init(&background.done, 0, 0);
    fixture_open_with(fixture, &options);
    assert_true(
        server_background(fixture->server, work_behind, end_behind, end_behind, &background));
    fixture_run(fixture);
    sem_wait(&background.done);
    assert_true(pthread_equal(background.ended, fixture->thread));
    assert_false(pthread_equal(background.worked, fixture->thread));
}

#define JOB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOB_TEST(test_reply_of_a_job),
        JOB_TEST(test_kept_connection),
        JOB_TEST(test_pipeline),
        JOB_TEST(test_others_are_served_meanwhile),
        JOB_TEST(test_client_that_leaves),
        JOB_TEST(test_too_many),
        JOB_TEST(test_failure),
        JOB_TEST(test_asked_again),
        JOB_TEST(test_always_asked_again),
        JOB_TEST(test_stop),
        JOB_TEST(test_end_of_the_drain),
        JOB_TEST(test_background),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
