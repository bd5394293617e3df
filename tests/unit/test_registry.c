/* The small parts of the registry client: scopes, bodies, responses. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/body.h"
#include "registry/range.h"
#include "registry/redact.h"
#include "registry/response.h"
#include "registry/token.h"
#include "registry/scope.h"

static void expect_redacted(void how(char *text, size_t len, const char *secret),
                            const char *secret, const char *text, const char *shown)
{
    AUTO_FREE char *copy = mem_dup(text);
    how(copy, strlen(copy), secret);
    assert_string_equal(copy, shown);
}

static void hides_what_we_sent(void **state)
{
    (void)state;
    expect_redacted(redact, "Authorization: Basic bWU6czNjcmV0",
                    "no Basic bWU6czNjcmV0, no s3cret, no s3",
                    "no ******************, no ******, no s3");
    expect_redacted(redact, "Authorization: Bearer abc.def", "bad token abc.def",
                    "bad token *******");
    /* The encoded text of u:???>>> has slashes, which JSON may escape and an address encodes. */
    expect_redacted(redact, "Authorization: Basic dTo/Pz8+Pj4=",
                    "{\"got\":\"dTo\\/Pz8+Pj4=\"}, /x?auth=dTo%2FPz8%2BPj4%3D",
                    "{\"got\":\"*************\"}, /x?auth=******************");
    expect_redacted(redact_secret, "an/identity",
                    "refresh_token=an%2Fidentity of an/identity, an\\/identity",
                    "refresh_token=************* of ***********, ************");
    /* A password may be a word that messages of wasme use. */
    expect_redacted(redact_sent, "Authorization: Basic bWU6czNjcmV0", "s3cret realm, bWU6czNjcmV0",
                    "s3cret realm, ************");
}

static void reads_a_content_range(void **state)
{
    (void)state;
    assert_int_equal(range_first("bytes 100-199/200"), 100);
    assert_int_equal(range_first("bytes 9223372036854775799-1/*"), 9223372036854775799);
    const char *const bad[] = {"bytes 9223372036854775808-1/*",
                               "bytes 99999999999999999999999-1/*",
                               "bytes -5-9/10",
                               "bytes  5-9/10",
                               "bytes */10",
                               "bytes 5",
                               "items 5-9/10",
                               ""};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(range_first(bad[i]), -1);
}

static void compares_scopes(void **state)
{
    (void)state;
    assert_true(scope_covers("repository:a/b:pull,push", "repository:a/b:pull"));
    assert_true(scope_covers("repository:a/b:pull,push", "repository:a/b:push,pull"));
    assert_false(scope_covers("repository:a/b:pull", "repository:a/b:pull,push"));
    assert_false(scope_covers("repository:a/b:pull", "repository:a/bc:pull"));
    assert_false(scope_covers("repository:a/b:pull", "registry:catalog:*"));
    assert_false(scope_covers("repository:a/b:pull", "nonsense"));
    assert_true(scope_covers_all("repository:a:pull,push repository:b:pull",
                                 "repository:b:pull repository:a:push"));
    assert_false(scope_covers_all("repository:a:pull,push", "repository:a:pull repository:b:pull"));
    assert_false(scope_covers_all("repository:a:pull", "")); /* a mere login */
}

static void withholds_the_end_of_a_wrong_body(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest right;
    struct digest wrong;
    digest_of("hello world", 11, &right);
    digest_of("hello worle", 11, &wrong);
    struct body_source source = {.data = "hello world", .fd = -1, .size = 11, .expected = &right};
    char out[16];
    for (int round = 0; round < 2; round++) { /* it starts again */
        assert_ok(body_source_start(&source, &err), &err);
        assert_int_equal(body_source_read(&source, out, 5), 5);
        assert_int_equal(body_source_read(&source, out, 16), 6);
        assert_int_equal(body_source_read(&source, out, 16), 0);
    }
    source.expected = &wrong;
    assert_ok(body_source_start(&source, &err), &err);
    assert_int_equal(body_source_read(&source, out, 10), 10);
    assert_int_equal(body_source_read(&source, out, 16), -1);
    assert_int_equal(source.err.code, ERR_DAMAGED);
    source.size = 0; /* nothing would be read: it does not begin */
    assert_int_equal(body_source_start(&source, ERR_IGNORED), ERR_DAMAGED);
    body_source_release(&source);
}

