/* Errors, buffers, digests, JSON, files, processes. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/percent.h"
#include "base/process.h"
#include "base/visible.h"

static void errors_are_built_outward(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    assert_int_equal(err_set(&err, ERR_DAMAGED, "byte %d", 7), ERR_DAMAGED);
    assert_int_equal(err_wrap(&err, "read %s", "x"), ERR_DAMAGED);
    assert_string_equal(err_text(&err), "read x: byte 7");
    assert_int_equal(err_set(ERR_IGNORED, ERR_DENIED, "nobody listens"), ERR_DENIED);
    assert_int_equal(open("/nonexistent/file", O_RDONLY), -1);
    assert_int_equal(err_errno(&err, "open it"), ERR_NOT_FOUND);
    assert_string_equal(err_text(&err), "open it: No such file or directory");
    errno = ENOSPC;
    assert_int_equal(err_errno(&err, "write it"), ERR_FULL);
    errno = EIO;
    assert_int_equal(err_errno(&err, "write it"), ERR_FAILED);
}

static void an_error_moves_with_its_code(void **state)
{
    (void)state;
    AUTO(err_release) struct err from = ERR_INIT;
    AUTO(err_release) struct err to = ERR_INIT;
    (void)err_set(&from, ERR_DENIED, "second");
    (void)err_set(&to, ERR_DAMAGED, "first"); /* ASan sees whether this message is freed */
    assert_int_equal(err_move(&to, &from), ERR_DENIED);
    assert_int_equal(to.code, ERR_DENIED);
    assert_string_equal(err_text(&to), "second");
    assert_int_equal(from.code, 0);
    assert_string_equal(err_text(&from), "");
    assert_int_equal(err_wrap(&to, "third"), ERR_DENIED);
    assert_string_equal(err_text(&to), "third: second");
    assert_int_equal(err_move(&to, &from), 0);
    assert_string_equal(err_text(&to), "");
}

static void an_ignored_error_keeps_only_its_code(void **state)
{
    (void)state;
    struct err *ignored = ERR_IGNORED;
    AUTO(err_release) struct err from = ERR_INIT;
    (void)err_set(&from, ERR_DENIED, "a text");
    assert_int_equal(err_move(ignored, &from), ERR_DENIED);
    assert_null(from.message);
    assert_int_equal(err_wrap(ignored, "outer"), ERR_DENIED);
    assert_int_equal(ignored->code, ERR_DENIED);
    assert_null(ignored->message);
    err_release(ignored);
    assert_int_equal(err_set(ignored, ERR_USAGE, "again"), ERR_USAGE);
    assert_null(ignored->message);
    err_release(ERR_IGNORED);
}

static void buffers_have_a_maximum(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf buf = BUF_INIT(5);
    buf_add_text(&buf, "abc");
    assert_false(buf_overflowed(&buf));
    buf_add_text(&buf, "def");
    assert_true(buf_overflowed(&buf));
    buf_add_text(&buf, "g");
    assert_string_equal(buf_text(&buf), "abc");
    buf_clear(&buf);
    buf_printf(&buf, "%d", 12345);
    assert_false(buf_overflowed(&buf));
    AUTO_FREE char *text = buf_steal(&buf);
    assert_string_equal(text, "12345");
    assert_string_equal(buf_text(&buf), "");
}

static void digests_are_known_ones(void **state)
{
    (void)state;
    struct digest digest;
    char md5[MD5_HEX_LEN + 1];
    digest_of("", 0, &digest);
    assert_string_equal(digest.text,
                        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    md5_hex("harbor.hellobike.cn/base/wasm-filter-reporter:0.1", md5);
    assert_string_equal(md5, "a942f445d394384de38fef37e61fef13");
    md5_hex("harbor.hellobike.cn/base/melon-add-header:v0.6", md5);
    assert_string_equal(md5, "a32bb86b56fd75088071c2c348382a44");
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs("harbor.hellobike.cn/base/melon-add-header:v0.6", file);
    fflush(file);
    assert_int_equal(md5_of_fd(fileno(file), md5, ERR_IGNORED), 0);
    assert_string_equal(md5, "a32bb86b56fd75088071c2c348382a44");
    fclose(file);
}

static void a_hasher_can_be_used_again(void **state)
{
    (void)state;
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    struct digest first, second;
    hasher_update(hasher, "a", 1);
    hasher_update(hasher, "b", 1);
    hasher_finish(hasher, &first);
    hasher_update(hasher, "ab", 2);
    hasher_finish(hasher, &second);
    assert_true(digest_equal(&first, &second));
}

static void digests_are_parsed_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "sha256:",
        "sha512:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
        "sha256:93A44BBB96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
        "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f94760",
    };
    struct digest digest;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(digest_parse(bad[i], &digest, ERR_IGNORED), ERR_DAMAGED);
}

