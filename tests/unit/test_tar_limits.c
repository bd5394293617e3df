/* The cost limits for reading an archive, and its early end. */
#include "tests/unit/files.h"

#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/process.h"
#include "base/stop.h"
#include "base/tar.h"
#include "base/tar_packing.h"
#include "base/tar_write.h"

#define MANY (1024LL * 1024 * 1024)

/* Reads the one entry of the stream to its end. */
static int read_stream(int fd, long long *total, struct err *err)
{
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO_CLOSE int to = memfd_create("to", MFD_CLOEXEC);
    struct tar_entry entry;
    bool more = false;
    int rc = tar_open_stream(fd, "layer", MANY, &reader, err);
    if (!rc)
        rc = tar_next(reader, &entry, &more, err);
    if (!rc && more)
        rc = tar_copy(reader, to, MANY, err);
    *total = lseek(to, 0, SEEK_END);
    return rc;
}

/* RFC 8878, 3.1.1: a frame of blocks, each one byte that is repeated 128 KiB times. */
static int zstd_bomb(size_t blocks)
{
    AUTO(buf_release) struct buf text = BUF_INIT(1024 * 1024);
    buf_add(&text, "\x28\xb5\x2f\xfd\x00\x58", 6);
    for (size_t i = 0; i + 1 < blocks; i++)
        buf_add(&text, "\x02\x00\x10\x00", 4);
    buf_add(&text, "\x03\x00\x10\x00", 4);
    return memory_file(text.data, text.len);
}

