/* Requests and their targets, as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "server/parse.h"
#include "server/target.h"

/* The request points into the text, which stays until the next call. */
static enum parse_result parse_bytes(const char *data, size_t len, struct server_request *out)
{
    static char *copy;
    free(copy);
    copy = mem_dup_n(data, len);
    enum parse_result result = request_parse(copy, len, out);
    if (!len || result == PARSE_MORE) {
        free(copy);
        copy = NULL;
    }
    return result;
}

static enum parse_result parse(const char *text, struct server_request *out)
{
    return parse_bytes(text, strlen(text), out);
}

static void forget(void)
{
    struct server_request request;
    parse_bytes("", 0, &request);
}

static void expect_status(const char *text, int status)
{
    struct server_request request;
    if (parse(text, &request) != PARSE_BAD || request.status != status)
        fail_msg("%d and not %d for:\n%s", request.status, status, text);
    forget();
}

static void expect_done(const char *text)
{
    struct server_request request;
    if (parse(text, &request) != PARSE_DONE)
        fail_msg("%d for:\n%s", request.status, text);
    forget();
}

static void test_plain_request(void **state)
{
    (void)state;
    struct server_request request;
    static const char text[] = "GET /a?b HTTP/1.1\r\nHost: x:80\r\nUser-Agent:  curl/8 \t\r\n"
                               "Range: bytes=0-1\r\nIF-NONE-MATCH:*\r\n\r\nGET /next";
    assert_int_equal(parse(text, &request), PARSE_DONE);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.target, "/a?b");
    assert_string_equal(request.agent, "curl/8");
    assert_string_equal(request.range, "bytes=0-1");
    assert_string_equal(request.if_none_match, "*");
    assert_null(request.if_range);
    assert_true(request.http11);
    assert_true(request.keep_alive);
    assert_int_equal(request.content_length, -1);
    assert_int_equal(request.size, sizeof(text) - 1 - strlen("GET /next"));
    forget();
}

static void test_every_prefix_needs_more(void **state)
{
    (void)state;
    static const char text[] = "\r\nHEAD /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";
    struct server_request request;
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        if (parse_bytes(text, len, &request) != PARSE_MORE)
            fail_msg("%zu bytes", len);
    }
    assert_int_equal(parse(text, &request), PARSE_DONE);
    assert_int_equal(request.size, sizeof(text) - 1);
    assert_true(request.keep_alive);
    assert_false(request.http11);
    forget();
}

