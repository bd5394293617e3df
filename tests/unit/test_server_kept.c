/* Replies that are sent again without the handler. */
#include "tests/unit/kept_server.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

static int run_job(void *arg, const struct server_request *request, struct server_reply *reply,
                   struct err *err)
{
    return kept_handle(arg, request, reply, err);
}

static int defer(void *arg, const struct server_request *request, struct server_reply *reply,
                 struct err *err)
{
    (void)request, (void)err;
    reply->job = (struct server_job){run_job, NULL, arg};
    return 0;
}

static void tell_change(struct fixture *fixture)
{
    eventfd_write(fixture->watch.fd, 1);
    pthread_mutex_lock(&fixture->lock);
    while (!fixture->event)
        pthread_cond_wait(&fixture->logged, &fixture->lock);
    fixture->event = 0;
    pthread_mutex_unlock(&fixture->lock);
}

static void expect_body(const struct exchange *got, const char *path)
{
    const struct buf *body = &got->body;
    client_expect_in(buf_text(&got->head), "HTTP/1.1 200 OK\r\nDate: ");
    if (strncmp(path, "/hello", 6) == 0)
        assert_string_equal(buf_text(body), HELLO);
    else if (strcmp(path, "/long/") == 0)
        for (size_t i = 0; i < MEDIUM; i++)
            assert_int_equal(body->data[i], 'a' + i % 26);
    else
        client_expect_pattern(body, 0, MEDIUM);
}

/* A kept reply is used for at most a second: the handler may be asked again when the machine is
 * slow, but not for each request. */
static void test_same_reply_again(void **state)
{
    enum { TIMES = 20 };
    static const char *const paths[] = {"/hello", "/medium", "/long/"};
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (size_t i = 0; i < COUNT(paths); i++) {
        AUTO_FREE char *request = mem_printf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
        int before = kept_asked(fixture);
        for (int times = 0; times < TIMES; times++) {
            client_exchange(fd, request, &got);
            expect_body(&got, paths[i]);
        }
        assert_in_range(kept_asked(fixture) - before, 1, TIMES / 2);
    }
    fixture_wait_for_log(fixture, 3 * TIMES);
    assert_int_equal(fixture->status, 200);
    assert_int_equal(fixture->bytes, MEDIUM);
}