static void json_of_windows_is_read_or_named(void **state)
{
    (void)state;
    static const char *const marked[] = {"\xef\xbb\xbf{\"a\":\"b\"}",
                                         "\xef\xbb\xbf\r\n {\"a\":\"b\"}\r\n"};
    static const struct {
        const char *text;
        size_t len;
    } wide[] = {{"\xff\xfe{\0}\0", 6}, {"\xfe\xff\0{\0}", 6}, {"{\0}\0", 4}, {"\0{\0}", 4}};
    for (size_t i = 0; i < COUNT(marked); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(json_doc_free_at) struct json_t *doc = NULL;
        assert_ok(json_doc_parse(marked[i], strlen(marked[i]), &doc, &err), &err);
        assert_string_equal(json_member_text(doc, "a"), "b");
    }
    for (size_t i = 0; i < COUNT(wide); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct json_t *doc = NULL;
        assert_int_equal(json_doc_parse(wide[i].text, wide[i].len, &doc, &err), ERR_DAMAGED);
        assert_contains(err_text(&err), "UTF-16");
    }
    static const char *const bad[] = {"", "{", "\xef\xbb\xbf", "\xef\xbb\xbf\xef\xbb\xbf{}",
                                      "\xef\xbb{}"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct json_t *doc = NULL;
        assert_int_equal(json_doc_parse(bad[i], strlen(bad[i]), &doc, &err), ERR_DAMAGED);
        assert_contains(err_text(&err), "JSON, line");
    }
}

static void json_is_written_as_go_writes_it(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    json_begin_object(&out);
    json_put_pair(&out, "t", "a\"b\\\n\t\x01<&>\xe2\x80\xa8\xc3\xa9\xff.");
    json_key(&out, "list");
    json_begin_array(&out);
    json_put_int(&out, -1);
    json_begin_object(&out);
    json_end_object(&out);
    json_end_array(&out);
    json_put_pair_if(&out, "absent", "");
    json_put_pair(&out, "last", "");
    json_end_object(&out);
    assert_string_equal(buf_text(&out),
                        "{\"t\":\"a\\\"b\\\\\\n\\t\\u0001\\u003c\\u0026\\u003e\\u2028\xc3\xa9"
                        "\\ufffd.\",\"list\":[-1,{}],\"last\":\"\"}");
}

static void json_is_read(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":\"x\",\"n\":7,\"z\":\"a\\u0000b\",\"l\":[1,2]}";
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    AUTO(err_release) struct err err = ERR_INIT;
    assert_int_equal(json_doc_parse(text, sizeof(text) - 1, &doc, &err), ERR_DAMAGED);
    static const char fine[] = "{\"a\":\"x\",\"n\":7,\"l\":[1,2],\"big\":99}";
    assert_ok(json_doc_parse(fine, sizeof(fine) - 1, &doc, &err), &err);
    assert_string_equal(json_member_text(doc, "a"), "x");
    assert_null(json_member_text(doc, "n"));
    assert_null(json_member_text(doc, "none"));
    assert_int_equal(json_member_size(doc, "n", 10), 7);
    assert_int_equal(json_member_size(doc, "big", 10), -1);
    assert_int_equal(json_arr_len(json_member(doc, "l")), 2);
    assert_int_equal(json_arr_len(json_member(doc, "a")), 0);
}

