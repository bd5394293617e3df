/* Archives that load reads: what comes by a pipe is bounded. */
#include "unit.h"

#include <stdio.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/transit/archive.h"

enum { LIMIT = 300 * 1000 };

/* Writes without an end, as `yes` does, and stops when nobody reads. */
static void *pour(void *arg)
{
    static const char piece[4096] = {'y'};
    const int *to = arg;
    while (write(*to, piece, sizeof(piece)) > 0)
        continue;
    return NULL;
}

static void a_pipe_without_an_end_is_refused(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    pthread_t writer;
    int ends[2];
    int fd = -1;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&writer, NULL, pour, &ends[1]), 0);
    assert_int_equal(archive_spool(ends[0], LIMIT, P_tmpdir, &fd, &err), ERR_DAMAGED);
    assert_string_equal(err_text(&err),
                        "standard input brings more than 300000 bytes, the limit: name a file");
    assert_int_equal(fd, -1);
    (void)close(ends[0]);
    (void)pthread_join(writer, NULL);
    (void)close(ends[1]);
}

static void what_fits_is_kept_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4096, 60000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_FREE char *text = mem_zero(1, sizes[i] + 1);
        AUTO_CLOSE int fd = -1;
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], text, sizes[i]), sizes[i]);
        (void)close(ends[1]);
        assert_ok(archive_spool(ends[0], (long long)sizes[i], P_tmpdir, &fd, &err), &err);
        assert_int_equal(lseek(fd, 0, SEEK_END), sizes[i]);
        (void)close(ends[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_without_an_end_is_refused),
        cmocka_unit_test(what_fits_is_kept_whole),
    };
    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
