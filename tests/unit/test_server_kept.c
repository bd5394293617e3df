/* Replies that are sent again without the handler, and files that change meanwhile. */
#include "tests/unit/server_fixture.h"

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

#define FIELDS(path, fields) "GET " path " HTTP/1.1\r\nHost: x\r\n" fields "\r\n"
#define GET(path) FIELDS(path, "")

static char file_name[] = "/tmp/test_server_kept.XXXXXX"; /* of /named */

enum { SETTLE_MS = 100 }; /* files that are younger are not kept */

static int handle(void *arg, const struct server_request *request, struct server_reply *reply,
                  struct err *err)
{
    int rc = fixture_handle(arg, request, reply, err);
    reply->keep = true;
    reply->keep_accept = request->query && strcmp(request->query, "accept") == 0;
    if (request->path && strcmp(request->path, "/named") == 0) {
        struct stat info;
        AUTO_FREE char *name = mem_dup(file_name);
        reply->kind = REPLY_FILE;
        reply->fd = open(name, O_RDONLY | O_CLOEXEC);
        assert_int_equal(fstat(reply->fd, &info), 0);
        reply->size = info.st_size;
        reply->facts = file_facts_of(&info);
        reply->keep_folder = AT_FDCWD;
        reply->keep_path = STEAL(name);
    }
    reply->keep_host = request->query && strcmp(request->query, "host") == 0;
    return rc;
}

static int run_job(void *arg, const struct server_request *request, struct server_reply *reply,
                   struct err *err)
{
    return handle(arg, request, reply, err);
}

static int defer(void *arg, const struct server_request *request, struct server_reply *reply,
                 struct err *err)
{
    (void)request, (void)err;
    reply->job = (struct server_job){run_job, NULL, arg};
    return 0;
}

static void change(void *arg)
{
    struct fixture *fixture = arg;
    eventfd_t ignored;
    eventfd_read(fixture->watch.fd, &ignored);
    server_changed(fixture->server);
    pthread_mutex_lock(&fixture->lock);
    fixture->event++;
    pthread_cond_broadcast(&fixture->logged);
    pthread_mutex_unlock(&fixture->lock);
}

static struct fixture *start_with(void **state, const struct server_options *options)
{
    struct fixture *fixture = *state;
    fixture->event = 0;
    clock_sleep_ms(SETTLE_MS);
    fixture_open_with(fixture, options);
    fixture->watch = (struct server_watch){eventfd(0, EFD_CLOEXEC), change, fixture};
    assert_int_equal(server_watch(fixture->server, &fixture->watch, ERR_IGNORED), 0);
    fixture_run(fixture);
    return fixture;
}

