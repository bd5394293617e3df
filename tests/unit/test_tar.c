/* Tar archives: written entries can be read, and forbidden content is refused. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/tar.h"
#include "base/tar_write.h"

#define MANY (64LL * 1024 * 1024)

static void add(struct tar_writer *writer, const char *name, const char *text)
{
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(tar_add(writer, name, text, strlen(text), &err), &err);
}

/* Two entries, the second from a file. */
static int two_entries(enum tar_packing packing)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    AUTO_CLOSE int from = memory_file("", 0);
    int fd = memory_file("", 0);
    assert_int_equal(write(from, "from a file, and more", 21), 21);
    assert_ok(tar_create(fd, "two", packing, &writer, &err), &err);
    tar_set_time(writer, 1700000000);
    add(writer, "a.txt", "from memory");
    assert_ok(tar_add_fd(writer, "dir/b.txt", from, 11, &err), &err);
    assert_ok(tar_finish(writer, &err), &err);
    return fd;
}

static void assert_entry(struct tar_reader *reader, const char *name, const char *text)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf got = BUF_INIT(100);
    struct tar_entry entry;
    bool more = false;
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_true(more && entry.is_regular);
    assert_string_equal(entry.name, name);
    assert_int_equal(entry.size, strlen(text));
    assert_ok(tar_read(reader, &got, &err), &err);
    assert_string_equal(buf_text(&got), text);
}

static void assert_end(struct tar_reader *reader)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct tar_entry entry;
    bool more = true;
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_false(more);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (enum tar_packing packing = TAR_PLAIN; packing <= TAR_GZIP; packing++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(tar_close_at) struct tar_reader *reader = NULL;
        AUTO_CLOSE int fd = two_entries(packing);
        enum tar_packing found = TAR_ZSTD;
        assert_ok(tar_look(fd, "two", &found, &err), &err);
        assert_int_equal(found, packing);
        assert_ok(tar_open(fd, "two", MANY, &reader, &err), &err);
        assert_entry(reader, "a.txt", "from memory");
        assert_entry(reader, "dir/b.txt", "from a file");
        assert_end(reader);
    }
}

static void entries_may_be_passed_over(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO_CLOSE int fd = two_entries(TAR_GZIP);
    struct tar_entry entry;
    bool more = false;
    assert_ok(tar_open(fd, "two", MANY, &reader, &err), &err);
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_entry(reader, "dir/b.txt", "from a file");
}

/* The archive depends neither on the clock nor on the umask, so its digest never changes. */
static void writing_is_reproducible(void **state)
{
    (void)state;
    static const char plain[] =
        "sha256:f2019ace9b6f6f532faa391559f294b00a5d18a984541dfc9661755aa2feae80";
    struct digest first, second;
    AUTO_CLOSE int a = two_entries(TAR_GZIP);
    sleep(1);
    mode_t before = umask(077);
    AUTO_CLOSE int b = two_entries(TAR_GZIP);
    AUTO_CLOSE int c = two_entries(TAR_PLAIN);
    umask(before);
    assert_int_equal(digest_of_fd(a, &first, NULL, ERR_IGNORED), 0);
    assert_int_equal(digest_of_fd(b, &second, NULL, ERR_IGNORED), 0);
    assert_string_equal(first.text, second.text);
    assert_int_equal(digest_of_fd(c, &second, NULL, ERR_IGNORED), 0);
    assert_string_equal(second.text, plain);
    unsigned char head[10];
    assert_int_equal(pread(a, head, sizeof(head), 0), sizeof(head));
    assert_memory_equal(head + 3, "\0\0\0\0\0", 5); /* RFC 1952: no flags, no time */
}

static void a_limit_on_an_entry_is_kept(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO_CLOSE int fd = two_entries(TAR_GZIP);
    AUTO_CLOSE int to = memory_file("", 0);
    struct tar_entry entry;
    bool more = false;
    assert_ok(tar_open(fd, "layer 7", MANY, &reader, &err), &err);
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_int_equal(tar_copy(reader, to, 10, &err), ERR_DAMAGED);
    assert_string_equal(err_text(&err), "layer 7: a.txt: more than 10 bytes, the limit");
    assert_int_equal(lseek(to, 0, SEEK_END), 0);
}