static void a_source_that_a_sink_fills_withholds_the_last_byte(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest digest;
    char out[16];
    digest_of("hello", 5, &digest);
    AUTO_CLOSE int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    struct body_sink sink = {.fd = fd, .size = 5, .expected = &digest};
    struct body_source source = {.fd = fd, .size = 5, .expected = &digest, .from = &sink};
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_ok(body_source_start(&source, &err), &err);
    assert_false(body_source_is_ready(&source));
    assert_int_equal(body_source_read(&source, out, 16), BODY_WAIT);
    assert_true(body_sink_write(&sink, "hellO", 5));
    assert_int_equal(body_source_read(&source, out, 16), 4);
    assert_false(body_source_is_ready(&source));
    assert_int_equal(body_source_read(&source, out, 16), BODY_WAIT);
    assert_int_equal(body_sink_finish(&sink, ERR_IGNORED), ERR_DAMAGED);
    assert_int_equal(body_source_read(&source, out, 16), BODY_WAIT);

    /* Other bytes come in their place: the peer has the first ones of a wrong body. */
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_true(body_source_is_ready(&source));
    assert_int_equal(body_source_read(&source, out, 16), -1);
    assert_int_equal(source.err.code, ERR_DAMAGED);
    assert_ok(body_source_start(&source, &err), &err);
    assert_true(body_sink_write(&sink, "hello", 5));
    assert_int_equal(body_source_read(&source, out, 16), 4);
    assert_ok(body_sink_finish(&sink, &err), &err);
    assert_true(body_source_is_ready(&source));
    assert_int_equal(body_source_read(&source, out, 16), 1);
    assert_int_equal(body_source_read(&source, out, 16), 0);
    body_source_release(&source);
    body_sink_release(&sink);
}

static void a_sink_takes_what_it_should(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest digest;
    digest_of("hello", 5, &digest);
    AUTO_CLOSE int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    assert_int_equal(write(fd, "before", 6), 6);
    struct body_sink sink = {.fd = fd, .size = 5, .expected = &digest};
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_true(body_sink_write(&sink, "help", 4));
    assert_int_equal(body_sink_finish(&sink, ERR_IGNORED), ERR_DAMAGED); /* too short */
    assert_ok(body_sink_restart(&sink, &err), &err); /* again, behind "before" */
    assert_true(body_sink_write(&sink, "hel", 3));
    assert_true(body_sink_write(&sink, "lo", 2));
    assert_ok(body_sink_finish(&sink, &err), &err);
    assert_int_equal(lseek(fd, 0, SEEK_END), 11);
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_false(body_sink_write(&sink, "hello!", 6)); /* too long */
    assert_int_equal(sink.err.code, ERR_DAMAGED);
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_true(body_sink_write(&sink, "hellO", 5));
    assert_int_equal(body_sink_finish(&sink, ERR_IGNORED), ERR_DAMAGED); /* other bytes */
    body_sink_release(&sink);
}