static void test_methods_and_versions(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    for (int i = 0; i < 3; i++) {
        int fd = client_dial(fixture);
        const char *head = client_exchange(fd, GET("/hello"), &got);
        client_expect_not_in(head, "Connection:");
        client_expect_in(client_exchange(fd, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                         "Content-Length: 13\r\n");
        client_expect_in(client_exchange(fd, "HEAD /medium HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                         "Content-Length: 100000\r\n");
        head = client_exchange(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &got);
        client_expect_in(head, "Connection: keep-alive\r\n\r\n");
        expect_body(&got, "/hello");
        head = client_exchange(fd, FIELDS("/medium", "Connection: close\r\n"), &got);
        client_expect_in(head, "Connection: close\r\n\r\n");
        expect_body(&got, "/medium");
        client_expect_end(fd);
    }
    assert_in_range(kept_asked(fixture), 2, 10);
}

static void test_pipeline(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say(fd, GET("/hello") GET("/medium") GET("/hello") GET("/long/") GET("/hello"));
    static const char *const paths[] = {"/hello", "/medium", "/hello", "/long/", "/hello"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        client_hear_head(fd, &got.head);
        client_hear_bytes(fd, client_body_length(buf_text(&got.head)), &got.body);
        expect_body(&got, paths[i]);
    }
}

static void test_change_that_is_told(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (int i = 0; i < 5; i++) {
        int before = kept_asked(fixture);
        client_exchange(fd, GET("/hello"), &got);
        assert_int_equal(kept_asked(fixture), before + 1);
        tell_change(fixture);
    }
}

static void test_time_is_up(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    int64_t until = clock_ms() + PATIENCE_MS;
    while (kept_asked(fixture) < 3 && clock_ms() < until) {
        client_exchange(fd, GET("/medium"), &got);
        clock_sleep_ms(20);
    }
    assert_int_equal(kept_asked(fixture), 3);
}

static void test_requests_for_the_handler(void **state)
{
    static const char *const requests[] = {
        FIELDS("/hello", "Range: bytes=0-1\r\n"),
        FIELDS("/hello", "If-None-Match: \"tag\"\r\n"),
        FIELDS("/hello", "If-Match: \"tag\"\r\n"),
        FIELDS("/hello", "If-Modified-Since: " MODIFIED_TEXT "\r\n"),
        FIELDS("/hello", "If-Unmodified-Since: " MODIFIED_TEXT "\r\n"),
        FIELDS("/hello", "Cache-Control: no-cache\r\n"),
        FIELDS("/hello", "Content-Length: 1\r\n") "x",
        "POST /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        GET("/broken"),
        GET("/busy"),
        GET("/none"),
    };
    static const char *const statuses[] = {"206", "304", "200", "304", "200", "200",
                                           "200", "405", "500", "503", "404"};
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_exchange(fd, GET("/hello"), &got);
    for (size_t i = 0; i < 2 * COUNT(requests); i++) {
        int before = kept_asked(fixture);
        const char *head = client_exchange(fd, requests[i / 2], &got);
        assert_memory_equal(head + strlen("HTTP/1.1 "), statuses[i / 2], 3);
        assert_int_equal(kept_asked(fixture), before + (strncmp(requests[i / 2], "POST", 4) != 0));
    }
}

static void expect_asked(struct fixture *fixture, const char *request, bool wanted)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    int before = kept_asked(fixture);
    client_exchange(fd, request, &got);
    expect_body(&got, "/hello");
    if (wanted)
        assert_int_equal(kept_asked(fixture), before + 1);
}

static void test_replies_for_other_requests(void **state)
{
    struct fixture *fixture = kept_start(state);
    for (int i = 0; i < 2; i++) {
        expect_asked(fixture, FIELDS("/hello?accept", "Accept: a/b\r\n"), i == 0);
        expect_asked(fixture, FIELDS("/hello?accept", "Accept: b/a\r\n"), i == 0);
        expect_asked(fixture, GET("/hello?accept"), i == 0);
        expect_asked(fixture, GET("/hello?host"), i == 0);
        expect_asked(fixture, "GET /hello?host HTTP/1.1\r\nHost: y\r\n\r\n", i == 0);
        expect_asked(fixture, GET("/hello?1"), i == 0);
        expect_asked(fixture, GET("/hello?2"), i == 0);
    }
    assert_in_range(kept_asked(fixture), 7, 13);
}

static int open_files(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void test_bounds(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_exchange(fd, GET("/hello"), &got);
    int before = open_files();
    for (int i = 0; i < 1500; i++) {
        AUTO_FREE char *request =
            mem_printf("HEAD %s?%d HTTP/1.1\r\nHost: x\r\n\r\n", i % 3 ? "/medium" : "/hello", i);
        client_exchange(fd, request, &got);
    }
    assert_in_range(open_files(), before, before + 256);
    for (int i = 0; i < 100; i++) {
        AUTO_FREE char *request = mem_printf("GET /long/?%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
        client_exchange(fd, request, &got);
        expect_body(&got, "/long/");
    }
    /* No file stays open when nobody asks. */
    int64_t until = clock_ms() + PATIENCE_MS;
    while (open_files() > before && clock_ms() < until)
        clock_sleep_ms(20);
    assert_int_equal(open_files(), before);
}

static void test_replies_of_jobs(void **state)
{
    struct server_options options = fixture_options(*state);
    options.handle = defer;
    struct fixture *fixture = kept_start_with(state, &options);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (int i = 0; i < 20; i++) {
        client_exchange(fd, GET("/hello"), &got);
        expect_body(&got, "/hello");
        client_exchange(fd, GET("/medium"), &got);
        expect_body(&got, "/medium");
    }
    assert_in_range(kept_asked(fixture), 2, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEPT_TEST(test_same_reply_again),
        KEPT_TEST(test_methods_and_versions),
        KEPT_TEST(test_pipeline),
        KEPT_TEST(test_change_that_is_told),
        KEPT_TEST(test_time_is_up),
        KEPT_TEST(test_requests_for_the_handler),
        KEPT_TEST(test_replies_for_other_requests),
        KEPT_TEST(test_bounds),
        KEPT_TEST(test_replies_of_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