static void few_bytes_do_not_become_many(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int small = zstd_bomb(8);
    AUTO_CLOSE int large = zstd_bomb(2000);
    long long total = 0;
    assert_ok(read_stream(small, &total, &err), &err);
    assert_int_equal(total, 8 * 128 * 1024);
    assert_int_equal(read_stream(large, &total, &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "layer: its 8006 bytes decompress to more than ");
    /* One more block may already be unpacked. */
    assert_true(total <= TAR_FREE + 8006LL * TAR_RATIO_MAX + 128LL * 1024);
}

/* gzip -n of nothing. */
static const char empty_member[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";

/* The file "$0" as the script writes it. */
static int made_by(const char *script)
{
    char path[] = "/tmp/wasme-tar.XXXXXX";
    int fd = mkstemp(path);
    const struct process shell = {.argv = (const char *const[]){"sh", "-c", script, path, NULL}};
    int status = 1;
    assert_true(fd >= 0);
    assert_int_equal(process_run(&shell, &status, ERR_IGNORED), 0);
    assert_int_equal(status, 0);
    (void)unlink(path);
    return fd;
}

static void holes_count_as_bytes(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "d=$(mktemp -d) && for n in 1 2 3 4; do truncate -s 30M $d/$n; echo >>$d/$n; done && "
        "tar -C $d -Scf \"$0\" 1 2 3 4; rm -r $d",
        "d=$(mktemp -d) && for n in 1 2 3 4; do truncate -s 30M $d/$n; echo >>$d/$n; done && "
        "tar -C $d -H pax -Sczf \"$0\" 1 2 3 4; rm -r $d"};
    for (size_t i = 0; i < COUNT(scripts); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(tar_close_at) struct tar_reader *reader = NULL;
        AUTO_CLOSE int fd = made_by(scripts[i]);
        AUTO_CLOSE int to = memfd_create("to", MFD_CLOEXEC);
        struct tar_entry entry;
        bool more = true;
        assert_ok(tar_open(fd, "layer", MANY, &reader, &err), &err);
        int rc = 0;
        for (int k = 0; k < 4 && !rc && more; k++) {
            rc = tar_next(reader, &entry, &more, &err);
            if (!rc && more)
                rc = tar_copy(reader, to, MANY, &err);
        }
        assert_int_equal(rc, ERR_DAMAGED);
        assert_contains(err_text(&err), "the limit for that size");
        assert_in_range(lseek(to, 0, SEEK_END), 60LL * 1024 * 1024, 100LL * 1024 * 1024);
    }
}

static void one_compression_is_taken_off(void **state)
{
    (void)state;
    AUTO_CLOSE int fd = made_by("printf 'inner words' | gzip -n | gzip -n >\"$0\"");
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO(buf_release) struct buf got = BUF_INIT(1000);
    struct tar_entry entry;
    bool more = false;
    assert_ok(tar_open_stream(fd, "layer", MANY, &reader, &err), &err);
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_ok(tar_read(reader, &got, &err), &err);
    assert_memory_equal(buf_text(&got), "\x1f\x8b", 2);
}

static void the_work_ends_when_it_is_told_to(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf text = BUF_INIT(4 * 1024 * 1024);
    for (int i = 0; i < 100000; i++)
        buf_add(&text, empty_member, sizeof(empty_member) - 1);
    AUTO_CLOSE int empty = memory_file(text.data, text.len);
    AUTO_CLOSE int full = zstd_bomb(8);
    const int files[] = {empty, full};
    static const volatile int interrupted = 1;
    for (size_t i = 0; i < COUNT(files); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        long long total = 0;
        stop_when(&interrupted, 0);
        int rc = read_stream(files[i], &total, &err);
        stop_when(NULL, 0);
        assert_int_equal(rc, ERR_INTERRUPTED);
        assert_int_equal(total, 0);
        err_release(&err);
        assert_int_equal(read_stream(files[i], &total, &err), i == 0 ? ERR_DAMAGED : 0);
    }
}

static void damage_is_told_in_plain_words(void **state)
{
    (void)state;
    /* The byte of the second entry's header that is spoiled; what comes behind is sound. */
    static const size_t spoiled[] = {1024 + 10, 1024 + 150, 1024 + 257};
    for (size_t i = 0; i < COUNT(spoiled); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
        AUTO(tar_close_at) struct tar_reader *reader = NULL;
        AUTO_CLOSE int fd = memory_file("", 0);
        struct tar_entry entry;
        bool more = true;
        assert_ok(tar_create(fd, "archive", TAR_PLAIN, &writer, &err), &err);
        for (int k = 0; k < 3; k++)
            assert_ok(tar_add(writer, "name", "text", 4, &err), &err);
        assert_ok(tar_finish(writer, &err), &err);
        assert_int_equal(pwrite(fd, "?", 1, (off_t)spoiled[i]), 1);
        assert_ok(tar_open(fd, "archive", MANY, &reader, &err), &err);
        int rc = 0;
        while (!rc && more)
            rc = tar_next(reader, &entry, &more, &err);
        assert_int_equal(rc, ERR_DAMAGED);
        assert_null(strstr(err_text(&err), "INTERNAL"));
        assert_contains(err_text(&err), "amaged");
        /* And so it stays. */
        err_release(&err);
        assert_int_equal(tar_next(reader, &entry, &more, &err), ERR_DAMAGED);
        assert_null(strstr(err_text(&err), "INTERNAL"));
    }
}

static void formats_that_are_not_read_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *head, *name;
    } cases[] = {
        {"\xfd"
         "7zXZ",
         "xz"},
        {"BZh91AY", "bzip2"},
        {"PK\3\4..", "zip"},
        {"\x04\x22\x4d\x18", "lz4"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(tar_unread_format(cases[i].head, strlen(cases[i].head) + 1),
                            cases[i].name);
    assert_null(tar_unread_format("PK", 2));
    assert_null(tar_unread_format("", 0));
    assert_null(tar_unread_format("\0asm\1\0\0\0", 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_bytes_do_not_become_many),
        cmocka_unit_test(holes_count_as_bytes),
        cmocka_unit_test(one_compression_is_taken_off),
        cmocka_unit_test(the_work_ends_when_it_is_told_to),
        cmocka_unit_test(damage_is_told_in_plain_words),
        cmocka_unit_test(formats_that_are_not_read_have_names),
    };
    return cmocka_run_group_tests_name("tar limits", tests, NULL, NULL);
}