/* 64 MiB of zeros in 64 KiB: neither read nor passed over beyond the limit. */
static int bomb(void)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    AUTO_CLOSE int zeros = memory_file("", 0);
    int fd = memory_file("", 0);
    assert_int_equal(ftruncate(zeros, MANY), 0);
    assert_ok(tar_create(fd, "bomb", TAR_GZIP, &writer, &err), &err);
    assert_ok(tar_add_fd(writer, "zeros", zeros, MANY, &err), &err);
    add(writer, "behind", "x");
    assert_ok(tar_finish(writer, &err), &err);
    assert_true(lseek(fd, 0, SEEK_END) < MANY / 500);
    return fd;
}

static void a_bomb_is_refused(void **state)
{
    (void)state;
    AUTO_CLOSE int fd = bomb();
    AUTO_CLOSE int to = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int pass_over = 0; pass_over < 2; pass_over++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(tar_close_at) struct tar_reader *reader = NULL;
        struct tar_entry entry;
        bool more = false;
        assert_ok(tar_open(fd, "bomb", MANY / 2, &reader, &err), &err);
        assert_ok(tar_next(reader, &entry, &more, &err), &err);
        int rc = pass_over ? tar_next(reader, &entry, &more, &err)
                           : tar_copy(reader, to, 2 * MANY, &err);
        assert_int_equal(rc, ERR_DAMAGED);
        assert_string_equal(err_text(&err),
                            "bomb: it has more than 33554432 bytes when decompressed, the limit");
    }
}

static void too_many_entries_are_refused(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO_CLOSE int fd = memory_file("", 0);
    assert_ok(tar_create(fd, "many", TAR_GZIP, &writer, &err), &err);
    for (int i = 0; i <= TAR_ENTRIES_MAX; i++)
        add(writer, "x", "");
    assert_ok(tar_finish(writer, &err), &err);
    assert_ok(tar_open(fd, "many", MANY, &reader, &err), &err);
    struct tar_entry entry;
    bool more = true;
    int rc = 0, count = -1;
    for (; !rc && more; count++)
        rc = tar_next(reader, &entry, &more, &err);
    assert_int_equal(rc, ERR_DAMAGED);
    assert_int_equal(count, TAR_ENTRIES_MAX);
    assert_contains(err_text(&err), "more than 100000 entries");
}

static void damaged_archives_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "no archive at all", "\x1f\x8b\x08",
                                        "\x28\xb5\x2f\xfd"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(tar_close_at) struct tar_reader *reader = NULL;
        AUTO_CLOSE int fd = memory_file("", 0);
        struct tar_entry entry;
        bool more = false;
        assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
        int rc = tar_open(fd, "bad", MANY, &reader, &err);
        if (!rc)
            rc = tar_next(reader, &entry, &more, &err);
        assert_int_equal(rc, ERR_DAMAGED);
        assert_contains(err_text(&err), "bad: ");
    }
}

static void an_archive_cut_short_is_refused(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO(buf_release) struct buf got = BUF_INIT(100);
    AUTO_CLOSE int fd = two_entries(TAR_PLAIN);
    struct tar_entry entry;
    bool more = false;
    assert_int_equal(ftruncate(fd, 515), 0);
    assert_ok(tar_open(fd, "cut", MANY, &reader, &err), &err);
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_int_equal(tar_read(reader, &got, &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "cut: Truncated");
}

static void a_stream_is_decompressed(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_close_at) struct tar_reader *reader = NULL;
    AUTO_CLOSE int packed = two_entries(TAR_GZIP);
    AUTO_CLOSE int plain = two_entries(TAR_PLAIN);
    AUTO_CLOSE int to = memory_file("", 0);
    struct tar_entry entry;
    bool more = false;
    struct digest got, expected;
    assert_ok(tar_open_stream(packed, "stream", MANY, &reader, &err), &err);
    assert_ok(tar_next(reader, &entry, &more, &err), &err);
    assert_int_equal(entry.size, -1);
    assert_ok(tar_copy(reader, to, MANY, &err), &err);
    assert_int_equal(digest_of_fd(to, &got, NULL, ERR_IGNORED), 0);
    assert_int_equal(digest_of_fd(plain, &expected, NULL, ERR_IGNORED), 0);
    assert_string_equal(got.text, expected.text);
}