static void what_steers_a_terminal_is_not_shown(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"plain \xc3\xa9", "plain \xc3\xa9", "plain \xc3\xa9"},
        {"\x1b]0;x\x07", "?]0;x?", "?]0;x?"},
        {"a\xc2\x9b"
         "1m",
         "a?1m", "a?1m"},
        {"a\nb\tc\r", "a?b?c?", "a\nb\tc?"},
        {"\xff\xc2", "??", "??"},
        {"\xe2\x80\xae"
         "gpj.exe",
         "?gpj.exe", "?gpj.exe"},
        {"", "", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(buf_release) struct buf line = BUF_INIT(64);
        AUTO(buf_release) struct buf lines = BUF_INIT(64);
        visible_add(&line, cases[i][0], false);
        visible_add(&lines, cases[i][0], true);
        assert_string_equal(buf_text(&line), cases[i][1]);
        assert_string_equal(buf_text(&lines), cases[i][2]);
    }
}

static void bytes_are_percent_encoded(void **state)
{
    static const char text[] = "aZ09-._~/:@ %\0\xc3\xa9";
    (void)state;
    AUTO(buf_release) struct buf out = BUF_INIT(100);
    percent_add(&out, text, sizeof(text) - 1, "/:");
    assert_string_equal(buf_text(&out), "aZ09-._~/:%40%20%25%00%C3%A9");
    assert_int_equal(percent_digit('0'), 0);
    assert_int_equal(percent_digit('a'), 10);
    assert_int_equal(percent_digit('F'), 15);
    assert_int_equal(percent_digit('g'), -1);
    assert_int_equal(percent_digit('\0'), -1);
}

static void file_reads_are_bounded(void **state)
{
    (void)state;
    char path[] = "/tmp/wasme-test-XXXXXX";
    AUTO_CLOSE int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, "0123456789", 10, path, ERR_IGNORED), 0);
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf fits = BUF_INIT(10);
    assert_ok(file_read(AT_FDCWD, path, NULL, &fits, &err), &err);
    assert_string_equal(buf_text(&fits), "0123456789");
    AUTO(buf_release) struct buf tight = BUF_INIT(9);
    assert_int_equal(file_read(AT_FDCWD, path, NULL, &tight, &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "larger than 9 bytes");
    unlink(path);
    assert_int_equal(file_read(AT_FDCWD, path, NULL, &fits, &err), ERR_NOT_FOUND);
}

static void folders_are_removed_without_following_links(void **state)
{
    (void)state;
    char root[] = "/tmp/wasme-test-XXXXXX";
    assert_non_null(mkdtemp(root));
    AUTO_FREE char *deep = mem_printf("%s/a/b/c", root);
    AUTO_FREE char *outside = mem_printf("%s/outside", root);
    AUTO_FREE char *kept = mem_printf("%s/outside/kept", root);
    AUTO_FREE char *link = mem_printf("%s/a/b/link", root);
    AUTO_FREE char *top = mem_printf("%s/a", root);
    assert_int_equal(dir_make_all(deep, ERR_IGNORED), 0);
    assert_int_equal(dir_make_all(outside, ERR_IGNORED), 0);
    assert_int_equal(file_create(AT_FDCWD, kept, "x", 1, ERR_IGNORED), 0);
    assert_int_equal(symlink(outside, link), 0);
    assert_int_equal(dir_remove_all(AT_FDCWD, top, ERR_IGNORED), 0);
    assert_int_equal(access(top, F_OK), -1);
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(dir_remove_all(AT_FDCWD, root, ERR_IGNORED), 0);
    assert_int_equal(dir_remove_all(AT_FDCWD, root, ERR_IGNORED), 0);
}

