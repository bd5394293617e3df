/* The answers of the server, as its clients see them. */
#include "tests/unit/server_fixture.h"

#include <unistd.h>

#include "base/mem.h"

static void test_file(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    const char *head = client_get(fixture, "/hello?x", "User-Agent: me\r\n", &got);
    client_expect_in(head, "HTTP/1.1 200 OK\r\nDate: ");
    client_expect_in(head, "\r\nContent-Type: application/wasm\r\n");
    client_expect_in(head, "\r\nContent-Length: 13\r\n");
    client_expect_in(head, "\r\nETag: \"tag\"\r\n");
    client_expect_in(head, "\r\nLast-Modified: " MODIFIED_TEXT "\r\n");
    client_expect_in(head, "\r\nCache-Control: no-cache\r\n");
    client_expect_in(head, "\r\nAccept-Ranges: bytes\r\n");
    client_expect_in(head, "\r\nX-Content-Type-Options: nosniff\r\n");
    client_expect_not_in(head, "Connection");
    client_expect_not_in(head, "Access-Control");
    assert_string_equal(buf_text(&got.body), HELLO);
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->line, "GET /hello?x 200 13 me");
    assert_string_equal(fixture->path, "/hello");
}

static void test_larger_bodies(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_get(fixture, "/medium", "", &got);
    client_expect_pattern(&got.body, 0, MEDIUM);
    client_get(fixture, "/big", "", &got);
    client_expect_pattern(&got.body, 0, BIG);
    client_get(fixture, "/", "", &got);
    assert_string_equal(buf_text(&got.body), "abcdefghijklmnopqrst");
    client_expect_not_in(buf_text(&got.head), "Accept-Ranges");
    client_get(fixture, "/long/", "", &got);
    assert_int_equal(got.body.len, MEDIUM);
    assert_int_equal(got.body.data[MEDIUM - 1], 'a' + (MEDIUM - 1) % 26);
    client_get(fixture, "/empty", "Range: bytes=-1\r\n", &got);
    client_expect_in(buf_text(&got.head), "200 OK");
    client_expect_in(buf_text(&got.head), "Content-Length: 0\r\n");
    fixture_wait_for_log(fixture, 5);
}

static void test_head_has_the_fields_of_get(void **state)
{
    struct fixture *fixture = fixture_start(state);
    static const char *const targets[] = {"/hello", "/medium", "/", "/long/", "/none", "/long"};
    AUTO(exchange_release) struct exchange one = EXCHANGE_INIT, other = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (size_t i = 0; i < COUNT(targets); i++) {
        AUTO_FREE char *by_get = mem_printf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", targets[i]);
        AUTO_FREE char *by_head = mem_printf("HEAD %s HTTP/1.1\r\nHost: x\r\n\r\n", targets[i]);
        client_exchange(fd, by_get, &one);
        client_exchange(fd, by_head, &other);
        size_t date = strlen("Date: ") + 29;
        memset(strstr(one.head.data, "Date: "), '-', date);
        memset(strstr(other.head.data, "Date: "), '-', date);
        assert_string_equal(one.head.data, other.head.data);
    }
}

static void test_errors(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_expect_in(client_get(fixture, "/none", "", &got), "HTTP/1.1 404 Not Found\r\n");
    assert_string_equal(buf_text(&got.body), "404 Not Found\n");
    client_expect_in(client_get(fixture, "/broken", "", &got), "HTTP/1.1 500 ");
    fixture_wait_for_log(fixture, 2);
    assert_string_equal(fixture->failure, "GET /broken: the disk is on fire");
    client_expect_in(client_get(fixture, "/shrunk", "", &got), "HTTP/1.1 500 ");
    fixture_wait_for_log(fixture, 3);
    assert_string_equal(fixture->failure, "GET /shrunk: the file is shorter than it was");
    client_expect_in(client_get(fixture, "/evil", "", &got), "HTTP/1.1 500 ");
    client_expect_not_in(buf_text(&got.head), "X: y");
    client_expect_in(client_get(fixture, "/long", "", &got), "HTTP/1.1 301 Moved Permanently\r\n");
    client_expect_in(buf_text(&got.head), "\r\nLocation: /long/\r\n");
}

static void test_bad_targets_are_not_resolved(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    client_expect_in(client_get(fixture, "/../etc", "", &got), "HTTP/1.1 400 ");
    client_expect_in(client_get(fixture, "/a%2Fb", "", &got), "HTTP/1.1 400 ");
    client_expect_in(client_get(fixture, "/hello", "Expect: tea\r\n", &got), "HTTP/1.1 417 ");
    fixture_wait_for_log(fixture, 3);
    assert_int_equal(fixture->resolved, 0);
}

