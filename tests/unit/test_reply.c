#include "unit.h"

#include "base/buf.h"
#include "registry/reply.h"
#include "registry/url.h"

struct seen {
    struct buf head, body;
};

static bool on_head(void *arg, const char *line, size_t len)
{
    struct seen *seen = arg;
    buf_add(&seen->head, line, len);
    buf_add_char(&seen->head, '|');
    return true;
}

static bool on_write(void *arg, const char *data, size_t len)
{
    struct seen *seen = arg;
    buf_add(&seen->body, data, len);
    return !memchr(data, '!', len);
}

/* Feeds the text in pieces of `step` bytes. */
static enum reply_state feed(const char *text, size_t step, bool bodyless, struct reply *reply,
                             struct seen *seen)
{
    *seen = (struct seen){BUF_INIT(1 << 20), BUF_INIT(1 << 20)};
    *reply = (struct reply){.bodyless = bodyless, .head = on_head, .write = on_write, .arg = seen};
    reply_start(reply);
    for (size_t at = 0; at < strlen(text); at += step) {
        size_t left = strlen(text) - at;
        reply_take(reply, text + at, left < step ? left : step);
    }
    return reply->state;
}

static void drop(struct reply *reply, struct seen *seen)
{
    reply_release(reply);
    buf_release(&seen->head);
    buf_release(&seen->body);
}

static void reads(void **state)
{
    (void)state;
    static const struct {
        const char *text, *head, *body;
        enum reply_state state;
        bool bodyless, keep_alive;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK|Content-Length: 5||",
         "hello", REPLY_DONE, false, true},
        {"HTTP/1.1 200\r\nA:b\n\n", "HTTP/1.1 200|A:b||", "", REPLY_TO_CLOSE, false, false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.0 200 OK|Content-Length: 0||", "",
         REPLY_DONE, false, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK|Content-Length: 5||", "",
         REPLY_DONE, true, true},
        {"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n", "HTTP/1.1 204 No|Connection: close||", "",
         REPLY_DONE, false, false},
        {"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 100 Go on||HTTP/1.1 201 Made|Content-Length: 0||", "", REPLY_DONE, false, true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n"
         "T: u\r\n\r\n",
         "HTTP/1.1 200 OK|Transfer-Encoding: chunked||", "abc0123456789", REPLY_DONE, false, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", "HTTP/1.1 200 OK|Content-Length: 2||",
         "he", REPLY_DONE, false, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "HTTP/1.1 200 OK|Content-Length: 9||",
         "hello", REPLY_LENGTH, false, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t step = 1; step < 200; step += 13) {
            struct reply reply;
            struct seen seen;
            assert_int_equal(feed(cases[i].text, step, cases[i].bodyless, &reply, &seen),
                             cases[i].state);
            assert_string_equal(buf_text(&seen.head), cases[i].head);
            assert_string_equal(buf_text(&seen.body), cases[i].body);
            /* Bytes behind the end are noticed only when they come along with it. */
            if (step > 100 || i != 7)
                assert_int_equal(reply.keep_alive, cases[i].keep_alive);
            drop(&reply, &seen);
        }
    }
}

static void refuses(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "SSH-2.0-x\r\n",
        "\x15\x03\x01\x02\x02",
        "HTTP/2.0 200 OK\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 099 OK\r\n",
        "HTTP/1.1 101 Switch\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n",
        "HTTP/1.1 200 OK\r\n: empty\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reply reply;
        struct seen seen;
        if (feed(cases[i], 7, false, &reply, &seen) != REPLY_WRONG)
            fail_msg("accepted: %s", cases[i]);
        drop(&reply, &seen);
    }
}

static void ends(void **state)
{
    (void)state;
    struct reply reply;
    struct seen seen;
    (void)feed("HTTP/1.1 200 OK\r\n\r\nabc", 99, false, &reply, &seen);
    assert_true(reply_end(&reply));
    assert_string_equal(buf_text(&seen.body), "abc");
    drop(&reply, &seen);
    (void)feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", 99, false, &reply, &seen);
    assert_false(reply_end(&reply));
    drop(&reply, &seen);
    (void)feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na!bc", 99, false, &reply, &seen);
    assert_int_equal(reply.state, REPLY_CUT);
    drop(&reply, &seen);
}

static void joins_addresses(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"http://h:5000/v2/a", "/v2/b?c=d%2F", "http://h:5000/v2/b?c=d%2F"},
        {"http://h:5000/v2/a", "http://h:5000/x?_state=A-_%3D", "http://h:5000/x?_state=A-_%3D"},
        {"http://h:5000/v2/a", "b?c", "http://h:5000/v2/b?c"},
        {"http://h:5000/v2/a", "//other/b#frag", "http://other/b"},
        {"http://h:5000/v2/a/", "/v2/../x", "http://h:5000/x"},
        {"https://h/v2/a", "https://cdn.x/b?sig=a+b", "https://cdn.x/b?sig=a+b"},
        {"https://h/v2/a", "?x=y", "https://h/v2/a?x=y"},
        {"http://h:5000/v2/a", "file:///etc/passwd", NULL},
        {"http://h:5000/v2/a", "gopher://x/", NULL},
        {"http://h:5000/v2/a", "http://", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_FREE char *joined = NULL;
        int rc = url_join(cases[i][0], cases[i][1], &joined, NULL);
        if (!cases[i][2])
            assert_int_equal(rc, ERR_DAMAGED);
        else
            assert_string_equal(joined, cases[i][2]);
    }
}

static void tells_origins(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"http://127.0.0.1:5000/a", "http://127.0.0.1:5000"},
        {"http://127.0.0.1:5000", "http://127.0.0.1:5000"},
        {"https://H.X/a", "https://h.x:443"},
        {"https://h.x:443/a", "https://h.x:443"},
        {"http://[::1]:5000/a", "http://[::1]:5000"},
        {"https://0x7f.1:443/", "https://127.0.0.1:443"},
        {"https://2130706433:443/", "https://127.0.0.1:443"},
        {"https://0177.0.0.1:443/", "https://127.0.0.1:443"},
        {"https://user@h.x:443/", "https://h.x:443"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_FREE char *origin = NULL;
        assert_int_equal(url_origin(cases[i][0], &origin, NULL), 0);
        assert_string_equal(origin, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),           cmocka_unit_test(refuses),       cmocka_unit_test(ends),
        cmocka_unit_test(joins_addresses), cmocka_unit_test(tells_origins),
    };
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