static void a_sink_goes_on(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct digest digest;
    digest_of("hello", 5, &digest);
    AUTO_CLOSE int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    assert_int_equal(write(fd, "he", 2), 2); /* of an earlier run */
    struct body_sink sink = {.fd = fd, .size = 5, .expected = &digest, .have = 2};
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_int_equal(sink.at, 2);
    assert_true(body_sink_write(&sink, "l", 1));
    assert_ok(body_sink_start(&sink, &err), &err); /* cut in this run */
    assert_int_equal(sink.at, 3);
    assert_true(body_sink_write(&sink, "lo", 2));
    assert_ok(body_sink_finish(&sink, &err), &err);
    body_sink_release(&sink);

    /* The old part is of another blob: the end shows this, and the part is dropped. */
    assert_int_equal(pwrite(fd, "J", 1, 0), 1);
    assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
    sink = (struct body_sink){.fd = fd, .size = 5, .expected = &digest, .have = 2};
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_true(body_sink_write(&sink, "llo", 3));
    assert_int_equal(body_sink_finish(&sink, ERR_IGNORED), ERR_DAMAGED);
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_int_equal(sink.at, 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    body_sink_release(&sink);

    /* More than there can be. */
    assert_int_equal(write(fd, "hello world", 11), 11);
    sink = (struct body_sink){.fd = fd, .size = 5, .expected = &digest, .have = 11};
    assert_ok(body_sink_start(&sink, &err), &err);
    assert_int_equal(sink.at, 0);
    body_sink_release(&sink);
}

static void take(struct response *response, const char *line)
{
    assert_true(response_take_head(response, line, strlen(line)));
}

static void puts_refusals_into_words(void **state)
{
    (void)state;
    static const struct {
        const char *status, *body, *text;
        int code;
    } cases[] = {
        {"HTTP/1.1 404 Not Found\r\n",
         "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no \\u001b[31msuch\\n repo\"}]}",
         "404 Not Found: no [31msuch  repo (NAME_UNKNOWN)", ERR_NOT_FOUND},
        {"HTTP/2 403\r\n",
         "{\"errors\":[{\"code\":\"DENIED\"},{\"code\":\"B\",\"message\":\"b\"}]}",
         "403: DENIED; b (B)", ERR_DENIED},
        {"HTTP/1.1 503 Busy\r\n", "<html><body>", "503 Busy", ERR_TRANSIENT},
        {"HTTP/1.1 400 Bad Request\r\n", "bad \x9b thing\n", "400 Bad Request: bad  thing",
         ERR_FAILED},
        {"HTTP/1.1 400 B\x1b[2Jad\r\n", "", "400 B[2Jad", ERR_FAILED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct response response = {0};
        response_clear(&response);
        take(&response, cases[i].status);
        assert_true(response_take_refusal(&response, cases[i].body, strlen(cases[i].body)));
        assert_int_equal(response_refusal(&response, &err), cases[i].code);
        assert_string_equal(err_text(&err), cases[i].text);
        response_release(&response);
    }
}

static void bounds_responses(void **state)
{
    (void)state;
    struct response response = {0};
    response_clear(&response);
    take(&response, "HTTP/1.1 100 Continue\r\n");
    take(&response, "Location: /interim\r\n");
    take(&response, "HTTP/1.1 202 Accepted\r\n");
    take(&response, "LOCATION: \t/a?b=c \r\n");
    take(&response, "Location: /second\r\n");
    take(&response, "\r\n");
    assert_int_equal(response.status, 202);
    assert_string_equal(response.location, "/a?b=c");
    AUTO_FREE char *long_line = mem_alloc(RESPONSE_HEAD_MAX);
    memset(long_line, 'x', RESPONSE_HEAD_MAX);
    assert_false(response_take_head(&response, long_line, RESPONSE_HEAD_MAX));
    AUTO_FREE char *body = mem_zero(1, RESPONSE_REFUSAL_MAX + 1);
    assert_true(response_take_refusal(&response, body, RESPONSE_REFUSAL_MAX));
    assert_false(response_take_refusal(&response, body, 1));
    assert_int_equal(response.refusal.len, RESPONSE_REFUSAL_MAX);
    response_release(&response);
}

static void reads_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line; /* NULL: damaged */
        long long seconds;       /* of which we use nine tenths */
    } cases[] = {
        {"{\"token\":\"a\"}", "Authorization: Bearer a", 60},
        {"{\"token\":\"a\",\"access_token\":\"b\",\"expires_in\":100}", "Authorization: Bearer b",
         100},
        {"{\"token\":\"a\",\"access_token\":\"\",\"expires_in\":-5}", "Authorization: Bearer a",
         60},
        {"{\"access_token\":\"b\",\"refresh_token\":\"c\"}", "Authorization: Bearer b", 60},
        {"{\"token\":\"a b\"}", NULL, 0},
        {"{\"token\":\"a\\r\\nX: y\"}", NULL, 0},
        {"{\"token\":7}", NULL, 0},
        {"{}", NULL, 0},
        {"token", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(token_release) struct token token = {0};
        int rc = token_read(cases[i].text, strlen(cases[i].text), &token, &err);
        assert_int_equal(rc, cases[i].line ? 0 : ERR_DAMAGED);
        if (!cases[i].line)
            continue;
        assert_string_equal(token.line, cases[i].line);
        int64_t left = token.expires_at - clock_ms();
        assert_true(left <= cases[i].seconds * 900 && left > cases[i].seconds * 900 - 10000);
    }
}

static void several_scopes_cover_each_of_theirs(void **state)
{
    (void)state;
    const char *scopes = "repository:a:pull,push repository:b:pull";
    assert_true(scope_covers(scopes, "repository:a:push"));
    assert_true(scope_covers(scopes, "repository:b:pull"));
    assert_false(scope_covers(scopes, "repository:b:push"));
    assert_false(scope_covers("", "repository:b:push"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hides_what_we_sent),
        cmocka_unit_test(reads_a_content_range),
        cmocka_unit_test(compares_scopes),
        cmocka_unit_test(withholds_the_end_of_a_wrong_body),
        cmocka_unit_test(a_source_that_a_sink_fills_withholds_the_last_byte),
        cmocka_unit_test(a_sink_takes_what_it_should),
        cmocka_unit_test(a_sink_goes_on),
        cmocka_unit_test(puts_refusals_into_words),
        cmocka_unit_test(bounds_responses),
        cmocka_unit_test(reads_tokens),
        cmocka_unit_test(several_scopes_cover_each_of_theirs),
    };
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