/* As those of Go's modules. Root may remove everything, and so is another user for a while. */
static void read_only_folders_are_removed_by_their_owner(void **state)
{
    (void)state;
    bool is_root = geteuid() == 0;
    assert_true(!is_root || seteuid(65534) == 0);
    char root[] = "/tmp/wasme-test-XXXXXX";
    assert_non_null(mkdtemp(root));
    AUTO_FREE char *deep = mem_printf("%s/a/b", root);
    AUTO_FREE char *file = mem_printf("%s/a/b/file", root);
    AUTO_FREE char *top = mem_printf("%s/a", root);
    assert_int_equal(dir_make_all(deep, ERR_IGNORED), 0);
    assert_int_equal(file_create(AT_FDCWD, file, "x", 1, ERR_IGNORED), 0);
    assert_int_equal(chmod(deep, 0555), 0);
    assert_int_equal(chmod(top, 0555), 0);
    assert_int_equal(unlink(file), -1);
    assert_int_equal(dir_remove_all(AT_FDCWD, root, ERR_IGNORED), 0);
    assert_int_equal(access(root, F_OK), -1);
    assert_true(!is_root || seteuid(0) == 0);
}

/* Runs a program with an input; its output is cut off when there is no more room. */
static int exchange(const char *const *argv, const char *input, size_t input_len, struct buf *out,
                    int *status)
{
    AUTO(err_release) struct err err = ERR_INIT;
    const struct process process = {
        .argv = argv, .input = input, .input_len = input_len, .output = process_fill(out)};
    return process_run(&process, status, &err);
}

static void processes_are_fed_and_listened_to(void **state)
{
    (void)state;
    enum { MUCH = 1 << 20 }; /* more than pipes hold, both ways at once */
    AUTO(buf_wipe) struct buf out = BUF_INIT(MUCH);
    buf_reserve(&out);
    int status = -1;
    AUTO_FREE char *much = mem_alloc(MUCH);
    for (size_t i = 0; i < MUCH; i++)
        much[i] = (char)('a' + i % 23);
    const char *const cat[] = {"cat", NULL};
    assert_int_equal(exchange(cat, much, MUCH, &out, &status), 0);
    assert_int_equal(status, 0);
    assert_int_equal(out.len, MUCH);
    assert_memory_equal(out.data, much, MUCH);
    buf_clear(&out);
    assert_int_equal(exchange(cat, "", 0, &out, &status), 0);
    assert_int_equal(out.len, 0);
    /* wasme survives a child that reads nothing, or that writes more than there is room for. */
    AUTO(buf_release) struct buf small = BUF_INIT(16);
    const char *const deaf[] = {"sh", "-c", "exec <&-; printf done; exit 4", NULL};
    void (*before)(int) = signal(SIGPIPE, SIG_DFL);
    assert_int_equal(exchange(deaf, much, MUCH, &small, &status), 0);
    assert_ptr_equal(signal(SIGPIPE, before), SIG_DFL);
    assert_int_equal(status, 4);
    assert_string_equal(buf_text(&small), "done");
    assert_int_equal(exchange(cat, much, MUCH, &small, &status), 0);
    assert_true(buf_overflowed(&small));
    const char *const endless[] = {"yes", NULL};
    buf_clear(&small);
    assert_int_equal(exchange(endless, "", 0, &small, &status), 0);
    assert_true(buf_overflowed(&small));
    const char *const none[] = {"wasme-no-such-program", NULL};
    assert_int_equal(exchange(none, "x", 1, &out, &status), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_built_outward),
        cmocka_unit_test(an_error_moves_with_its_code),
        cmocka_unit_test(an_ignored_error_keeps_only_its_code),
        cmocka_unit_test(buffers_have_a_maximum),
        cmocka_unit_test(digests_are_known_ones),
        cmocka_unit_test(a_hasher_can_be_used_again),
        cmocka_unit_test(digests_are_parsed_strictly),
        cmocka_unit_test(json_of_windows_is_read_or_named),
        cmocka_unit_test(json_is_written_as_go_writes_it),
        cmocka_unit_test(json_is_read),
        cmocka_unit_test(what_steers_a_terminal_is_not_shown),
        cmocka_unit_test(bytes_are_percent_encoded),
        cmocka_unit_test(file_reads_are_bounded),
        cmocka_unit_test(folders_are_removed_without_following_links),
        cmocka_unit_test(read_only_folders_are_removed_by_their_owner),
        cmocka_unit_test(processes_are_fed_and_listened_to),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
