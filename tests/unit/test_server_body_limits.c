/* Bodies that are too large, malformed, too slow, or do not come to their end. */
#include "tests/unit/server_upload.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

static void test_too_large(void **state)
{
    static const char *const requests[] = {
        "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999\r\n\r\nabc",
        "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
        PUT_CHUNKED "\r\n3e9\r\n",
        PUT_CHUNKED "\r\nfffffffffffffff\r\nabc",
        PUT_CHUNKED "\r\n1\r\na\r\n3e8\r\n",
    };
    struct fixture *fixture = upload_start(state);
    for (size_t i = 0; i < COUNT(requests); i++)
        client_expect_refused(fixture, requests[i], "HTTP/1.1 413 Content Too Large\r\n");
    upload_expect_ended(fixture, 0, COUNT(requests));
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_FREE char *most =
        mem_printf("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%0*d", UPLOAD_LIMIT,
                   UPLOAD_LIMIT, 0);
    AUTO_CLOSE int fd = client_dial(fixture);
    client_exchange(fd, most, &got);
    assert_int_equal(got.body.len, UPLOAD_LIMIT);
    upload_expect_ended(fixture, 1, COUNT(requests));
}

static void test_no_proper_body(void **state)
{
    static const char *const cases[][2] = {
        {PUT_CHUNKED "\r\nxyz\r\n", " 400 "},
        {PUT_CHUNKED "\r\n1\r\nab", " 400 "},
        {PUT_CHUNKED "\r\n0\r\n A: b\r\n\r\n", " 400 "},
        {PUT_CHUNKED "\r\n00000000000000001\r\n", " 400 "},
        {PUT_CHUNKED "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " 501 "},
        {"PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", " 501 "},
        {PUT_CHUNKED "Content-Length: 5\r\n\r\n0\r\n\r\n", " 400 "},
        {"PUT /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", " 400 "},
        {"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", " 400 "},
        {"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", " 400 "},
    };
    struct fixture *fixture = upload_start(state);
    for (size_t i = 0; i < COUNT(cases); i++)
        client_expect_refused(fixture, cases[i][0], cases[i][1]);
    upload_expect_ended(fixture, 0, 6); /* the rest did not reach the handler */
}

/* Sends the header of a request with a body of three bytes, and waits until the server asks for
 * them. */
static void begin_body(int fd, const char *path)
{
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_FREE char *request = mem_printf(
        "PUT %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", path);
    client_say(fd, request);
    client_hear_head(fd, &got.head);
    assert_string_equal(buf_text(&got.head), "HTTP/1.1 100 Continue\r\n\r\n");
}

static void test_broken_off(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int half = client_dial(fixture), gone = client_dial(fixture);
    client_say(half, PUT_CHUNKED "\r\n3\r\nab");
    assert_int_equal(shutdown(half, SHUT_WR), 0);
    client_hear_head(half, &got.head);
    client_expect_in(buf_text(&got.head), "HTTP/1.1 400 Bad Request\r\n");
    client_hear_bytes(half, client_body_length(buf_text(&got.head)), &got.body);
    client_expect_end(half);
    upload_expect_ended(fixture, 0, 1);
    begin_body(gone, "/gone");
    client_say(gone, "ab");
    struct linger reset = {.l_onoff = 1};
    assert_int_equal(setsockopt(gone, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    close(gone);
    upload_expect_ended(fixture, 0, 2);
    fixture_wait_for_log(fixture, 2);
    assert_string_equal(fixture->line, "PUT /gone 400 0 ");
}

static void test_slow_sender(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = upload_options(fixture);
    options.body_timeout_ms = 50;
    fixture_start_with(fixture, &options);
    client_expect_refused(fixture, "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
                          " 408 ");
    client_expect_refused(fixture, PUT_CHUNKED "\r\n3\r\nabc\r\n0\r\nTrailer: with", " 408 ");
    upload_expect_ended(fixture, 0, 2);
}

static void test_steady_sender(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = upload_options(fixture);
    options.body_timeout_ms = 1000;
    options.body_min_rate = 10;
    fixture_start_with(fixture, &options);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say(fd, "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
    AUTO_FREE char *part = mem_printf("%015d", 0);
    for (int i = 0; i < 60; i++) {
        client_say(fd, part);
        clock_sleep_ms(20);
    }
    client_say(fd, ASK_NEXT);
    client_hear_head(fd, &got.head);
    client_hear_bytes(fd, 900, &got.body);
    upload_expect_next(fd);
}

/* A server that stops closes its listening socket first. */
static void wait_until_it_stops(const struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)server_port(fixture->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int waited = 0; waited < PATIENCE_MS; waited++) {
        AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
            return;
        clock_sleep_ms(1);
    }
    fail_msg("the server goes on listening");
}

static void test_stop_lets_a_body_end(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    int fd = client_dial(fixture);
    begin_body(fd, "/x");
    fixture_stop(fixture);
    wait_until_it_stops(fixture);
    client_expect_in(client_exchange(fd, "abc", &got), "\r\nConnection: close\r\n");
    assert_string_equal(buf_text(&got.body), "abc");
    client_expect_end(fd);
    fixture_wait_for_end(fixture);
}

static void test_stop_does_not_wait_for_a_body_for_ever(void **state)
{
    struct fixture *fixture = *state;
    struct server_options options = upload_options(fixture);
    options.drain_ms = 50;
    fixture_start_with(fixture, &options);
    AUTO_CLOSE int fd = client_dial(fixture);
    begin_body(fd, "/x");
    client_say(fd, "ab");
    fixture_stop(fixture);
    fixture_wait_for_end(fixture);
    upload_expect_ended(fixture, 0, 1);
    assert_int_equal(fixture->status, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_too_large),
        SERVER_TEST(test_no_proper_body),
        SERVER_TEST(test_broken_off),
        SERVER_TEST(test_slow_sender),
        SERVER_TEST(test_steady_sender),
        SERVER_TEST(test_stop_lets_a_body_end),
        SERVER_TEST(test_stop_does_not_wait_for_a_body_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
