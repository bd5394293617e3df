/* The head of a response, and the message of a refusal. */
#include "unit.h"

#include <string.h>

#include "registry/response.h"

static void take(struct response *response, const char *line)
{
    assert_true(response_take_head(response, line, strlen(line)));
}

static void an_empty_field_is_absent(void **state)
{
    struct response response AUTO(response_release) = {0};
    (void)state;
    response_clear(&response);
    take(&response, "HTTP/1.1 200 OK\r\n");
    assert_int_equal(response.content_length, -1);
    take(&response, "Docker-Content-Digest: \r\n");
    take(&response, "Location:\r\n");
    take(&response, "content-length: 12\r\n");
    assert_null(response.content_digest);
    assert_null(response.location);
    assert_int_equal(response.content_length, 12);
    take(&response, "Docker-Content-Digest: sha256:ab\r\n"); /* the first that says something */
    assert_string_equal(response.content_digest, "sha256:ab");
}

static void lengths_that_are_none(void **state)
{
    static const char *const lines[] = {"Content-Length: -1", "Content-Length: 1e3",
                                        "Content-Length: 99999999999999999999999999"};
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct response response AUTO(response_release) = {0};
        response_clear(&response);
        take(&response, lines[i]);
        assert_int_equal(response.content_length, -1);
    }
}

static void codes(void **state)
{
    static const struct {
        const char *body;
        const char *code;
        bool registry;
    } cases[] = {
        {"", "", true},
        {"{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}", "NAME_UNKNOWN", true},
        {"{\"errors\":[{\"code\":\"A\"},{\"code\":\"B\"}]}", "A", true},
        {"{\"errors\":[]}", "", true},
        {"{\"errors\":{\"code\":\"A\"}}", "", false},
        {"{\"error\":\"not found\"}", "", false},
        {"404 page not found\n", "", false},
        {"<html>", "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct response response AUTO(response_release) = {0};
        char code[RESPONSE_CODE_MAX];
        response_clear(&response);
        (void)response_take_refusal(&response, cases[i].body, strlen(cases[i].body));
        assert_int_equal(response_code(&response, code), cases[i].registry);
        assert_string_equal(code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_field_is_absent),
        cmocka_unit_test(lengths_that_are_none),
        cmocka_unit_test(codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