static struct fixture *start(void **state)
{
    struct server_options options = fixture_options(*state);
    options.handle = handle;
    return start_with(state, &options);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    int fd = fixture->watch.fd;
    int rc = fixture_tear_down(state);
    close(fd);
    return rc;
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

static int asked(struct fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    int count = fixture->resolved;
    pthread_mutex_unlock(&fixture->lock);
    return count;
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
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (size_t i = 0; i < COUNT(paths); i++) {
        AUTO_FREE char *request = mem_printf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
        int before = asked(fixture);
        for (int times = 0; times < TIMES; times++) {
            client_ask(fd, request, &got);
            expect_body(&got, paths[i]);
        }
        assert_in_range(asked(fixture) - before, 1, TIMES / 2);
    }
    fixture_wait_for_log(fixture, 3 * TIMES);
    assert_int_equal(fixture->status, 200);
    assert_int_equal(fixture->bytes, MEDIUM);
}

static void test_methods_and_versions(void **state)
{
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    for (int i = 0; i < 3; i++) {
        int fd = client_dial(fixture);
        const char *head = client_ask(fd, GET("/hello"), &got);
        client_expect_not_in(head, "Connection:");
        client_expect_in(client_ask(fd, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                         "Content-Length: 13\r\n");
        client_expect_in(client_ask(fd, "HEAD /medium HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                         "Content-Length: 100000\r\n");
        head = client_ask(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &got);
        client_expect_in(head, "Connection: keep-alive\r\n\r\n");
        expect_body(&got, "/hello");
        head = client_ask(fd, FIELDS("/medium", "Connection: close\r\n"), &got);
        client_expect_in(head, "Connection: close\r\n\r\n");
        expect_body(&got, "/medium");
        client_expect_end(fd);
    }
    assert_in_range(asked(fixture), 2, 10);
}

static void test_pipeline(void **state)
{
    struct fixture *fixture = start(state);
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
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (int i = 0; i < 5; i++) {
        int before = asked(fixture);
        client_ask(fd, GET("/hello"), &got);
        assert_int_equal(asked(fixture), before + 1);
        tell_change(fixture);
    }
}

static void test_time_is_up(void **state)
{
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    int64_t until = clock_ms() + PATIENCE_MS;
    while (asked(fixture) < 3 && clock_ms() < until) {
        client_ask(fd, GET("/medium"), &got);
        clock_sleep_ms(20);
    }
    assert_int_equal(asked(fixture), 3);
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
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_ask(fd, GET("/hello"), &got);
    for (size_t i = 0; i < 2 * COUNT(requests); i++) {
        int before = asked(fixture);
        const char *head = client_ask(fd, requests[i / 2], &got);
        assert_memory_equal(head + strlen("HTTP/1.1 "), statuses[i / 2], 3);
        assert_int_equal(asked(fixture), before + (strncmp(requests[i / 2], "POST", 4) != 0));
    }
}

static void expect_asked(struct fixture *fixture, const char *request, bool wanted)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    int before = asked(fixture);
    client_ask(fd, request, &got);
    expect_body(&got, "/hello");
    if (wanted)
        assert_int_equal(asked(fixture), before + 1);
}

static void test_replies_for_other_requests(void **state)
{
    struct fixture *fixture = start(state);
    for (int i = 0; i < 2; i++) {
        expect_asked(fixture, FIELDS("/hello?accept", "Accept: a/b\r\n"), i == 0);
        expect_asked(fixture, FIELDS("/hello?accept", "Accept: b/a\r\n"), i == 0);
        expect_asked(fixture, GET("/hello?accept"), i == 0);
        expect_asked(fixture, GET("/hello?host"), i == 0);
        expect_asked(fixture, "GET /hello?host HTTP/1.1\r\nHost: y\r\n\r\n", i == 0);
        expect_asked(fixture, GET("/hello?1"), i == 0);
        expect_asked(fixture, GET("/hello?2"), i == 0);
    }
    assert_in_range(asked(fixture), 7, 13);
}

static void test_young_file_is_not_kept(void **state)
{
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    bool fresh = false;
    for (int i = 0; i < 100 && !fresh; i++) {
        AUTO_FREE char *other = mem_printf("%c%s", 'a' + i % 26, &HELLO[1]);
        assert_int_equal(pwrite(fixture->hello, other, strlen(HELLO), 0), strlen(HELLO));
        client_ask(fd, FIELDS("/hello", "Cache-Control: no-cache\r\n"), &got);
        assert_string_equal(buf_text(&got.body), other);
        int before = asked(fixture);
        client_ask(fd, GET("/hello"), &got);
        client_ask(fd, GET("/hello"), &got);
        fresh = asked(fixture) == before + 2;
    }
    assert_true(fresh);
}

static void test_large_file_that_was_changed(void **state)
{
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_ask(fd, GET("/medium"), &got);
    assert_int_equal(pwrite(fixture->medium, "!", 1, MEDIUM - 1), 1);
    client_ask(fd, GET("/medium"), &got);
    assert_int_equal(got.body.data[MEDIUM - 1], '!');
}

static void write_named(const char *name, size_t size, char fill)
{
    AUTO_FREE char *data = mem_alloc(size);
    AUTO_CLOSE int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    memset(data, fill, size);
    assert_int_equal(write(fd, data, size), size);
}

static void expect_named(int fd, size_t size, char fill)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_ask(fd, GET("/named"), &got);
    assert_int_equal(got.body.len, size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(got.body.data[i], fill);
}

/* A small file is looked at every few milliseconds, a large one each time. */
static void test_file_that_is_replaced(void **state)
{
    static const size_t sizes[] = {100, MEDIUM};
    struct fixture *fixture = start(state);
    AUTO_CLOSE int fd = client_dial(fixture);
    close(mkstemp(file_name));
    AUTO_FREE char *other = mem_printf("%s.new", file_name);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_named(file_name, sizes[i], 'a');
        clock_sleep_ms(SETTLE_MS);
        int before = asked(fixture);
        for (int times = 0; times < 10; times++)
            expect_named(fd, sizes[i], 'a');
        assert_in_range(asked(fixture) - before, 1, 9);
        write_named(other, sizes[i], 'b');
        assert_int_equal(rename(other, file_name), 0);
        clock_sleep_ms(10);
        expect_named(fd, sizes[i], 'b');
        clock_sleep_ms(SETTLE_MS);
        expect_named(fd, sizes[i], 'b');
        write_named(file_name, sizes[i], 'c');
        clock_sleep_ms(10);
        expect_named(fd, sizes[i], 'c');
    }
    unlink(file_name);
}

static void test_change_under_a_download(void **state)
{
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    for (int i = 0; i < 2; i++) {
        AUTO_CLOSE int fd = client_dial_with(fixture, 4096);
        client_say(fd, GET("/big"));
        client_hear_head(fd, &got.head);
        assert_int_equal(client_body_length(buf_text(&got.head)), BIG);
        clock_sleep_ms(20);
        assert_int_equal(pwrite(fixture->big, "!", 1, 0), 1);
        char chunk[65536];
        size_t all = 0;
        for (ssize_t count; (count = recv(fd, chunk, sizeof(chunk), 0)) > 0;)
            all += (size_t)count;
        assert_in_range(all, 1, BIG - 1);
        fixture_wait_for_log(fixture, i + 1);
        assert_string_equal(fixture->failure, "GET /big: the file was changed while it was sent");
        clock_sleep_ms(SETTLE_MS);
    }
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
    struct fixture *fixture = start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_ask(fd, GET("/hello"), &got);
    int before = open_files();
    for (int i = 0; i < 1500; i++) {
        AUTO_FREE char *request =
            mem_printf("HEAD %s?%d HTTP/1.1\r\nHost: x\r\n\r\n", i % 3 ? "/medium" : "/hello", i);
        client_ask(fd, request, &got);
    }
    assert_in_range(open_files(), before, before + 256);
    for (int i = 0; i < 100; i++) {
        AUTO_FREE char *request = mem_printf("GET /long/?%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
        client_ask(fd, request, &got);
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
    struct fixture *fixture = start_with(state, &options);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (int i = 0; i < 20; i++) {
        client_ask(fd, GET("/hello"), &got);
        expect_body(&got, "/hello");
        client_ask(fd, GET("/medium"), &got);
        expect_body(&got, "/medium");
    }
    assert_in_range(asked(fixture), 2, 20);
}

#define KEPT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, tear_down)

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
        KEPT_TEST(test_young_file_is_not_kept),
        KEPT_TEST(test_large_file_that_was_changed),
        KEPT_TEST(test_file_that_is_replaced),
        KEPT_TEST(test_change_under_a_download),
        KEPT_TEST(test_bounds),
        KEPT_TEST(test_replies_of_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
