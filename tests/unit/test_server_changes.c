/* Files that change while a server has replies with them. */
#include "tests/unit/kept_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

static void test_young_file_is_not_kept(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    bool fresh = false;
    for (int i = 0; i < 100 && !fresh; i++) {
        AUTO_FREE char *other = mem_printf("%c%s", 'a' + i % 26, &HELLO[1]);
        assert_int_equal(pwrite(fixture->hello, other, strlen(HELLO), 0), strlen(HELLO));
        client_exchange(fd, FIELDS("/hello", "Cache-Control: no-cache\r\n"), &got);
        assert_string_equal(buf_text(&got.body), other);
        int before = kept_asked(fixture);
        client_exchange(fd, GET("/hello"), &got);
        client_exchange(fd, GET("/hello"), &got);
        fresh = kept_asked(fixture) == before + 2;
    }
    assert_true(fresh);
}

static void test_large_file_that_was_changed(void **state)
{
    struct fixture *fixture = kept_start(state);
    AUTO(exchange_release) struct exchange got = EXCHANGE_INIT;
    AUTO_CLOSE int fd = client_dial(fixture);
    client_exchange(fd, GET("/medium"), &got);
    assert_int_equal(pwrite(fixture->medium, "!", 1, MEDIUM - 1), 1);
    client_exchange(fd, GET("/medium"), &got);
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
    client_exchange(fd, GET("/named"), &got);
    assert_int_equal(got.body.len, size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(got.body.data[i], fill);
}

/* A small file is looked at every few milliseconds, a large one each time. */
static void test_file_that_is_replaced(void **state)
{
    static const size_t sizes[] = {100, MEDIUM};
    struct fixture *fixture = kept_start(state);
    AUTO_CLOSE int fd = client_dial(fixture);
    close(mkstemp(kept_file_name));
    AUTO_FREE char *other = mem_printf("%s.new", kept_file_name);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_named(kept_file_name, sizes[i], 'a');
        clock_sleep_ms(SETTLE_MS);
        int before = kept_asked(fixture);
        for (int times = 0; times < 10; times++)
            expect_named(fd, sizes[i], 'a');
        assert_in_range(kept_asked(fixture) - before, 1, 9);
        write_named(other, sizes[i], 'b');
        assert_int_equal(rename(other, kept_file_name), 0);
        clock_sleep_ms(10);
        expect_named(fd, sizes[i], 'b');
        clock_sleep_ms(SETTLE_MS);
        expect_named(fd, sizes[i], 'b');
        write_named(kept_file_name, sizes[i], 'c');
        clock_sleep_ms(10);
        expect_named(fd, sizes[i], 'c');
    }
    unlink(kept_file_name);
}

static void test_change_under_a_download(void **state)
{
    struct fixture *fixture = kept_start(state);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEPT_TEST(test_young_file_is_not_kept),
        KEPT_TEST(test_large_file_that_was_changed),
        KEPT_TEST(test_file_that_is_replaced),
        KEPT_TEST(test_change_under_a_download),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
