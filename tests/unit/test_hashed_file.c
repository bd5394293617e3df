/* Files that are hashed by a thread of their own while they are written. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/hashed_file.h"

static void fill(unsigned char *data, size_t len)
{
    uint32_t seed = 1;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (unsigned char)(seed >> 24);
    }
}

/* Adds in uneven parts, with a flush here and there, and compares. */
static void round_trip(size_t len, size_t step)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    AUTO_FREE unsigned char *data = mem_alloc(len + 1);
    AUTO_FREE unsigned char *back = mem_alloc(len + 1);
    AUTO_CLOSE int fd = memfd_create("file", MFD_CLOEXEC);
    struct digest found, expected;
    fill(data, len);
    struct hashed_file *file = hashed_file_new(fd, hasher);
    for (size_t at = 0, i = 0; at < len; at += step, i++) {
        size_t part = len - at < step ? len - at : step;
        assert_ok(hashed_file_add(file, data + at, part, &err), &err);
        assert_true(hashed_file_written(file) <= (long long)(at + part));
        if (i % 7 == 3)
            assert_ok(hashed_file_flush(file, &err), &err);
    }
    assert_ok(hashed_file_flush(file, &err), &err);
    assert_ok(hashed_file_flush(file, &err), &err);
    assert_int_equal(hashed_file_written(file), len);
    hasher_finish(hasher, &found);
    hashed_file_free(file);
    digest_of(data, len, &expected);
    assert_string_equal(found.text, expected.text);
    assert_int_equal(pread(fd, back, len + 1, 0), len);
    assert_memory_equal(data, back, len);
}

static void the_bytes_and_their_digest_arrive(void **state)
{
    (void)state;
    round_trip(0, 1);
    round_trip(1, 1);
    round_trip(HASHED_FILE_PIECE, 16384);
    round_trip(HASHED_FILE_PIECE * 3 + 17, 100000);
    round_trip(HASHED_FILE_PIECE * 40 + 5, 16384);
    round_trip(HASHED_FILE_PIECE * 20, HASHED_FILE_PIECE * 9 + 1);
}

static void it_can_be_given_up_at_any_time(void **state)
{
    (void)state;
    AUTO_FREE char *data = mem_zero(HASHED_FILE_PIECE, 1);
    for (size_t pieces = 0; pieces < 9; pieces++) {
        AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
        AUTO_CLOSE int fd = memfd_create("file", MFD_CLOEXEC);
        struct hashed_file *file = hashed_file_new(fd, hasher);
        for (size_t i = 0; i < pieces; i++)
            assert_int_equal(hashed_file_add(file, data, HASHED_FILE_PIECE - 1, ERR_IGNORED), 0);
        hashed_file_free(file);
    }
}

static void a_file_that_cannot_be_written_is_an_error_each_time(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    AUTO_FREE char *data = mem_zero(HASHED_FILE_PIECE, 2);
    AUTO_CLOSE int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct hashed_file *file = hashed_file_new(fd, hasher);
    assert_int_equal(hashed_file_add(file, data, (size_t)HASHED_FILE_PIECE * 2, &err), ERR_FULL);
    assert_contains(err_text(&err), "No space left");
    assert_int_equal(hashed_file_add(file, data, 1, &err), ERR_FAILED);
    assert_int_equal(hashed_file_flush(file, &err), ERR_FAILED);
    hashed_file_free(file);
}

/* A disk that is full for a moment: what is there stays the beginning of the file. */
static void a_piece_is_not_written_twice(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    const size_t len = (size_t)HASHED_FILE_PIECE * 2;
    AUTO_FREE unsigned char *data = mem_alloc(len);
    AUTO_FREE unsigned char *back = mem_alloc(len);
    AUTO_CLOSE int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    struct rlimit before, full;
    fill(data, len);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = (struct rlimit){HASHED_FILE_PIECE + 1000, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    struct hashed_file *file = hashed_file_new(fd, hasher);
    assert_ok(hashed_file_add(file, data, len, &err), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    int rc = hashed_file_flush(file, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, ERR_FULL);
    assert_int_equal(hashed_file_flush(file, ERR_IGNORED), ERR_FAILED);
    assert_int_equal(hashed_file_add(file, data, 1, ERR_IGNORED), ERR_FAILED);
    assert_int_equal(hashed_file_written(file), HASHED_FILE_PIECE);
    hashed_file_free(file);
    assert_int_equal(pread(fd, back, len, 0), HASHED_FILE_PIECE + 1000);
    assert_memory_equal(data, back, HASHED_FILE_PIECE + 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_and_their_digest_arrive),
        cmocka_unit_test(it_can_be_given_up_at_any_time),
        cmocka_unit_test(a_file_that_cannot_be_written_is_an_error_each_time),
        cmocka_unit_test(a_piece_is_not_written_twice),
    };
    return cmocka_run_group_tests_name("hashed_file", tests, NULL, NULL);
}
