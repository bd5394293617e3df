/* Connections to the server: kept, pipelined, refused, left. */
#include "tests/unit/server_fixture.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

static void test_http10(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &got),
        "HTTP/1.1 200 OK\r\n");
    client_expect_in(buf_text(&got.head), "\r\nConnection: keep-alive\r\n");
    client_expect_in(client_exchange(fd, "GET /hello HTTP/1.0\r\n\r\n", &got),
                     "\r\nConnection: close\r\n");
    assert_string_equal(buf_text(&got.body), HELLO);
    client_expect_end(fd);
}

static void test_pipeline(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd,
               "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /big HTTP/1.1\r\nHost: x\r\n\r\n"
               "HEAD /big HTTP/1.1\r\nHost: x\r\n\r\nGET /medium HTTP/1.1\r\nHost: x\r\n\r\n"
               "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /no HTTP/1.1\r\n");
    static const size_t lengths[] = {13, BIG, 0, MEDIUM, 13};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        client_hear_head(fd, &got.head);
        client_expect_in(buf_text(&got.head), "HTTP/1.1 200 OK\r\n");
        client_hear_bytes(fd, lengths[i], &got.body);
        if (lengths[i] > 13)
            client_expect_pattern(&got.body, 0, lengths[i]);
    }
    client_expect_end(fd);
    fixture_wait_for_log(fixture, 5);
    assert_int_equal(fixture->log_count, 5);
}

/* More requests than are read at a time, while nobody reads the answers. */
static void test_long_pipeline(void **state)
{
    enum { REQUESTS = 3000, PART = 20000 };
    static const char request[] = "GET /medium HTTP/1.1\r\nHost: x\r\nRange: bytes=0-19999\r\n\r\n";
    struct fixture *fixture = fixture_start(state);
    AUTO(buf_release) struct buf all = BUF_INIT(REQUESTS * sizeof(request));
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    for (int i = 0; i < REQUESTS; i++)
        buf_add_text(&all, request);
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say_bytes(fd, all.data, all.len);
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < REQUESTS; i++) {
        client_hear_head(fd, &got.head);
        client_hear_bytes(fd, PART, &got.body);
    }
    client_expect_pattern(&got.body, 0, PART);
    fixture_wait_for_log(fixture, REQUESTS);
}

static void test_request_byte_by_byte(void **state)
{
    static const char request[] = "\r\nGET /hello HTTP/1.1\r\nHost: x\r\nUser-Agent: slow\r\n\r\n";
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say_slowly(fd, request);
    client_hear_head(fd, &got.head);
    client_hear_bytes(fd, strlen(HELLO), &got.body);
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->line, "GET /hello 200 13 slow");
}

/* The body looks like a request, and comes in two parts. */
static void test_body_is_dropped(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd, "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 31\r\n\r\nGET /none",
                        &got),
        " 200 ");
    client_expect_not_in(buf_text(&got.head), "Connection");
    client_expect_in(
        client_exchange(fd, " HTTP/1.1\r\nHost: y\r\n\r\nGET /medium HTTP/1.1\r\nHost: x\r\n\r\n",
                        &got),
        " 200 ");
    client_expect_pattern(&got.body, 0, MEDIUM);
}

/* Behind such a request, the start of the next request is not known. */
static void test_connection_ends_where_framing_is_lost(void **state)
{
    static const char *const cases[][2] = {
        {"GET /hello HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\n\r\n", " 400 "},
        {"GET /hello HTTP/1.1\nHost: x\n\n", " 400 "},
        {"GET /hello HTTP/3.0\r\n\r\n", " 505 "},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
         " 400 "},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " 501 "},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " 405 "},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\nabc", " 200 "},
        {"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
         " 405 "},
    };
    struct fixture *fixture = fixture_start(state);
    for (size_t i = 0; i < COUNT(cases); i++)
        client_expect_refused(fixture, cases[i][0], cases[i][1]);
    fixture_wait_for_log(fixture, COUNT(cases));
}

/* The response must arrive although the client continues to send. */
static void test_refusal_reaches_a_talking_client(void **state)
{
    enum { NOISE = 100000 };
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_FREE char *noise = mem_alloc(NOISE);
    memset(noise, 'a', NOISE);
    memcpy(noise, "GET /", 5);
    int fd = client_dial(fixture);
    client_say_bytes(fd, noise, NOISE);
    client_hear_head(fd, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 414 ");
    client_hear_bytes(fd, client_body_length(buf_text(&got.head)), &got.body);
    client_expect_end(fd);
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->line, "- - 414 17 ");
}

static void test_client_leaves_early(void **state)
{
    struct fixture *fixture = fixture_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    client_say(fd, "GET /big HTTP/1.1\r\nHost: x\r\nUser-Agent: gone\r\n\r\n");
    client_hear_head(fd, &got.head);
    close(fd);
    fixture_wait_for_log(fixture, 1);
    assert_int_equal(fixture->status, 200);
    assert_true(fixture->bytes > 0 && fixture->bytes < BIG);
    client_expect_in(fixture->line, "GET /big 200 ");
    client_expect_in(fixture->line, " gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_http10),
        SERVER_TEST(test_pipeline),
        SERVER_TEST(test_long_pipeline),
        SERVER_TEST(test_request_byte_by_byte),
        SERVER_TEST(test_body_is_dropped),
        SERVER_TEST(test_connection_ends_where_framing_is_lost),
        SERVER_TEST(test_refusal_reaches_a_talking_client),
        SERVER_TEST(test_client_leaves_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
