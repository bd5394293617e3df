/* How often a module names folders of the machine that built it. */
#include "tests/unit/files.h"

#include "unit.h"

#include "module/mention.h"
#include "module/module.h"
#include "module/reader.h"
#include "tests/unit/wasm.h"

#define HEAD "\0asm\1\0\0\0"

static void expect_mentions(const char *name, const char *text, size_t text_len, uint64_t wanted)
{
    static const char *const folders[] = {"/home/ann", "/src", "/home/ann/project", "/", "rel",
                                          "/src",      NULL};
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf bytes = BUF_INIT(WASM_MAX);
    wasm_begin(&bytes);
    wasm_custom(&bytes, name, text, text_len);
    AUTO_CLOSE int fd = memory_file(bytes.data, bytes.len);
    struct mentions mentions;
    assert_ok(module_read(fd, "f.wasm", &module, &err), &err);
    assert_ok(module_mentions(fd, &module, folders, &mentions, &err), &err);
    if (mentions.dropped != wanted)
        fail_msg("%s: %d, not %d", text, (int)mentions.dropped, (int)wanted);
    assert_int_equal(mentions.data, 0);
}

#define MENTIONS(text, wanted) expect_mentions(".debug_str", text, sizeof(text) - 1, wanted)

static void test_mentions(void **state)
{
    (void)state;
    MENTIONS("", 0);
    MENTIONS("/home/ann", 1);
    MENTIONS("/home/ann\0/home/ann/a.go\0x/home/ann/b", 3);
    MENTIONS("/home/anna\0/home/an\0/home/ann.old/x", 0);
    MENTIONS("/home/ann/project/main.go", 1); /* once, though two of the folders fit */
    MENTIONS("/src/a.c\0/src\0", 2);
    MENTIONS("/usr/go/src/a.go\0/srcs\0//src", 0);
    MENTIONS("out of bounds/src/a.rs", 1); /* as messages stand in data */
    MENTIONS("relative / rel/x", 0);
    expect_mentions("other", "/home/ann/x", 11, 0);
}

/* No path is lost or counted twice where the pieces meet that are read at once. */
static void test_mentions_at_edges(void **state)
{
    (void)state;
    enum { LEN = 300000, STEP = 997 };
    AUTO_FREE char *text = mem_zero(LEN, 1);
    uint64_t wanted = 0;
    for (size_t at = 0; at + 16 < LEN; at += STEP, wanted++)
        memcpy(text + at, "/home/ann/x", 11);
    expect_mentions(".debug_line", text, LEN, wanted);
    for (size_t edge = READER_WINDOW - 12; edge < READER_WINDOW + 3; edge++) {
        memset(text, 0, LEN);
        memcpy(text + edge, "/home/ann", 9);
        expect_mentions(".debug_line", text, LEN, 1);
    }
    for (size_t edge = 0; edge < 16; edge++) {
        size_t at = READER_WINDOW - MENTION_FOLDER_MAX - edge;
        memset(text, 0, LEN);
        memcpy(text + at, "/go/src/a", 9); /* the bytes before the path are in another piece */
        expect_mentions(".debug_line", text, LEN, 0);
    }
}

static void test_mentions_in_data(void **state)
{
    (void)state;
    static const char module_bytes[] = HEAD "\5\3\1\0\1"
                                            "\13\25\1\1\22/home/ann/src/a.rs";
    static const char *const folders[] = {"/home/ann", NULL};
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int fd = memory_file(module_bytes, sizeof(module_bytes) - 1);
    struct mentions mentions;
    assert_ok(module_read(fd, "f.wasm", &module, &err), &err);
    assert_ok(module_mentions(fd, &module, folders, &mentions, &err), &err);
    assert_int_equal(mentions.data, 1);
    assert_int_equal(mentions.dropped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mentions),
        cmocka_unit_test(test_mentions_at_edges),
        cmocka_unit_test(test_mentions_in_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
