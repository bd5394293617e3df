/* Requests whose handler wants the body: counted, in chunks, one after the other, awaited. */
#include "tests/unit/server_upload.h"

#include <unistd.h>

#include "base/mem.h"

static void test_counted_body(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd,
                        "PUT /a%20b?c=d&e HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\n"
                        "User-Agent: me\r\nContent-Length: 5\r\n\r\nabcdeGET /hello HTTP/1.1\r\n",
                        &got),
        "HTTP/1.1 200 OK\r\n");
    client_expect_in(buf_text(&got.head), "\r\nLocation: /a b\r\nX-Query: c=d&e\r\n");
    client_expect_in(buf_text(&got.head), "\r\nX-Type: text/x\r\n");
    client_expect_not_in(buf_text(&got.head), "Connection");
    assert_string_equal(buf_text(&got.body), "abcde");
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->line, "PUT /a%20b?c=d&e 200 5 me");
    client_say(fd, "Host: x\r\n\r\n");
    upload_expect_next(fd);
    upload_expect_ended(fixture, 1, 0);
}

static void test_chunks_byte_by_byte(void **state)
{
    static const char request[] = "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                                  "3;ext\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n";
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say_slowly(fd, request);
    client_expect_in(client_exchange(fd, ASK_NEXT, &got), "\r\nLocation: /x\r\n");
    assert_string_equal(buf_text(&got.body), "abcde");
    upload_expect_next(fd);
}

static void test_pipeline(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    static const char *const bodies[] = {"abc", "GET /none", "", "x"};
    AUTO_CLOSE int fd = client_dial(fixture);
    client_say(fd, "PUT /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                   "PUT /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "9\r\nGET /none\r\n0\r\n\r\n"
                   "PUT /3 HTTP/1.1\r\nHost: x\r\n\r\n"
                   "PUT /4 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
    client_say(fd, ASK_NEXT);
    for (size_t i = 0; i < COUNT(bodies); i++) {
        client_hear_head(fd, &got.head);
        client_hear_bytes(fd, client_body_length(buf_text(&got.head)), &got.body);
        assert_string_equal(buf_text(&got.body), bodies[i]);
    }
    upload_expect_next(fd);
    upload_expect_ended(fixture, 4, 0);
}

static void test_replies_without_a_body(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd, "PUT /created HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", &got),
        "HTTP/1.1 201 Created\r\n");
    client_expect_in(buf_text(&got.head), "\r\nContent-Length: 0\r\n");
    client_expect_not_in(buf_text(&got.head), "Content-Type");
    client_expect_in(
        client_exchange(fd, "PUT /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", &got),
        "HTTP/1.1 204 No Content\r\n");
    client_expect_not_in(buf_text(&got.head), "Content-");
    client_expect_in(client_exchange(fd, "POST /x HTTP/1.1\r\nHost: x\r\n\r\n", &got),
                     "\r\nAllow: GET, HEAD, PUT\r\n");
}

static void test_client_that_waits(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (int i = 0; i < 2; i++) {
        client_say(fd, "PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                       "Content-Length: 3\r\n\r\n");
        client_hear_head(fd, &got.head);
        assert_string_equal(buf_text(&got.head), "HTTP/1.1 100 Continue\r\n\r\n");
        client_exchange(fd, "abc", &got);
        assert_string_equal(buf_text(&got.body), "abc");
    }
    client_expect_in(
        client_exchange(fd, PUT_CHUNKED "Expect: 100-continue\r\n\r\n1\r\na\r\n0\r\n\r\n", &got),
        "HTTP/1.1 200 OK\r\n");
    client_expect_in(
        client_exchange(fd, "PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n", &got),
        "HTTP/1.1 200 OK\r\n");
    client_expect_refused(fixture,
                          "PUT /secret HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                          "Content-Length: 3\r\n\r\n",
                          "HTTP/1.1 401 Unauthorized\r\n");
    client_expect_refused(fixture,
                          "PUT /x HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n",
                          "HTTP/1.1 417 Expectation Failed\r\n");
    upload_expect_ended(fixture, 4, 0);
}

/* The handler refuses the body: the server drops it, and the connection stays open. */
static void test_refused_before_the_body(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd, "PUT /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab", &got),
        "HTTP/1.1 401 Unauthorized\r\n");
    client_expect_in(buf_text(&got.head), "\r\nWWW-Authenticate: Basic realm=\"x\"\r\n");
    client_say(fd, "cd");
    client_say(fd, ASK_NEXT);
    upload_expect_next(fd);
}

static void test_handler_that_fails(void **state)
{
    struct fixture *fixture = upload_start(state);
    client_expect_refused(fixture, "PUT /full HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
                          " 500 ");
    fixture_wait_for_log(fixture, 1);
    assert_string_equal(fixture->failure, "PUT /full: the disk is full");
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_expect_in(
        client_exchange(fd, "PUT /late HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", &got),
        " 500 ");
    client_expect_not_in(buf_text(&got.head), "Connection");
    fixture_wait_for_log(fixture, 2);
    assert_string_equal(fixture->failure, "PUT /late: the digest is wrong");
    client_say(fd, ASK_NEXT);
    upload_expect_next(fd);
    upload_expect_ended(fixture, 1, 1);
}

static void say_big(int fd, bool chunked)
{
    enum { PART = 64 * 1000 };
    AUTO_FREE char *data = mem_alloc(PART);
    for (long long at = 0; at < BIG;) {
        size_t len = BIG - at < PART ? (size_t)(BIG - at) : PART;
        for (size_t i = 0; i < len; i++)
            data[i] = fixture_pattern(at + (long long)i);
        AUTO_FREE char *size = mem_printf("%zx\r\n", len);
        if (chunked)
            client_say(fd, size);
        client_say_bytes(fd, data, len);
        if (chunked)
            client_say(fd, "\r\n");
        at += (long long)len;
    }
    if (chunked)
        client_say(fd, "0\r\n\r\n");
}

static void test_big_bodies(void **state)
{
    struct fixture *fixture = upload_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    for (int chunked = 0; chunked < 2; chunked++) {
        AUTO_FREE char *length = mem_printf("Content-Length: %d", BIG);
        AUTO_FREE char *head = mem_printf("PUT /big HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n",
                                          chunked ? "Transfer-Encoding: chunked" : length);
        client_say(fd, head);
        say_big(fd, chunked);
        client_hear_head(fd, &got.head);
        client_hear_bytes(fd, BIG, &got.body);
        client_expect_pattern(&got.body, 0, BIG);
    }
    client_say(fd, ASK_NEXT);
    upload_expect_next(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_counted_body),       SERVER_TEST(test_chunks_byte_by_byte),
        SERVER_TEST(test_pipeline),           SERVER_TEST(test_replies_without_a_body),
        SERVER_TEST(test_client_that_waits),  SERVER_TEST(test_refused_before_the_body),
        SERVER_TEST(test_handler_that_fails), SERVER_TEST(test_big_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
