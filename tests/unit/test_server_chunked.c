/* Bodies in chunks, cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "server/chunked.h"

/* Feeds `step` bytes at a time; the content goes to `out`, how many bytes were taken to *taken. */
static enum chunked_part feed(const char *data, size_t len, size_t step, struct buf *out,
                              size_t *taken)
{
    struct chunked chunked = {0};
    buf_clear(out);
    *taken = 0;
    while (*taken < len) {
        size_t size = 0, given = len - *taken < step ? len - *taken : step;
        enum chunked_part part = chunked_next(&chunked, data + *taken, given, &size);
        assert_in_range(size, 1, given);
        if (part == CHUNKED_CONTENT)
            buf_add(out, data + *taken, size);
        *taken += size;
        if (part == CHUNKED_END || part == CHUNKED_BAD)
            return part;
    }
    return CHUNKED_FRAMING;
}

static void expect(const char *data, enum chunked_part end, const char *content, size_t behind)
{
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    size_t len = strlen(data), taken;
    for (size_t step = 1; step <= len; step++) {
        enum chunked_part got = feed(data, len, step, &out, &taken);
        if (got != end)
            fail_msg("%d and not %d, in steps of %zu, for:\n%s", got, end, step, data);
        if (content)
            assert_string_equal(buf_text(&out), content);
        if (end == CHUNKED_END)
            assert_int_equal(len - taken, behind);
    }
}

static void test_chunks(void **state)
{
    (void)state;
    expect("0\r\n\r\n", CHUNKED_END, "", 0);
    expect("3\r\nabc\r\n0\r\n\r\n", CHUNKED_END, "abc", 0);
    expect("3\r\nabc\r\n0A\r\n0123456789\r\n000\r\n\r\nGET /", CHUNKED_END, "abc0123456789", 5);
    expect("2;a=\"b\" ; c\r\n\r\n\r\n0 \t;x\r\n\r\n", CHUNKED_END, "\r\n", 0);
    expect("1\r\na\r\n0\r\nDigest: x, y\r\nEmpty:\r\n\r\n", CHUNKED_END, "a", 0);
}

static void test_unfinished(void **state)
{
    (void)state;
    expect("", CHUNKED_FRAMING, "", 0);
    expect("3\r\nab", CHUNKED_FRAMING, "ab", 0);
    expect("3\r\nabc", CHUNKED_FRAMING, "abc", 0);
    expect("3\r\nabc\r\n0\r\n", CHUNKED_FRAMING, "abc", 0);
    expect("0\r\nA: b\r\n\r", CHUNKED_FRAMING, "", 0);
}

static void test_no_chunks(void **state)
{
    static const char *const bad[] = {
        "\r\n",          "g\r\n",      "-1\r\n",           "+1\r\n",
        " 1\r\n",        "0x1\r\n",    ";a\r\n",           "1\na",
        "1\r\r\n",       "1 2\r\n",    "1;\x01\r\n",       "1;a\n\r\n",
        "1\r\nab",       "1\r\na\n",   "1\r\na\rb",        "1\r\na\r\n\r\n",
        "0\r\n\n",       "0\r\n\r\r",  "0\r\n A: b\r\n",   "0\r\n: b\r\n",
        "0\r\nA b\r\n",  "0\r\nA\r\n", "0\r\nA: \x01\r\n", "0\r\nA: b\n",
        "0\r\nA: b\r\r",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        expect(bad[i], CHUNKED_BAD, NULL, 0);
}

static void expect_filled(const char *before, char filler, size_t count, const char *after,
                          enum chunked_part end)
{
    AUTO(buf_release) struct buf text = BUF_INIT(16384), out = BUF_INIT(16384);
    size_t taken;
    buf_add_text(&text, before);
    for (size_t i = 0; i < count; i++)
        buf_add_char(&text, filler);
    buf_add_text(&text, after);
    assert_int_equal(feed(buf_text(&text), text.len, 7, &out, &taken), end);
    assert_int_equal(feed(buf_text(&text), text.len, text.len, &out, &taken), end);
}

static void test_bounds(void **state)
{
    (void)state;
    expect_filled("", '0', CHUNK_DIGITS_MAX, "\r\n\r\n", CHUNKED_END);
    expect_filled("", '0', CHUNK_DIGITS_MAX + 1, "\r\n\r\n", CHUNKED_BAD);
    expect_filled("", 'f', CHUNK_DIGITS_MAX, "\r\nabc", CHUNKED_FRAMING);
    expect_filled("", 'f', CHUNK_DIGITS_MAX + 1, "\r\nabc", CHUNKED_BAD);
    expect_filled("0;", 'a', CHUNK_LINE_MAX - 4, "\r\n\r\n", CHUNKED_END);
    expect_filled("0;", 'a', CHUNK_LINE_MAX - 3, "\r\n\r\n", CHUNKED_BAD);
    expect_filled("0\r\nA:", 'a', CHUNK_TRAILER_MAX - 6, "\r\n\r\n", CHUNKED_END);
    expect_filled("0\r\nA:", 'a', CHUNK_TRAILER_MAX - 5, "\r\n\r\n", CHUNKED_BAD);
    expect_filled("0\r\n", 'a', CHUNK_TRAILER_MAX + 1, "", CHUNKED_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_no_chunks),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