static void test_bad_request_lines(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "GET /",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GET /a b HTTP/1.1",
        "G(T / HTTP/1.1",
        "GET / http/1.1",
        "GET / HTTP/11",
        "GET / HTTP/1.1\r",
        "GET /\x01 HTTP/1.1",
        "GET /\x7f HTTP/1.1",
        "/ HTTP/1.1",
        "GET",
        "GET / HTTP/1.",
        "GET / HTTP/1.10",
        "GET / XTTP/1.1",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        AUTO_FREE char *text = mem_printf("%s\r\nHost: x\r\n\r\n", lines[i]);
        expect_status(text, 400);
    }
    expect_status("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505);
    expect_status("GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505);
    expect_status("\x16\x03\x01", 400);
    expect_status("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    expect_done("GET / HTTP/1.2\r\nHost: x\r\n\r\n");
    expect_done("GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n");
}

static void test_bad_fields(void **state)
{
    (void)state;
    static const char *const fields[] = {
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 1 1\r\n",
        "Content-Length: 0x1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Host: y\r\n",
        "X: a\r\n b\r\n",
        " X: a\r\n",
        "X : a\r\n",
        "X\r\n",
        ": a\r\n",
        "X\xe4: a\r\n",
        "X: a\rb\r\n",
        "X: a\x01\r\n",
        "X: a\x7f\r\n",
        "X: a\n",
        "X: a\r\r\n",
    };
    for (size_t i = 0; i < COUNT(fields); i++) {
        AUTO_FREE char *text = mem_printf("GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", fields[i]);
        expect_status(text, 400);
    }
    static const char nul[] = "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n";
    struct server_request request;
    assert_int_equal(parse_bytes(nul, sizeof(nul) - 1, &request), PARSE_BAD);
    static const char nul_in_name[] = "GET / HTTP/1.1\r\nHost\0: x\r\n\r\n";
    assert_int_equal(parse_bytes(nul_in_name, sizeof(nul_in_name) - 1, &request), PARSE_BAD);
    forget();
}

static void test_host(void **state)
{
    (void)state;
    expect_status("GET / HTTP/1.1\r\n\r\n", 400);
    expect_status("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
    expect_status("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
    expect_status("GET / HTTP/1.1\r\nHost: a,b@c\r\n\r\n", 400);
    expect_status("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
    expect_done("GET / HTTP/1.0\r\n\r\n");
    expect_status("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400); /* as nginx does */
    expect_status("GET / HTTP/1.0\r\nHost: \r\n\r\n", 400);
    expect_status("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400);
    expect_done("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n");
    expect_done("GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n");
}

static bool keeps_alive(const char *version, const char *fields)
{
    AUTO_FREE char *text = mem_printf("GET / HTTP/%s\r\nHost: x\r\n%s\r\n", version, fields);
    struct server_request request;
    assert_int_equal(parse(text, &request), PARSE_DONE);
    bool result = request.keep_alive;
    forget();
    return result;
}

static void test_connection(void **state)
{
    (void)state;
    assert_true(keeps_alive("1.1", ""));
    assert_false(keeps_alive("1.0", ""));
    assert_true(keeps_alive("1.0", "Connection: Keep-Alive\r\n"));
    assert_false(keeps_alive("1.1", "Connection: Close\r\n"));
    assert_false(keeps_alive("1.1", "Connection: te , close\r\n"));
    assert_false(keeps_alive("1.1", "Connection: close\r\nConnection: keep-alive\r\n"));
    assert_true(keeps_alive("1.1", "Connection: closed\r\n"));
}

static void test_body_fields(void **state)
{
    (void)state;
    struct server_request request;
    assert_int_equal(parse("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0012\r\n"
                           "Expect: 100-Continue\r\n\r\n",
                           &request),
                     PARSE_DONE);
    assert_int_equal(request.content_length, 12);
    assert_true(request.expect_continue);
    assert_false(request.expect_other);
    assert_int_equal(parse("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                           "Expect: more\r\n\r\n",
                           &request),
                     PARSE_DONE);
    assert_true(request.transfer_encoding);
    assert_true(request.expect_other);
    expect_status("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999\r\n\r\n", 413);
    expect_status("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    forget();
}

static void test_doubled_singletons_are_void(void **state)
{
    (void)state;
    struct server_request request;
    assert_int_equal(parse("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n"
                           "If-Range: \"a\"\r\nIf-Range: \"b\"\r\n\r\n",
                           &request),
                     PARSE_DONE);
    assert_string_equal(request.range, "");
    assert_string_equal(request.if_range, "");
    forget();
}

/* A request line and fields that have `target` and `block` bytes. */
static char *sized_request(size_t target, size_t block)
{
    char *text = mem_alloc(block + 1);
    memset(text, 'a', block);
    text[block] = '\0';
    memcpy(text, "GET /", 5);
    memcpy(text + 4 + target, " HTTP/1.1\r\nHost: x\r\nX: ", 23);
    memcpy(text + block - 4, "\r\n\r\n", 4);
    return text;
}

static void test_sizes(void **state)
{
    (void)state;
    AUTO_FREE char *largest = sized_request(REQUEST_TARGET_MAX, REQUEST_HEAD_MAX);
    AUTO_FREE char *long_target = sized_request(REQUEST_TARGET_MAX + 1, REQUEST_HEAD_MAX);
    AUTO_FREE char *huge_target = sized_request(REQUEST_HEAD_MAX, 2 * REQUEST_HEAD_MAX);
    AUTO_FREE char *long_block = sized_request(10, REQUEST_HEAD_MAX + 1);
    expect_done(largest);
    expect_status(long_target, 414);
    expect_status(huge_target, 414);
    expect_status(long_block, 431);
    struct server_request request;
    assert_int_equal(parse_bytes(huge_target, REQUEST_HEAD_MAX - 1, &request), PARSE_BAD);
    assert_int_equal(request.status, 414);
    assert_int_equal(parse_bytes(long_block, REQUEST_HEAD_MAX, &request), PARSE_BAD);
    assert_int_equal(request.status, 431);
    assert_int_equal(parse_bytes(long_block, REQUEST_HEAD_MAX - 1, &request), PARSE_MORE);
}

static void expect_path(const char *target, const char *path)
{
    char out[TARGET_PATH_MAX + 1];
    assert_int_equal(target_path(target, out), 0);
    assert_string_equal(out, path);
}

static void test_targets(void **state)
{
    (void)state;
    expect_path("/", "/");
    expect_path("/a/b.wasm?x=/../#%", "/a/b.wasm");
    expect_path("/a/", "/a/");
    expect_path("/%41%7e%C3%a4%0A:v1.0", "/A~\xc3\xa4\n:v1.0");
    expect_path("/...", "/...");
    expect_path("/.a/..b", "/.a/..b");
    expect_path("http://h", "/");
    expect_path("http://h:1?q", "/");
    expect_path("HTTPS://h/a%20b?q", "/a b");
    /* Several slashes are one, as to nginx. */
    expect_path("//", "/");
    expect_path("//f.wasm", "/f.wasm");
    expect_path("/a///b//", "/a/b/");
    expect_path("http://h//a", "/a");
    static const char *const bad[] = {
        "*",      "a",     "h:80",     "//.",     "//..",      "/a//../b",    "/a//%2e",
        "/.",     "/..",   "/a/../",   "/a/./",   "/%2e",      "/%2E./",      "/a/..",
        "/a%2fb", "/a%00", "/%",       "/%4",     "/%g1",      "/%1g",        "/a#b",
        "/%+1",   "/% 1",  "ftp://h/", "http://", "http:///a", "http://u@h/", "http://h/../x",
    };
    char out[TARGET_PATH_MAX + 1];
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (target_path(bad[i], out) != 400)
            fail_msg("%s", bad[i]);
    }
}

static void test_long_path(void **state)
{
    (void)state;
    char out[TARGET_PATH_MAX + 1];
    AUTO_FREE char *text = mem_alloc(TARGET_PATH_MAX + 2);
    memset(text, 'a', TARGET_PATH_MAX + 1);
    text[0] = '/';
    text[TARGET_PATH_MAX + 1] = '\0';
    assert_int_equal(target_path(text, out), 414);
    text[TARGET_PATH_MAX] = '\0';
    assert_int_equal(target_path(text, out), 0);
    assert_int_equal(strlen(out), TARGET_PATH_MAX);
}

static void test_all_fields(void **state)
{
    (void)state;
    struct server_request request, copy;
    struct request_field field;
    assert_int_equal(
        parse("GET / HTTP/1.1\r\nHost: a\r\nEmpty:\r\nX:  b c \t\r\nx:d\r\n\r\n", &request),
        PARSE_DONE);
    char *memory = request_copy(&request, &copy);
    const struct server_request *both[] = {&request, &copy};
    for (size_t i = 0; i < COUNT(both); i++) {
        static const char *const expected[][2] = {
            {"Host", "a"}, {"Empty", ""}, {"X", "b c"}, {"x", "d"}};
        size_t at = 0;
        for (size_t j = 0; j < COUNT(expected); j++) {
            assert_true(request_next_field(both[i], &at, &field));
            assert_string_equal(field.name, expected[j][0]);
            assert_string_equal(field.value, expected[j][1]);
        }
        assert_false(request_next_field(both[i], &at, &field));
    }
    free(memory);
    forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_request),
        cmocka_unit_test(test_every_prefix_needs_more),
        cmocka_unit_test(test_bad_request_lines),
        cmocka_unit_test(test_bad_fields),
        cmocka_unit_test(test_host),
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_body_fields),
        cmocka_unit_test(test_doubled_singletons_are_void),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_long_path),
        cmocka_unit_test(test_all_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