static void writing_that_fails_is_an_error(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    AUTO_CLOSE int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    AUTO_CLOSE int empty = memory_file("", 0);
    assert_ok(tar_create(full, "out.tar", TAR_PLAIN, &writer, &err), &err);
    add(writer, "a", "b");
    assert_int_equal(tar_finish(writer, &err), ERR_FAILED);
    assert_contains(err_text(&err), "write out.tar: No space left on device");
    tar_abandon_at(&writer);
    AUTO_CLOSE int fd = memory_file("", 0);
    assert_ok(tar_create(fd, "out.tar", TAR_PLAIN, &writer, &err), &err);
    assert_int_equal(tar_add_fd(writer, "short", empty, 5, &err), ERR_DAMAGED);
    assert_string_equal(err_text(&err), "write out.tar: short has 0 bytes, not 5");
    assert_int_equal(tar_finish(writer, &err), ERR_FAILED);
    tar_abandon_at(&writer);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0); /* no end of an archive */
}

static const char script[] =
    "mkdir d; printf abc >d/file; ln -s file d/soft; ln d/file d/zhard; "
    "printf x >\"$(printf 'd/\\303\\244')\"; truncate -s 1M d/sparse; printf end >>d/sparse; "
    "tar --sort=name -S --format=pax -cf pax.tar d; tar --sort=name --format=gnu -czf gnu.tar d; "
    "zstd -q -o zstd.tar pax.tar";

/* Archives of GNU tar: links are no files, names beyond ASCII are UTF-8, holes are zeros. */
static void real_archives_are_read(void **state)
{
    (void)state;
    struct made_folder folder = MADE_FOLDER;
    int status = made_folder_fill(&folder, script);
    static const char *const files[] = {"pax.tar", "gnu.tar", "zstd.tar"};
    for (size_t i = 0; status == 0 && i < COUNT(files); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(tar_close_at) struct tar_reader *reader = NULL;
        AUTO_CLOSE int fd = made_folder_open(&folder, files[i]);
        AUTO(buf_release) struct buf seen = BUF_INIT(1000);
        struct tar_entry entry;
        bool more = true;
        assert_ok(tar_open(fd, files[i], MANY, &reader, &err), &err);
        for (;;) {
            assert_ok(tar_next(reader, &entry, &more, &err), &err);
            if (!more)
                break;
            buf_printf(&seen, "%s %lld %d\n", entry.name, entry.size, entry.is_regular);
        }
        assert_string_equal(buf_text(&seen), "d/ 0 0\nd/file 3 1\nd/soft 0 0\nd/sparse 1048579 1\n"
                                             "d/zhard 0 0\nd/\xc3\xa4 1 1\n");
    }
    made_folder_remove(&folder);
    if (status)
        skip(); /* no zstd */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(entries_may_be_passed_over),
        cmocka_unit_test(writing_is_reproducible),
        cmocka_unit_test(a_limit_on_an_entry_is_kept),
        cmocka_unit_test(a_bomb_is_refused),
        cmocka_unit_test(too_many_entries_are_refused),
        cmocka_unit_test(damaged_archives_are_refused),
        cmocka_unit_test(an_archive_cut_short_is_refused),
        cmocka_unit_test(a_stream_is_decompressed),
        cmocka_unit_test(writing_that_fails_is_an_error),
        cmocka_unit_test(real_archives_are_read),
    };
    return cmocka_run_group_tests_name("tar", tests, NULL, NULL);
}