static void test_file_that_shrinks(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd, "GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
    client_hear_head(fd, &got.head);
    assert_int_equal(client_body_length(buf_text(&got.head)), 2 * MEDIUM);
    client_hear_bytes(fd, MEDIUM, &got.body);
    client_expect_end(fd);
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->line, "GET /cut 200 100000 ");
    assert_string_equal(fixture->failure, "GET /cut: the file became shorter while it was sent");
}

static void test_conditions(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    const char *head = client_get(fixture, "/hello", "If-None-Match: \"a\", W/\"tag\"\r\n", &got);
    client_expect_in(head, "HTTP/1.1 304 Not Modified\r\n");
    client_expect_in(head, "\r\nETag: \"tag\"\r\n");
    client_expect_in(head, "\r\nCache-Control: no-cache\r\n");
    client_expect_not_in(head, "Content-");
    client_expect_in(
        client_get(fixture, "/hello", "If-Modified-Since: " MODIFIED_TEXT "\r\n", &got), " 304 ");
    client_expect_in(client_get(fixture, "/hello",
                                "If-None-Match: \"a\"\r\nIf-Modified-Since: " MODIFIED_TEXT "\r\n",
                                &got),
                     " 200 ");
    client_expect_in(client_get(fixture, "/hello", "If-Match: \"a\"\r\n", &got), " 412 ");
    client_expect_in(client_get(fixture, "/", "If-None-Match: \"tag\"\r\n", &got), " 200 ");
}

static void test_ranges(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    const char *head = client_get(fixture, "/medium", "Range: bytes=10-29\r\n", &got);
    client_expect_in(head, "HTTP/1.1 206 Partial Content\r\n");
    client_expect_in(head, "\r\nContent-Range: bytes 10-29/100000\r\n");
    client_expect_in(head, "\r\nContent-Length: 20\r\n");
    client_expect_pattern(&got.body, 10, 20);
    head = client_get(fixture, "/medium", "Range: bytes=50000-\r\nIf-Range: \"tag\"\r\n", &got);
    client_expect_in(head, "Content-Range: bytes 50000-99999/100000\r\n");
    client_expect_pattern(&got.body, 50000, 50000);
    client_get(fixture, "/medium", "Range: bytes=-5\r\nIf-Range: " MODIFIED_TEXT "\r\n", &got);
    client_expect_pattern(&got.body, 99995, 5);
    head = client_get(fixture, "/medium", "Range: bytes=100000-\r\n", &got);
    client_expect_in(head, "HTTP/1.1 416 ");
    client_expect_in(head, "\r\nContent-Range: bytes */100000\r\n");
    head = client_get(fixture, "/medium", "Range: bytes=0-1,4-5\r\n", &got);
    client_expect_in(head, "HTTP/1.1 200 OK\r\n");
    client_expect_in(
        client_get(fixture, "/medium", "Range: bytes=0-1\r\nIf-Range: W/\"tag\"\r\n", &got),
        " 200 ");
    client_expect_in(
        client_get(fixture, "/medium", "Range: bytes=0-1\r\nIf-None-Match: *\r\n", &got), " 304 ");
}

static void test_methods(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(client_exchange(fd, "DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                     "HTTP/1.1 405 ");
    client_expect_in(buf_text(&got.head), "\r\nAllow: GET, HEAD\r\n");
    client_expect_in(client_exchange(fd, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                     "HTTP/1.1 405 ");
    client_expect_in(client_exchange(fd, "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                     "HTTP/1.1 200 ");
}

static void test_cors(void **state)
{
    struct fixture *fixture = *state;
    FIXTURE_START_WITH(fixture, cors, true);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd, "OPTIONS /hello HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\n\r\n", &got),
        "HTTP/1.1 204 No Content\r\n");
    client_expect_in(buf_text(&got.head), "\r\nAccess-Control-Allow-Origin: *\r\n");
    client_expect_in(buf_text(&got.head),
                     "\r\nAccess-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n");
    client_expect_not_in(buf_text(&got.head), "Content-Length");
    client_expect_in(client_exchange(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                     "\r\nAccess-Control-Allow-Origin: *\r\n");
    client_expect_in(buf_text(&got.head), "\r\nAccess-Control-Expose-Headers: ETag, Content-Range");
    client_expect_in(client_exchange(fd, "PUT /hello HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                     "\r\nAllow: GET, HEAD, OPTIONS\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_file),
        SERVER_TEST(test_larger_bodies),
        SERVER_TEST(test_head_has_the_fields_of_get),
        SERVER_TEST(test_errors),
        SERVER_TEST(test_bad_targets_are_not_resolved),
        SERVER_TEST(test_file_that_shrinks),
        SERVER_TEST(test_conditions),
        SERVER_TEST(test_ranges),
        SERVER_TEST(test_methods),
        SERVER_TEST(test_cors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
